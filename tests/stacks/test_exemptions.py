"""Exemptions in Azure rest on the exception register, end when it says, and are never made for what has expired."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.errors import PoliciesError
from policies.register import parse_register
from rehearsal import rehearse
from stacks.config import config_of
from stacks.errors import StacksError
from stacks.exceptions import AzureExemption, read_exceptions
from stacks.landing_zone.agreed import reference_faults
from stacks.landing_zone.embedded import embedded
from stacks.landing_zone.wanted import Wanted, wanted
from stacks.library import Member, architecture_of, read_library
from tests.stacks.rehearsed import ROOT, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
CASES = Path(__file__).parents[1] / "cases"
FILES = sorted((CASES / "registers-azure").glob("*.toml"))
GROUPS = "/providers/Microsoft.Management/managementGroups/"


def _case(file: Path, folder: Path) -> tuple[dict[str, Any], Path]:
    case = tomllib.loads(file.read_text("utf-8"))
    register = folder / "exceptions.toml"
    register.write_text(case["register"], "utf-8")
    return case, register


def _wanted(register: Path | str, **changes: Any) -> Wanted:
    held = yaml.safe_load((ROOT / "Pulumi.landing-zone.yaml").read_text("utf-8"))["config"]
    said = {"exceptions": str(register), "judged_on": "2026-12-01", **changes}
    everything = {**held, **{f"cloud-unless:{k}": v for k, v in said.items() if v is not None}}
    as_text = {k: v if isinstance(v, str) else json.dumps(v, default=str) for k, v in everything.items()}
    return wanted(config_of(as_text, "cloud-unless", "landing-zone", ROOT))


def _told(said: tuple[str, ...], register: Path) -> Iterator[str]:
    architecture = embedded(("owner", "service", "cost-centre", "classification", "environment"))
    for sentence in said:
        names = {
            str(register): "EXCEPTIONS",
            ", ".join(architecture.assignment_names): "ASSIGNMENTS",
            ", ".join(g.id or "council" for g in architecture.groups): "GROUPS",
        }
        for long, short in names.items():
            sentence = sentence.replace(long, short)  # noqa: PLW2901 - the sentence is shortened step by step
        yield sentence


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_both_readers_of_the_register_agree_on_what_is_one(file: Path, tmp_path: Path) -> None:
    case, register = _case(file, tmp_path)
    if case["is_register"]:
        ours, theirs = read_exceptions(register, "register"), parse_register(case["register"], "register")
        assert [[a.model_dump() for a in e.azure] for e in ours.values()] == [[a.model_dump() for a in e.azure] for e in theirs.entries]
        return
    with pytest.raises(StacksError) as ours_wrong:
        read_exceptions(register, "register")
    with pytest.raises(PoliciesError) as theirs_wrong:
        parse_register(case["register"], "register")
    assert len(ours_wrong.value.faults) == len(theirs_wrong.value.faults)
    assert all(f.startswith("register, key exception[0].azure") for f in ours_wrong.value.faults)


@pytest.mark.parametrize("file", [f for f in FILES if tomllib.loads(f.read_text("utf-8"))["is_register"]], ids=lambda f: f.stem)
def test_what_azure_may_not_overlook_is_refused_before_anything_is_built(file: Path, tmp_path: Path) -> None:
    case, register = _case(file, tmp_path)
    if not case["faults"]:
        assert len(_wanted(register).agreed.exemptions) == case["register"].count("assignment = ")
        return
    with pytest.raises(StacksError) as wrong:
        _wanted(register)
    assert list(_told(wrong.value.faults, register)) == case["faults"]


def test_the_day_decides_and_is_never_the_clocks(tmp_path: Path) -> None:
    _, register = _case(CASES / "registers-azure" / "good.toml", tmp_path)
    assert _wanted(register, judged_on="2027-06-30").agreed.expired == ()
    late = _wanted(register, judged_on="2027-07-01").agreed
    assert (late.exemptions, late.expired) == ((), ("EX-2026-101",))
    with pytest.raises(StacksError, match="judged_on: the register has exemptions in Azure; say on which day"):
        _wanted(register, judged_on=None)
    with pytest.raises(StacksError, match=r"it lasts 272 days, and 90 is the most"):
        _wanted(register, longest_exemption_days="90")
    # The last second of a summer's day in London.
    assert {e.until for e in _wanted(register).agreed.exemptions} == {"2027-06-30T22:59:59Z"}


def test_a_register_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(StacksError, match=r"nowhere\.toml does not exist"):
        _wanted(tmp_path / "nowhere.toml")


def test_references_are_those_of_the_set() -> None:
    small = CASES / "library-small"
    architecture = architecture_of(read_library(small, [Member("platform/base")], built_ins=small / "built-ins"))
    held = next(a for _, a in architecture.slots if a.name == "Send-Logs")
    said = AzureExemption(assignment="Send-Logs", scope="work", references=("LOGS", "log"))
    assert list(reference_faults(said, held, architecture)) == [".references: the set Logging has no reference log; it has logs."]


def test_an_exemption_says_whose_it_is_and_goes_when_it_has_expired(tmp_path: Path) -> None:
    _, register = _case(CASES / "registers-azure" / "good.toml", tmp_path)
    state = tmp_path / "exempt.json"
    config = {"exceptions": str(register), "judged_on": "2026-12-01"}
    zone = Rehearsed(rehearse(ROOT, "landing-zone", state, config=config), state)
    found = {e["policyAssignmentId"].rsplit("/", 1)[-1]: e for e in zone.inputs("azure-native:authorization:PolicyExemption")}
    assert set(found) == {"no-public-ip", "ncsc-caf-v3-2"}
    corp, caf = found["no-public-ip"], found["ncsc-caf-v3-2"]
    assert (corp["scope"], corp["exemptionCategory"]) == (f"{GROUPS}exb-corp", "Waiver")
    assert corp["policyAssignmentId"].startswith(f"{GROUPS}exb-corp/providers/Microsoft.Authorization/policyAssignments/")
    assert (caf["scope"], caf["exemptionCategory"]) == ("/subscriptions/7e0c3a52-0000-4000-8000-000000000011", "Mitigated")
    assert caf["policyDefinitionReferenceIds"] == ["aReferenceOfAzuresOwn"]
    assert corp["expiresOn"] == "2027-06-30T22:59:59Z"
    assert corp["metadata"] == {
        "exception": "EX-2026-101",
        "requester": "Web team",
        "approver": "Chief Information Officer",
        "approvedOn": "2026-10-01",
    }
    assert [e["until"] for e in zone.outputs["policy_exemptions"]] == ["2027-06-30T22:59:59Z"] * 2
    later = zone.again({**config, "judged_on": "2027-07-01"})
    assert sorted(s.op for s in later.steps if s.op != "same") == ["delete", "delete", "delete"]
