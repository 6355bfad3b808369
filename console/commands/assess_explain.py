"""`unless assess explain`: one workload's readiness, score and disposition, so that each can be reckoned again by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from console.commands.assess_view import EFFECTS, options
from console.output import counted, say, table

if TYPE_CHECKING:
    from inventory.model import Estate
    from migration.model import Assessment
    from migration.readiness import Lift
    from migration.score import Score
    from migration.sensitivity import FactFlip, WeightFlip
    from migration.terms import Terms


@dataclass(frozen=True)
class Explanation:
    """Everything that `assess explain` shows of one workload."""

    assessment: Assessment
    lifts: tuple[Lift, ...]
    score: Score
    weights: tuple[WeightFlip, ...]
    facts: tuple[FactFlip, ...]


def explained(workload_id: str, estate: Estate, terms: Terms) -> Explanation:
    """The workload assessed again, with what each part rests on."""
    from migration.assess import assess
    from migration.readiness import lifts
    from migration.score import score_of
    from migration.sensitivity import fact_flips, weight_flips

    workload = estate.workload_by_id[workload_id]
    made = assess(workload, estate, terms)
    weights = terms.knowledge.weights
    score = score_of(workload, estate, made.findings, weights)
    return Explanation(made, lifts(made.findings), score, weight_flips(score.lines, weights), fact_flips(made, workload, estate, terms))


def as_json(held: Explanation) -> Mapping[str, object]:
    """The explanation for `--json`."""
    a = held.assessment
    return {
        "workload_id": a.workload_id,
        "on": a.on,
        "readiness": a.readiness,
        "disposition": a.disposition,
        "overruled": a.overruled,
        "score": held.score.value,
        "band": held.score.band,
        "lines": [{**asdict(line), "points": line.hundredths / 100} for line in held.score.lines],
        "lifts": held.lifts,
        "weights": held.weights,
        "facts": held.facts,
        "options": a.options,
    }


def draw(held: Explanation) -> None:
    """The explanation in a terminal."""
    a = held.assessment
    say(f"{a.workload_id}: {a.readiness.value}, {a.disposition.value}, score {held.score.value:g} of 100 ({held.score.band})")
    if a.overruled:
        say(a.overruled)
    _lifts(held.lifts)
    _score(held.score)
    _sensitivity(held)
    options(a.options)


def _lifts(held: tuple[Lift, ...]) -> None:
    say("\nWhat would make it ready, in this order:" if held else "\nNothing stands against it: it is ready.")
    for number, lift in enumerate(held, 1):
        known = _days(lift.effort_days) + (f" and {lift.unestimated} not estimated" if lift.unestimated else "")
        say(f"  {number}. {lift.before.value} becomes {lift.after.value}: {counted(len(lift.findings), 'finding')}, {known}.")
        if lift.is_asking:
            say("     Where an answer is a bad one, it blocks.")
        for finding in lift.findings:
            days = _days(finding.effort_days) if finding.effort_days is not None else "not estimated"
            say(f"     - {EFFECTS[finding.effect.value]} {finding.subject} ({days}): {finding.remedy or finding.reason}")


def _score(score: Score) -> None:
    say("")
    rows: list[Mapping[str, object]] = [
        {
            "group": line.group,
            "weight": line.weight,
            "share": f"{line.share_percent} %",
            "points": f"{line.hundredths / 100:g}",
            "because": line.because,
        }
        for line in score.lines
    ]
    table(rows, ("group", "weight", "share", "points", "because"), as_json=False, title="The score")
    points, whole = sum(line.hundredths for line in score.lines) / 100, sum(line.weight for line in score.lines)
    say(f"100 x {points:g} / {whole} = {score.value:g}, rounded down to one decimal: {score.band}.")


def _sensitivity(held: Explanation) -> None:
    say("\nWeights: none changes the readiness or the disposition. Alone, each of these changes the band:")
    for flip in held.weights:
        say(f"  - {flip.group} at {flip.would_be} in place of {flip.weight}: {flip.score:g}, {flip.band}")
    if not held.weights:
        say("  - no weight from 0 to 100 does")
    say("\nWhat nobody has said, where it would change the readiness, the disposition or the band:")
    for fact in held.facts:
        say(f"  - {fact.subject}, if {fact.what}: {fact.readiness.value}, {fact.disposition.value}, {fact.score:g} ({fact.band})")
    if not held.facts:
        say("  - nothing that is not known would")


def _days(days: float) -> str:
    return "1 day" if days == 1 else f"{days:g} days"
