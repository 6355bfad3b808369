from __future__ import annotations

from datetime import date

import pytest

from migration.assessors.contract_end import day_of_notice


@pytest.mark.parametrize(
    ("ends", "months", "last"),
    [
        (date(2027, 3, 31), 0, date(2027, 3, 31)),
        (date(2027, 3, 31), 1, date(2027, 2, 28)),
        (date(2028, 3, 31), 1, date(2028, 2, 29)),
        (date(2027, 1, 15), 1, date(2026, 12, 15)),
        (date(2027, 12, 31), 12, date(2026, 12, 31)),
        (date(2027, 12, 31), 13, date(2026, 11, 30)),
        (date(2027, 1, 31), 3, date(2026, 10, 31)),
        (date(2027, 5, 31), 120, date(2017, 5, 31)),
    ],
)
def test_notice_is_given_on_the_same_day_or_the_last_of_a_shorter_month(ends: date, months: int, last: date) -> None:
    assert day_of_notice(ends, months) == last
