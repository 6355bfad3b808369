"""The line on which each subject of a file begins, against readers that know nothing but JSON or YAML."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migration.runbooks.file import dump
from migration.runbooks.model import Phase, Runbook, Step
from policies.model import Answer, Control, GoldenRule, Judgement, Portfolio, Severity, Subject, Verdict
from policies.read.lines import Written, line_of, lines_of_steps, parse_with_lines
from policies.read.recognise import read_file
from policies.report.findings import as_row

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(['"', "{", "}", "\\", '\\"}', "\n"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def objects(held: object) -> list[Written]:
    inner = list(held.values()) if isinstance(held, Written) else cast("list[object]", held) if isinstance(held, list) else []
    return [*([held] if isinstance(held, Written) else []), *(w for i in inner for w in objects(i))]


@settings(derandomize=True, max_examples=300)
@given(VALUES, st.sampled_from([None, 0, 1, 2]), st.booleans())
def test_each_object_begins_on_its_line_whatever_stands_around_it(held: object, indent: int | None, plain: bool) -> None:
    text = json.dumps(held, indent=indent, ensure_ascii=plain)
    read = parse_with_lines(text)
    assert read == held
    lines = text.split("\n")
    for one in objects(read):
        begun = json.dumps(one, indent=indent, ensure_ascii=plain).split("\n")[0]
        assert begun in lines[one.line - 1]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("{}", [1]),
        ('[{"a": {}},\r\n {}\r\n,\r\n{}]', [1, 1, 2, 4]),
        ('\n{"b": "}{\\"", "a":\n\n[{"a": [1]},\n\n{}]}', [2, 4, 6]),
        ('{"a": {},\n "a": {}}', [1, 2]),
        ('{"a": "\\\\",\n "b": {"c": "\\\\\\""}}', [1, 2]),
    ],
)
def test_lines_of_objects(text: str, lines: list[int]) -> None:
    assert [o.line for o in objects(parse_with_lines(text))] == lines


def test_nobody_knows_the_line_of_what_was_not_written() -> None:
    assert line_of({"a": 1}) == 0


def lines(folder: Path, text: str) -> dict[str, int]:
    """The line of each subject of a file, by what it is called; the file they are all in is the one that was read."""
    (folder / "it").write_text(text, "utf-8")
    subjects = read_file(folder / "it", "it").subjects
    assert {s.file for s in subjects} == {"it"}
    return {s.name: s.line for s in subjects}


def test_each_resource_of_a_template_has_the_line_on_which_it_begins_nested_and_looped_ones_too(tmp_path: Path) -> None:
    inner: dict[str, Any] = {"resources": [{"type": "Microsoft.Storage/storageAccounts", "name": "inner", "properties": {}}]}
    held: dict[str, Any] = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "resources": [
            {"type": "Microsoft.Storage/storageAccounts", "name": "first", "resources": [{"type": "blobServices", "name": "default"}]},
            {"type": "Microsoft.Resources/deployments", "name": "below", "properties": {"template": inner}},
            {"type": "Microsoft.Storage/storageAccounts", "name": "looped", "copy": {"name": "l", "count": 2}},
        ],
    }
    text = json.dumps(held, indent=1)
    at = {name: text[: text.index(f'"name": "{name}"')].count("\n") - 1 for name in ("first", "default", "inner", "looped")}
    assert lines(tmp_path, text) == {
        "first": at["first"],
        "first/default": at["default"],
        "inner": at["inner"],
        "looped (1)": at["looped"],
        "looped (2)": at["looped"],
    }


def test_each_resource_of_an_export_has_the_line_on_which_it_begins(tmp_path: Path) -> None:
    rows = [{"id": f"/subscriptions/s/providers/Microsoft.X/ys/{n}", "type": "Microsoft.X/ys", "name": n} for n in ("b", "a")]
    assert lines(tmp_path, json.dumps({"data": rows}, indent=2)) == {"b": 3, "a": 8}


def test_a_resource_whose_program_says_no_place_has_the_line_of_the_preview_that_shows_it(tmp_path: Path) -> None:
    urn = "urn:pulumi:dev::p::azure-native:storage:StorageAccount::sa"
    step: dict[str, Any] = {
        "op": "create",
        "urn": urn,
        "newState": {"urn": urn, "type": "azure-native:storage:StorageAccount", "inputs": {}},
    }
    assert lines(tmp_path, json.dumps({"steps": [step]}, indent=1)) == {"sa": 3}


def test_a_resource_whose_program_says_its_place_keeps_it(tmp_path: Path) -> None:
    urn = "urn:pulumi:dev::p::a:b:C::sa"
    state: dict[str, Any] = {"urn": urn, "type": "a:b:C", "inputs": {}, "sourcePosition": "project:///stacks/a.py#12,4"}
    (tmp_path / "it").write_text(json.dumps({"version": 3, "deployment": {"resources": [state]}}))
    (subject,) = read_file(tmp_path / "it").subjects
    assert (subject.file, subject.line) == ("stacks/a.py", 12)


def test_questionnaires_have_the_line_on_which_each_begins(tmp_path: Path) -> None:
    one: dict[str, Any] = {"sections": [{"questions": []}]}
    held = [one | {"application": {"name": "a"}}, one | {"application": {"name": "b"}}]
    assert lines(tmp_path, "\n" + json.dumps(held, indent=1)) == {"a: ": 3, "b: ": 13}
    assert lines(tmp_path, "name: q\nsections:\n- questions: []\n") == {"q": 1}


STEP = Step("stop", "Stop it", Phase.FREEZE, "wave-lead", "human-task", {"instructions": "Stop it."}, "Stop it.", "It is off.", "Start it.")
RUNBOOK = Runbook("runbook-w", "w", "Runbook of w", date(2027, 1, 11), date(2027, 1, 24), "sha256:p", {"a": "A"}, (STEP, STEP))


def test_what_is_said_of_a_step_stands_at_the_step(tmp_path: Path) -> None:
    text = dump(RUNBOOK).decode()
    (tmp_path / "w.yaml").write_text(text, "utf-8")
    (subject,) = read_file(tmp_path / "w.yaml").subjects
    begun = [n for n, line in enumerate(text.split("\n"), 1) if line.lstrip().startswith("- ") and "id: stop" in line]
    assert subject.lines == {"steps[0]": begun[0], "steps[1]": begun[1]} == lines_of_steps(text)
    at = {path: judgement(subject, path).line for path in ("steps[1].undo", "steps[0]", "steps", "title", "", "steps[9].undo")}
    assert at == {"steps[1].undo": begun[1], "steps[0]": begun[0], "steps": 1, "title": 1, "": 1, "steps[9].undo": 1}
    assert as_row(judgement(subject, "steps[1].undo"))["line"] == begun[1]


def judgement(subject: Subject, path: str) -> Judgement:
    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        del subject, portfolio
        return Answer(Verdict.FAIL, "It fails.", path)

    control = Control("it-is-good", "It is good", Severity.LOW, GoldenRule.SECURE_BY_DESIGN, ("runbook",), judge, "Mend it.")
    return Judgement(control, subject, judge(subject, Portfolio((), date(2026, 11, 25))))


@pytest.mark.parametrize("text", ["a: 1\n", "steps: {}\n", "- a\n", ""])
def test_a_runbook_without_steps_has_no_line_of_any(text: str) -> None:
    assert lines_of_steps(text) == {}
