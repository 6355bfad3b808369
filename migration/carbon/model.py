"""The nouns of carbon: a range whose every end names the facts that make it, and what stands and falls with a workload.

Power is watts as a mean over a year, energy kilowatt-hours a year, carbon kilograms of carbon dioxide equivalent a year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import fsum
from typing import Final, TypeVar

KWH_A_YEAR: Final = 8.76
"""Kilowatt-hours of one watt in a year of 8,760 hours."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a range, and the ids of the facts that make it, sorted: of carbon.toml, `measured`, or `setting`."""

    value: float
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """From the least to the most. Neither end is likelier than what lies between them."""

    low: End
    high: End

    def times(self, other: Range) -> Range:
        """The product, of ranges that are not negative."""
        return Range(_times(self.low, other.low), _times(self.high, other.high))

    def scaled(self, by: float) -> Range:
        """So many times as much."""
        return Range(End(self.low.value * by, self.low.because), End(self.high.value * by, self.high.because))


NOTHING: Final = Range(End(0), End(0))


@dataclass(frozen=True, slots=True)
class Draw:
    """What one thing draws: its subject, what it is in words, and its watts."""

    subject: str
    what: str
    watts: Range


@dataclass(frozen=True, slots=True)
class Side:
    """All that a workload draws in one place, as far as anybody knows. `unknown` are sentences on what nobody does.

    `energy_kwh` and `carbon_kg` are of what is known, so they are all of it only where nothing is unknown.
    """

    draws: tuple[Draw, ...]
    unknown: tuple[str, ...]
    energy_kwh: Range
    carbon_kg: Range

    @property
    def is_known(self) -> bool:
        """Whether the figures are all of it."""
        return not self.unknown


@dataclass(frozen=True, slots=True)
class WorkloadCarbon:
    """One workload where it is now and where it will be."""

    workload_id: str
    now: Side
    after: Side

    @property
    def is_comparable(self) -> bool:
        """Whether both sides are known."""
        return self.now.is_known and self.after.is_known


@dataclass(frozen=True, slots=True)
class Sum:
    """Some workloads together: how many, and of both sides the energy and the carbon of what is known."""

    workloads: int
    now_kwh: Range
    now_kg: Range
    after_kwh: Range
    after_kg: Range


@dataclass(frozen=True, slots=True)
class EstateCarbon:
    """Every workload by id, what is known of all of them, and those of which both sides are known: the only ones to compare."""

    workloads: tuple[WorkloadCarbon, ...]
    whole: Sum
    comparable: Sum


T = TypeVar("T")


def range_of(facts: Iterable[T], value: Callable[[T], float], name: Callable[[T], str]) -> Range:
    """From the least of the facts to the most; of equals the first by name. There must be one."""
    held = sorted((End(value(f), (name(f),)) for f in facts), key=lambda e: (e.value, e.because))
    high = min((e for e in held if e.value == held[-1].value), key=lambda e: e.because)
    return Range(held[0], high)


def total(ranges: Iterable[Range]) -> Range:
    """The sum, whatever their order."""
    held = list(ranges)
    return Range(_sum([r.low for r in held]), _sum([r.high for r in held]))


def _sum(ends: list[End]) -> End:
    return End(fsum(e.value for e in ends), tuple(sorted({b for e in ends for b in e.because})))


def _times(one: End, other: End) -> End:
    return End(one.value * other.value, tuple(sorted({*one.because, *other.because})))
