"""What a questionnaire comes to: a score and a colour, by a formula that docs/guides/questionnaires.md publishes.

Konveyor halves its confidence for each red answer, whatever the length of the questionnaire (tackle2-hub, assessment/assessment.go and
pkg.go, read 2026-11-25), and counts what is unknown at 70 of 100. Here an answer counts by its weight against the weight of all that was
asked, and what is unknown counts nothing. Whole numbers until the last division, so the order of answers changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from migration.questionnaires.asked import Reply
from migration.questionnaires.model import Risk, Thresholds

WORTH: Final = {Risk.GREEN: 2, Risk.YELLOW: 1, Risk.RED: 0, Risk.UNKNOWN: 0}
"""Halves of a question's weight that an answer earns."""


@dataclass(frozen=True, slots=True)
class Result:
    """The score of 100, the colour, and of the weight asked how much was of each risk. Nothing asked: no score, and unknown."""

    score: int | None
    risk: Risk
    weights: tuple[tuple[Risk, int], ...]
    knocked_out: bool = False

    @property
    def asked(self) -> int:
        """The weight of all that was asked."""
        return sum(weight for _, weight in self.weights)


def result(replies: Iterable[Reply], thresholds: Thresholds) -> Result:
    """What the replies come to."""
    held = tuple(replies)
    weights = tuple((risk, sum(r.question.weight for r in held if r.risk is risk)) for risk in Risk)
    asked = sum(w for _, w in weights)
    knocked = any(r.choice is not None and r.choice.knock_out for r in held)
    hidden = any(r.risk is Risk.UNKNOWN and r.question.can_knock_out for r in held)
    score = sum(WORTH[risk] * w for risk, w in weights) * 50 // asked if asked else None
    return Result(score, _colour(dict(weights), asked, thresholds, knocked, hidden), weights, knocked)


def _colour(weights: dict[Risk, int], asked: int, at: Thresholds, knocked: bool, hidden: bool) -> Risk:
    """Red by what is answered; unknown where what is not answered could make it red, or is too much; else yellow or green."""

    def reaches(threshold: int, *risks: Risk) -> bool:
        return sum(weights[r] for r in risks) * 100 >= threshold * asked

    if asked and (knocked or reaches(at.red, Risk.RED)):
        return Risk.RED
    if not asked or hidden or reaches(at.red, Risk.RED, Risk.UNKNOWN) or reaches(at.unknown, Risk.UNKNOWN):
        return Risk.UNKNOWN
    return Risk.YELLOW if reaches(at.yellow, Risk.YELLOW, Risk.RED, Risk.UNKNOWN) else Risk.GREEN
