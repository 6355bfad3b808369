"""The business case as a workbook with live formulas, in pounds. Every formula holds its result, for viewers that do not calculate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any, cast

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell as cell_at
from xlsxwriter.worksheet import Worksheet

from migration.business_case.appraise import present_by_year
from migration.business_case.case_file import CaseFile
from migration.business_case.model import BusinessCase, Choice, Key, Line, Published, Quantity, Way
from migration.business_case.sensitivity import Swing, net_saving_pence

_LIVE = (Key.DAY_RATE, Key.CLOUD_GROWTH, Key.CLOUD_CHANGE, Key.EXTENDED_SUPPORT, Key.DECOMMISSION, Key.EXIT)
_FIRST = 3
"""Row of the first assumption, counted from 0; the discount rate is in the row above."""


def workbook(made: BusinessCase, case: CaseFile, swings: Sequence[Swing] = ()) -> bytes:
    """The workbook: the same case gives the same bytes. Text that begins like a formula stays text."""
    into = BytesIO()
    with Workbook(into, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        created = datetime.combine(made.starts, time(tzinfo=UTC))
        cast("Any", book).set_properties({"title": "Business case", "created": created})
        summary = _sheet(book, "Summary")
        places = _assumptions(_sheet(book, "Assumptions"), made, case)
        totals = {w.choice: _way(_sheet(book, w.choice.value.capitalize()), w, made, places) for w in made.ways}
        _summary(book, summary, made, totals)
        _tornado(book, _sheet(book, "Tornado"), swings)
        _texts(_sheet(book, "Sources"), ("Choice", "Line", "Rests on"), _sources(made))
        _texts(_sheet(book, "Not in this case"), ("What is left out",), ((m,) for m in made.missing))
    return into.getvalue()


def _assumptions(sheet: Worksheet, made: BusinessCase, case: CaseFile) -> dict[Key, str]:
    """The sheet of assumptions, and the cell of each that formulas use."""
    _row(sheet, 0, ("Assumption", "Value", "Low", "High", "Follows at once", "Source"))
    _row(sheet, 2, ("discount-percent", made.discount_percent, "", "", "yes", "[case.toml] discount_percent, or HM Treasury's Green Book"))
    for n, a in enumerate(case.assumption, _FIRST):
        low, high = ("" if v is None else v for v in (a.low, a.high))
        _row(sheet, n, (a.key.value, a.value, low, high, "yes" if a.key in _LIVE else "no: change case.toml", a.source))
    sheet.set_column(0, 5, 30)
    return {a.key: "Assumptions!" + cell_at(n, 1, True, True) for n, a in enumerate(case.assumption, _FIRST)}


def _way(sheet: Worksheet, way: Way, made: BusinessCase, places: dict[Key, str]) -> int:
    """The lines of one way by year, their sums, and the row of the sums."""
    names = made.year_names
    _row(sheet, 0, ("Line", "Kind", "Workload", "Service", *names, "Total"))
    for n, line in enumerate(way.lines, 1):
        _row(sheet, n, (line.name, line.kind.value, line.workload_id, line.service))
        for y, pence in enumerate(line.years):
            formula = _formula(line, y, places)
            _money(sheet, n, 4 + y, formula, pence)
        _money(sheet, n, 4 + len(names), f"=SUM({cell_at(n, 4)}:{cell_at(n, 3 + len(names))})", line.total)
    end = len(way.lines) + 1
    _row(sheet, end, ("Total, at least" if way.is_at_least else "Total",))
    for y, pence in enumerate((*way.years, way.total)):
        _money(sheet, end, 4 + y, f"=SUM({cell_at(1, 4 + y)}:{cell_at(end - 1, 4 + y)})", pence)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 4 + len(names), 16)
    sheet.freeze_panes(1, 1)
    return end


def _formula(line: Line, year: int, places: dict[Key, str]) -> str:
    """What the cell of a line's year follows from; "" where it is a figure of its own."""
    count = sum(1 for p in line.months[12 * year : 12 * year + 12] if p)
    match line.follows:
        case Quantity(number, key, is_monthly) if count and key in places:
            return f"=ROUND({places[key]}/12,2)*{count}" if is_monthly else f"=ROUND({number}*{places[key]},2)"
        case Published(pence) if count:
            change, growth = places.get(Key.CLOUD_CHANGE, "0"), places.get(Key.CLOUD_GROWTH, "0")
            return f"=ROUND(ROUND({pence}*(1+{change}/100),0)*(1+{growth}/100)^{year},0)*{count}/100"
        case _:
            return ""


