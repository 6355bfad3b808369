"""Which layout a sheet is, and which of its first rows holds the headings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from inventory.spreadsheets.cells import Cell, shown
from inventory.spreadsheets.layouts import LONGEST_HEADING, FieldRule, Layout, layouts, meanings
from inventory.text import clean, key

HEAD_ROWS = 20
MOST_COLUMNS = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a layout needs: its place (from 0), its heading as written, its field, and the unit it names."""

    index: int
    heading: str
    rule: FieldRule
    order: int
    unit: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A sheet's layout, its columns, and how many rows (from the sheet's top) stand above the first row of data.

    `headings` are those of every column of the sheet, each column's in the order in which they were tried.
    """

    layout: Layout
    columns: tuple[Column, ...]
    head_rows: int
    matched: int
    headings: Sequence[tuple[str, ...]] = ()

    @property
    def fields(self) -> set[str]:
        """The fields that have a column."""
        return {c.rule.name for c in self.columns}

    @property
    def lacks(self) -> tuple[str, ...]:
        """The first heading of every field without which the layout is not recognised."""
        return tuple(self.layout.fields[f].headings[0] for f in self.layout.needs if f not in self.fields)

    @property
    def is_sure(self) -> bool:
        """Whether the headings suffice."""
        return not self.lacks and self.matched >= self.layout.least


def recognise(head: Sequence[Sequence[Cell]], sheet: str) -> Recognised | None:
    """The best reading of the sheet's first rows, sure or not; None when no heading means anything.

    `sheet` (or a file's name) settles it between layouts that both fit, as RVTools' sheets have fixed names. A header
    of two rows, the upper one merged over several columns, is taken where it says more than either row alone. Where
    none suffices, the widest row is taken for that of the headings: words such as Database stand in rows of data too.
    """
    readings = [found for candidate in _candidates(head) for found in candidate]
    best = max(readings, key=lambda found: _merit(found, sheet), default=None)
    if best is None or best.is_sure:
        return best
    widest = max(range(len(head)), key=lambda n: sum(bool(shown(c)) for c in head[n])) + 1
    return max((found for found in readings if found.head_rows == widest), key=lambda found: _merit(found, sheet), default=None)


def _merit(found: Recognised, sheet: str) -> tuple[bool, bool, int, int, int]:
    named = bool(found.layout.sheet) and key(found.layout.sheet) in key(sheet)
    return found.is_sure, named, found.matched, -len(found.lacks), -found.head_rows


def _candidates(head: Sequence[Sequence[Cell]]) -> Iterator[list[Recognised]]:
    """Each row, and each two that follow one another, read as headings of every layout that they fit at all."""
    rows = [[clean(shown(c)[:LONGEST_HEADING]) for c in row[:MOST_COLUMNS]] for row in head[:HEAD_ROWS]]
    singles = [_matches([(h,) if h else () for h in row], n + 1) for n, row in enumerate(rows)]
    for n, single in enumerate(singles):
        yield list(single.values())
        if n + 1 < len(rows):
            both = _matches(_joined(rows[n], rows[n + 1]), n + 2)
            alone = (single, singles[n + 1])
            yield [b for name, b in both.items() if all(b.matched > s[name].matched for s in alone if name in s)]


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[tuple[str, ...]]:
    """For each column the headings it may bear: both rows together, the lower, the upper. Merged cells spread right."""
    made: list[tuple[str, ...]] = []
    spread = ""
    for above, below in zip_longest(upper, lower, fillvalue=""):
        spread = above or (spread if below else "")
        made.append(tuple(h for h in (f"{spread} {below}".strip(), below, above) if h))
    return made


def _matches(headings: Sequence[tuple[str, ...]], head_rows: int) -> dict[str, Recognised]:
    """The row's reading in every layout of which it has a field, by the layout's name."""
    columns: dict[str, list[Column]] = {}
    known: dict[str, set[str]] = {}
    for index, choices in enumerate(headings):
        settled: set[str] = set()
        for heading in choices:
            for layout, meant in meanings(heading).items():
                if layout in settled:
                    continue
                settled.add(layout)
                if meant.rule is None:
                    known.setdefault(layout, set()).add(heading)
                else:
                    columns.setdefault(layout, []).append(Column(index, heading, meant.rule, meant.order, meant.unit))
    counted = {name: len({c.rule.name for c in of}) + len(known.get(name, ())) for name, of in columns.items()}
    return {name: Recognised(layouts()[name], tuple(of), head_rows, counted[name], headings) for name, of in columns.items()}


def by_field(columns: Sequence[Column]) -> Mapping[str, tuple[Column, ...]]:
    """The columns of each field, the one to be preferred first."""
    made: dict[str, list[Column]] = {}
    for column in sorted(columns, key=lambda c: (c.order, c.index)):
        made.setdefault(column.rule.name, []).append(column)
    return {field: tuple(of) for field, of in made.items()}
