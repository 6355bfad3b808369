"""When something may move: change windows that keep clear of freezes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from inventory.model import Freeze

WEEK = timedelta(days=7)
LEAD = timedelta(weeks=4)
HORIZON_YEARS = 30


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive days, both ends included, in which one wave may move."""

    starts: date
    ends: date

    def meets(self, freeze: Freeze) -> bool:
        """Whether any day of the window is frozen. A freeze written back to front still freezes its days."""
        first, last = sorted((freeze.starts, freeze.ends))
        return self.starts <= last and first <= self.ends


def first_start(on: date) -> date:
    """The first Monday at least four weeks after `on`: time to read the plan and to build the landing zone."""
    earliest = on + LEAD
    return earliest + timedelta(days=-earliest.weekday() % 7)


def windows(first: date, days: int, freezes: Iterable[Freeze]) -> Iterator[Window]:
    """Change windows of `days` days one after another from `first`, none of which meets a council-wide freeze.

    A window that would meet one is given up whole: the next begins after the freeze, on the weekday of `first`.
    Ends after thirty years, so that a freeze without end is noticed and not waited for.
    """
    everywhere = [f for f in freezes if not f.service.strip()]
    last_start = date(min(first.year + HORIZON_YEARS, date.max.year - 1), 12, 31)
    starts = first
    while starts <= last_start:
        window = Window(starts, starts + timedelta(days=days - 1))
        met = [f for f in everywhere if window.meets(f)]
        if met:
            thaw = min(max(max(f.starts, f.ends) for f in met), last_start) + timedelta(days=1)
            starts = thaw + timedelta(days=(first - thaw).days % 7)
        else:
            yield window
            starts = window.ends + timedelta(days=1)


def applicable(freezes: Iterable[Freeze], services: Collection[str]) -> tuple[Freeze, ...]:
    """The freezes that bind workloads of these services: the council-wide ones and the services' own.

    Services match whatever their case and spaces. A service that nobody has stated ("") is bound by every freeze:
    it might be any of them.
    """
    held = {same(s) for s in services}
    return tuple(f for f in freezes if "" in held or not f.service.strip() or same(f.service) in held)


def unmatched(freezes: Iterable[Freeze], services: Collection[str]) -> tuple[Freeze, ...]:
    """The freezes of a service that no workload has: perhaps misspelt, and then they protect nothing."""
    held = {same(s) for s in services}
    return tuple(f for f in freezes if f.service.strip() and same(f.service) not in held)


def last_known(freezes: Sequence[Freeze]) -> date | None:
    """The last day that the calendar says anything about; None when it is empty."""
    return max((max(f.starts, f.ends) for f in freezes), default=None)


def same(name: str) -> str:
    """A name as it is compared: without case and needless spaces, `&` as `and`."""
    return " ".join(name.replace("&", " and ").split()).casefold()
