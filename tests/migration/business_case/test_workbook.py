"""The workbook: its formulas come to the same pence as we do, follow its assumptions, and no name becomes a formula."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from inventory.model import CostLine
from migration.business_case import BusinessCase, Choice, build, present_pence
from migration.business_case.case_file import CaseFile
from migration.business_case.sensitivity import net_saving_pence, tornado
from migration.business_case.workbook import workbook
from tests.migration.business_case.conftest import Given

CASE = """
format = "cloud-unless/business-case/1"
starts = 2027-04-01
years = 5
assumption = [
    { key = "day-rate-pounds", value = 410.55, low = 300, high = 700, source = "=HYPERLINK(1)" },
    { key = "cloud-change-percent", value = 2.5, source = "the council" },
    { key = "cloud-growth-percent", value = 1.5, source = "the council" },
    { key = "extended-support-yearly-pounds", value = 1234.56, source = "the council" },
    { key = "decommission-server-pounds", value = 180, source = "the council" },
    { key = "exit-pounds", value = 999.99, source = "the council" },
]
"""
DAYS = (date(2027, 4, 5), date(2027, 9, 6), date(2028, 4, 3), date(2029, 6, 11))
NAMES = ("=1+1", "+cmd", "-2", "@SUM(A1)")
_REFERENCE = re.compile(r"(?:(\w+)!)?(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)")


class Sheets:
    """The workbook as a reader calculates it: + - * / ^, SUM and ROUND over cells, nothing else."""

    def __init__(self, held: bytes) -> None:
        self.book: Any = load_workbook(BytesIO(held))
        self.cached: Any = load_workbook(BytesIO(held), data_only=True)

    def value(self, sheet: str, row: int, column: int) -> Decimal:
        held: Any = self.book[sheet].cell(row, column).value
        if isinstance(held, str) and held.startswith("="):
            return self._calculated(sheet, held[1:])
        return Decimal(str(held if held is not None else 0))

    def _calculated(self, sheet: str, formula: str) -> Decimal:
        cells: dict[str, list[Decimal]] = {}

        def named(found: re.Match[str]) -> str:
            left, top, right, bottom = range_boundaries(found[2].replace("$", ""))
            name = f"cells_{len(cells)}"
            at = [(r, c) for r in range(int(top or 0), int(bottom or 0) + 1) for c in range(int(left or 0), int(right or 0) + 1)]
            cells[name] = [self.value(found[1] or sheet, r, c) for r, c in at]
            return name if ":" in found[2] else f"{name}[0]"

        text = _REFERENCE.sub(named, formula).replace("^", "**")
        text = re.sub(r"(?<![\w.\[])(\d+(?:\.\d+)?)(?![\w\]])", r"D('\1')", text)
        known: dict[str, Any] = {"D": Decimal, "SUM": _sum, "ROUND": _round, "__builtins__": {}, **cells}
        return Decimal(eval(text, known))  # noqa: S307 - formulas that we wrote ourselves

    def formulas(self) -> Iterator[tuple[str, int, int]]:
        for sheet in self.book.worksheets:
            for row in sheet.iter_rows():
                yield from ((sheet.title, int(c.row), int(c.column)) for c in row if c.data_type == "f")


def _sum(values: list[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def _round(value: Decimal, places: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)


@pytest.fixture
def held(given: Callable[[dict[str, Any]], Given]) -> Given:
    rows = [
        {"id": f"w{n}", "name": name, "starts": day, "ends": day, "cloud_pence": 12345 + n, "effort_days": 2.5}
        for n, (name, day) in enumerate(zip(NAMES, DAYS, strict=True))
    ]
    costs = [{"id": "@hall", "kind": "revenue", "pence": 1234567, "year": "2027-28"}]
    return given({"case": CASE, "workload": rows, "cost": costs})


def made_of(held: Given) -> tuple[BusinessCase, Sheets]:
    made = build(held.estate, held.plan, held.case)
    return made, Sheets(workbook(made, held.case, tornado(held.estate, held.plan, held.case)))


def test_every_formula_holds_what_it_comes_to(held: Given) -> None:
    _, sheets = made_of(held)
    places = list(sheets.formulas())
    assert len(places) > 100
    for sheet, row, column in places:
        cached: Any = sheets.cached[sheet].cell(row, column).value
        assert sheets.value(sheet, row, column) == Decimal(str(cached)), (sheet, row, column)


def test_the_summary_comes_to_the_same_pence_as_we_do(held: Given) -> None:
    made, sheets = made_of(held)
    for n, way in enumerate(made.ways):
        assert sheets.value("Summary", 2 + n, 7) * 100 == way.total
        assert sheets.value("Summary", 6 + n, 7) * 100 == present_pence(way.years, made.discount_percent)
    assert sheets.value("Summary", 11, 7) * 100 == net_saving_pence(made, Choice.PLAN)


@pytest.mark.parametrize("name", ["DAY_RATE", "CLOUD_CHANGE", "CLOUD_GROWTH", "EXTENDED_SUPPORT", "DECOMMISSION", "EXIT"])
def test_a_changed_assumption_is_followed_by_every_total(held: Given, name: str) -> None:
    before, sheets = made_of(held)
    other = held.case.assuming(**{name: Decimal("7.25")})
    row = next(r for r in range(4, 10) if sheets.book["Assumptions"].cell(r, 1).value == _key(other, "7.25"))
    sheets.book["Assumptions"].cell(row, 2).value = 7.25
    after = build(held.estate, held.plan, other)
    assert sheets.value("Summary", 11, 7) * 100 == net_saving_pence(after) != net_saving_pence(before)


def _key(case: CaseFile, value: str) -> str:
    return next(a.key.value for a in case.assumption if a.value == Decimal(value))


def test_the_discount_rate_is_followed(held: Given) -> None:
    made, sheets = made_of(held)
    sheets.book["Assumptions"].cell(3, 2).value = 0
    assert sheets.value("Summary", 8, 7) * 100 == made.way(Choice.PLAN).total


def test_text_that_begins_like_a_formula_stays_text(held: Given) -> None:
    estate = replace(
        held.estate, cost_lines=tuple(CostLine(c.id, f"{s}x", c.kind, 100, year=c.year) for c in held.estate.cost_lines for s in "=+-@")
    )
    made = build(estate, held.plan, held.case)
    book: Any = load_workbook(BytesIO(workbook(made, held.case)))
    for sign in "=+-@":
        assert any(c.value == f"{sign}x" and c.data_type == "s" for row in book["Stay"].iter_rows() for c in row), sign
    source = next(c for row in book["Assumptions"].iter_rows() for c in row if c.value == "=HYPERLINK(1)")
    assert source.data_type == "s"


def test_the_same_case_gives_the_same_bytes_and_has_its_charts(held: Given) -> None:
    made = build(held.estate, held.plan, held.case)
    swings = tornado(held.estate, held.plan, held.case)
    assert workbook(made, held.case, swings) == workbook(made, held.case, swings)
    book: Any = load_workbook(BytesIO(workbook(made, held.case, swings)))
    assert book.sheetnames == ["Summary", "Assumptions", "Stay", "Minimum", "Plan", "Tornado", "Sources", "Not in this case"]
