"""Dates as people write them. Day before month, as in the United Kingdom, whatever the rest of the world does."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

_MONTHS = {m: n for n, m in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ].*)?", re.I)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?: .*)?")
_WORDS = re.compile(r"(?:[a-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?([a-z]{3,9})\.?,?[\s-]+(\d{4}|\d{2})", re.I)
_MONTH_ONLY = re.compile(r"([a-z]{3,9})\.?,?[\s'\u2019-]*(\d{4}|\d{2})", re.I)
_NUMERIC_MONTH = re.compile(r"(?:(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4}))")
_EXCEL_EPOCH = date(1899, 12, 30)


class NotADateError(ValueError):
    """The cell cannot be read as a date; the message says why, for a person."""


def read_date(cell: object, *, last: bool) -> date:
    """The day that `cell` means. A month or year alone is its `last` day, else its first.

    Takes a date, a date and time, an Excel day number, or text. Raises NotADateError.
    """
    if isinstance(cell, datetime):
        return _in_range(cell.date())
    if isinstance(cell, date):
        return _in_range(cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _from_number(float(cell), last)
    return _in_range(_from_text(" ".join(str(cell).split()), last))


def _from_number(number: float, last: bool) -> date:
    if 1900 < number < 2200 and number == int(number):
        return _partial(int(number), None, last)
    if 20_000 <= number < 110_000:
        return _in_range(_EXCEL_EPOCH + timedelta(days=int(number)))
    raise NotADateError("is a number and not a date")


def _from_text(text: str, last: bool) -> date:
    if found := _ISO.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_FIRST.fullmatch(text):
        return _day(_year(found[3]), int(found[2]), int(found[1]))
    if found := _WORDS.fullmatch(text):
        return _day(_year(found[3]), _month(found[2]), int(found[1]))
    if found := _NUMERIC_MONTH.fullmatch(text):
        return _partial(int(found[1] or found[4]), int(found[2] or found[3]), last)
    if found := _MONTH_ONLY.fullmatch(text):
        return _partial(_year(found[2]), _month(found[1]), last)
    if re.fullmatch(r"\d{4,6}(\.0+)?", text):
        return _from_number(float(text), last)
    raise NotADateError("is not a date")


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _month(word: str) -> int:
    named = _MONTHS.get(word[:3].lower())
    full = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
    if named is None or not (full[named - 1].startswith(word.lower()) or word.lower() == "sept"):
        raise NotADateError("names no month")
    return named


def _partial(year: int, month: int | None, last: bool) -> date:
    month = month or (12 if last else 1)
    if not 1 <= month <= 12:
        raise NotADateError(f"has a month {month}, and there are twelve")
    return _day(year, month, monthrange(max(1, year), month)[1] if last else 1)


def _day(year: int, month: int, day: int) -> date:
    if not 1 <= month <= 12:
        raise NotADateError(f"has a month {month}, and there are twelve (the day comes first)")
    try:
        return date(year, month, day)
    except ValueError:
        raise NotADateError("names a day that the month does not have") from None


def _in_range(day: date) -> date:
    if not 1950 <= day.year <= 2199:
        raise NotADateError(f"is in the year {day.year}, which cannot be meant")
    return day
