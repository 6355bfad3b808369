"""The geometry of the charts: where things stand, in per cent of the width. Drawing them is the template's work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from console.report.words import MONTHS
from inventory.model import Freeze

READINESS = ("ready", "ready with conditions", "not ready", "unknown")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: `style` names its fill and pattern, `x` and `width` are per cent, `label` "" where it would not fit."""

    style: str
    name: str
    value: int
    x: float
    width: float

    @property
    def label(self) -> str:
        """The figure, where there is room for it on a narrow screen too."""
        return f"{self.value:,}" if self.width >= 3.2 * len(f"{self.value:,}") else ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar chart: its segments end to end. `note` follows its name and total."""

    name: str
    total: int
    note: str
    segments: tuple[Segment, ...]


def bars(rows: Sequence[tuple[str, Mapping[str, int], str]], styles: Mapping[str, str]) -> tuple[Bar, ...]:
    """Bars of (name, value by part, note) on one scale: the largest total is the whole width. `styles` orders the parts."""
    largest = max((sum(values.values()) for _, values, _ in rows), default=0)
    return tuple(Bar(name, sum(values.values()), note, _segments(values, styles, largest)) for name, values, note in rows)


def _segments(values: Mapping[str, int], styles: Mapping[str, str], whole: int) -> tuple[Segment, ...]:
    held: list[Segment] = []
    x = 0.0
    for name, style in styles.items():
        if value := values.get(name, 0):
            width = 100 * value / whole
            held.append(Segment(style, name, value, round(x, 3), round(width, 3)))
            x += width
    return tuple(held)


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the calendar: a wave, or all freezes for one service; `spans` are its bars as (x, width)."""

    style: str
    label: str
    spans: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month; `label` "" where labels would crowd."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Lanes under a scale of months; `shades` are the council-wide freezes behind all lanes, as (x, width)."""

    ticks: tuple[Tick, ...]
    shades: tuple[tuple[float, float], ...]
    lanes: tuple[Lane, ...]


def calendar(waves: Sequence[tuple[str, date, date]], freezes: Sequence[Freeze]) -> Calendar:
    """The calendar from the first of the month of the first wave to the end of the last wave's, with the freezes that fall in it."""
    first = min(s for _, s, _ in waves).replace(day=1)
    last = _month_after(max(e for _, _, e in waves))
    days = (last - first).days

    def place(starts: date, ends: date) -> tuple[float, float]:
        left, right = max(starts, first), min(ends + timedelta(days=1), last)
        return round(100 * (left - first).days / days, 3), round(100 * max((right - left).days, 0) / days, 3)

    met = [f for f in freezes if f.starts < last and f.ends >= first]
    lanes = [
        Lane(
            "freeze",
            f"Frozen: {service or 'the whole council'}",
            tuple(place(*span) for span in _merged(f for f in met if f.service == service)),
        )
        for service in sorted({f.service for f in met}, key=str.casefold)
    ]
    lanes += [Lane("wave", label, (place(s, e),)) for label, s, e in waves]
    return Calendar(_ticks(first, last), tuple(place(*span) for span in _merged(f for f in met if not f.service)), tuple(lanes))


def _merged(freezes: Iterable[Freeze]) -> tuple[tuple[date, date], ...]:
    """Their days as spans that neither overlap nor touch."""
    held: list[tuple[date, date]] = []
    for f in sorted(freezes, key=lambda f: f.starts):
        if held and f.starts <= held[-1][1] + timedelta(days=1):
            held[-1] = (held[-1][0], max(held[-1][1], f.ends))
        else:
            held.append((f.starts, f.ends))
    return tuple(held)


def _month_after(d: date) -> date:
    return date(d.year + 1, 1, 1) if d.month == 12 else date(d.year, d.month + 1, 1)


def _ticks(first: date, last: date) -> tuple[Tick, ...]:
    starts = [first]
    while (following := _month_after(starts[-1])) < last:
        starts.append(following)
    every = -(-len(starts) // 6)
    days = (last - first).days
    return tuple(
        Tick(round(100 * (s - first).days / days, 3), f"{MONTHS[s.month - 1][:3]} {s.year % 100:02}" if n % every == 0 else "")
        for n, s in enumerate(starts)
    )
