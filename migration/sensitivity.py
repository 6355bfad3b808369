"""What would change an assessment: which one weight, and which one fact that nobody has said.

Nothing is sampled. A weight is a whole number from 0 to 100, and every one of them is tried. A fact is tried with one value for each of
the classes that the rules tell apart (support that ends by the cut-over, soon after it, long after it), and the workload assessed
again with it; so is each unknown finding, as one that passes and as one that blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from inventory.model import Estate, Workload
from migration.assess import assess
from migration.assumptions import assumptions
from migration.knowledge.model import Weights
from migration.model import Assessment, Disposition, Effect, Readiness
from migration.readiness import readiness_of
from migration.score import Line, score_by, score_of
from migration.terms import Terms

HEAVIEST = 100


@dataclass(frozen=True, slots=True)
class WeightFlip:
    """The nearest weight of a group, all others as they are, that puts the workload in another band."""

    group: str
    weight: int
    would_be: int
    score: float
    band: str


@dataclass(frozen=True, slots=True)
class FactFlip:
    """What the workload would be if one thing that is not known were known to be so, where that differs from what it is."""

    subject: str
    what: str
    readiness: Readiness
    disposition: Disposition
    score: float
    band: str


def weight_flips(lines: Sequence[Line], weights: Weights) -> tuple[WeightFlip, ...]:
    """For each group the nearest lower and the nearest higher weight that changes the band; a weight changes nothing else."""
    now = score_by(lines, weights).band
    return tuple(flip for line in lines for way in (-1, 1) if (flip := _nearest(line, way, lines, weights, now)))


def fact_flips(made: Assessment, workload: Workload, estate: Estate, terms: Terms) -> tuple[FactFlip, ...]:
    """Each fact that nobody has said and each unknown finding, with what it would change, by the rules alone."""
    ruled = replace(terms, overrules={})
    now = assess(workload, estate, ruled)
    tried = (*_facts(workload, estate, ruled), *_findings(now, workload, estate, ruled))
    return tuple(f for f in tried if (f.readiness, f.disposition, f.band) != (now.readiness, now.disposition, now.band))


def _nearest(line: Line, way: int, lines: Sequence[Line], weights: Weights, now: str) -> WeightFlip | None:
    stop = HEAVIEST + 1 if way > 0 else -1
    for weight in range(line.weight + way, stop, way):
        changed = [replace(one, weight=weight) if one.group == line.group else one for one in lines]
        if not any(one.weight for one in changed):
            return None
        if (score := score_by(changed, weights)).band != now:
            return WeightFlip(line.group, line.weight, weight, score.value, score.band)
    return None


def _facts(workload: Workload, estate: Estate, terms: Terms) -> Iterator[FactFlip]:
    for assumed in assumptions(workload, estate, terms):
        again = assess(assumed.workload, assumed.estate, terms)
        yield FactFlip(assumed.subject, assumed.what, again.readiness, again.disposition, again.score or 0, again.band)


def _findings(now: Assessment, workload: Workload, estate: Estate, terms: Terms) -> Iterator[FactFlip]:
    """Unknown findings as if they passed and as if they blocked. What becomes of a workload never rests on findings."""
    for place, finding in enumerate(now.findings):
        if finding.effect is not Effect.UNKNOWN:
            continue
        for effect, says in ((Effect.NONE, "proves good"), (Effect.BLOCKS, "proves bad")):
            held = [*now.findings[:place], replace(finding, effect=effect), *now.findings[place + 1 :]]
            score = score_of(workload, estate, held, terms.knowledge.weights)
            what = f"it {says}: {finding.reason}"
            yield FactFlip(finding.subject, what, readiness_of(held), now.disposition, score.value, score.band)