def _summary(book: Workbook, sheet: Worksheet, made: BusinessCase, totals: dict[Choice, int]) -> None:
    """Totals, present values and savings of the three ways, with the charts of cash flow and of what is saved so far."""
    names, count = made.year_names, len(made.year_names)
    _row(sheet, 0, ("Pounds", *names, "Total"))
    for n, way in enumerate(made.ways):
        _row(sheet, 1 + n, (f"Cost: {way.choice.value}",))
        _row(sheet, 5 + n, (f"Present value: {way.choice.value}",))
        for y, (pence, present) in enumerate(zip(way.years, present_by_year(way.years, made.discount_percent), strict=True)):
            _money(sheet, 1 + n, 1 + y, f"={way.choice.value.capitalize()}!{cell_at(totals[way.choice], 4 + y)}", pence)
            _money(sheet, 5 + n, 1 + y, f"=ROUND({cell_at(1 + n, 1 + y)}/(1+Assumptions!$B$3/100)^{y},2)", present)
        total = sum(present_by_year(way.years, made.discount_percent))
        for row, pence in ((1 + n, way.total), (5 + n, total)):
            _money(sheet, row, 1 + count, f"=SUM({cell_at(row, 1)}:{cell_at(row, count)})", pence)
    _savings(sheet, made)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, count + 1, 16)
    _chart(book, sheet, "column", "Cost by financial year", (1, 2, 3), count, "A16")
    _chart(book, sheet, "line", "Saved so far by the plan", (11,), count, "A34")


def _savings(sheet: Worksheet, made: BusinessCase) -> None:
    """Net present savings of the minimum and the plan, and what the plan has saved by the end of each year."""
    count = len(made.year_names)
    for n, choice in enumerate((Choice.MINIMUM, Choice.PLAN)):
        _row(sheet, 9 + n, (f"Net present saving: {choice.value}",))
        formula = f"={cell_at(5, 1 + count)}-{cell_at(6 + n, 1 + count)}"
        _money(sheet, 9 + n, 1 + count, formula, net_saving_pence(made, choice))
    _row(sheet, 11, ("Saved so far by the plan",))
    saved = 0
    for y, (stay, plan) in enumerate(zip(made.way(Choice.STAY).years, made.way(Choice.PLAN).years, strict=True)):
        saved += stay - plan
        before = f"{cell_at(11, y)}+" if y else ""
        _money(sheet, 11, 1 + y, f"={before}{cell_at(1, 1 + y)}-{cell_at(3, 1 + y)}", saved)


def _sheet(book: Workbook, name: str) -> Worksheet:
    return cast("Any", book).add_worksheet(name)


def _new_chart(book: Workbook, kind: str) -> Any:
    return cast("Any", book).add_chart({"type": kind})


def _chart(book: Workbook, sheet: Worksheet, kind: str, title: str, rows: Sequence[int], count: int, place: str) -> None:
    chart = _new_chart(book, kind)
    for row in rows:
        chart.add_series(
            {"name": ["Summary", row, 0], "categories": ["Summary", 0, 1, 0, count], "values": ["Summary", row, 1, row, count]}
        )
    chart.set_title({"name": title})
    chart.set_y_axis({"name": "Pounds", "num_format": "#,##0"})
    chart.set_size({"width": 900, "height": 340})
    sheet.insert_chart(place, chart, {"description": title})


def _tornado(book: Workbook, sheet: Worksheet, swings: Sequence[Swing]) -> None:
    """The plan's net present saving at the low and the high end of each assumption: figures of the run, not formulas."""
    _row(sheet, 0, ("Assumption", "Net present saving at low", "Net present saving at high", "Low", "High"))
    for n, s in enumerate(swings, 1):
        _row(sheet, n, (s.key.value, Decimal(s.low_pence) / 100, Decimal(s.high_pence) / 100, s.low, s.high))
    sheet.set_column(0, 4, 28)
    if swings:
        chart = _new_chart(book, "bar")
        for column in (1, 2):
            values = ["Tornado", 1, column, len(swings), column]
            chart.add_series({"name": ["Tornado", 0, column], "categories": ["Tornado", 1, 0, len(swings), 0], "values": values})
        chart.set_title({"name": "What moves the net present saving"})
        chart.set_y_axis({"reverse": True})
        sheet.insert_chart("A14", chart, {"description": "What moves the net present saving"})


def _sources(made: BusinessCase) -> Iterable[tuple[str, ...]]:
    for way in made.ways:
        yield from ((way.choice.value, line.name, line.because) for line in way.lines)
        yield from ((way.choice.value, f"Moves {i}", why) for i, why in way.reasons.items())


def _texts(sheet: Worksheet, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for n, row in enumerate((headings, *rows)):
        _row(sheet, n, row)
    sheet.set_column(0, len(headings) - 1, 50)


def _row(sheet: Worksheet, row: int, values: Sequence[str | Decimal]) -> None:
    """Text as text whatever it begins with, numbers as numbers."""
    for column, value in enumerate(values):
        if isinstance(value, Decimal):
            cast("Any", sheet).write_number(row, column, float(value))
        elif value:
            sheet.write_string(row, column, value)


def _money(sheet: Worksheet, row: int, column: int, formula: str, pence: int) -> None:
    """Pounds, by a formula that holds its result, or as a figure where there is no formula."""
    if formula:
        cast("Any", sheet).write_formula(row, column, formula, None, pence / 100)
    else:
        cast("Any", sheet).write_number(row, column, pence / 100)
