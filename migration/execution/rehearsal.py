"""A rehearsal: the very runbook, digest and all, carried out on stand-ins up to its point of no return, and then undone.

The stand-ins are places of the same kinds, written in a file like targets.toml: servers, shares and stores that nobody misses. What is
rehearsed is every step, its reading back and its undoing; what is not is whatever only the real places can show.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from inventory.whole import write_whole
from migration import journal as journals
from migration.errors import MigrationError
from migration.journal import Record
from migration.runbooks.model import Runbook, Step

FILE: Final = "stand-ins.json"


@dataclass(frozen=True, slots=True)
class StandIns:
    """The parameters that each step has in a rehearsal, by the step's id."""

    parameters: Mapping[str, Mapping[str, Any]]

    @property
    def digest(self) -> str:
        """SHA-256 of them, which the journal keeps."""
        return f"sha256:{hashlib.sha256(_text(self.parameters).encode('ascii')).hexdigest()}"

    def write(self, folder: Path) -> None:
        """Keep them in the run's folder."""
        write_whole(folder / FILE, _text(self.parameters).encode("ascii"))


def stand_ins(runbook: Runbook, standing_in: Runbook) -> StandIns:
    """What stands in for the places of a runbook: the same plan, compiled with other places.

    Raises MigrationError with each step that the two do not share, and when nothing stands in: a rehearsal never touches the real places.
    """
    mine, theirs = ({s.id: s for s in r.steps} for r in (runbook, standing_in))
    wrong = [f"the stand-ins have no step {i}" for i in mine if i not in theirs]
    wrong += [f"the runbook has no step {i}" for i in theirs if i not in mine]
    wrong += [f"step {i} is {mine[i].kind} and {theirs[i].kind}" for i in mine if i in theirs and mine[i].kind != theirs[i].kind]
    if wrong:
        raise MigrationError(*(f"{runbook.id}: {what}. Give the stand-ins the shares and targets of the real places." for what in wrong))
    places = ((i, k, place) for i, s in mine.items() for k, place in s.parameters.items() if _is_place(place))
    real = [(i, k) for i, k, place in places if place == theirs[i].parameters.get(k)]
    if real:
        raise MigrationError(*(f"{runbook.id}, step {i}: nothing stands in for its {k}. Write another place for it." for i, k in real))
    return StandIns({i: s.parameters for i, s in theirs.items()})


def _is_place(value: object) -> bool:
    """A server, a share or a store, or several: what a step of a program reaches out to."""
    return isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str))


def read(folder: Path, opened: Record) -> StandIns | None:
    """The stand-ins of a run, None when it is no rehearsal. Raises MigrationError when they are not those that it began with."""
    if not is_rehearsal(opened):
        return None
    try:
        held = StandIns(json.loads((folder / FILE).read_bytes()))
    except (OSError, ValueError) as wrong:
        raise MigrationError(f"{folder / FILE} cannot be read ({wrong}). Restore it from its backup, or rehearse again.") from wrong
    if held.digest != opened.body.get("stand_ins"):
        raise MigrationError(f"{folder / FILE} is not what this rehearsal began with. Restore it from its backup, or rehearse again.")
    return held


def is_rehearsal(opened: Record) -> bool:
    """Whether the run whose journal begins so is a rehearsal."""
    return bool(opened.body.get("stand_ins"))


def rehearsed(runbook: Runbook) -> tuple[Step, ...]:
    """The steps that a rehearsal carries out: those before the point of no return."""
    steps = runbook.steps
    line = runbook.point_of_no_return
    return steps[: steps.index(line)] if line else steps


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One rehearsal that went all the way and back: its run, when it ended, and the digest of its journal's last record."""

    run: str
    ended: datetime
    digest: str


def last_of(runs: Path, runbook_digest: str) -> Rehearsed | None:
    """The last rehearsal of the runbook of this digest that was undone to its end, if any. A damaged journal counts for nothing."""
    held = [r for f in sorted(runs.glob("*/journal.jsonl")) if (r := _of(f, runbook_digest))]
    return max(held, key=lambda r: (r.ended, r.run), default=None)


def _of(file: Path, runbook_digest: str) -> Rehearsed | None:
    try:
        records, _ = journals.read(file)
    except MigrationError:
        return None
    if not records or not is_rehearsal(records[0]) or records[0].body.get("runbook") != runbook_digest:
        return None
    if not _went_all_the_way(records):
        return None
    return Rehearsed(file.parent.name, datetime.fromisoformat(records[-1].at), records[-1].digest)


def _went_all_the_way(records: Sequence[Record]) -> bool:
    kinds = [r.kind for r in records]
    return "rehearsed" in kinds and kinds[-1] == "undo-closed"


def _text(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
