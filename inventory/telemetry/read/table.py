"""A plain spreadsheet or CSV of samples: a row for each server and time, known by its headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from itertools import islice
from typing import Final

from inventory.model import Fault
from inventory.spreadsheets.cells import Cell, shown
from inventory.spreadsheets.grid import Grid, UnreadableError
from inventory.spreadsheets.numbers import split_number
from inventory.telemetry.metrics import vocabulary
from inventory.telemetry.read.model import Gathering, Misfits, named
from inventory.telemetry.read.moments import NotAMomentError, moment
from inventory.text import clean, key

_HEAD_ROWS: Final = 20
_NOTHING: Final = {"", "-", "n/a", "na", "#n/a", "null", "none", "nan", "unknown"}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a sheet's samples are: the column of the server, of the time and of each metric, and the row of the headings."""

    server: int
    at: int
    metrics: Mapping[str, int]
    headings: Sequence[str]
    row: int


def columns_of(grid: Grid) -> Columns | None:
    """The columns, when one of the sheet's first rows names a server, a time and something that is measured; else None."""
    try:
        for line in islice(grid.lines(), _HEAD_ROWS):
            if not isinstance(line, Fault) and (found := _columns(line[0], [clean(shown(c)[:200]) for c in line[1]])):
                return found
    except UnreadableError:
        return None
    return None


def read_table(grid: Grid, columns: Columns, file: str, zone: tzinfo, gathering: Gathering) -> tuple[Fault, ...]:
    """Gather the samples of a sheet; what is wrong with rows comes back, and those rows are left out."""
    misfits = Misfits(file, grid.sheet)
    try:
        for line in grid.lines():
            if isinstance(line, Fault):
                misfits.add(line.row, "", line.what, line.remedy)
            elif line[0] > columns.row and any(c not in (None, "") for c in line[1]):
                _row(line[0], line[1], columns, zone, gathering, misfits)
    except UnreadableError as wrong:
        return (*misfits.faults(), wrong.fault)
    return misfits.faults()


def _columns(row: int, headings: list[str]) -> Columns | None:
    server, at, metrics = _known()
    found: dict[str, int] = {}
    places = {"server": -1, "at": -1}
    for index, heading in enumerate(headings):
        folded = key(heading)
        for place, known in (("server", server), ("at", at)):
            if folded in known and places[place] < 0:
                places[place] = index
        if folded in metrics:
            found.setdefault(metrics[folded], index)
    if min(places.values()) < 0 or not found:
        return None
    return Columns(places["server"], places["at"], found, headings, row)


@cache
def _known() -> tuple[frozenset[str], frozenset[str], Mapping[str, str]]:
    held = vocabulary()
    metrics = {key(h): m.name for m in held.metrics.values() for h in m.headings}
    return frozenset(map(key, held.server)), frozenset(map(key, held.at)), metrics


def _row(row: int, cells: Sequence[Cell], columns: Columns, zone: tzinfo, gathering: Gathering, misfits: Misfits) -> None:
    def cell(index: int) -> Cell:
        return cells[index] if index < len(cells) else None

    server = named(shown(cell(columns.server)))
    if not server:
        misfits.add(row, columns.headings[columns.server], "The row names no server.", "Write the server's name into every row.")
        return
    try:
        at = moment(cell(columns.at), zone)
    except NotAMomentError as wrong:
        what = f"The time {_quoted(cell(columns.at))} {wrong}."
        misfits.add(row, columns.headings[columns.at], what, "Write it as 2026-11-25 14:05, with or without an offset such as +01:00.")
        return
    figures: dict[str, float] = {}
    for metric, index in columns.metrics.items():
        held = _figure(cell(index))
        if isinstance(held, float):
            figures[metric] = held
        elif held is not None:
            misfits.add(
                row, columns.headings[index], f"{held} is no number.", "Correct the cell, or leave it empty when nothing was measured."
            )
    gathering.add(server, at, figures)


def _figure(cell: Cell) -> float | str | None:
    """The number of a cell, None when it says nothing, else the cell as a fault quotes it. A per cent sign may follow."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell)
    text = shown(cell).strip() if not isinstance(cell, bool) else ""
    if text.casefold() in _NOTHING:
        return None
    try:
        return float(text)
    except ValueError:
        found = split_number(text)
        return float(found[0]) if found and found[1] in ("", "%") else _quoted(cell)


def _quoted(cell: Cell) -> str:
    return f"“{clean(shown(cell))[:40]}”"
