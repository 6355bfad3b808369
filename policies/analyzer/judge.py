"""What is judged when: each resource by itself before it is made, and all of them together once they are known.

Controls that look around wait for the second; so does what they need to know of the first: what was asked for each resource. The dates of
exceptions count on the day of each judgement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from pulumi.runtime.proto import analyzer_pb2

from policies.analyzer.settings import Settings
from policies.analyzer.subjects import beside_others, subject_of
from policies.catalogue import all_controls, known_controls
from policies.evaluate import evaluate, matches
from policies.model import Control, Judgement, Portfolio, Severity, Subject, Verdict
from policies.places import at
from policies.read.recognise import Reading
from policies.register import Register
from policies.standing import sound
from policies.unjudged import not_judged, says
from policies.waivers import waive_all


class StoppedError(Exception):
    """Nobody waits for the judgement any more."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgements of one call, the ids of controls that had nothing to judge in it, and sentences on what no control knows."""

    judgements: tuple[Judgement, ...]
    idle: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()


@cache
def resource_controls() -> tuple[Control, ...]:
    """The controls of resources, which are all that Pulumi shows: a type of Pulumi's has a colon in it."""
    return tuple(c for c in all_controls() if any(":" in t or t == "*" for t in c.types))


@dataclass
class Judging:
    """Judges the resources of one stack. `today` is asked for at each judgement."""

    today: Callable[[], date]
    _asked: dict[str, Subject] = field(default_factory=dict[str, Subject])
    _telling: dict[str, Judgement] = field(default_factory=dict[str, Judgement])
    _waiving: tuple[Register, date, Register] | None = None
    _breached: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def one(self, sent: analyzer_pb2.AnalyzeRequest, settings: Settings, has_stopped: Callable[[], bool]) -> Judged:
        """The judgements of a resource that is about to be made."""
        subject = subject_of(sent)
        found = self._judged((subject,), by_itself(), settings, has_stopped)
        self._asked[subject.id] = subject
        self._telling.update((subject.id, j) for j in found.judgements if says(j))
        self._breached.update((j.control.id, subject.id) for j in found.judgements if is_breach(j))
        return found

    def all(self, sent: Iterable[analyzer_pb2.AnalyzerResource], settings: Settings, has_stopped: Callable[[], bool]) -> Judged:
        """The judgements of resources beside one another.

        What was not asked for in this deployment is only read, and another's: left out, as `unless check` leaves it out. An engine that
        asked for nothing beforehand wants everything judged now.
        """
        every = list(sent)
        known = [r for r in every if r.urn in self._asked]
        subjects = tuple(beside_others(r, self._asked.get(r.urn)) for r in known or every)
        found = self._judged(subjects, together() if known else resource_controls(), settings, has_stopped)
        later = self._later(subjects, settings, has_stopped) if known else ()
        # Pulumi's own resources alone are an empty stack, such as one that is emptied by its program.
        held = [] if all(s.is_component or s.type.startswith("pulumi:") for s in subjects) else [Reading("stack", "This stack", subjects)]
        strange = not_judged(held, (*found.judgements, *self._telling.values()))
        return Judged((*found.judgements, *later), found.idle, strange)

    def _later(self, subjects: Iterable[Subject], settings: Settings, has_stopped: Callable[[], bool]) -> tuple[Judgement, ...]:
        """What breaches only now that it is known what unknowns are made from: a verdict that rested on a guess does not stand."""
        unsure = tuple(s for s in subjects if any(leaf.is_unknown() for leaf in at(s).leaves()))
        found = self._judged(unsure, by_itself(), settings, has_stopped) if unsure else Judged(())
        return tuple(j for j in found.judgements if is_breach(j) and (j.control.id, j.subject.id) not in self._breached)

    def _sound(self, register: Register, on: date) -> Register:
        """What of the register waives: Pulumi shows nobody its verdicts, so an entry that fails its own controls waives nothing."""
        if self._waiving is None or self._waiving[0] is not register or self._waiving[1] != on:
            self._waiving = (register, on, sound(register, on))
        return self._waiving[2]

    def _judged(
        self, subjects: tuple[Subject, ...], controls: Sequence[Control], settings: Settings, has_stopped: Callable[[], bool]
    ) -> Judged:
        on = self.today()
        portfolio = Portfolio(subjects, on, _severities())
        register = self._sound(settings.register, on)
        types = tuple(sorted(portfolio.by_type))
        found: list[Judgement] = []
        for control in (c for c in controls if _is_about(c.types, types)):
            if has_stopped():
                raise StoppedError
            found += waive_all(evaluate(portfolio, (control,)), register, on)
        return Judged(tuple(found), tuple(c.id for c in controls if not _is_about(c.types, types)))


@cache
def _is_about(wanted: tuple[str, ...], types: tuple[str, ...]) -> bool:
    """Whether any of the types is one that a control is about; asked again and again, of the same few types."""
    return any(matches(t, w) for t in types for w in wanted)


def is_breach(judgement: Judgement) -> bool:
    """Whether a person must hear of it, unless it is waived: a fail, or an unknown."""
    return judgement.answer.verdict in (Verdict.FAIL, Verdict.UNKNOWN)


@cache
def by_itself() -> tuple[Control, ...]:
    """The controls that need nothing but the resource."""
    return tuple(c for c in resource_controls() if not c.looks_around)


@cache
def together() -> tuple[Control, ...]:
    """The controls that look around."""
    return tuple(c for c in resource_controls() if c.looks_around)


@cache
def _severities() -> Mapping[str, Severity]:
    return {c.id: c.severity for c in known_controls()}
