"""Money over months: a yearly sum in twelve parts, growth, and the months of a cost line."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from inventory.model import CostLine
from migration.business_case.appraise import whole

_YEARS: Final = re.compile(r"(20\d\d)[-/\N{EN DASH}](\d\d)")


def month_of(starts: date, day: date) -> int:
    """Which month of the case a day falls in; 0 is the first, negative before it."""
    return (day.year - starts.year) * 12 + day.month - starts.month


def parts(pence: int, count: int) -> tuple[int, ...]:
    """The sum in `count` parts that add up to it; the odd pence are in the first ones."""
    each, odd = divmod(pence, count)
    return tuple(each + (n < odd) for n in range(count))


def monthly(pence: int, begins: int, ends: int, length: int, growth_percent: Decimal = Decimal(0)) -> tuple[int, ...]:
    """A sum every month from `begins` until before `ends`; it grows with each financial year after the first."""
    grown = [whole(pence * (1 + growth_percent / 100) ** n) for n in range(length // 12)]
    return tuple(grown[m // 12] if begins <= m < ends else 0 for m in range(length))


def yearly(pence: int, begins: int, length: int, growth_percent: Decimal = Decimal(0)) -> tuple[int, ...]:
    """A sum every year, in twelve parts, from the month `begins`; it grows with each financial year after the first."""
    made: list[int] = []
    for n in range(length // 12):
        made.extend(parts(whole(pence * (1 + growth_percent / 100) ** n), 12))
    return tuple(held if m >= begins else 0 for m, held in enumerate(made))


def once(pence: int, month: int, length: int) -> tuple[int, ...]:
    """A sum in one month; nothing where that month is outside the case."""
    return tuple(pence if m == month else 0 for m in range(length))


def left(months: tuple[int, ...], avoided_percent: Decimal, ends: int) -> tuple[int, ...]:
    """What is left of a flow when a share of it is avoided from the month `ends`."""
    return tuple(p - whole(p * avoided_percent / 100) if m >= ends else p for m, p in enumerate(months))


def years_named(line: CostLine) -> tuple[int, int] | None:
    """First year and the year of its end: `2026-29` is from April 2026 until April 2029. None where it says nothing readable."""
    found = _YEARS.fullmatch(line.year.strip())
    if not found:
        return None
    first, last = int(found[1]), int(found[1][:2] + found[2])
    return (first, last) if first < last else None


def of_cost_line(line: CostLine, starts: date, length: int, growth_percent: Decimal) -> tuple[tuple[int, ...], int] | None:
    """A cost line's pence by month, and what of its amount is outside the case. None where its year cannot be read.

    Capital is spread evenly over the years that it names. Revenue goes on from its first year.
    """
    named = years_named(line)
    if named is None:
        return None
    begins = month_of(starts, date(named[0], 4, 1))
    if line.kind == "revenue":
        return yearly(line.amount_pence, begins, length, growth_percent), 0
    spread = dict(enumerate(parts(line.amount_pence, 12 * (named[1] - named[0])), begins))
    months = tuple(spread.get(m, 0) for m in range(length))
    return months, line.amount_pence - sum(months)
