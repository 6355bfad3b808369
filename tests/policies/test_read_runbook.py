"""Runbooks and the journals of their runs become subjects; what is damaged is a plain fault or is said, and never a lost run."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from migration.journal import Journal
from migration.runbooks.file import dump
from migration.runbooks.model import Phase, Runbook, Step
from policies.errors import PoliciesError
from policies.model import UNKNOWN, Subject
from policies.read.recognise import read_file

STEP = Step("stop", "Stop it", Phase.FREEZE, "wave-lead", "human-task", {"instructions": "Stop it."}, "Stop it.", "It is off.", "Start it.")
RUNBOOK = Runbook("runbook-w", "w", "Runbook of w", date(2027, 1, 11), date(2027, 1, 24), "sha256:p", {"a": "A"}, (STEP, STEP))


def one(file: Path, held: bytes) -> Subject:
    file.write_bytes(held)
    (subject,) = read_file(file, "shown").subjects
    return subject


def journal(folder: Path, *kinds: str) -> Path:
    held = Journal(folder / "journal.jsonl", lambda: datetime(2026, 6, 30, 23, 30, tzinfo=UTC), lambda _: None)
    held.add("opened", body={"run": "r", "wave": "w", "runbook": RUNBOOK.digest, "steps": 2})
    for kind in kinds:
        held.add(kind, step="stop")
    held.close()
    return held.file


def test_a_compiled_runbook_is_a_subject_with_every_key_of_its_steps(tmp_path: Path) -> None:
    read = one(tmp_path / "w.yaml", dump(RUNBOOK))
    assert (read.kind, read.type, read.id, read.file) == ("runbook", "runbook", "runbook-w", "shown")
    assert read.inputs["steps"][0] == json.loads(json.dumps(asdict(STEP)))
    assert (read.inputs["starts"], read.inputs["is_as_compiled"]) == ("2027-01-11", True)


def test_a_runbook_that_was_edited_says_so(tmp_path: Path) -> None:
    edited = dump(RUNBOOK).replace(b"Start it.", b"No undo.")
    assert one(tmp_path / "w.yaml", edited).inputs["is_as_compiled"] is False


def test_a_key_that_a_step_lacks_is_unknown(tmp_path: Path) -> None:
    held = yaml.safe_load(dump(RUNBOOK))
    del held["steps"][0]["undo"], held["starts"]
    read = one(tmp_path / "w.yaml", yaml.safe_dump(held).encode())
    assert read.inputs["steps"][0]["undo"] is UNKNOWN
    assert read.inputs["starts"] is UNKNOWN


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_runbook_is_read_as_windows_may_have_saved_it(tmp_path: Path, encoding: str) -> None:
    text = dump(replace(RUNBOOK, title="Cyngor Môn")).decode().replace("\n", "\r\n")
    read = one(tmp_path / "w.yaml", text.encode(encoding))
    assert (read.inputs["title"], read.inputs["is_as_compiled"]) == ("Cyngor Môn", True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("format: cloud-unless/runbook/9\nid: r\nsteps: []", "cloud-unless/runbook/9"),
        ("format: cloud-unless/runbook/2\nid: r", "steps"),
        ("format: cloud-unless/runbook/2\nid: r\nsteps: [{title: x}]", "steps.0.id"),
        ("format: cloud-unless/runbook/2\nid: [", "not readable as YAML"),
        ("format: cloud-unless/runbook/2\na: &a [x]\nb: *a", "a YAML alias"),
        ("format: cloud-unless/runbook/2\na: " + "[" * 100_000, "nested too deeply"),
        ("- x\n---\nformat: cloud-unless/runbook/2\n", "not readable as YAML"),
    ],
)
def test_what_is_no_runbook_is_a_plain_fault(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(PoliciesError) as wrong:
        one(tmp_path / "w.yaml", text.encode())
    assert told in wrong.value.faults[0]
    assert wrong.value.faults[0].startswith("shown")


def test_a_journal_is_a_run_with_its_days_in_london(tmp_path: Path) -> None:
    file = journal(tmp_path, "intent", "fault", "receipt", "closed")
    read = one(file, file.read_bytes())
    assert (read.kind, read.id, read.file) == ("run", "r", "shown")
    assert read.inputs == {
        "run": "r",
        "wave_id": "w",
        "runbook": RUNBOOK.digest,
        "steps": 2,
        "opened_on": "2026-07-01",
        "closed_on": "2026-07-01",
        "rolled_back_on": None,
        "faults": ["stop"],
        "is_whole": True,
    }


def test_a_run_that_is_under_way_or_torn_has_not_closed(tmp_path: Path) -> None:
    file = journal(tmp_path, "intent", "closed")
    torn = one(file, file.read_bytes()[:-5])
    assert (torn.inputs["closed_on"], torn.inputs["is_whole"]) == (None, True)


def _changed(record: dict[str, Any]) -> bytes:
    return json.dumps({**record, "at": "2026-11-01T00:00:00+00:00"}).encode()


def test_a_journal_that_was_changed_is_not_whole(tmp_path: Path) -> None:
    file = journal(tmp_path, "intent", "closed")
    lines = file.read_bytes().splitlines()
    without = b"\n".join([lines[0], lines[2], b""])
    assert one(file, without).inputs["is_whole"] is False
    assert one(file, b"\n".join([*lines[:2], _changed(json.loads(lines[2])), b""])).inputs["is_whole"] is False


def test_a_line_that_is_no_record_is_a_plain_fault(tmp_path: Path) -> None:
    file = journal(tmp_path, "intent")
    with pytest.raises(PoliciesError, match="shown, line 3: is not whole JSON"):
        one(file, file.read_bytes() + b"{oops\n")
