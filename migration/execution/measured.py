"""What runs have taken: minutes by kind of step, there and back, from the journals. Estimates give way to it, plans learn from it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from migration import journal as journals
from migration.errors import MigrationError
from migration.journal import Record

_P95: Final = 0.95


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of one run: its kind, whether it was the way back, and the minutes from its first intent to its receipt."""

    run: str
    step: str
    kind: str
    is_back: bool
    minutes: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The 95th percentiles, in whole minutes rounded up, by kind of step: `there` and `back`; `times` how often each was measured."""

    there: Mapping[str, int] = field(default_factory=dict[str, int])
    back: Mapping[str, int] = field(default_factory=dict[str, int])
    times: Mapping[str, int] = field(default_factory=dict[str, int])


def measured(taken: Iterable[Taken]) -> Measured:
    """Exact 95th percentiles by nearest rank: a length that was measured, never one between two."""
    there: dict[str, list[float]] = {}
    back: dict[str, list[float]] = {}
    for t in taken:
        (back if t.is_back else there).setdefault(t.kind, []).append(t.minutes)
    return Measured(_p95(there), _p95(back), {k: len(v) for k, v in there.items()})


def _p95(held: Mapping[str, Sequence[float]]) -> dict[str, int]:
    return {kind: math.ceil(sorted(v)[math.ceil(_P95 * len(v)) - 1]) for kind, v in held.items()}


def of_runs(runs: Path) -> tuple[Taken, ...]:
    """Every finished step of every run of the folder, rehearsals too. A damaged journal tells nothing."""
    made: list[Taken] = []
    for file in sorted(runs.glob("*/journal.jsonl")):
        try:
            records, _ = journals.read(file)
        except MigrationError:
            continue
        made += of_journal(file.parent.name, records)
    return tuple(made)


def of_journal(run: str, records: Sequence[Record]) -> Iterator[Taken]:
    """The finished steps of one run. The time in which nobody worked on it (from a fault to the next resume) is not the step's."""
    begun: dict[tuple[str, bool], Record] = {}
    idle: dict[tuple[str, bool], float] = {}
    stopped: datetime | None = None
    for r in records:
        at, way = datetime.fromisoformat(r.at), r.kind.startswith("undo-")
        if r.kind in ("fault", "undo-fault"):
            stopped = at
        elif stopped is not None:
            for key in begun:
                idle[key] = idle.get(key, 0) + (at - stopped).total_seconds() / 60
            stopped = None
        if r.kind in ("intent", "undo-intent"):
            begun.setdefault((r.step, way), r)
        elif r.kind in ("receipt", "undo-receipt") and (first := begun.pop((r.step, way), None)):
            minutes = (at - datetime.fromisoformat(first.at)).total_seconds() / 60 - idle.pop((r.step, way), 0)
            kind = _kind_of(records, r.step)
            yield Taken(run, r.step, kind, way, max(minutes, 0))


def _kind_of(records: Sequence[Record], step: str) -> str:
    return next(str(r.body["kind"]) for r in records if r.step == step and r.kind in ("intent", "undo-intent"))
