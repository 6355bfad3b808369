"""What follows from cash flows: present value, saving and payback."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate


def whole(pence: Decimal) -> int:
    """Whole pence; half a penny goes away from nought, as a spreadsheet's ROUND does."""
    return int(pence.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def present_by_year(years: Sequence[int], discount_percent: Decimal) -> tuple[int, ...]:
    """Each year's pence at the value of the first year, which is not discounted; each rounded to the penny."""
    factor = 1 + discount_percent / 100
    return tuple(whole(pence / factor**n) for n, pence in enumerate(years))


def present_pence(years: Sequence[int], discount_percent: Decimal) -> int:
    """The net present value of a flow: the sum of its years at the value of the first."""
    return sum(present_by_year(years, discount_percent))


def saving_by_month(stay: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    """What the other way saves against staying, month by month; negative where it costs more."""
    return tuple(a - b for a, b in zip(stay, other, strict=True))


def payback_months(saving: Sequence[int]) -> int | None:
    """Months until what was saved has covered what was spent, for good; None where that is not within the case.

    0 where the other way never costs more. Not discounted.
    """
    owed = [n for n, held in enumerate(accumulate(saving), 1) if held < 0]
    if not owed:
        return 0
    return None if owed[-1] == len(saving) else owed[-1] + 1
