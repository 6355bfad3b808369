"""Readiness from findings: the worst wins, and what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migration.model import Effect, Finding, Readiness

WORST_FIRST = (
    (Effect.BLOCKS, Readiness.NOT_READY),
    (Effect.UNKNOWN, Readiness.UNKNOWN),
    (Effect.CONDITION, Readiness.CONDITIONS),
)


def readiness_of(findings: Iterable[Finding]) -> Readiness:
    """Not ready when anything blocks, else unknown when anything is unknown, else with conditions, else ready."""
    effects = {f.effect for f in findings}
    return next((readiness for effect, readiness in WORST_FIRST if effect in effects), Readiness.READY)


def deciding(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that decide the readiness: all of the worst effect."""
    held = tuple(findings)
    effects = {f.effect for f in held}
    worst = next((effect for effect, _ in WORST_FIRST if effect in effects), Effect.NONE)
    return tuple(f for f in held if f.effect is worst)


@dataclass(frozen=True, slots=True)
class Lift:
    """One step towards ready: the findings to lift, the readiness before it and after it, and the person-days that are estimated.

    `unestimated` is how many of the findings nobody has estimated. An unknown that is found out may prove to block: the readiness after it
    is of answers that are good.
    """

    findings: tuple[Finding, ...]
    before: Readiness
    after: Readiness
    effort_days: float
    unestimated: int

    @property
    def is_asking(self) -> bool:
        """Whether the step finds out, rather than mends."""
        return self.before is Readiness.UNKNOWN


def lifts(findings: Iterable[Finding]) -> tuple[Lift, ...]:
    """The steps from what a workload is to ready: all that blocks, then what is unknown, then the conditions; the least effort first."""
    return tuple(_lifts(tuple(findings)))


def _lifts(held: tuple[Finding, ...]) -> Iterator[Lift]:
    while (before := readiness_of(held)) is not Readiness.READY:
        worst = tuple(sorted(deciding(held), key=lambda f: (f.effort_days is None, f.effort_days or 0, f.subject, f.reason)))
        held = tuple(f for f in held if f.effect is not worst[0].effect)
        days = [f.effort_days for f in worst]
        yield Lift(worst, before, readiness_of(held), sum(d for d in days if d is not None), days.count(None))
