"""Readiness from findings: the worst wins."""

from __future__ import annotations

from collections.abc import Iterable

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
