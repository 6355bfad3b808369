"""What each definition behind an assignment really does there: its effect once parameters and overrides are worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from stacks.library.architecture import Assigned
from stacks.library.difference.advice import strengths
from stacks.library.expressions import ExpressionError, evaluate
from stacks.library.model import Definition, Library, Parameter, Reference, key

UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """A definition's effect at an assignment; `effect` is "" where it cannot be told."""

    title: str
    effect: str

    @property
    def strength(self) -> int | None:
        """0 does nothing, 1 reports, 2 changes resources, 3 refuses; None where it cannot be told."""
        return strengths().get(key(self.effect))


def effects(library: Library, assigned: Assigned) -> Mapping[str, Effect]:
    """Effects by the set's reference, or by the definition's name where one is assigned by itself; compared names."""
    given = {key(n): v for n, v in assigned.parameters.items()}
    of_set = library.set_definition(assigned.definition.name) if assigned.definition.is_set else None
    values = {**_defaults(of_set.parameters), **given} if of_set else given
    found: dict[str, Effect] = {}
    for reference, definition in library.members_of(assigned.definition.id_at("")):
        name = (reference.id or reference.name) if reference else assigned.definition.name
        said = _overridden(assigned, reference) or _effect(reference, definition, values)
        found[key(name)] = Effect(_title(name, definition), said)
    return found


def _title(name: str, definition: Definition | None) -> str:
    shown = str(definition.properties.get("displayName") or "") if definition else ""
    return f"{name} ({shown})" if shown and shown != name else name


def _defaults(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    return {name: p.default for name, p in parameters.items() if p.is_optional}


def _effect(reference: Reference | None, definition: Definition | None, values: Mapping[str, Any]) -> str:
    if definition is None:
        return UNKNOWN
    try:
        own = {name: evaluate(v, values) for name, v in reference.parameters.items()} if reference else values
        found = evaluate(definition.effect, {**_defaults(definition.parameters), **own})
    except ExpressionError:
        return UNKNOWN
    return found if isinstance(found, str) else UNKNOWN


def _overridden(assigned: Assigned, reference: Reference | None) -> str:
    """The effect that the assignment itself lays on the definition. Source: Microsoft Learn, assignment structure, overrides."""
    for said in assigned.overrides:
        if key(str(said.get("kind", ""))) == "policyeffect" and _is_selected(said.get("selectors") or (), reference):
            return str(said.get("value", ""))
    return ""


def _is_selected(selectors: Any, reference: Reference | None) -> bool:
    named = [s for s in cast("list[Mapping[str, Any]]", selectors) if key(str(s.get("kind", ""))) == "policydefinitionreferenceid"]
    ours = key(reference.id) if reference else ""
    for said in named:
        if said.get("in") and ours not in map(key, said["in"]):
            return False
        if said.get("notIn") and ours in map(key, said["notIn"]):
            return False
    return True
