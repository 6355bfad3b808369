"""Frameworks: published lists of demands, as versioned data. Their clauses point at controls, never the other way."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from policies.errors import PoliciesError


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Clause(_Part):
    """One demand of a framework, and the ids of the controls that serve it."""

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
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
        except tomllib.TOMLDecodeError as wrong:
            faults.append(f"{name}: is not readable as TOML: {wrong}. Mend the line that it names.")
        except ValidationError as wrong:
            faults.extend(f"{name}, key {'.'.join(map(str, e['loc']))}: {e['msg']}. Correct the value." for e in wrong.errors())
    if faults:
        raise PoliciesError(*faults)
    return tuple(sorted(read, key=lambda f: f.id))


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
