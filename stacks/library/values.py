"""Values that fill an assignment's parameters: the library's default values, and a council's own for one assignment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from stacks.library.model import Assignment, Library, Parameter, find, is_set, key, last

LOCATION = "${default_location}"
# What the library writes where a value must be somebody's own. Source: its assignments, platform/alz 2026.04.2 and 2026.01.3.
_PLACEHOLDERS = ("00000000-0000-0000-0000-000000000000", "/placeholder", "security_contact@replace_me", "defaultstring3", "changeme")


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A parameter that still wants a value, and the library's name for that value, if it has one."""

    parameter: str
    default: str = ""


@dataclass(frozen=True)
class Values:
    """`defaults` by the library's name of a default value; `parameters` by assignment, then parameter."""

    location: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

    def unknown(self, library: Library) -> list[str]:
        """Names that the library does not have."""
        names = ", ".join(sorted(d.name for d in library.defaults.values())) or "none"
        faults = [
            f"There is no default value {n} in the library; there are {names}." for n in self.defaults if key(n) not in library.defaults
        ]
        for name, given in self.parameters.items():
            assignment = find(library.assignments, name)
            if assignment is None:
                faults.append(f"There is no policy assignment {name} in the library; correct the name whose parameters you give.")
                continue
            known = parameters_of(library, assignment)
            if known is not None:
                there = ", ".join(sorted(k.name for k in known.values())) or "none"
                faults += [f"{assignment.name} has no parameter {p}; its definition has {there}." for p in given if key(p) not in known]
        return faults


def is_placeholder(value: Any) -> bool:
    """Whether a value, or anything in it, is one that the library leaves to be filled."""
    text = json.dumps(value, default=str).lower()
    return any(p in text for p in _PLACEHOLDERS)


def parameters_of(library: Library, held: Assignment) -> Mapping[str, Parameter] | None:
    """The parameters of the definition that is assigned, or None where it is not at hand."""
    name = last(held.definition_id)
    definition = library.set_definition(name) if is_set(held.definition_id) else library.definition(name)
    return None if definition is None else definition.parameters


def filled(library: Library, held: Assignment, values: Values) -> tuple[Mapping[str, Any], tuple[Unfilled, ...]]:
    """An assignment's parameters with every value that there is, by name, and those that still want one.

    A parameter that the library only holds a place for is left out where its definition has a default.
    """
    wanted = _defaults_of(library, held)
    known = parameters_of(library, held) or {}
    found: dict[str, tuple[str, Any]] = {key(n): (n, v) for n, v in held.values.items()}
    given = {p: values.defaults[d] for p, d in wanted.items() if d in values.defaults}
    own = find({key(n): v for n, v in values.parameters.items()}, held.name) or {}
    for name, value in [*given.items(), *own.items()]:
        shown = found[key(name)][0] if key(name) in found else known[key(name)].name if key(name) in known else name
        found[key(name)] = (shown, value)
    # The library's own values say nothing of whose they are; one that was given is taken as it is.
    open_ones = [p for p, (_, v) in found.items() if p not in given and p not in map(key, own) and is_placeholder(v)]
    left_out = {p for p in open_ones if p not in wanted and p in known and known[p].is_optional}
    missing = [p for p in wanted if p not in found]
    unfilled = tuple(Unfilled(found[p][0] if p in found else p, wanted.get(p, "")) for p in (*open_ones, *missing) if p not in left_out)
    return {n: _located(v, values.location) for p, (n, v) in found.items() if p not in left_out}, unfilled


def _defaults_of(library: Library, held: Assignment) -> Mapping[str, str]:
    """Names of default values by the parameter of this assignment that they fill."""
    return {
        key(parameter): default.name
        for default in library.defaults.values()
        for name, parameter in default.targets
        if key(name) == key(held.name)
    }


def _located(value: Any, location: str) -> Any:
    """The value with the place for a location filled."""
    if isinstance(value, str):
        return value.replace(LOCATION, location) if location else value
    if isinstance(value, Mapping):
        return {k: _located(v, location) for k, v in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_located(v, location) for v in cast("list[Any]", value)]
    return value
