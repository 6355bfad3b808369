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
from migration.execution.tenure import Tenure, tenure
from migration.journal import Journal, Record
from migration.runbooks import file as runbook_file
from migration.runbooks.faults import faults as faults_of
from migration.runbooks.knowledge import roles
from migration.runbooks.model import Runbook
from migration.steps.people import PEOPLES

LEFT = "left"
"""How a start, an undo or an answer ends that leaves the rest to workers."""
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"


def _nobody(record: Record) -> None:
    del record


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a start, resume or undo ended: `done`, `stopped`, `waiting` or `left` (to workers); why, where it did not finish."""

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
    folder = named(runs, run)
    if (folder / "journal.jsonl").exists():
        raise MigrationError(
            f"The run {run} exists already. Go on with it: unless runbook resume {run}; or choose another name with --run."
        )
    with tenure(folder, hands, is_new=True) as held:
        runbook_file.write(runbook, folder / "runbook.yaml")
        if stand_ins:
            stand_ins.write(folder)
        journal = held.journal(observe)
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
            return _forwards(folder, runbook, journal, hands, engine or _engine(hands))
        finally:
            journal.close()


def resume(runs: Path, run: str, hands: Hands, *, engine: Engine | None = None, observe: Callable[[Record], None] = _nobody) -> Outcome:
    """Go on with a run where its journal says it is: forwards, or backwards when a rollback had begun.

    Raises MigrationError when the journal is damaged, the pinned runbook was edited, or the run has ended.
    """
    with tenure(_place(runs, run, hands), hands) as held:
        runbook, journal = _open(held, observe)
        try:
            walk = _backwards if _going(run, runbook, journal) == "rolling back" else _forwards
            journal.add("resumed")
            return walk(held.folder, runbook, journal, hands, engine or _engine(hands))
        finally:
            journal.close()


def answer(runs: Path, run: str, hands: Hands, *, observe: Callable[[Record], None] = _nobody) -> Outcome:
    """Carry out only the step at which a run waits for a person; whoever takes the run next goes on.

    Raises MigrationError when it is no person's step, or as `resume` does.
    """
    with tenure(_place(runs, run, hands), hands) as held:
        runbook, journal = _open(held, observe)
        try:
            is_back = _going(run, runbook, journal) == "rolling back"
            at = next(s for s in runbook.steps if s.id == status_of(run, runbook, journal.records).at_step)
            if at.kind not in PEOPLES:
                raise MigrationError(f"The run {run} waits for no person: it is at {at.id} ({at.title}).")
            journal.add("resumed")
            by = Interpreter(held.folder, run, runbook, journal, hands, rehearsal.read(held.folder, journal.records[0]))
            said = by.backwards(at.id) if is_back else by.forwards(at.id)
            return Outcome(run, LEFT if said == DONE else said, by.faults, status_of(run, runbook, journal.records))
        finally:
            journal.close()


def undo(runs: Path, run: str, hands: Hands, *, engine: Engine | None = None, observe: Callable[[Record], None] = _nobody) -> Outcome:
    """Roll a run back, latest step first. Raises MigrationError after the point of no return, and as `resume` does."""
    with tenure(_place(runs, run, hands), hands) as held:
        runbook, journal = _open(held, observe)
        try:
            known = status_of(run, runbook, journal.records)
            if known.state == "rolled back":
                raise MigrationError(f"The run {run} is rolled back already.")
            line = runbook.point_of_no_return
            if line is not None and known.is_past_point_of_no_return:
                raise MigrationError(
                    f"The run {run} is past its point of no return ({line.id}: {line.title}): {line.no_undo_because}. Nothing was undone."
                )
            if known.state != "rolling back":
                journal.add("undo-opened")
            return _backwards(held.folder, runbook, journal, hands, engine or _engine(hands))
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


def named(runs: Path, run: str) -> Path:
    """The folder of a run of this name, there or not. Raises MigrationError when it is no name for a run."""
    if not re.fullmatch(_NAME, run):
        raise MigrationError(f"{run!r} is no name for a run: use letters, digits, dots, dashes and underscores, at most 80.")
    return runs / run


def existing(runs: Path, run: str) -> Path:
    """The folder of a run that has begun. Raises MigrationError naming those that there are."""
    folder = runs / run
    if not re.fullmatch(_NAME, run) or not (folder / "journal.jsonl").is_file():
        there = ", ".join(names(runs)) or "none"
        raise MigrationError(f"There is no run {run!r} in {runs}. Runs: {there}.")
    return folder


def _engine(hands: Hands) -> Engine:
    return DbosEngine(hands.shared.url if hands.shared else "")


def _place(runs: Path, run: str, hands: Hands) -> Path:
    """The run's folder; of a shared run it need not be there yet."""
    return existing(runs, run) if hands.shared is None else named(runs, run)


def _open(held: Tenure, observe: Callable[[Record], None]) -> tuple[Runbook, Journal]:
    records, _ = journals.read(held.folder / "journal.jsonl")
    return _pinned(held.folder, records), held.journal(observe)


def _going(run: str, runbook: Runbook, journal: Journal) -> str:
    """The state of a run that can go on. Raises MigrationError when it has ended."""
    state = status_of(run, runbook, journal.records).state
    if state in ("finished", "rolled back"):
        raise MigrationError(f"The run {run} is {state}: there is nothing to resume.")
    return state


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
    answer = LEFT if hands.leaves else engine.walk(folder, _walk_id(journal, "do"), steps, interpreter.forwards)
    outcome = _ended(interpreter, answer, steps, "receipt", "rehearsed" if stand_ins else "closed")
    if not stand_ins or outcome.answer != DONE:
        return outcome
    journal.add("undo-opened")
    return _backwards(folder, runbook, journal, hands, engine)


def _backwards(folder: Path, runbook: Runbook, journal: Journal, hands: Hands, engine: Engine) -> Outcome:
    interpreter = Interpreter(folder, folder.name, runbook, journal, hands, rehearsal.read(folder, journal.records[0]))
    begun = [s.id for s in reversed(runbook.steps) if journal.last(("intent",), s.id)]
    answer = LEFT if hands.leaves else engine.walk(folder, _walk_id(journal, "undo"), begun, interpreter.backwards)
    return _ended(interpreter, answer, begun, "undo-receipt", "undo-closed")


def _walk_id(journal: Journal, way: str) -> str:
    """A new walk after each one that ended; the same after a death, so that the engine takes it up."""
    opened = journal.records[0].body
    fault = "fault" if way == "do" else "undo-fault"
    return f"{opened['run']}.{opened.get('id', '')}.{way}.{sum(r.kind == fault for r in journal.records)}"


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
