"""Figures and dates in the words of a page. Money comes in whole pence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from markupsafe import Markup, escape

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

ACRONYMS = frozenset({"sql", "mysql", "nhs", "saas", "id", "tls"})
REGIONS = {"uksouth": "UK South", "ukwest": "UK West", "global": "every region", "polandcentral": "Poland Central"}


def day(d: date | None) -> str:
    """`4 January 2027`; "no date" for None."""
    return f"{d.day} {MONTHS[d.month - 1]} {d.year}" if d else "no date"


def short_day(d: date) -> str:
    """`4 Jan 2027`."""
    return f"{d.day} {MONTHS[d.month - 1][:3]} {d.year}"


def minute(written: str) -> str:
    """`2026-11-22T06:05:59.1+00:00` as `22 Nov 2026, 06:05 UTC`; what is no time stays as it is written."""
    try:
        at = datetime.fromisoformat(written).astimezone(UTC)
    except ValueError:
        return written
    return f"{short_day(at.date())}, {at:%H:%M} UTC"


def span(starts: date, ends: date) -> str:
    """`4 to 17 Jan 2027`, with as much of the first date as differs."""
    if starts == ends:
        return short_day(starts)
    if (starts.year, starts.month) == (ends.year, ends.month):
        return f"{starts.day} to {short_day(ends)}"
    first = f"{starts.day} {MONTHS[starts.month - 1][:3]}" if starts.year == ends.year else short_day(starts)
    return f"{first} to {short_day(ends)}"


def pounds(pence: int) -> str:
    """`£1,234`, to the pound."""
    return f"-£{-pence / 100:,.0f}" if pence < 0 else f"£{pence / 100:,.0f}"


def rounded(pence: int) -> str:
    """`£1.2 million`, `£358,000` or `£420`: a figure for a sentence."""
    value = pence / 100
    if abs(value) >= 1_000_000:
        return f"£{value / 1_000_000:.2f}".rstrip("0").rstrip(".") + " million"
    return f"£{round(value, -3):,.0f}" if abs(value) >= 10_000 else f"£{value:,.0f}"


def count(n: int, one: str, many: str = "") -> str:
    """`1 server`, `2,698 servers`, `no servers`."""
    return f"{n:,} {one}" if n == 1 else f"{n or 'no'} {many or one + 's'}" if n < 1000 else f"{n:,} {many or one + 's'}"


def listed(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    held = list(parts)
    return f"{', '.join(held[:-1])} and {held[-1]}" if len(held) > 1 else "".join(held)


COMMAND = re.compile(r"\bunless (?:init|import|inventory|assess|plan|rehearse|check|runbook|report|doctor)\b(?: show [\w.-]+| [A-Z]{2,})?")


def coded(text: str) -> Markup:
    """The text, escaped, with every command in it as code, so that nobody reads `unless` as a word of the sentence."""
    held = str(escape(text))
    return Markup(COMMAND.sub(lambda found: f"<code>{found[0]}</code>", held))  # noqa: S704 - escaped above


def humanised(identifier: str) -> str:
    """`operating-system` as `Operating system`, `sql-database` as `SQL database`."""
    words = [w.upper() if w in ACRONYMS else w for w in identifier.replace("-", " ").replace("_", " ").split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def sentence_case(text: str) -> str:
    """The text with its first letter large, else as it is written."""
    return text[:1].upper() + text[1:]


def place(region: str) -> str:
    """`uksouth` as `UK South`; other regions as they are written."""
    return REGIONS.get(region, region)
