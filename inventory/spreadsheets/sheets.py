"""One sheet to rows and faults: find its headings, then read every cell that a field needs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from inventory.model import Fault
from inventory.rows import Row, SheetReading, Value
from inventory.sources import shared
from inventory.spreadsheets.cells import Bad, Cell, parse, shown
from inventory.spreadsheets.grid import Grid, Line, UnreadableError
from inventory.spreadsheets.layouts import unused_rows, unused_sheets
from inventory.spreadsheets.recognise import HEAD_ROWS, MOST_COLUMNS, Column, Recognised, by_field, recognise
from inventory.spreadsheets.unused import misspelt, note, unused_columns
from inventory.text import clean, key

MOST_FAULTS = 2000
_MOST_KNOWN = 50_000
_TOLD_EVERY = 1000

Columns = Mapping[str, tuple[Column, ...]]
Known = dict[tuple[int, str], "Value | Bad | None"]


@dataclass(frozen=True, slots=True)
class _Table:
    """How the rows of a recognised sheet are read. `width` is how many cells can stand under headings."""

    found: Recognised
    columns: Columns
    width: int
    known: Known


def _nobody(_: int) -> None:
    """Nobody asked how far the reading is."""


def read_sheet(
    grid: Grid, file: str, read_on: date, on_rows: Callable[[int], None] = _nobody
) -> tuple[SheetReading, list[Row], list[Fault]]:
    """What the sheet was recognised as, its good rows, and its faults; never raises for what is wrong with it.

    `on_rows` hears from time to time how many rows have been read.
    """
    head, stopped, spoilt = _head(grid)
    found = recognise([cells for _, cells in head], grid.hint)
    if (stopped or spoilt) and (found is None or not found.is_sure):
        return SheetReading(grid.sheet, "", 0, "not readable", is_whole=False), [], [*spoilt, *([stopped] if stopped else [])]
    if not head:
        return SheetReading(grid.sheet, "", 0, "empty"), [], []
    if found is None or not found.is_sure:
        return _unrecognised(grid, file, head, found)
    if found.layout.kind == "none":
        return SheetReading(grid.sheet, found.layout.name, 0, found.layout.why_unused), [], []
    return _read_table(grid, Row(found.layout.name, file, grid.sheet, head[found.head_rows - 1][0], read_on, {}, {}), found, on_rows)


def _head(grid: Grid) -> tuple[list[Line], Fault | None, list[Fault]]:
    """The first rows that are not blank, why reading stopped among them if it did, and the faults of those that are spoilt."""
    head: list[Line] = []
    spoilt: list[Fault] = []
    try:
        for line in _filled(grid.lines()):
            if isinstance(line, Fault):
                spoilt.append(line)
            else:
                head.append(line)
            if len(head) == HEAD_ROWS:
                break
    except UnreadableError as wrong:
        return head, wrong.fault, spoilt
    return head, None, spoilt


def _filled(lines: Iterator[Line | Fault]) -> Iterator[Line | Fault]:
    """The rows that are not blank, and the faults of those that are spoilt."""
    return (line for line in lines if isinstance(line, Fault) or any(_is_filled(c) for c in line[1]))


def _is_filled(cell: Cell) -> bool:
    return cell not in ("", None) and (not isinstance(cell, str) or bool(cell.strip()))


def _unrecognised(grid: Grid, file: str, head: Sequence[Line], found: Recognised | None) -> tuple[SheetReading, list[Row], list[Fault]]:
    """Says what was seen and what the nearest layout lacks; a fault in a CSV or a near miss, a note in a workbook."""
    number, cells = head[found.head_rows - 1] if found else max(head, key=lambda line: sum(bool(shown(c)) for c in line[1]))
    near = _near(found)
    if grid.sheet and (not near or key(grid.sheet) in unused_sheets()):
        return SheetReading(grid.sheet, "", 0, "not recognised, so not used", is_foreign=True), [], []
    seen = [t for c in cells if (t := clean(shown(c))[:40])]
    listed = ", ".join(seen[:12]) + (f" and {len(seen) - 12} more" if len(seen) > 12 else "")
    what = f"No layout has these headings: {listed}.{near}"
    remedy = "Name the headings as docs/guides/import.md lists them, and import it again."
    return SheetReading(grid.sheet, "", 0, "not recognised", is_foreign=not near), [], [Fault(file, what, remedy, grid.sheet, number)]


def _near(found: Recognised | None) -> str:
    if found is None or found.matched < 2 or (found.lacks and found.matched < 3):
        return ""
    missing = list(found.lacks) or [r.headings[0] for r in found.layout.fields.values() if r.name not in found.fields]
    return f" The nearest layout is {found.layout.name}, and it lacks {', '.join(missing[:8])}{' and others' if len(missing) > 8 else ''}."


def _read_table(grid: Grid, head: Row, found: Recognised, on_rows: Callable[[int], None]) -> tuple[SheetReading, list[Row], list[Fault]]:
    """The rows below the row of headings."""
    rows: list[Row] = []
    faults: list[Fault] = []
    table = _Table(found, by_field(found.columns), _width(found), {})
    unseen, unused, is_whole = dict(unused_columns(found)), dict[int, str](), True
    try:
        for line in _filled(grid.lines()):
            if isinstance(line, Fault):
                faults.append(line)
            elif line[0] > head.row:
                row, wrong = _row(replace(head, row=line[0]), line[1], table)
                faults.extend(wrong)
                rows.extend([row] if row else [])
                if unseen:
                    unused |= {n: unseen.pop(n) for n in list(unseen) if n < len(line[1]) and _is_filled(line[1][n])}
                if line[0] % _TOLD_EVERY == 0:
                    on_rows(line[0])
    except UnreadableError as stopped:
        faults.append(stopped.fault)
        is_whole = False
    faults += _fractions(rows, found)
    slips = [_slip(n, unused.pop(n), near, head) for n, near in _misspelt(unused, found).items()]
    told = SheetReading(grid.sheet, found.layout.name, len(rows), note(unused, found), is_whole=is_whole)
    return told, rows, _bounded([*slips, *faults], head.file, grid.sheet)


def _width(found: Recognised) -> int:
    """How many cells a row can have under headings; no limit where so many headings stand that not all were looked at."""
    return max((n for n, of in enumerate(found.headings, 1) if of), default=0) if len(found.headings) < MOST_COLUMNS else sys.maxsize


def _misspelt(unused: Mapping[int, str], found: Recognised) -> dict[int, str]:
    return {n: near for n, heading in unused.items() if (near := misspelt(heading, found))}


def _slip(index: int, heading: str, near: str, head: Row) -> Fault:
    what = f"No heading is called this, so column {index + 1} was not read."
    remedy = f"Did you mean {near}? Then correct it, and import the file again; else choose a heading that is less like it."
    return Fault(head.file, what, remedy, head.sheet, head.row, heading[:60])


def _fractions(rows: list[Row], found: Recognised) -> list[Fault]:
    """Per cent that a spreadsheet hands over as fractions (0.85 shown as 85 %): said once, and none of them believed."""
    faults: list[Fault] = []
    for column in found.columns:
        field = column.rule.name
        held = [v for r in rows if isinstance(v := r.values.get(field), float)]
        if column.rule.type != "percent" or len(held) < 3 or max(held) > 1 or all(v.is_integer() for v in held):
            continue
        what = "No value is above 1, so these are fractions and not per cent, or nothing is ever used; none was taken."
        faults.append(Fault(rows[0].file, what, "Multiply the column by 100, as plain numbers.", rows[0].sheet, 0, column.heading))
        rows[:] = [replace(r, values={f: v for f, v in r.values.items() if f != field}) for r in rows]
    return faults


def _bounded(faults: list[Fault], file: str, sheet: str) -> list[Fault]:
    """Nobody reads more; the rest is counted."""
    if len(faults) <= MOST_FAULTS:
        return faults
    more = Fault(file, f"{len(faults) - MOST_FAULTS:,} more faults follow.", "Mend those above first, and import it again.", sheet)
    return [*faults[:MOST_FAULTS], more]


def _row(empty: Row, cells: Sequence[Cell], table: _Table) -> tuple[Row | None, list[Fault]]:
    """The row as its good cells, unless a required one is missing or bad; and a fault for every bad cell.

    Of a row of a CSV with more cells than headings only the required ones are read: a separator that stands in a cell without
    quotation marks moves all that follow it under the wrong headings.
    """
    values: dict[str, Value] = {}
    headings: dict[str, str] = {}
    found, columns = table.found, table.columns
    faults = _too_wide(empty, cells, table.width)
    if faults and not empty.sheet:
        columns = {field: of for field, of in columns.items() if field in found.layout.required}
    for field, of in columns.items():
        value, heading, wrong = _field(cells, of, table.known)
        faults.extend(Fault(empty.file, b.what, b.remedy, empty.sheet, empty.row, h) for h, b in wrong)
        if value is not None:
            values[field], headings[field] = value, heading
        elif wrong:
            headings[field] = wrong[0][0]
    if key(str(values.get("name", ""))) in unused_rows():
        what = "The row looks like a total, so it was not read."
        return None, [Fault(empty.file, what, "Remove it, or give the thing another name.", empty.sheet, empty.row, headings["name"])]
    faulty = {f.column for f in faults}
    for field in found.layout.required:
        heading = columns[field][0].heading
        if field not in values and heading not in faulty:
            remedy = "Fill it in, or remove the row."
            faults.append(
                Fault(
                    empty.file, f"The row has no {found.layout.fields[field].headings[0].lower()}.", remedy, empty.sheet, empty.row, heading
                )
            )
    if any(field not in values for field in found.layout.required):
        return None, faults
    return Row(empty.layout, empty.file, empty.sheet, empty.row, empty.read_on, values, shared(headings)), faults


def _too_wide(empty: Row, cells: Sequence[Cell], width: int) -> list[Fault]:
    if len(cells) <= width:
        return []
    extra = [clean(shown(c))[:40] for c in cells[width:] if _is_filled(c)]
    if not extra:
        return []
    listed = ", ".join(extra[:5]) + (f" and {len(extra) - 5} more" if len(extra) > 5 else "")
    what = f"The row has more cells than there are headings: {listed}."
    if not empty.sheet:
        what += " Nobody can tell which cells belong under which headings, so only its name was read."
        return [Fault(empty.file, what, "Put quotation marks round a cell that holds the separator, or remove the cells.", "", empty.row)]
    return [Fault(empty.file, what, "Remove them, or write a heading above them.", empty.sheet, empty.row)]


def _parsed(cell: Cell, column: Column, known: Known) -> Value | Bad | None:
    """The cell's value. Most cells of a column say what another says: those are read once, and held once."""
    if not isinstance(cell, str):
        return parse(cell, column.rule, column.unit)
    place = (column.index, cell)
    if place in known:
        return known[place]
    value = parse(cell, column.rule, column.unit)
    if len(known) < _MOST_KNOWN:
        known[place] = value
    return value


def _field(cells: Sequence[Cell], columns: Sequence[Column], known: Known) -> tuple[Value | None, str, list[tuple[str, Bad]]]:
    """The field's value from the first of its columns that has one, or their sum; its heading; what is wrong."""
    wrong: list[tuple[str, Bad]] = []
    good: list[tuple[Value, str]] = []
    for column in columns:
        cell = cells[column.index] if column.index < len(cells) else None
        value = _parsed(cell, column, known)
        if isinstance(value, Bad):
            wrong.append((column.heading, value))
        elif value is not None:
            good.append((value, column.heading))
            if column.rule.gather != "sum":
                break
    if not good or (wrong and columns[0].rule.gather == "sum"):
        return None, "", wrong
    if len(good) == 1:
        return *good[0], wrong
    total = sum((Fraction(str(v)) for v, _ in good), Fraction(0))
    return round(float(total), 6), f"{good[0][1]} to {good[-1][1]}, added up", wrong
