"""Units in headings and cells, and what they come to in the model's units. Conversions are exact ratios.

Memory is counted in powers of 1,024 whatever the heading says (hypervisors write MB and mean MiB). Storage is
decimal, as clouds sell it, unless the unit says otherwise (`MiB`) or the layout is `binary`: RVTools writes MB and
means MiB, which its version 4 says in the heading.
"""

from __future__ import annotations

import re
from fractions import Fraction

from inventory.text import key

_MEMORY = {"kib": Fraction(1, 1024**2), "mib": Fraction(1, 1024), "gib": Fraction(1), "tib": Fraction(1024)}
_STORAGE = {
    "bytes": Fraction(1, 10**9),
    "kb": Fraction(1, 10**6),
    "mb": Fraction(1, 1000),
    "gb": Fraction(1),
    "tb": Fraction(1000),
    "pb": Fraction(10**6),
    "kib": Fraction(1024, 10**9),
    "mib": Fraction(1024**2, 10**9),
    "gib": Fraction(1024**3, 10**9),
    "tib": Fraction(1024**4, 10**9),
    "pib": Fraction(1024**5, 10**9),
}
_BINARY = {"kb": "kib", "mb": "mib", "gb": "gib", "tb": "tib", "pb": "pib"}
_HOURS = {"minutes": Fraction(1, 60), "hours": Fraction(1), "days": Fraction(24), "weeks": Fraction(168)}
_MILLISECONDS = {"ms": Fraction(1), "seconds": Fraction(1000)}
_PENCE = {"pence": Fraction(1), "pounds": Fraction(100), "thousands": Fraction(100_000), "millions": Fraction(100_000_000)}
_YEARS = {"years": Fraction(1)}
_PERCENT = {"percent": Fraction(1)}
_RATE = {"iops": Fraction(1), "mbps": Fraction(1)}

_DIMENSIONS: dict[str, dict[str, Fraction]] = {
    "memory": _MEMORY,
    "storage": _STORAGE,
    "hours": _HOURS,
    "milliseconds": _MILLISECONDS,
    "money": _PENCE,
    "percent": _PERCENT,
    "number": {**_RATE, **_YEARS},
    "whole": _YEARS,
}
_SPELLINGS = {
    **{u: u for d in _DIMENSIONS.values() for u in d},
    "byte": "bytes",
    "b": "bytes",
    "k": "kb",
    "m": "mb",
    "g": "gb",
    "t": "tb",
    "megabytes": "mb",
    "gigabytes": "gb",
    "terabytes": "tb",
    "min": "minutes",
    "mins": "minutes",
    "minute": "minutes",
    "h": "hours",
    "hr": "hours",
    "hrs": "hours",
    "hour": "hours",
    "d": "days",
    "day": "days",
    "week": "weeks",
    "s": "seconds",
    "sec": "seconds",
    "secs": "seconds",
    "second": "seconds",
    "msec": "ms",
    "millisecond": "ms",
    "milliseconds": "ms",
    "yr": "years",
    "yrs": "years",
    "year": "years",
    "%": "percent",
    "pc": "percent",
    "percentage": "percent",
    "mbits": "mbps",
    "mbit": "mbps",
    "£": "pounds",
    "gbp": "pounds",
    "p": "pence",
    "penny": "pence",
    "£k": "thousands",
    "£000": "thousands",
    "£000s": "thousands",
    "£m": "millions",
    "£million": "millions",
    "k£": "thousands",
    "£thousand": "thousands",
    "£thousands": "thousands",
    "£bn": "",
}
_HINTS = re.compile(
    r"y/n|yes/no|yes or no|[dmy]+([/.-][dmy]+)+|optional|required|mandatory|if known|e\.g\..*|.* per second|.*separated.*|total"
)
_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")


def unit_named(words: str) -> str:
    """The unit that `words` name ("" for none): `In GB`, `MiB`, `£'000`, `hours`."""
    plain = re.sub(r"^in\s+", "", words.strip().casefold())
    plain = re.sub(r"[\s'\u2019.,]", "", plain)
    return _SPELLINGS.get(plain, "")


def _is_hint(part: str) -> bool:
    return bool(unit_named(part) or _HINTS.fullmatch(part.strip().casefold()))


def heading_words(heading: str) -> list[str]:
    """The words of a heading, without brackets that hold a unit or say how to fill the column in (`Memory (used)` is two words)."""
    return _BRACKETS.sub(lambda m: " " if _is_hint(m[1]) else f" {m[1]} ", heading).split()


def split_heading(heading: str) -> tuple[str, str, tuple[str, str] | None]:
    """A heading's key (letters and digits only), the unit in its brackets, and how it reads if its last word is a unit.

    `*Memory (In MB)` is memory, mb, None; `Capacity MiB` is capacitymib, "", (capacity, mib). Brackets that hold a unit
    or say how to fill the column in are left out; others (`Memory (used)`) are words.
    """
    units = [u for part in _BRACKETS.findall(heading) if (u := unit_named(part))]
    unit = units[0] if units else ""
    words = heading_words(heading)
    last = unit_named(words[-1]) if len(words) > 1 else ""
    return key(" ".join(words)), unit, (key(" ".join(words[:-1])), unit or last) if last else None


def factor(dimension: str, unit: str, *, binary: bool) -> Fraction | None:
    """What one `unit` comes to in the model's unit of this dimension; None when it is no such unit."""
    if not unit:
        return Fraction(1)
    known = _DIMENSIONS.get(dimension, {})
    if dimension == "memory" or (dimension == "storage" and binary):
        unit = _BINARY.get(unit, unit)
    return known.get(unit)
