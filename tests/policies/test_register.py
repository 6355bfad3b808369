"""The exception register: every fault of shape at once; what an entry is worth is for controls."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from policies.catalogue import all_controls
from policies.errors import PoliciesError
from policies.evaluate import judge_all
from policies.knowledge import register_rules
from policies.model import Severity, Subject, Verdict
from policies.reference import SCHEMA
from policies.register import parse_register, read_register, schema

ROOT = Path(__file__).parents[2]
OURS = ROOT / "policies" / "exceptions.toml"
HEAD = 'format = "cloud-unless/exceptions/1"\n'


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(PoliciesError) as wrong:
        parse_register(text, "register.toml")
    return wrong.value.faults


def test_our_own_register_is_valid() -> None:
    read_register(OURS)


def test_the_example_in_our_register_is_a_whole_entry() -> None:
    lines = OURS.read_text("utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line == "# [[authority]]")
    stop = next(n for n in range(start, len(lines)) if not lines[n])
    text = HEAD + "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[start:stop])
    (entry,) = parse_register(text, "example").entries
    assert entry.exit_plan
    assert tomllib.loads(text)["exception"][0]["id"] == entry.id


def test_every_fault_is_told_at_once_with_its_entry_and_key() -> None:
    told = faults(
        HEAD
        + """
