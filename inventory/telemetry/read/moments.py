"""Times as programs and people write them, to seconds since 1970 in UTC. Day before month, as in the United Kingdom."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from inventory.spreadsheets.dates import NotADateError, read_date

_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's days have no zone
_CLOCK = re.compile(
    r"(?P<day>.*?)[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]m)?\s*(?P<zone>.*)", re.I
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})?")
_EARLIEST, _LATEST = 315_532_800, 4_102_444_800  # 1980 and 2100: what is kept are 32 bits


class NotAMomentError(ValueError):
    """The cell is no time; the message completes "The time …"."""


def moment(cell: object, zone: tzinfo) -> int:
    """The second that a cell means. A time without an offset is of `zone`; of the hour that comes twice in autumn the first is meant.

    Takes a date and time, an Excel day number, seconds or milliseconds since 1970, or text. Raises NotAMomentError.
    """
    if isinstance(cell, datetime):
        return _bounded((cell if cell.tzinfo else cell.replace(tzinfo=zone)).timestamp())
    if isinstance(cell, date):
        return _bounded(datetime(cell.year, cell.month, cell.day, tzinfo=zone).timestamp())
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _of_number(float(cell), zone)
    text = " ".join(str(cell).split())
    try:
        return _of_number(float(text), zone)
    except ValueError:
        return _of_text(text, zone)


def _of_number(number: float, zone: tzinfo) -> int:
    if 20_000 <= number < 110_000:
        return _bounded((_EXCEL_EPOCH + timedelta(days=number)).replace(tzinfo=zone).timestamp())
    return _bounded(number / 1000 if number >= _LATEST else number)


def _of_text(text: str, zone: tzinfo) -> int:
    found = _CLOCK.fullmatch(text)
    try:
        day = read_date(found["day"] if found else text, last=False)
    except NotADateError as wrong:
        raise NotAMomentError(f"{wrong}") from None
    if found is None:
        return _bounded(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    if half := (found["half"] or "").lower():
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise NotAMomentError("has an hour, minute or second that there is not")
    return _bounded(datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_zone(found["zone"], zone)).timestamp())


def _zone(written: str, otherwise: tzinfo) -> tzinfo:
    text = written.strip()
    if not text:
        return otherwise
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if text.upper() == "BST":
        return _offset("+01:00")
    if _OFFSET.fullmatch(text):
        return _offset(text)
    raise NotAMomentError(f"ends in {text!r}, which is no offset from UTC")


def _offset(text: str) -> tzinfo:
    from datetime import timezone

    found = _OFFSET.fullmatch(text)
    assert found is not None  # noqa: S101 - asked before
    apart = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if apart >= timedelta(hours=24):
        raise NotAMomentError("has an offset from UTC of a day or more")
    return timezone(apart if found[1] == "+" else -apart)


def _bounded(seconds: float) -> int:
    if not _EARLIEST <= seconds < _LATEST:
        raise NotAMomentError("is before 1980 or after 2099, which cannot be meant")
    return int(seconds)
