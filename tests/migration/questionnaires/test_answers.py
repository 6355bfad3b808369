"""Answer files: what is wrong is a fault and is not answered, whatever the inventory knows; what is right counts."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inventory.model import Estate, Server, Source, Workload
from migration.assess import Terms
from migration.questionnaires.answers import Sheets, file_name, read_sheets
from migration.questionnaires.asked import contradictions, not_asked, replies
from migration.questionnaires.model import Questionnaire
from migration.questionnaires.tags import facts_of
from migration.questionnaires.write import answered, draft
from policies.read.questionnaire import is_questionnaire, subjects_of_questionnaires

CASES = Path(__file__).parents[2] / "cases/answers-refused"
DAY = date(2026, 11, 22)
REGISTER = Source("applications", "applications.csv", "", 2, "Business owner", date(2026, 11, 1))
PAYROLL = Workload("payroll", "Payroll", owner="Head of HR", personal_data=False, sources={"owner": REGISTER})
ESTATE = Estate(workloads=(PAYROLL,))
GOOD = """\
format = "cloud-unless/answers/1"
workload = "payroll"
questionnaire = "small"
tags = ["Language: Java"]

[[answer]]
question = "supplier-allows"
answer = "perhaps"
by = "A. Architect"
on = 2026-11-20
evidence = "A call of 20 November"
"""


def read(folder: Path, small: Questionnaire, text: str = GOOD, name: str = "payroll.small.toml") -> Sheets:
    (folder / name).write_text(text, encoding="utf-8")
    return read_sheets(folder, "answers", ESTATE, {"small": small}, DAY)


@pytest.mark.parametrize("file", sorted(CASES.glob("*.toml")), ids=lambda p: p.stem)
def test_each_wrong_file_says_all_that_is_wrong(file: Path, tmp_path: Path, small: Questionnaire) -> None:
    text = file.read_text("utf-8")
    head = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
    expected = [line.removeprefix("says: ") for line in head if line.startswith("says: ")]
    name = next((line.removeprefix("name: ") for line in head if line.startswith("name: ")), "payroll.small.toml")
    read_back = read(tmp_path, small, text, name)
    assert len(read_back.faults) == len(expected), [str(f) for f in read_back.faults]
    for fault, says in zip(read_back.faults, expected, strict=True):
        assert fault.file == f"answers/{name}"
        assert says in str(fault)
        assert fault.what.endswith(".")
        assert fault.remedy
    assert not any(s.given for held in read_back.by_workload.values() for s in held)


def test_what_a_person_answered_counts_with_who_when_and_by_what(tmp_path: Path, small: Questionnaire, terms: Terms) -> None:
    held = read(tmp_path, small)
    assert held.faults == ()
    (sheet,) = held.by_workload["payroll"]
    asked = {r.question.id: r for r in replies(sheet, PAYROLL, ESTATE, terms)}
    assert list(asked) == ["supplier-allows", "skills", "has-owner"]
    assert asked["supplier-allows"].evidence == (
        "supplier-allows: answered by A. Architect on 2026-11-20, evidence: A call of 20 November",
    )
    assert asked["has-owner"].evidence == (
        "has-owner: answered by the inventory, owner: Known (applications.csv, row 2, column Business owner (read 2026-11-01))",
    )
    assert str(sheet.tags[0]) == "Language: Java"


def test_a_persons_answer_wins_and_the_contradiction_is_told(tmp_path: Path, small: Questionnaire, terms: Terms) -> None:
    text = GOOD + '[[answer]]\nquestion = "has-owner"\nanswer = "No"\nby = "B. Owner"\non = 2026-11-21\n'
    (sheet,) = read(tmp_path, small, text).by_workload["payroll"]
    asked = replies(sheet, PAYROLL, ESTATE, terms)
    mine = next(r for r in asked if r.question.id == "has-owner")
    assert mine.choice is not None
    assert mine.choice.text == "No"
    (told,) = contradictions(sheet, asked)
    assert "has-owner: B. Owner answered 'No'; by the inventory it is 'Yes' (owner: Known" in told.what
    assert not_asked(sheet, asked) == ()


def test_a_wrong_answer_is_not_answered_by_the_inventory_either(tmp_path: Path, small: Questionnaire, terms: Terms) -> None:
    text = GOOD + '[[answer]]\nquestion = "has-owner"\nanswer = "Nobody"\nby = "B. Owner"\non = 2026-11-21\n'
    held = read(tmp_path, small, text)
    assert [f.row for f in held.faults] == [2]
    (sheet,) = held.by_workload["payroll"]
    mine = next(r for r in replies(sheet, PAYROLL, ESTATE, terms) if r.question.id == "has-owner")
    assert mine.choice is None


def test_an_answer_to_what_is_not_asked_counts_for_nothing_and_is_told(tmp_path: Path, small: Questionnaire, terms: Terms) -> None:
    text = GOOD + '[[answer]]\nquestion = "assessed"\nanswer = "Yes"\nby = "B. Owner"\non = 2026-11-21\n'
    (sheet,) = read(tmp_path, small, text).by_workload["payroll"]
    (told,) = not_asked(sheet, replies(sheet, PAYROLL, ESTATE, terms))
    assert told.what == "assessed: It is not asked of payroll, so the answer counts for nothing."


def test_a_draft_is_read_back_as_asked_and_answered_by_nobody(tmp_path: Path, small: Questionnaire, terms: Terms) -> None:
    (sheet,) = read(tmp_path, small, GOOD.partition("\n[[")[0]).by_workload["payroll"]
    text = draft(small, "payroll", replies(sheet, PAYROLL, ESTATE, terms))
    assert '# has-owner: the inventory answers "Yes" (owner: Known' in text
    assert [e["question"] for e in tomllib.loads(text)["answer"]] == ["supplier-allows", "skills"]
    again = read(tmp_path, small, text)
    assert again.faults == ()
    (sheet,) = again.by_workload["payroll"]
    assert [r.question.id for r in replies(sheet, PAYROLL, ESTATE, terms) if r.choice is None] == ["supplier-allows", "skills"]


def test_names_with_line_ends_and_quotes_do_not_break_a_draft(tmp_path: Path, small: Questionnaire, terms: Terms) -> None:
    odd = Workload('pay"roll', "x", personal_data=True, owner='A\n[[answer]]\nquestion = "x"', server_ids=("s",))
    estate = Estate(workloads=(odd,), servers=(Server("s", "s", operating_system="A\nB\x7f"),))
    (sheet,) = read(tmp_path, small).by_workload["payroll"]
    held = tomllib.loads(draft(small, odd.id, replies(sheet, odd, estate, terms)))
    assert held["workload"] == 'pay"roll'
    assert [e["question"] for e in held["answer"]] == ["supplier-allows", "assessed", "skills"]


def test_what_is_written_for_konveyor_is_what_the_policies_read(tmp_path: Path, small: Questionnaire, terms: Terms) -> None:
    (sheet,) = read(tmp_path, small).by_workload["payroll"]
    made = answered(small, PAYROLL.name, replies(sheet, PAYROLL, ESTATE, terms))
    assert is_questionnaire(made)
    (subject,) = subjects_of_questionnaires(made, "payroll.json")
    assert subject.name == "Payroll: Small"
    assert (subject.inputs["asked"], subject.inputs["answered"]) == (3, 2)
    said = {q["text"]: (q["answer"], q["risk"]) for q in subject.inputs["questions"]}
    assert said["Does the supplier allow it?"] == ("Perhaps", "yellow")
    assert said["Is there an owner?"] == ("Yes", "green")
    assert said["Are there skills?"][0] is None


def test_every_fact_says_whence_it_is_and_nothing_said_is_a_tag_too(terms: Terms) -> None:
    bare = facts_of(Workload("w", "w", server_ids=("gone",)), Estate(), terms)
    assert all(f.whence for f in bare)
    said = {str(f.tag) for f in bare}
    assert {"Personal data: Unknown", "Owner: Unknown", "Recovery times: Unknown", "Tie: None recorded", "Use measured: None"} <= said
    server = Server("s", "s", operating_system="Microsoft Windows Server 2008 R2 (64-bit)")
    old = facts_of(Workload("w", "w", server_ids=("s",)), Estate(servers=(server,)), terms)
    assert "Operating system support: Ended" in {str(f.tag) for f in old}


def test_an_answer_counts_for_as_long_as_its_questionnaire_says(tmp_path: Path, small: Questionnaire) -> None:
    on_the_last_day = GOOD.replace("on = 2026-11-20", "on = 2024-11-22")
    (sheet,) = read(tmp_path, small, on_the_last_day).by_workload["payroll"]
    assert "supplier-allows" in sheet.given
    (stricter,) = read(tmp_path, replace(small, holds_days=729), on_the_last_day).by_workload["payroll"]
    assert not stricter.given
    assert stricter.refused == {"supplier-allows"}


@pytest.mark.parametrize(
    ("fields", "tag"),
    [
        ({"fixed_addresses": "No"}, "Addresses written in: None"),
        ({"fixed_addresses": "10.1.2.3"}, "Addresses written in: Listed"),
        ({"fixed_addresses": "several"}, "Addresses written in: Not listed"),
        ({}, "Addresses written in: Unknown"),
        ({"multicast": True}, "Multicast: Yes"),
        ({"batch_hours": 0.0}, "Nightly batch: None"),
        ({"batch_hours": 3.0}, "Nightly batch: Unknown"),
        ({"batch_hours": 3.0, "batch_limit_hours": 4.0}, "Nightly batch: Leaves room"),
        ({"batch_hours": 3.1, "batch_limit_hours": 4.0}, "Nightly batch: Leaves little room"),
        ({"server_ids": ("s",)}, "Attached device: Yes"),
        ({"server_ids": ()}, "Attached device: None recorded"),
        ({"function": "Paying staff"}, "Same work elsewhere: Yes"),
        ({"function": "Keeping books"}, "Same work elsewhere: None recorded"),
        ({}, "Same work elsewhere: Unknown"),
    ],
)
def test_what_the_workload_needs_is_a_tag(fields: dict[str, Any], tag: str, terms: Terms) -> None:
    asked = Workload("w", "w", **fields)
    other = Workload("wages", "Wages", function="paying staff")
    estate = Estate(servers=(Server("s", "s", devices=("USB 1",)),), workloads=(asked, other))
    assert tag in {str(f.tag) for f in facts_of(asked, estate, terms)}


def test_a_folder_that_is_not_there_asks_nothing(tmp_path: Path, small: Questionnaire) -> None:
    assert read_sheets(tmp_path / "none", "answers", ESTATE, {"small": small}, DAY) == Sheets({})
    assert file_name("payroll", "small") == "payroll.small.toml"
