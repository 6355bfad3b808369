"""The score of a workload, from 0 to 100: it puts workloads of one readiness in order, and never decides the readiness.

``score = 100 x sum of (weight x share) / sum of weights``, over every group of `weights.toml`, rounded down to one decimal. The share of a
group is 1 when nothing stands against the workload there, `condition_percent` / 100 when its worst finding is a condition, and 0 when
one blocks or is unknown, or a fact that the group asks for is not said. The groups are always the same ones, so a red answer
costs its own group's weight and no more, a finding that passes never lowers the score, and nobody gains by not knowing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from inventory.model import Estate, Workload
from migration.facts import is_said, named
from migration.knowledge.model import Weights
from migration.model import Effect, Finding

OTHER = "other"
_WORST = (Effect.BLOCKS, Effect.UNKNOWN, Effect.CONDITION)


@dataclass(frozen=True, slots=True)
class Line:
    """One group of the score: its weight, the per cent of it that is earned, and why, in a sentence."""

    group: str
    weight: int
    share_percent: int
    because: str

    @property
    def hundredths(self) -> int:
        """Points earned, in hundredths of a point."""
        return self.weight * self.share_percent


@dataclass(frozen=True, slots=True)
class Score:
    """The score with every line that it is the sum of."""

    lines: tuple[Line, ...]
    value: float
    band: str


def score_of(workload: Workload, estate: Estate, findings: Iterable[Finding], weights: Weights) -> Score:
    """The score of a workload by its findings and by the facts that nobody has said."""
    return score_by(lines_of(workload, estate, findings, weights), weights)


def lines_of(workload: Workload, estate: Estate, findings: Iterable[Finding], weights: Weights) -> tuple[Line, ...]:
    """What each group earns, in the order of the weights."""
    held = by_group(findings, weights)
    missing = {g.id: [named(f) for f in g.facts if not is_said(f, workload, estate)] for g in weights.groups}
    return tuple(Line(g.id, g.weight, *_share(held[g.id], missing[g.id], weights.condition_percent)) for g in weights.groups)


def score_by(lines: Sequence[Line], weights: Weights) -> Score:
    """The score that lines come to."""
    exact = exact_score(lines)
    return Score(tuple(lines), math.floor(exact * 10) / 10, band_of(exact, weights))


def exact_score(lines: Iterable[Line]) -> Fraction:
    """The score before it is rounded down."""
    held = tuple(lines)
    return Fraction(sum(line.hundredths for line in held), sum(line.weight for line in held))


def band_of(score: Fraction | float, weights: Weights) -> str:
    """The name of the band that a score falls in."""
    return next(b.name for b in weights.bands if score >= b.least)


def by_group(findings: Iterable[Finding], weights: Weights) -> Mapping[str, tuple[Finding, ...]]:
    """The findings of each group; those of assessors that no group names are in `other`."""
    group_of = {a: g.id for g in weights.groups for a in g.assessors}
    made: dict[str, list[Finding]] = {g.id: [] for g in weights.groups}
    for finding in findings:
        made[group_of.get(finding.assessor, OTHER)].append(finding)
    return {group: tuple(held) for group, held in made.items()}


def _share(findings: Sequence[Finding], missing: Sequence[str], condition_percent: int) -> tuple[int, str]:
    """The per cent earned, and why."""
    effects = [f.effect for f in findings]
    worst = next((e for e in _WORST if e in effects), Effect.NONE)
    counted = f"{_SAYS[worst]}: {effects.count(worst)} of {len(effects)} findings." if worst is not Effect.NONE else ""
    unsaid = f"Nobody has said {', '.join(missing)}." if missing else ""
    if worst in (Effect.BLOCKS, Effect.UNKNOWN) or missing:
        return 0, " ".join(filter(None, (counted, unsaid)))
    return (condition_percent, counted) if worst is Effect.CONDITION else (100, "Nothing stands against it.")


_SAYS: Mapping[Effect, str] = {Effect.BLOCKS: "Blocks", Effect.UNKNOWN: "Unknown", Effect.CONDITION: "Conditions"}
