"""What does not fit: a value in plain English, with its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Misfit(StrEnum):
    """Why an input does not fit."""

    NO_SUCH_INPUT = "no such input"
    WRONG_TYPE = "wrong type"
    NO_SUCH_VALUE = "no such value"
    VALUE_NOT_LISTED = "value not listed"
    NO_SUCH_KIND = "no such kind"
    PATTERN = "pattern"
    LENGTH = "length"
    RANGE = "range"
    READ_ONLY = "read-only"
    MISSING = "missing"
    NOTHING_THERE = "nothing there"
    MADE_ELSEWHERE = "made elsewhere"


@dataclass(frozen=True, slots=True)
class Found:
    """One misfit: the place in the inputs, what is wrong in a sentence, and what to do in another.

    A value that Azure's types do not list where they say that others may come, and that looks like one that they do, is no more
    than a doubt; so is the id of what somebody else may have made.
    """

    misfit: Misfit
    path: str
    what: str
    remedy: str

    @property
    def is_certain(self) -> bool:
        """Whether Azure would refuse it, as far as its types tell."""
        return self.misfit not in (Misfit.VALUE_NOT_LISTED, Misfit.MADE_ELSEWHERE)


@dataclass(frozen=True, slots=True)
class Fit:
    """How one resource's inputs fit: what is found, and the places whose values are not known yet."""

    found: tuple[Found, ...]
    unknown: tuple[str, ...]
