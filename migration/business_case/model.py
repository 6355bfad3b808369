"""The nouns of a business case. Money is whole pence, costs are positive, a financial year runs from 1 April to 31 March."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Choice(StrEnum):
    """What the council can do. Minimum moves only what runs out of support; the plan moves every wave."""

    STAY = "stay"
    MINIMUM = "minimum"
    PLAN = "plan"


class Kind(StrEnum):
    """Whether money is spent once on an asset or as running cost."""

    CAPITAL = "capital"
    REVENUE = "revenue"


class Key(StrEnum):
    """What can be assumed, with its unit in the name."""

    DAY_RATE = "day-rate-pounds"
    DUAL_RUNNING = "dual-running-months"
    PRESENT_GROWTH = "present-growth-percent"
    CLOUD_GROWTH = "cloud-growth-percent"
    CLOUD_CHANGE = "cloud-change-percent"
    EXTENDED_SUPPORT = "extended-support-yearly-pounds"
    DECOMMISSION = "decommission-server-pounds"
    EXIT = "exit-pounds"


@dataclass(frozen=True, slots=True)
class Quantity:
    """How a line follows from one assumption in pounds: once `number` times it, or a twelfth of it each month."""

    number: Decimal
    key: Key
    is_monthly: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """How a line follows from published prices: so many pence a month, changed and grown as assumed."""

    monthly_pence: int


@dataclass(frozen=True, slots=True)
class Line:
    """One cost, month by month from the first day of the case. `because` says what it rests on.

    `workload_id` and `service` are "" where the cost is the whole estate's. `follows` is None where the line does not follow from
    assumptions by a formula of one line.
    """

    name: str
    kind: Kind
    months: tuple[int, ...]
    because: str
    workload_id: str = ""
    service: str = ""
    follows: Quantity | Published | None = None

    @property
    def years(self) -> tuple[int, ...]:
        """Pence by financial year."""
        return tuple(sum(self.months[i : i + 12]) for i in range(0, len(self.months), 12))

    @property
    def total(self) -> int:
        """Pence over the whole case."""
        return sum(self.months)


@dataclass(frozen=True, slots=True)
class Way:
    """One choice with all its lines. `reasons` are of the workloads that it moves, a dated sentence each.

    `is_at_least` says that something it needs has no price, so that it costs at least what the lines say.
    """

    choice: Choice
    lines: tuple[Line, ...]
    reasons: Mapping[str, str]
    is_at_least: bool

    @property
    def years(self) -> tuple[int, ...]:
        """Pence by financial year: the sum of the lines."""
        return summed(line.years for line in self.lines)

    @property
    def months(self) -> tuple[int, ...]:
        """Pence by month: the sum of the lines."""
        return summed(line.months for line in self.lines)

    @property
    def total(self) -> int:
        """Pence over the whole case."""
        return sum(line.total for line in self.lines)

    def years_of(self, kind: Kind) -> tuple[int, ...]:
        """Pence by financial year of the lines of one kind; () where there is none."""
        return summed(line.years for line in self.lines if line.kind is kind)

    def by_workload(self) -> dict[str, int]:
        """Pence over the case by workload; "" is what belongs to no single one."""
        return _by((line.workload_id, line.total) for line in self.lines)

    def by_service(self) -> dict[str, int]:
        """Pence over the case by service; "" is what belongs to no single one."""
        return _by((line.service, line.total) for line in self.lines)


@dataclass(frozen=True, slots=True)
class BusinessCase:
    """The three ways, in order. `missing` are sentences: what is not in this case, and how to put it in.

    `outside_pence` is, by the id of a cost line, what of its amount falls before or after the case.
    """

    starts: date
    discount_percent: Decimal
    ways: tuple[Way, ...]
    missing: tuple[str, ...]
    outside_pence: Mapping[str, int]

    def way(self, choice: Choice) -> Way:
        """The way of one choice."""
        return next(w for w in self.ways if w.choice is choice)

    @property
    def year_names(self) -> tuple[str, ...]:
        """Financial years as councils write them: `2026-27`."""
        count = len(self.ways[0].lines[0].months) // 12 if self.ways[0].lines else 0
        return tuple(f"{y}-{(y + 1) % 100:02d}" for y in range(self.starts.year, self.starts.year + count))


def summed(rows: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """The sum of rows of equal length, place by place."""
    return tuple(map(sum, zip(*rows, strict=True)))


def _by(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    made: dict[str, int] = {}
    for key, pence in pairs:
        made[key] = made.get(key, 0) + pence
    return dict(sorted(made.items()))
