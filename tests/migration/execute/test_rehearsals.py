"""Rehearsals: the very runbook on places that stand in, there and back, killed and resumed, and what counts as one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration.errors import MigrationError
from migration.execution import runs
from migration.execution.rehearsal import FILE, StandIns, last_of, rehearsed, stand_ins
from migration.runbooks import Runbook
from migration.steps.model import Question, Reply


@pytest.fixture
def both(make_council: Any) -> tuple[Any, Any]:
    """The real places, and a council of the same making whose places stand in for them."""
    return make_council(), make_council()


def no(question: Question) -> Reply:
    del question
    return Reply(is_yes=False, by="Ada Lovelace", how="typed")


def rehearse(real: Any, standing: Any, run: str = "r1", **hands: Any) -> runs.Outcome:
    found = stand_ins(real.runbook, standing.runbook)
    return runs.start(real.runs, run, real.runbook, real.hands(**hands), stand_ins=found)


def test_a_rehearsal_goes_there_and_back_on_the_stand_ins_and_touches_nothing_else(both: tuple[Any, Any]) -> None:
    real, standing = both
    before = {p: p.read_bytes() for p in sorted(real.share.rglob("*")) if p.is_file()}
    outcome = rehearse(real, standing)
    assert (outcome.answer, outcome.faults, outcome.status.state, outcome.status.is_rehearsal) == ("done", (), "rolled back", True)
    assert not outcome.status.is_past_point_of_no_return
    assert outcome.status.steps == outcome.status.done == outcome.status.undone == len(rehearsed(real.runbook))
    assert real.contents() == standing.contents() == {}
    assert {p: p.read_bytes() for p in sorted(real.share.rglob("*")) if p.is_file()} == before
    records = [json.loads(line) for line in (real.runs / "r1" / "journal.jsonl").read_text().splitlines()]
    assert [r["kind"] for r in records].count("rehearsed") == 1
    assert not any(r["step"] == "open" for r in records)
    found = last_of(real.runs, real.runbook.digest)
    assert found is not None
    assert (found.run, found.digest, found.ended.isoformat()) == ("r1", records[-1]["digest"], records[-1]["at"])


def test_a_rehearsal_that_was_stopped_goes_on_with_its_stand_ins_and_then_counts(both: tuple[Any, Any]) -> None:
    real, standing = both

    first = rehearse(real, standing, ask=no)
    assert (first.answer, first.status.at_step) == ("stopped", "go")
    assert last_of(real.runs, real.runbook.digest) is None
    second = runs.resume(real.runs, "r1", real.hands())
    assert (second.answer, second.status.state) == ("done", "rolled back")
    assert real.contents() == standing.contents() == {}
    assert last_of(real.runs, real.runbook.digest) is not None


def test_a_rehearsal_that_is_undone_half_way_does_not_count(both: tuple[Any, Any]) -> None:
    real, standing = both
    rehearse(real, standing, ask=no)
    assert runs.undo(real.runs, "r1", real.hands()).status.state == "rolled back"
    assert last_of(real.runs, real.runbook.digest) is None


def test_only_rehearsals_of_the_same_digest_count_and_the_last_one_is_the_one(both: tuple[Any, Any]) -> None:
    real, standing = both
    for run in ("r2", "r1"):
        rehearse(real, standing, run)
    found = last_of(real.runs, real.runbook.digest)
    assert found is not None
    assert found.run == "r1"
    assert last_of(real.runs, "sha256:another") is None
    journal = real.runs / "r1" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"rehearsed"', b'"rehearzed"'))
    assert (last_of(real.runs, real.runbook.digest) or found).run == "r2"


def test_a_run_is_no_rehearsal(both: tuple[Any, Any]) -> None:
    real, _ = both
    outcome = runs.start(real.runs, "r1", real.runbook, real.hands())
    assert (outcome.faults, outcome.status.state, outcome.status.is_rehearsal) == ((), "finished", False)
    assert last_of(real.runs, real.runbook.digest) is None


def test_stand_ins_that_were_changed_are_refused(both: tuple[Any, Any]) -> None:
    real, standing = both
    rehearse(real, standing, ask=no)
    file = real.runs / "r1" / FILE
    held = file.read_text()
    file.write_text(held.replace("docs/", "else/"))
    with pytest.raises(MigrationError, match="not what this rehearsal began with"):
        runs.resume(real.runs, "r1", real.hands())
    file.write_text("{")
    with pytest.raises(MigrationError, match="cannot be read"):
        runs.resume(real.runs, "r1", real.hands())
    file.write_text(held)
    assert runs.resume(real.runs, "r1", real.hands()).answer == "done"


def changed(runbook: Runbook, at: str, **other: Any) -> Runbook:
    return replace(runbook, steps=tuple(replace(s, **other) if s.id == at else s for s in runbook.steps))


def test_stand_ins_must_lay_out_the_same_steps_and_be_other_places(both: tuple[Any, Any]) -> None:
    real, standing = both
    fewer = replace(standing.runbook, steps=standing.runbook.steps[1:])
    with pytest.raises(MigrationError, match=f"the stand-ins have no step {real.runbook.steps[0].id}"):
        stand_ins(real.runbook, fewer)
    with pytest.raises(MigrationError, match=f"the runbook has no step {real.runbook.steps[0].id}"):
        stand_ins(replace(real.runbook, steps=real.runbook.steps[1:]), standing.runbook)
    with pytest.raises(MigrationError, match="step freeze-hou-docs is freeze-share and ssh-check"):
        stand_ins(real.runbook, changed(standing.runbook, "freeze-hou-docs", kind="ssh-check"))
    with pytest.raises(MigrationError) as wrong:
        stand_ins(real.runbook, real.runbook)
    assert any("step copy-hou-docs--s3: nothing stands in for its source" in f for f in wrong.value.faults)
    assert any("step survey-hou-docs: nothing stands in for its targets" in f for f in wrong.value.faults)
    copy = next(s for s in standing.runbook.steps if s.id == "copy-hou-docs--s3")
    mine = next(s for s in real.runbook.steps if s.id == "copy-hou-docs--s3")
    half = changed(standing.runbook, copy.id, parameters={**copy.parameters, "source": mine.parameters["source"]})
    with pytest.raises(MigrationError, match="step copy-hou-docs--s3: nothing stands in for its source"):
        stand_ins(real.runbook, half)


def test_a_rehearsal_of_a_runbook_without_a_point_of_no_return_is_of_all_of_it(both: tuple[Any, Any]) -> None:
    runbook: Runbook = both[0].runbook
    line = runbook.point_of_no_return
    assert line is not None
    assert rehearsed(runbook) == runbook.steps[: runbook.steps.index(line)]
    without = changed(runbook, line.id, is_point_of_no_return=False)
    assert rehearsed(without) == without.steps


def test_the_digest_is_of_what_the_stand_ins_say(tmp_path: Path) -> None:
    one, other = StandIns({"a": {"b": 1, "c": 2}}), StandIns({"a": {"c": 2, "b": 1}})
    assert one.digest == other.digest != StandIns({"a": {"b": 2}}).digest
    one.write(tmp_path)
    assert json.loads((tmp_path / FILE).read_bytes()) == {"a": {"b": 1, "c": 2}}
