"""What every report says of a judgement in the same way: one line, a place, an order, and where it stands."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from policies.model import Judgement, Severity, Verdict

WORST_FIRST: Final = {Severity.CRITICAL: 0, Severity.HIGH: 1, Severity.MEDIUM: 2, Severity.LOW: 3}

_PLACE: Final = re.compile(r"\[\d+\]")


class Standing(StrEnum):
    """What a fail or an unknown means for the deployment. An unknown that is deferred is judged again on deployed state, never dropped."""

    BLOCKING = "blocking"
    DEFERRED = "deferred"
    ADVICE = "advice"
    WAIVED = "waived"


def standing(judgement: Judgement) -> Standing | None:
    """Where a fail or an unknown stands; None for a pass and for what does not apply."""
    if judgement.answer.verdict not in (Verdict.FAIL, Verdict.UNKNOWN):
        return None
    if judgement.waived_by:
        return Standing.WAIVED
    if judgement.blocks:
        return Standing.BLOCKING
    return Standing.DEFERRED if judgement.deferred else Standing.ADVICE


def by_weight(judgement: Judgement) -> tuple[int, str, str, str, str]:
    """The order for people: the most severe first, then by control, verdict and subject."""
    control = judgement.control
    return WORST_FIRST[control.severity], control.id, judgement.answer.verdict.value, judgement.subject.id, judgement.about


def one_line(text: str) -> str:
    """One line whatever is in it: a name from a file must not be able to break the report or steer the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def place(file: str, line: int) -> str:
    """Where something was written, as `file:line`, as far as it is known."""
    return f"{file}:{line}" if line else file


def without_places(path: str) -> str:
    """A path that stays the same when something is added to a list before it: `rules[3].port` is `rules[].port`."""
    return _PLACE.sub("[]", path)
