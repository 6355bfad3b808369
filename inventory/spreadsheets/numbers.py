"""Numbers as people write them, read exactly."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_MINUS = str.maketrans({"\u2212": "-", "\u2012": "-", "\u2013": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'"})
_NUMBER = re.compile(
    r"(?P<sign>[-+(]?)\s*(?:(?P<pounds>£|gbp)\s*(?P<inner>-?))?\s*"
    r"(?P<digits>(?:[\d.][\d.,' ]*)?\d(?:[.,](?!\d))?(?:e[-+]?\d{1,3})?)\s*\)?\s*(?P<unit>.*)",
    re.IGNORECASE | re.ASCII,
)
_GROUPED = re.compile(r"\d{1,3}(?:([,.' ])\d{3})(?:\1\d{3})*")


def split_number(text: str) -> tuple[Decimal, str] | None:
    """The number that `text` begins with and what follows it (a unit), or None when it does not begin with one.

    A comma or full stop is a decimal sign when it stands alone and not before exactly three digits; a comma before
    exactly three digits groups thousands, as in the United Kingdom; where both stand, the last is the decimal sign.
    `(5)` is minus five, as accountants write it.
    """
    found = _NUMBER.fullmatch(text.strip().translate(_MINUS))
    if not found:
        return None
    value = _decimal(found["digits"].strip().rstrip(".,"))
    if value is None:
        return None
    negative = (found["sign"] in ("-", "(")) != (found["inner"] == "-")
    unit = ("£" if found["pounds"] else "") + found["unit"].strip()
    return (-value if negative else value), unit


def _decimal(digits: str) -> Decimal | None:
    try:
        made = Decimal(_plain(digits.lower()))
    except InvalidOperation:
        return None
    return made if made.is_finite() and abs(made) < Decimal(10) ** 18 else None


def _plain(digits: str) -> str:
    """The digits with a full stop for the decimal sign and no grouping (not a number when the groups are wrong)."""
    mantissa, e, exponent = digits.partition("e")
    comma, stop = mantissa.rfind(","), mantissa.rfind(".")
    if comma >= 0 and stop >= 0:
        grouping, decimal = (",", ".") if stop > comma else (".", ",")
        whole, _, part = mantissa.rpartition(decimal)
        return _ungroup(whole, grouping) + "." + part + e + exponent
    if comma >= 0 and (mantissa.startswith("0") or not _GROUPED.fullmatch(mantissa)):
        whole, _, part = mantissa.rpartition(",")
        return _ungroup(whole, " " if " " in whole else "'") + "." + part + e + exponent
    for sign in (",", "'", " "):
        if sign in mantissa:
            whole, point, part = mantissa.partition(".")
            return _ungroup(whole, sign) + point + part + e + exponent
    if mantissa.count(".") > 1:
        return _ungroup(mantissa, ".") + e + exponent
    return digits


def _ungroup(whole: str, sign: str) -> str:
    sound = _GROUPED.fullmatch(whole.lstrip("+-"))
    return whole.replace(sign, "") if sign not in whole or (sound and sound[1] == sign) else "wrong"
