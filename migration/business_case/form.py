"""How the council's own files of money are read: what a date, a number and pounds must be, and how a mistake in one is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

PLAIN: Final = {
    "extra_forbidden": "no key has this name here. Correct its spelling, or take it out",
    "missing": "it is not given. Write it",
    "string_too_short": "it is empty. Write where the figure comes from, or which one is meant",
    "string_type": "it is not text in quotation marks. Put it in quotation marks",
    "finite_number": "it is not a number that can be reckoned with. Write it as 400 or 3.5",
}


def _day(said: object) -> object:
    if isinstance(said, datetime) or not isinstance(said, date):
        raise ValueError("it is not a date. Write the date as 2027-04-01, without quotation marks")
    return said


def _number(said: object) -> object:
    if isinstance(said, bool) or not isinstance(said, (int, Decimal)):
        raise ValueError("it is not a number. Write it as 400 or 3.5, without quotation marks")
    return said


def _pounds(said: object) -> object:
    held = _number(said)
    if isinstance(held, Decimal) and held.is_finite() and held != round(held, 2):
        raise ValueError("it has parts of a penny. Write pounds with two decimals at most")
    return held


Day = Annotated[date, BeforeValidator(_day)]
Number = Annotated[Decimal, BeforeValidator(_number), Field(allow_inf_nan=False)]
Pounds = Annotated[Decimal, BeforeValidator(_pounds), Field(ge=0, le=10**9, allow_inf_nan=False)]
Percent = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=100, allow_inf_nan=False)]
Said = Annotated[str, Field(min_length=1)]


def sentence(file: str, place: Sequence[int | str], what: str) -> str:
    """One fault of the form: which entry, which key, what is wrong."""
    entry: Any = next((p for p in place if isinstance(p, int)), None)
    names = [p for p in place if isinstance(p, str)]
    where = f", part {names[0]}, entry {entry + 1}" if entry is not None else ""
    key = f", key {names[-1]}" if names and (entry is None or len(names) > 1) else ""
    return f"{file}{where}{key}: {what.removeprefix('Value error, ').rstrip('.')}."