[[exception]]
id = "EX 1"
controls = []
subjects = ["a"]
expires_on = "soon"
aprover = "B"
[[exception]]
id = "EX-2"
"""
    )
    assert len(told) == 6
    assert "register.toml, entry 1, key id" in told[0]
    assert any("entry 1, key aprover: no field has this name" in t for t in told)
    assert any("entry 1, key expires_on" in t for t in told)
    assert any("entry 2, key controls: is missing" in t for t in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("exception = [", "not readable as TOML"),
        ("", "its format is 'not given'"),
        ('format = "cloud-unless/exceptions/2"', "exceptions/2"),
        (HEAD + 'exceptions = ["x"]', "key exceptions: no field has this name"),
        (HEAD + "[exception]\nid = 1", "key exception"),
        (HEAD + "".join('[[exception]]\nid = "A"\ncontrols = ["c"]\nsubjects = ["s"]\n' for _ in range(2)), "is used 2 times"),
        (HEAD + '[[exception]]\nid = "A"\ncontrols = ["c"]\nsubjects = ["s"]\nexpires_on = 2026-02-30', "TOML"),
    ],
)
def test_bad_registers_are_plain_faults(text: str, told: str) -> None:
    assert told in faults(text)[0]


def test_a_register_that_is_not_there_or_not_text_is_a_plain_fault(tmp_path: Path) -> None:
    with pytest.raises(PoliciesError, match="cannot be read"):
        read_register(tmp_path / "absent.toml")
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(PoliciesError, match="cannot be read"):
        read_register(tmp_path / "b.toml")


def test_entries_know_their_line() -> None:
    text = (
        HEAD
        + '\n[[exception]]\n  id = "B"\ncontrols = ["c"]\nsubjects = ["s"]\n[[exception]]\nid = "A"\ncontrols = ["c"]\nsubjects = ["s"]\n'
    )
    assert [(s.id, s.file, s.line) for s in parse_register(text, "r.toml").subjects] == [("A", "r.toml", 8), ("B", "r.toml", 4)]


ENTRY = 'controls = ["c"]\nsubjects = ["s"]\n'


def test_entries_that_renew_one_another_are_a_fault_each_and_told_with_every_other_fault() -> None:
    told = faults(
        HEAD
        + f'[[exception]]\nid = "A"\n{ENTRY}renews = ["B"]\n'
        + f'[[exception]]\nid = "B"\n{ENTRY}renews = ["C"]\n'
        + f'[[exception]]\nid = "C"\n{ENTRY}renews = ["A", "D"]\n'
        + f'[[exception]]\nid = "D"\n{ENTRY}expires_on = "soon"\n'
        + f'[[exception]]\nid = "E"\n{ENTRY}renews = ["A"]\n'
        + f'[[exception]]\nid = "E"\n{ENTRY}renews = ["E"]\n'
    )
    assert [t for t in told if "key renews" in t] == [
        f"register.toml: key renews: {i} renews itself, by way of others or at once, so nothing came first. Correct renews." for i in "ABCE"
    ]
    assert any("entry 4, key expires_on" in t for t in told)
    assert any("the id E is used 2 times" in t for t in told)


@pytest.mark.parametrize("day", ["20270331", "2027-03-31T12:00:00", "true", "1.5", '"31 March"'])
def test_what_is_no_date_is_a_fault(day: str) -> None:
    (told,) = faults(HEAD + f'[[exception]]\nid = "A"\n{ENTRY}expires_on = {day}\n')
    assert "entry 1, key expires_on" in told


@pytest.mark.parametrize(
    "line", ["renewals_before = -1", "renewals_before = true", 'options = [{ name = "a", five_year_cost_pence = 1.5 }]']
)
def test_what_is_no_whole_number_is_a_fault(line: str) -> None:
    (told,) = faults(HEAD + f'[[exception]]\nid = "A"\n{ENTRY}{line}\n')
    assert "entry 1, key" in told


def test_the_registers_own_authority_takes_the_place_of_ours() -> None:
    (subject,) = parse_register(HEAD + f'[[authority]]\nrole = "Mayor"\nup_to = "low"\n[[exception]]\nid = "A"\n{ENTRY}', "r").subjects
    assert subject.inputs["authority"] == [{"role": "Mayor", "up_to": "low"}]
    (subject,) = parse_register(HEAD + f'[[exception]]\nid = "A"\n{ENTRY}', "r").subjects
    assert {"role": "Senior Information Risk Owner", "up_to": "critical"} in subject.inputs["authority"]


def test_faults_of_authority_name_it() -> None:
    told = faults(HEAD + '[[authority]]\nrole = ""\nup_to = "grave"\nfrom = 1\n')
    assert [t.split(":")[0] for t in told] == [f"register.toml, authority 1, key {k}" for k in ("role", "up_to", "from")]


def test_a_renewal_lets_the_entry_that_it_continues_rest() -> None:
    """Each in force until its own last day, in one register; the old one stays as history and fails nothing."""
    dates = ("2026-01-01", "2026-06-30"), ("2026-06-30", "2026-12-31")
    held = [
        f'[[exception]]\nid = "EX-{n}"\ncontrols = ["dataset-has-retention"]\nsubjects = ["d"]\nrequester = "A"\n'
        f'approver = "Head of Technology"\napproved_on = {first}\nexpires_on = {last}\nrenews = {["EX-0"] if n else []}\n'
        for n, (first, last) in enumerate(dates)
    ]
    register = parse_register(HEAD + "".join(held), "r.toml")
    dataset = Subject("dataset", "dataset", "d", "d", {"retention_years": None})
    for day, by in ((date(2026, 6, 30), "EX-0"), (date(2026, 7, 1), "EX-1"), (date(2026, 12, 31), "EX-1"), (date(2027, 1, 1), "")):
        judged = {(j.control.id, j.subject.id): j for j in judge_all([dataset], all_controls(), register, day)}
        assert judged["dataset-has-retention", "d"].waived_by == by
        assert judged["exception-is-in-date", "EX-0"].answer.verdict is Verdict.NOT_APPLICABLE
        assert judged["exception-is-renewed-few-times", "EX-1"].answer.verdict is Verdict.PASS
        assert judged["exception-is-in-date", "EX-1"].answer.verdict is (Verdict.PASS if by else Verdict.FAIL)


def test_the_schema_is_current_and_takes_what_the_reader_takes() -> None:
    written = json.loads(SCHEMA.read_text("utf-8"))
    assert written == schema(), "Write it again: python -m policies.reference"
    checker: Any = jsonschema.Draft202012Validator(written)
    for file in (OURS, ROOT / "inventory/reference/estate/exceptions.toml"):
        held = json.loads(json.dumps(tomllib.loads(file.read_text("utf-8")), default=str))
        assert [e.message for e in checker.iter_errors(held)] == []
    bad = {"format": "cloud-unless/exceptions/1", "exception": [{"id": "EX 1", "controls": [], "subjects": ["a"], "aprover": "B"}]}
    assert len([*checker.iter_errors(bad)]) == 3


def test_the_rules_of_the_register_are_not_stale() -> None:
    assert date.today() <= register_rules()["stale_after"], "Look at policies/knowledge/exceptions.toml again."  # noqa: DTZ011
    assert {s.value for s in Severity} | {"cloud_unless"} == set(register_rules()["longest_days"]) == set(register_rules()["most_renewals"])


def test_the_guide_tells_the_rules_as_they_are() -> None:
    guide = (ROOT / "docs/guides/exceptions.md").read_text("utf-8")
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in guide.splitlines() if line.startswith("| ")][1:]
    rules = register_rules()
    for severity, longest, renewals, roles in rows[:4]:
        assert longest == f"{rules['longest_days'][severity]} days"
        assert renewals == str(rules["most_renewals"][severity])
        assert {a["role"] for a in rules["authority"] if a["up_to"] == severity} == set(roles.removeprefix("also ").split(", "))
    assert [rows[4][1].split(",")[0], rows[4][2]] == [
        f"{rules['longest_days']['cloud_unless'] // 365} years",
        str(rules["most_renewals"]["cloud_unless"]),
    ]
    assert f"at most {rules['most_controls']} and {rules['most_subjects']}" in guide
