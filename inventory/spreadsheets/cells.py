"""One cell of a person's file to one value, or to what is wrong with it and what to do. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from inventory.rows import Value
from inventory.spreadsheets.dates import NotADateError, read_date
from inventory.spreadsheets.layouts import FieldRule, spellings
from inventory.spreadsheets.numbers import split_number
from inventory.spreadsheets.units import factor, unit_named
from inventory.text import clean, key

Cell = str | int | float | bool | date | datetime | time | timedelta | None

LONGEST_NAME = 255
LONGEST_TEXT = 4000
_ERRORS = {"#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#getting_data", "#spill!"}
_FREE = {"criticality"}
_RETYPE = "Type the cell again, and save the file as CSV UTF-8."
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that cannot be used: both are sentences, `what` about the cell and `remedy` for its owner."""

    what: str
    remedy: str


def parse(cell: Cell, rule: FieldRule, unit: str = "") -> Value | Bad | None:
    """The cell's value under `rule`, in the model's unit; None when it says nothing; Bad when it is wrong.

    `unit` is the one the heading names; one written in the cell goes before it, the rule's own comes last.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, str) and (wrong := _unusable(cell)):
        return wrong
    text = clean(shown(cell))
    if not text or (_says_nothing(text) and rule.type != "name"):
        return None
    return _READERS[rule.type](text if isinstance(cell, str) and rule.type != "list" else cell, rule, unit)


def shown(cell: Cell) -> str:
    """The cell as its spreadsheet shows it: 12 rather than 12.0."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell)


def _says_nothing(text: str) -> bool:
    folded = key(text)
    return not folded or folded in spellings()["nothing-said"]


def _unusable(text: str) -> Bad | None:
    if len(text) > 10 * LONGEST_TEXT:
        return Bad(f"The cell holds {len(text):,} characters.", "Check the quotation marks in the file, or shorten the cell.")
    if found := _NO_CHARACTER.search(text):
        return Bad(f"{_quoted(text)} holds {_code(found[0])}, which is no character of the file's text.", _RETYPE)
    if text.strip().casefold() in _ERRORS:
        return Bad(f"The cell holds the spreadsheet's error {text.strip()}.", "Mend the formula, or clear the cell.")
    return None


def _code(character: str) -> str:
    """What stands in a file where a character should: the byte that could not be read, NUL, or half a pair of UTF-16."""
    code = ord(character)
    return f"the byte {code & 0xFF:02X}" if code == 0 or 0xDC80 <= code <= 0xDCFF else f"the code {code:04X}"


def _quoted(cell: Cell) -> str:
    text = clean(shown(cell))
    return f'"{text if len(text) <= 60 else text[:57] + "…"}"'


def _limited(cell: Cell, most: int) -> Value | Bad:
    text = clean(shown(cell))
    if len(text) > most:
        return Bad(f"The cell holds {len(text):,} characters, more than {most:,}.", "Shorten it.")
    return text


