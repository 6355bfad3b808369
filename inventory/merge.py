"""Rows that speak of the same thing, made one: later files win field by field, and every field keeps its source."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar, cast

from inventory.model import Fault, Source, Sources
from inventory.rows import Row, Value
from inventory.spreadsheets.layouts import Layout, layouts

K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class Merged:
    """What all files say of one thing. `first` is the row that named it first; `unread` are the fields that one stated badly."""

    first: Row
    values: Mapping[str, Value]
    sources: Sources
    unread: Sources

    def fault(self, field: str, what: str, remedy: str) -> Fault:
        """A fault where `field` came from."""
        source = self.sources[field]
        return Fault(source.file, what, remedy, source.sheet, source.row, source.column)


def merge(rows: Sequence[Row], identify: Callable[[Row], K | None], faults: list[Fault]) -> dict[K, Merged]:
    """Rows (in the order of their files' import) by what they speak of.

    `identify` gives None for a row that it has put into `faults`. Two rows of one sheet that define the same thing are
    a fault, and the first counts; rows that only add to a thing (`vPartition`) are gathered first, and make no thing.
    """
    said: dict[K, list[Row]] = {}
    defined: set[K] = set()
    for of_file in _by_file(rows):
        for layout, of_layout in _by_rank(of_file):
            keyed = [(k, row) for row in of_layout if (k := identify(row)) is not None]
            for thing, row in _once(keyed, faults) if layout.defines else _gathered(keyed, layout):
                said.setdefault(thing, []).append(row)
                if layout.defines:
                    defined.add(thing)
    return {thing: _merged(of) for thing, of in said.items() if thing in defined}


def _merged(rows: Sequence[Row]) -> Merged:
    """Later rows overrule each field that they state."""
    if len(rows) == 1:
        return Merged(rows[0], rows[0].values, rows[0].sources, rows[0].unread)
    values: dict[str, Value] = {}
    sources: dict[str, Source] = {}
    unread: dict[str, Source] = {}
    for row in rows:
        values |= row.values
        sources |= row.sources
        unread |= row.unread
    return Merged(next(r for r in rows if layouts()[r.layout].defines), values, sources, unread)


def _by_file(rows: Sequence[Row]) -> Iterable[list[Row]]:
    by_file: dict[str, list[Row]] = {}
    for row in rows:
        by_file.setdefault(row.file, []).append(row)
    return by_file.values()


def _by_rank(rows: Sequence[Row]) -> list[tuple[Layout, list[Row]]]:
    by_layout: dict[str, list[Row]] = {}
    for row in rows:
        by_layout.setdefault(row.layout, []).append(row)
    return sorted(((layouts()[name], of) for name, of in by_layout.items()), key=lambda pair: pair[0].rank)


def _once(keyed: Sequence[tuple[K, Row]], faults: list[Fault]) -> Iterable[tuple[K, Row]]:
    seen: dict[K, Row] = {}
    for thing, row in keyed:
        if thing in seen:
            there = seen[thing]
            where = f"row {there.row}" if there.sheet == row.sheet else f"sheet {there.sheet}, row {there.row}"
            first = next(iter(row.values), "")
            what = f"{row.values.get('name', 'This')} stands here and in {where}; only the first counts."
            faults.append(
                row.fault(
                    "name" if "name" in row.columns else first, what, "Remove the one that is wrong, or give the two different names."
                )
            )
        else:
            seen[thing] = row
    return seen.items()


def _gathered(keyed: Sequence[tuple[K, Row]], layout: Layout) -> Iterable[tuple[K, Row]]:
    by_thing: dict[K, list[Row]] = {}
    for thing, row in keyed:
        by_thing.setdefault(thing, []).append(row)
    return ((thing, _gather(of, layout)) for thing, of in by_thing.items())


def _gather(rows: Sequence[Row], layout: Layout) -> Row:
    """One row for several: fields that add up are summed (the heading says over how many rows), lists joined, others the first stated."""
    values: dict[str, Value] = {}
    columns: dict[str, str] = {}
    for name, rule in layout.fields.items():
        stating = [r for r in rows if name in r.values]
        spoilt = rule.gather == "sum" and any(name in r.columns and name not in r.values for r in rows)
        if not stating or spoilt or name == "name":
            continue
        values[name], columns[name] = stating[0].values[name], stating[0].columns[name]
        if rule.gather == "sum" and len(stating) > 1:
            values[name] = round(float(sum((Fraction(str(r.values[name])) for r in stating), Fraction(0))), 6)
            columns[name] += f", added up over {len(stating)} rows"
        elif rule.gather == "list":
            values[name] = tuple(dict.fromkeys(said for r in stating for said in cast("tuple[str, ...]", r.values[name])))
    return replace(rows[0], values=values, columns=columns)
