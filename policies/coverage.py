"""How far each clause of a framework is covered: by which controls, how much of it a program can decide, and what people still owe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policies.frameworks import Clause, Framework, Machine


class Covered(StrEnum):
    """Who answers for a clause."""

    CONTROLS = "controls"
    BOTH = "controls and people"
    PEOPLE = "people"
    NOT_YET = "people, until a control does"


@dataclass(frozen=True, slots=True)
class Coverage:
    """One clause: its controls, those of its headings included, how much a program can decide, who answers, and what people owe."""

    framework: str
    clause: str
    title: str
    machine: Machine
    covered: Covered
    controls: tuple[str, ...]
    evidence: str


def coverage(framework: Framework) -> tuple[Coverage, ...]:
    """Every clause that is no heading, in the framework's order."""
    return tuple(_one(framework, c) for c in framework.clause if not framework.is_heading(c))


def sums(lines: Iterable[Coverage]) -> Mapping[Covered, int]:
    """How many clauses each answers for; every kind is there."""
    counted = Counter(line.covered for line in lines)
    return {kind: counted[kind] for kind in Covered}


def _one(framework: Framework, clause: Clause) -> Coverage:
    controls = tuple(sorted({i for c in (*_headings(framework, clause), clause) for i in c.controls}))
    machine = clause.machine or Machine.NO
    return Coverage(framework.id, clause.id, clause.title, machine, _covered(machine, controls), controls, clause.evidence)


def _headings(framework: Framework, clause: Clause) -> Iterator[Clause]:
    """The clauses above this one."""
    for other in framework.clause:
        if other is not clause and framework.is_above(other, clause):
            yield other


def _covered(machine: Machine, controls: tuple[str, ...]) -> Covered:
    if machine is Machine.NO:
        return Covered.PEOPLE
    if not controls:
        return Covered.NOT_YET
    return Covered.CONTROLS if machine is Machine.YES else Covered.BOTH
