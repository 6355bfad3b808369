"""Frameworks: published lists of demands, as versioned data. Their clauses point at controls, never the other way."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from policies.errors import PoliciesError


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Machine(StrEnum):
    """How much of a clause a program can decide."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Clause(_Part):
    """One demand of a framework, and the ids of the controls that serve it.

    `machine` says how much of it a program can decide, and `evidence` what people still owe, in our own words. Neither stands at a
    heading, which only groups clauses. `title` is empty where the publisher's licence lets us name ids alone.
    """

    id: str = Field(min_length=1)
    title: str = ""
    machine: Machine | None = None
    evidence: str = ""
    controls: tuple[str, ...] = ()


class Framework(_Part):
    """A published list of demands. `id` includes the version; `mapping` says what the pointing rests on."""

    format: str = Field(pattern=r"^cloud-unless/framework/1$")
    id: str
    title: str
    version: str
    publisher: str
    source: str
    licence: str
    read_on: date
    mapping: str
    clause: tuple[Clause, ...]

    def is_heading(self, clause: Clause) -> bool:
        """Whether it groups other clauses: their ids go on from its own (A1 and A1.a, NS and NS-1)."""
        return any(self.is_above(clause, c) for c in self.clause)

    @staticmethod
    def is_above(heading: Clause, clause: Clause) -> bool:
        """Whether a clause's id goes on from a heading's."""
        rest = clause.id.removeprefix(heading.id)
        if rest in (clause.id, ""):
            return False
        return not rest[0].isalnum() or (heading.id[-1].isalpha() and rest[0].isdigit())


@cache
def frameworks() -> tuple[Framework, ...]:
    """Every framework of this folder, sorted by id. Raises PoliciesError with every fault of every file."""
    texts = [(f.name, f.read_text("utf-8")) for f in files(__name__).iterdir() if f.name.endswith(".toml")]
    return parse_frameworks(texts)


def parse_frameworks(texts: Iterable[tuple[str, str]]) -> tuple[Framework, ...]:
    """Frameworks from (file name, text). Raises PoliciesError with every fault."""
    read: list[Framework] = []
    faults: list[str] = []
    for name, text in texts:
        try:
            read.append(Framework.model_validate(tomllib.loads(text)))
            faults.extend(f"{name}, {what}" for what in _unsaid(read[-1]))
        except tomllib.TOMLDecodeError as wrong:
            faults.append(f"{name}: is not readable as TOML: {wrong}. Mend the line that it names.")
        except ValidationError as wrong:
            faults.extend(f"{name}, key {'.'.join(map(str, e['loc']))}: {e['msg']}. Correct the value." for e in wrong.errors())
    if faults:
        raise PoliciesError(*faults)
    return tuple(sorted(read, key=lambda f: f.id))


def _unsaid(framework: Framework) -> Iterator[str]:
    """Clauses of which nobody has said whether a program can decide them, or what people owe."""
    for clause in framework.clause:
        if framework.is_heading(clause):
            continue
        if clause.machine is None:
            yield f"clause {clause.id}, key machine: is missing. Write yes, partly or no: how much of it a program can decide."
        if not clause.evidence.strip() and (clause.machine is not Machine.YES or not clause.controls):
            yield f"clause {clause.id}, key evidence: is empty. Say what people must show, since no control decides it alone."


def clauses_by_control(held: Sequence[Framework], control_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each control the clauses that point at it, as `framework-id:clause-id`, sorted.

    Raises PoliciesError for every clause that names a control that does not exist.
    """
    pointed: dict[str, list[str]] = {c: [] for c in control_ids}
    faults: list[str] = []
    for framework in held:
        for clause in framework.clause:
            for control in clause.controls:
                if control in pointed:
                    pointed[control].append(f"{framework.id}:{clause.id}")
                else:
                    faults.append(f"Framework {framework.id}, clause {clause.id}: there is no control {control}. Correct its id.")
    if faults:
        raise PoliciesError(*faults)
    return {c: tuple(sorted(set(held))) for c, held in pointed.items()}
