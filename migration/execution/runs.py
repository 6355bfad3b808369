"""Runs of runbooks: start, resume, undo, and what their journals say. Each run is a folder, `runs/RUN/`.

It holds `runbook.yaml` (the pinned runbook), `journal.jsonl` and its head, what steps wrote (manifests, certificates), the
engine's database and the lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from migration import journal as journals
from migration.errors import MigrationError
from migration.execution import lock, rehearsal
from migration.execution.engine import DbosEngine, Engine
from migration.execution.interpreter import DONE, STOPPED, Hands, Interpreter
from migration.execution.measured import Measured, measured, of_runs
from migration.execution.rehearsal import StandIns
from migration.execution.status import RunStatus, status_of, with_turning_back
from migration.journal import Journal, Record
from migration.runbooks import file as runbook_file
from migration.runbooks.faults import faults as faults_of
from migration.runbooks.knowledge import roles
from migration.runbooks.model import Runbook


def _nobody(record: Record) -> None:
    del record


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a start, resume or undo ended: `done`, `stopped` or `waiting`; why, where it did not finish."""

    run: str
    answer: str
    faults: tuple[str, ...]
    status: RunStatus


def start(
    runs: Path,
    run: str,
    runbook: Runbook,
    hands: Hands,
    *,
    stand_ins: StandIns | None = None,
    engine: Engine | None = None,
    observe: Callable[[Record], None] = _nobody,
) -> Outcome:
    """Begin a run of this runbook in the folder `runs` and go as far as it goes. With `stand_ins` it is a rehearsal: there and back.

    Raises MigrationError when the runbook is unfit, the run's name is not one, or it exists already.
    """
    wrong = faults_of(runbook, roles(), hands.kinds)
    if wrong:
        raise MigrationError(*wrong)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", run):
        raise MigrationError(f"{run!r} is no name for a run: use letters, digits, dots, dashes and underscores, at most 80.")
    folder = runs / run
    if (folder / "journal.jsonl").exists():
        raise MigrationError(
            f"The run {run} exists already. Go on with it: unless runbook resume {run}; or choose another name with --run."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with lock.held(folder, hands.now()):
        runbook_file.write(runbook, folder / "runbook.yaml")
        if stand_ins:
            stand_ins.write(folder)
        journal = Journal(folder / "journal.jsonl", hands.now, observe)
        try:
            body = {
                "run": run,
                "id": hands.new_id(),
                "wave": runbook.wave_id,
                "runbook": runbook.digest,
                "plan": runbook.plan_digest,
                "steps": len(runbook.steps),
                **({"stand_ins": stand_ins.digest} if stand_ins else {}),
            }
            journal.add("opened", body=body)
            return _forwards(folder, runbook, journal, hands, engine or DbosEngine())
        finally:
            journal.close()


def resume(runs: Path, run: str, hands: Hands, *, engine: Engine | None = None, observe: Callable[[Record], None] = _nobody) -> Outcome:
    """Go on with a run where its journal says it is: forwards, or backwards when a rollback had begun.

    Raises MigrationError when the journal is damaged, the pinned runbook was edited, or the run has ended.
    """
    with lock.held(existing(runs, run), hands.now()):
        folder, runbook, journal = _open(runs, run, hands, observe)
        try:
            state = status_of(run, runbook, journal.records).state
            if state in ("finished", "rolled back"):
                raise MigrationError(f"The run {run} is {state}: there is nothing to resume.")
            journal.add("resumed")
            walk = _backwards if state == "rolling back" else _forwards
            return walk(folder, runbook, journal, hands, engine or DbosEngine())
        finally:
            journal.close()


def undo(runs: Path, run: str, hands: Hands, *, engine: Engine | None = None, observe: Callable[[Record], None] = _nobody) -> Outcome:
    """Roll a run back, latest step first. Raises MigrationError after the point of no return, and as `resume` does."""
    with lock.held(existing(runs, run), hands.now()):
        folder, runbook, journal = _open(runs, run, hands, observe)
        try:
            held = status_of(run, runbook, journal.records)
            if held.state == "rolled back":
                raise MigrationError(f"The run {run} is rolled back already.")
            line = runbook.point_of_no_return
            if line is not None and held.is_past_point_of_no_return:
                raise MigrationError(
                    f"The run {run} is past its point of no return ({line.id}: {line.title}): {line.no_undo_because}. Nothing was undone."
                )
            if held.state != "rolling back":
                journal.add("undo-opened")
            return _backwards(folder, runbook, journal, hands, engine or DbosEngine())
        finally:
            journal.close()


def status(runs: Path, run: str) -> RunStatus:
    """What the journal says of a run. Raises MigrationError when it is damaged or absent."""
    folder = existing(runs, run)
    records, _ = journals.read(folder / "journal.jsonl")
    runbook = _pinned(folder, records)
    taken = measured(of_runs(runs)) if runbook.window else Measured()
    held = with_turning_back(status_of(run, runbook, records), runbook, records, taken)
    return held.as_running() if lock.is_held(folder) else held


def names(runs: Path) -> list[str]:
    """Every run that has a journal, oldest first by its journal's first record's file time, then by name."""
    found = [f.parent for f in runs.glob("*/journal.jsonl")]
    return [f.name for f in sorted(found, key=lambda f: (f / "runbook.yaml").stat().st_mtime if (f / "runbook.yaml").exists() else 0)]


def existing(runs: Path, run: str) -> Path:
    """The folder of a run that has begun. Raises MigrationError naming those that there are."""
    folder = runs / run
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", run) or not (folder / "journal.jsonl").is_file():
        there = ", ".join(names(runs)) or "none"
        raise MigrationError(f"There is no run {run!r} in {runs}. Runs: {there}.")
    return folder


def _open(runs: Path, run: str, hands: Hands, observe: Callable[[Record], None]) -> tuple[Path, Runbook, Journal]:
    folder = existing(runs, run)
    records, _ = journals.read(folder / "journal.jsonl")
    runbook = _pinned(folder, records)
    return folder, runbook, Journal(folder / "journal.jsonl", hands.now, observe)


def _pinned(folder: Path, records: Sequence[Record]) -> Runbook:
    """The run's runbook, only if it is the very one that the journal's first record names."""
    if not records:
        raise MigrationError(f"{folder.name} never began: its journal has no record. Remove {folder} and start again.")
    runbook = runbook_file.read(folder / "runbook.yaml")
    if runbook.digest != records[0].body.get("runbook"):
        raise MigrationError(
            f"{folder / 'runbook.yaml'} is not the runbook that this run began with. Put the one with the digest "
            f"{records[0].body.get('runbook')} back, or start a new run."
        )
    return runbook


def _forwards(folder: Path, runbook: Runbook, journal: Journal, hands: Hands, engine: Engine) -> Outcome:
    stand_ins = rehearsal.read(folder, journal.records[0])
    interpreter = Interpreter(folder, folder.name, runbook, journal, hands, stand_ins)
    steps = [s.id for s in (rehearsal.rehearsed(runbook) if stand_ins else runbook.steps)]
    answer = engine.walk(folder, _walk_id(journal, "do"), steps, interpreter.forwards)
    outcome = _ended(interpreter, answer, steps, "receipt", "rehearsed" if stand_ins else "closed")
    if not stand_ins or outcome.answer != DONE:
        return outcome
    journal.add("undo-opened")
    return _backwards(folder, runbook, journal, hands, engine)


def _backwards(folder: Path, runbook: Runbook, journal: Journal, hands: Hands, engine: Engine) -> Outcome:
    interpreter = Interpreter(folder, folder.name, runbook, journal, hands, rehearsal.read(folder, journal.records[0]))
    begun = [s.id for s in reversed(runbook.steps) if journal.last(("intent",), s.id)]
    answer = engine.walk(folder, _walk_id(journal, "undo"), begun, interpreter.backwards)
    return _ended(interpreter, answer, begun, "undo-receipt", "undo-closed")


def _walk_id(journal: Journal, way: str) -> str:
    """A new walk after each one that ended; the same after a death, so that the engine takes it up."""
    run = journal.records[0].body["run"]
    fault = "fault" if way == "do" else "undo-fault"
    return f"{run}.{way}.{sum(r.kind == fault for r in journal.records)}"


def _ended(interpreter: Interpreter, answer: str, steps: Sequence[str], receipt: str, closed: str) -> Outcome:
    """Believe the journal, not the engine: it is over only when every step has its receipt."""
    journal, faults = interpreter.journal, interpreter.faults
    if answer == DONE:
        missing = [s for s in steps if not journal.last((receipt, "undo-skipped"), s)]
        if missing:
            answer, faults = STOPPED, (f"The engine says that all is done, and the journal has no {receipt} of {', '.join(missing)}.",)
        else:
            journal.add(closed)
    return Outcome(interpreter.run, answer, faults, status_of(interpreter.run, interpreter.runbook, journal.records))
