"""The written pages agree with the controls."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from policies.catalogue import all_controls
from policies.errors import PoliciesError
from policies.frameworks import clauses_by_control, frameworks, parse_frameworks
from policies.knowledge import fact
from policies.reference import PAGE, page

DOCS = Path(__file__).parents[2] / "docs"
DATA = Path(__file__).parents[2] / ".." / "shared" / "data" / "frameworks"


def test_the_reference_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "Write it again: python -m policies.reference"


def test_the_golden_rules_name_only_controls_that_exist() -> None:
    text = (DOCS / "concepts" / "golden-rules.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+){2,})`", text))
    assert named
    assert named <= {c.id for c in all_controls()}


def test_a_clause_that_names_a_missing_control_is_a_fault() -> None:
    text = """
format = "cloud-unless/framework/1"
id = "f-1"
title = "F"
version = "1"
publisher = "P"
source = "s"
licence = "l"
read_on = 2026-01-01
mapping = "m"
[[clause]]
id = "1"
title = "One"
controls = ["there-is-none", "nor-this"]
"""
    with pytest.raises(PoliciesError) as wrong:
        clauses_by_control(parse_frameworks([("f.toml", text)]), [])
    assert len(wrong.value.faults) == 2


def test_faults_of_frameworks_are_told_all_at_once() -> None:
    with pytest.raises(PoliciesError) as wrong:
        parse_frameworks([("a.toml", "["), ("b.toml", "id = 1")])
    assert wrong.value.faults[0].startswith("a.toml")
    assert len(wrong.value.faults) > 5


def test_frameworks_have_provenance_and_ids_with_their_version() -> None:
    for f in frameworks():
        assert f.id.endswith(f.version)
        assert f.source.startswith("https://")
        assert len({c.id for c in f.clause}) == len(f.clause)


def test_knowledge_is_not_stale() -> None:
    assert date.today() <= fact("stale_after"), "Read the sources of policies/knowledge/azure.toml again."  # noqa: DTZ011


@pytest.mark.parametrize(("framework", "file"), [("ncsc-caf-3.2", "caf32.txt"), ("ncsc-caf-4.0", "caf40.txt"), ("mcsb-1", "mcsb.txt")])
def test_clauses_are_those_that_were_published(framework: str, file: str) -> None:
    if not (DATA / file).is_file():
        pytest.skip("shared data is not here")
    published = {line.split("\t")[0] for line in (DATA / file).read_text("utf-8").splitlines() if line.strip()}
    assert {c.id for f in frameworks() if f.id == framework for c in f.clause} == published


POLICY = re.compile(r"Azure Policy ([0-9a-f]{8}-[0-9a-f-]{27})")
SHORT = {"CAF3.2": "ncsc-caf-3.2", "CE3.1": "cyber-essentials-3.3", "MCSB1": "mcsb-1", "CSP": "ncsc-cloud-security-principles-2022"}


def test_built_in_policies_that_controls_cite_exist() -> None:
    table = DATA / "azure_policy_uk_mcsb_map.csv"
    if not table.is_file():
        pytest.skip("shared data is not here")
    known = table.read_text("utf-8") + files("policies.knowledge").joinpath("definitions.toml").read_text("utf-8")
    sources = (Path(__file__).parents[2] / "policies" / "controls").glob("*.py")
    cited = {i for f in sources for i in POLICY.findall(f.read_text("utf-8"))}
    assert len(cited) >= 10
    assert [i for i in sorted(cited) if i not in known] == []
