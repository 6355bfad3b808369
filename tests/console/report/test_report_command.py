from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.application import app
from console.report import read_inputs
from console.workspace import WorkspaceError

SETTINGS = '[council]\nname = "Exampleborough"\nid = "exampleborough"\n[estate]\non = 2026-11-22\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / ".unless"
    folder.mkdir()
    (folder / "unless.toml").write_text(SETTINGS, "utf-8")
    return folder


def test_an_empty_workspace_has_a_report_too(workspace: Path) -> None:
    answer = CliRunner().invoke(app, ["report", "--workspace", str(workspace)])
    assert answer.exit_code == 0
    assert "Nothing has been imported yet" in (workspace / "report.html").read_text("utf-8")
    assert sorted(p.name for p in workspace.iterdir()) == ["report.html", "unless.toml"]


def test_the_figures_are_printed_as_json(workspace: Path) -> None:
    output = workspace.parent / "board.html"
    answer = CliRunner().invoke(app, ["report", "-w", str(workspace), "--output", str(output), "--json"])
    assert answer.exit_code == 0
    held = json.loads(answer.stdout)
    assert held["waves"] is None
    assert held["report"] == str(output)
    assert output.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_place_that_cannot_be_written_is_a_plain_sentence(workspace: Path) -> None:
    answer = CliRunner().invoke(app, ["report", "-w", str(workspace), "-o", str(workspace / "no" / "such" / "folder.html")])
    assert answer.exit_code == 1
    assert "cannot be written" in answer.stderr
    assert "Name another file with --output" in answer.stderr


def test_files_that_cannot_be_read_are_all_named_at_once(workspace: Path) -> None:
    (workspace / "assessments.json").write_text("{", "utf-8")
    (workspace / "plan.json").write_text('{"format": "cloud-unless/plan/9", "on": "2026-11-22"}', "utf-8")
    (workspace / "findings.json").write_bytes(b"\xff")
    (workspace / "faults.json").write_text("nonsense", "utf-8")
    with pytest.raises(WorkspaceError) as wrong:
        read_inputs(workspace, "X", date(2026, 11, 22), None)
    assert len(wrong.value.faults) == 4
    for name, command in (("assessments", "assess"), ("plan", "plan"), ("findings", "check"), ("faults", "import")):
        [fault] = [f for f in wrong.value.faults if f"{name}.json" in f]
        assert f"unless {command}" in fault


def test_faults_are_sentences_by_file(workspace: Path) -> None:
    fault = {"file": "a.csv", "what": "It is wrong.", "remedy": "Mend it.", "sheet": "", "row": 3, "column": "Memory"}
    whole = {"file": "a.csv", "what": "It is empty.", "remedy": "Export it again.", "sheet": "", "row": 0, "column": ""}
    (workspace / "faults.json").write_text(
        json.dumps({"format": "cloud-unless/faults/1", "files": {"a.csv": [fault, whole], "b.csv": []}}), "utf-8"
    )
    held = read_inputs(workspace, "X", date(2026, 11, 22), None)
    assert held.faults == (("a.csv", "Row 3, column Memory: It is wrong. Mend it."), ("a.csv", "It is empty. Export it again."))


def test_a_run_whose_journal_is_damaged_is_shown_as_such(workspace: Path) -> None:
    (workspace / "runs" / "run-1").mkdir(parents=True)
    (workspace / "runs" / "run-1" / "journal.jsonl").write_text("not a record\n", "utf-8")
    answer = CliRunner().invoke(app, ["report", "-w", str(workspace)])
    assert answer.exit_code == 0
    page = (workspace / "report.html").read_text("utf-8")
    assert "Cannot be read" in page
    assert "the journal is damaged" in page