def _text(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
    return _limited(cell, LONGEST_TEXT)


def _name(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
    if not key(shown(cell)):
        return Bad(f"{_quoted(cell)} is not a name.", "Write the name.")
    return _limited(cell, LONGEST_NAME)


def _list(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
    limited = _limited(cell, 5 * LONGEST_TEXT)
    if isinstance(limited, Bad):
        return limited
    parts = [p.strip() for p in re.split(r"[;\n]", shown(cell) if isinstance(cell, str) else str(limited))]
    kept = tuple(dict.fromkeys(clean(p) for p in parts if not _says_nothing(p)))
    if len(kept) == 1 and key(kept[0]) in ("none", "no"):
        return None
    if long := next((p for p in kept if len(p) > LONGEST_NAME), ""):
        return Bad(f"{_quoted(long)} holds {len(long):,} characters.", "Separate the names with semicolons.")
    return kept or None


def _number(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
    read = _quantity(cell, rule, unit)
    return read if isinstance(read, Bad) else _within(read, cell, rule) or _float(read)


def _whole(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
    read = _quantity(cell, rule, unit)
    if isinstance(read, Bad):
        return read
    if wrong := _within(read, cell, rule):
        return wrong
    if read.denominator != 1:
        return Bad(f"{_quoted(cell)} is not a whole number.", "Write a whole number.")
    return int(read)


def _money(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
    read = _quantity(cell, rule, unit)
    if isinstance(read, Bad):
        return read
    if wrong := _within(read, cell, rule):
        return wrong
    return int((Decimal(read.numerator) / Decimal(read.denominator)).quantize(Decimal(1), ROUND_HALF_UP))


def _float(read: Fraction) -> float:
    made = float(read)
    return round(made, 6)


def _quantity(cell: Cell, rule: FieldRule, unit: str) -> Fraction | Bad:
    """The number in the model's unit, exactly."""
    if isinstance(cell, (bool, date, time, timedelta)):
        return Bad(f"{_quoted(cell)} is not a number.", _number_remedy(rule, unit))
    split = split_number(repr(cell) if isinstance(cell, float) else str(cell))
    if split is None:
        return Bad(f"{_quoted(cell)} is not a number.", _number_remedy(rule, unit))
    value, written = split
    meant = _unit_written(written, rule) if written else unit or rule.unit
    ratio = factor(rule.type, meant, binary=rule.binary) if meant is not None else None
    if ratio is None:
        return Bad(f"{_quoted(cell)} has a unit that is not understood here.", _number_remedy(rule, unit))
    read = Fraction(value) * ratio
    if rule.doubt is not None and read > Fraction(rule.doubt) and not written and meant in ("gb", "gib"):
        remedy = f"Did you mean MB? Then say so in the heading or the cell; if it is right, write {clean(shown(cell))} GB in the cell."
        return Bad(f"{_quoted(cell)} GB is more than {rule.doubt:,} GB, which hardly any server has.", remedy)
    return read


def _unit_written(written: str, rule: FieldRule) -> str | None:
    if rule.type == "money":
        short = {"k": "thousands", "m": "millions", "£k": "thousands", "£m": "millions", "£": "pounds"}
        written = written.casefold().replace(" ", "")
        named = short.get(written) or unit_named(written)
    else:
        named = unit_named(written)
    if not named and rule.type in ("whole", "number") and re.fullmatch(r"[a-z ]{1,30}", written, re.I) and not rule.unit:
        return None if rule.type == "number" else _counted(written)
    return named or None


def _counted(written: str) -> str | None:
    """`8 cores`, `120 users`: a counted noun is no unit."""
    return "" if key(written) in {"core", "cores", "cpu", "cpus", "vcpu", "vcpus", "users", "staff", "files", "disks", "people"} else None


def _number_remedy(rule: FieldRule, unit: str) -> str:
    named = {"mib": "MiB", "gib": "GiB", "mb": "MB", "gb": "GB", "tb": "TB", "pounds": "pounds", "percent": "per cent"}
    meant = unit or rule.unit
    return f"Write a number in {named.get(meant, meant)}, such as 8." if meant else "Write a number, such as 8."


def _within(read: Fraction, cell: Cell, rule: FieldRule) -> Bad | None:
    if read < 0 and (rule.least is not None or rule.above is not None):
        return Bad(f"{_quoted(cell)} is less than nothing.", "Correct the number, or clear the cell if nobody knows.")
    if rule.above is not None and read <= rule.above:
        return Bad(f"{_quoted(cell)} is not more than {rule.above:g}.", "Correct the number, or clear the cell if nobody knows.")
    if rule.least is not None and read < Fraction(rule.least):
        return Bad(f"{_quoted(cell)} is less than {rule.least:g}.", "Correct the number, or clear the cell if nobody knows.")
    if rule.most is not None and read > Fraction(rule.most):
        return Bad(f"{_quoted(cell)} is more than can be meant here.", "Check the number and its unit.")
    return None


def _date_reader(*, last: bool) -> Callable[[Cell, FieldRule, str], Value | Bad | None]:
    def read(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
        try:
            return read_date(cell, last=last)
        except NotADateError as wrong:
            return Bad(f"{_quoted(cell)} {wrong}.", "Write the date as 2027-03-31 or 31/03/2027.")

    return read


def _month(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
    try:
        return read_date(cell, last=False).replace(day=1)
    except NotADateError as wrong:
        return Bad(f"{_quoted(cell)} {wrong}.", "Write the month as 2026-09.")


def _word_reader(words: str) -> Callable[[Cell, FieldRule, str], Value | Bad | None]:
    def read(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
        ours = spellings()[words].get(key(shown(cell)))
        if ours is not None:
            return ours
        if words in _FREE:
            return _limited(cell, LONGEST_NAME)
        allowed = list(dict.fromkeys(spellings()[words].values()))
        return Bad(
            f"{_quoted(cell)} is not one of {', '.join(allowed)}.", f"Write {' or '.join(allowed)}, or clear the cell if nobody knows."
        )

    return read


def _yes_no(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
    if isinstance(cell, bool):
        return cell
    read = _word_reader("yes-no")(cell, rule, unit)
    return read if isinstance(read, Bad) else read == "yes"


def _ip_address(cell: Cell, rule: FieldRule, unit: str) -> Value | Bad | None:
    found: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = []
    for part in re.split(r"[\s,;|]+", shown(cell).strip()):
        try:
            found.append(ipaddress.ip_address(part.split("/")[0].strip("[]")))
        except ValueError:
            return Bad(f"{_quoted(cell)} is not an IP address.", "Write it as 10.1.2.3, several separated by semicolons.")
    return str(min(found, key=lambda a: a.version))


_READERS: dict[str, Callable[[Cell, FieldRule, str], Value | Bad | None]] = {
    "text": _text,
    "prose": _text,
    "name": _name,
    "list": _list,
    "number": _number,
    "percent": _number,
    "memory": _number,
    "storage": _number,
    "hours": _number,
    "milliseconds": _number,
    "whole": _whole,
    "money": _money,
    "first-day": _date_reader(last=False),
    "last-day": _date_reader(last=True),
    "month": _month,
    "yes-no": _yes_no,
    "ip-address": _ip_address,
    **{w: _word_reader(w) for w in ("power", "environment", "classification", "criticality", "server-kind", "strength")},
    **{w: _word_reader(w) for w in ("dependency-kind", "cost-kind")},
}
