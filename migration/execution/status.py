"""Where a run is, from its journal alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from migration.execution.measured import Measured
from migration.execution.rehearsal import is_rehearsal, rehearsed
from migration.execution.turning_back import turning_back
from migration.journal import Record
from migration.runbooks.model import Runbook, Step


@dataclass(frozen=True, slots=True)
class RunStatus:
    """One run. `state` is `running`, `stopped`, `waiting`, `finished`, `rolling back` or `rolled back`.

    `done` of `steps` have their receipt (or, rolling back, are undone). `at_step` is the step in hand. `faults` are of the last stop.
    `latest_safe_abort` is a time, "" where no window is agreed or there is no turning back any more.
    """

    run: str
    wave: str
    state: str
    steps: int
    done: int
    undone: int
    at_step: str
    started: str
    last: str
    resumed: int
    is_past_point_of_no_return: bool
    faults: tuple[str, ...] = ()
    is_rehearsal: bool = False
    latest_safe_abort: str = ""

    def as_running(self) -> RunStatus:
        """The same, while a process holds the run."""
        return replace(self, state="running", faults=())


def status_of(run: str, runbook: Runbook, records: Sequence[Record]) -> RunStatus:
    """Pure: the runbook says what there is to do, the records what was done."""
    done = {r.step for r in records if r.kind == "receipt"}
    undone = {r.step for r in records if r.kind in ("undo-receipt", "undo-skipped")}
    kinds = {r.kind for r in records}
    line = runbook.point_of_no_return
    of = rehearsed(runbook) if is_rehearsal(records[0]) else runbook.steps
    waits = next((s.id for s in of if s.id not in done), "")
    if "undo-opened" in kinds:
        waits = next((s.id for s in reversed(runbook.steps) if s.id not in undone and _begun(records, s.id)), "")
    state = _state(records, kinds)
    last_fault = next((r for r in reversed(records) if r.kind in ("fault", "undo-fault")), None)
    is_over = state in ("finished", "rolled back")
    return RunStatus(
        run=run,
        wave=runbook.wave_id,
        state=state,
        steps=len(of),
        done=len(done),
        undone=len(undone),
        at_step="" if is_over else waits,
        started=records[0].at,
        last=records[-1].at,
        resumed=sum(r.kind == "resumed" for r in records),
        is_past_point_of_no_return=line is not None and _crossed(records, line),
        faults=() if is_over or last_fault is None else tuple(last_fault.body.get("faults", ())),
        is_rehearsal=is_rehearsal(records[0]),
    )


def with_turning_back(status: RunStatus, runbook: Runbook, records: Sequence[Record], measured: Measured) -> RunStatus:
    """The same with the latest safe abort, by what runs have taken."""
    is_back = any(r.kind in ("undo-opened", "closed") for r in records)
    found = turning_back(runbook, {r.step for r in records if r.kind == "intent"}, measured)
    if found is None or is_back or status.is_past_point_of_no_return or status.is_rehearsal:
        return status
    return replace(status, latest_safe_abort=found.latest.isoformat())


def _begun(records: Sequence[Record], step: str) -> bool:
    return any(r.kind == "intent" and r.step == step for r in records)


def _crossed(records: Sequence[Record], line: Step) -> bool:
    """A person's step is crossed once the person has answered; any other once it may have begun."""
    kinds = ("effect", "receipt") if line.kind == "human-task" else ("intent",)
    return any(r.kind in kinds and r.step == line.id for r in records)


def _state(records: Sequence[Record], kinds: set[str]) -> str:
    if "undo-closed" in kinds:
        return "rolled back"
    if "undo-opened" in kinds:
        return "rolling back"
    if "closed" in kinds:
        return "finished"
    last = records[-1]
    return "waiting" if last.kind == "fault" and last.body.get("answer") == "waiting" else "stopped"
