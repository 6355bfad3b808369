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
from policies.evaluate import evaluate, subjects_of
from policies.model import Control, Judgement, Portfolio, Severity, Subject
from policies.read.recognise import Reading
from policies.register import Register
from policies.standing import sound
from policies.unjudged import not_judged, says
from policies.waivers import waive


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

    def one(self, sent: analyzer_pb2.AnalyzeRequest, settings: Settings, has_stopped: Callable[[], bool]) -> Judged:
        """The judgements of a resource that is about to be made."""
        subject = subject_of(sent)
        found = self._judged((subject,), by_itself(), settings, has_stopped)
        self._asked[subject.id] = subject
        self._telling.update((subject.id, j) for j in found.judgements if says(j))
        return found

    def all(self, sent: Iterable[analyzer_pb2.AnalyzerResource], settings: Settings, has_stopped: Callable[[], bool]) -> Judged:
        """The judgements of resources beside one another.

        What was not asked for in this deployment is only read, and another's: left out, as `unless check` leaves it out. An engine that
        asked for nothing beforehand wants everything judged now.
        """
        held = list(sent)
        known = [r for r in held if r.urn in self._asked]
        subjects = tuple(beside_others(r, self._asked.get(r.urn)) for r in known or held)
        found = self._judged(subjects, together() if known else resource_controls(), settings, has_stopped)
        strange = not_judged([Reading("stack", "This stack", subjects)], (*found.judgements, *self._telling.values()))
        return Judged(found.judgements, found.idle, strange)

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
        found: list[Judgement] = []
        idle: list[str] = []
        for control in controls:
            if has_stopped():
                raise StoppedError
            judgements = evaluate(portfolio, (control,)) if any(True for _ in subjects_of(control, portfolio)) else ()
            found += (waive(j, register, on) for j in judgements)
            idle += [] if judgements else [control.id]
        return Judged(tuple(found), tuple(idle))


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
