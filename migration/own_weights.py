"""A council's own weights for the score: a reviewed file that says of each weight it changes who, why and when.

The weights that it does not name stay as `weights.toml` has them. Weights are of the whole estate, so where anything is wrong in the
file nothing is assessed by it: every fault is told at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from migration.errors import MigrationError
from migration.knowledge.check import weight_faults
from migration.knowledge.model import WeightGroup, Weights
from migration.overrules import day_as_written
from migration.written import read_toml

FORMAT: Final = "cloud-unless/council-weights/1"


class OwnWeight(BaseModel):
    """One weight that a council changes. `by` is a name and a role, `on` the day of the decision."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    group: str = Field(min_length=1)
    weight: int = Field(ge=0, le=100, strict=True)
    because: str = Field(min_length=1)
    by: str = Field(min_length=1)
    on: Annotated[date, BeforeValidator(day_as_written)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal["cloud-unless/council-weights/1"]
    weight: tuple[OwnWeight, ...] = ()


def read_own_weights(path: Path, shown_as: str, weights: Weights, day: date) -> Weights:
    """The weights as a council's file changes them, as on that day. Raises MigrationError with every fault of the file."""
    entries = _entries(path, shown_as)
    if faults := list(_faults(entries, shown_as, weights, day)):
        raise MigrationError(*faults)
    own = {e.group: e for e in entries}
    made = replace(weights, groups=tuple(_changed(g, own[g.id]) if g.id in own else g for g in weights.groups))
    if faults := list(weight_faults(made, shown_as)):
        raise MigrationError(*faults)
    return made


def _entries(path: Path, shown_as: str) -> tuple[OwnWeight, ...]:
    held = read_toml(path, shown_as, FORMAT)
    try:
        return _File.model_validate(held).weight
    except ValidationError as wrong:
        raise MigrationError(*(_sentence(shown_as, e["loc"], e["msg"]) for e in wrong.errors())) from wrong


def _sentence(file: str, place: Sequence[int | str], what: str) -> str:
    entry = next((f", entry {p + 1}" for p in place if isinstance(p, int)), "")
    key = next((f", key {p}" for p in reversed(place) if isinstance(p, str)), "")
    return f"{file}{entry}{key}: {what.removeprefix('Value error, ').rstrip('.')}. Correct it."


def _faults(entries: Sequence[OwnWeight], file: str, weights: Weights, day: date) -> Iterator[str]:
    known = [g.id for g in weights.groups]
    for number, entry in enumerate(entries, 1):
        where = f"{file}, entry {number} ({entry.group})"
        if entry.group not in known:
            yield f"{where}: no group has this name. Give one of {', '.join(known)}."
        if entry.group in [e.group for e in entries[: number - 1]]:
            yield f"{where}: the group is weighed twice. Keep one of the two."
        if entry.on > day:
            yield f"{where}: it is decided on {entry.on}, which is after the assessment on {day}. Correct the date."


def _changed(group: WeightGroup, entry: OwnWeight) -> WeightGroup:
    return replace(group, weight=entry.weight, reason=f"{entry.because} ({entry.by})", date=entry.on)
