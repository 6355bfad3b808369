"""How far the databases that a run replicates are behind: asked of their sources, where the slots are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migration import journal as journals
from migration.execution import rehearsal, runs
from migration.journal import Record
from migration.runbooks import file as runbook_file
from migration.runbooks.model import Step
from migration.steps.model import StepError, checked
from migration.steps.postgresql.kinds import POSTGRESQL_CATCH_UP, POSTGRESQL_REPLICATE, lag_of
from migration.steps.postgresql.parameters import ReplicateParameters


@dataclass(frozen=True, slots=True)
class RunLag:
    """One replicated database: bytes of the source's WAL that the target has not confirmed, and whether anybody reads the slot now."""

    database: str
    source: str
    target: str
    bytes_behind: int
    is_followed: bool


def lags(folder: Path, run: str, environment: Mapping[str, str]) -> tuple[tuple[RunLag, ...], tuple[str, ...]]:
    """Of every database that the run RUN of the folder `runs` replicates now; then, a sentence each, of which nobody can tell.

    Raises MigrationError when there is no such run or its journal is damaged.
    """
    held = runs.existing(folder, run)
    records, _ = journals.read(held / "journal.jsonl")
    stand_ins = rehearsal.read(held, records[0])
    found: list[RunLag] = []
    cannot: list[str] = []
    for step in _replicated(runbook_file.read(held / "runbook.yaml").steps, records):
        parameters = checked(ReplicateParameters, stand_ins.parameters[step.id] if stand_ins else step.parameters)
        try:
            found.append(_of(held, step, parameters, environment))
        except StepError as wrong:
            cannot += wrong.faults
    return tuple(found), tuple(cannot)


def _replicated(steps: Sequence[Step], records: Sequence[Record]) -> Iterator[Step]:
    """Steps whose replication was begun, and is neither caught up nor undone."""
    done = {r.step for r in records if r.kind == "receipt"}
    undone = {r.step for r in records if r.kind == "undo-receipt"}
    ended = {_began(s) for s in steps if s.kind == POSTGRESQL_CATCH_UP.name and s.id in done}
    return (s for s in steps if s.kind == POSTGRESQL_REPLICATE.name and s.id in done - undone - ended)


def _began(step: Step) -> str:
    """The step whose replication this one ends."""
    return str(step.parameters["replicate_step"])


def _of(folder: Path, step: Step, parameters: ReplicateParameters, environment: Mapping[str, str]) -> RunLag:
    note: dict[str, Any] = json.loads((folder / f"replication-{step.id}.json").read_bytes())
    lag = lag_of(parameters.source, environment, note["name"])
    if lag is None:
        raise StepError(
            f"{parameters.source.name}: the slot {note['name']} is gone, so the target misses changes. Undo the run, and start a new one."
        )
    return RunLag(parameters.database, parameters.source.name, parameters.target.name, lag.bytes, lag.is_followed)
