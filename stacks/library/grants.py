"""Which roles an assignment's identity needs, where, and why.

A definition that changes or deploys something names the roles that this takes. They are needed at the assignment's own group,
and at each parameter that the definition marks with `assignPermissions`: a workspace or a zone that lies elsewhere. Source:
Azure/alzlib, deployment/managementgroup.go, 5f18137 (2026-04-27), and Microsoft Learn, "Remediate resources": the portal does the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stacks.library.architecture import Grant, PermissionParameter
from stacks.library.expressions import ExpressionError, evaluate
from stacks.library.model import ABSENT, Assignment, Definition, Library, Parameter, Reference, is_set, key, last
from stacks.library.values import is_placeholder

_RESOURCE = re.compile(r"/(subscriptions|providers)(/[^/]+)+")
_SHOWN = 3


def grants_of(library: Library, held: Assignment, marked: tuple[PermissionParameter, ...]) -> tuple[tuple[Grant, ...], list[str]]:
    """The roles of an assignment's identity, each once a scope, with the definitions that ask for it; and the faults."""
    why: dict[tuple[str, str], list[str]] = {}
    faults: list[str] = []
    for reference, definition in library.members_of(held.definition_id):
        if definition is None:
            missing = reference.name if reference else last(held.definition_id)
            faults.append(
                f"{held.file}: {held.name} has an identity, and the definition {missing} that says which roles it needs is not at hand; "
                "bring Azure's built-in definitions (setting built_ins)."
            )
            continue
        for role in definition.roles:
            why.setdefault((role, ""), []).append(_called(definition))
    for parameter in marked:
        if parameter.scope:
            for role in parameter.roles:
                why.setdefault((role, parameter.scope), []).append(f"{parameter.name} of {parameter.definition}")
    return tuple(Grant(role, scope, _why(list(dict.fromkeys(said)))) for (role, scope), said in why.items()), faults


def _why(said: list[str]) -> str:
    more = f"; and {len(said) - _SHOWN} more" if len(said) > _SHOWN else ""
    return "; ".join(said[:_SHOWN]) + more


def _called(definition: Definition) -> str:
    return str(definition.properties.get("displayName") or definition.name)


def permission_parameters(
    library: Library, held: Assignment, values: Mapping[str, Any]
) -> tuple[tuple[PermissionParameter, ...], list[str]]:
    """Every parameter of an assignment's definitions that is marked `assignPermissions`, with the scope that its value names."""
    given = {key(name): value for name, value in values.items()}
    faults: list[str] = []
    found: list[PermissionParameter] = []
    for reference, definition in library.members_of(held.definition_id):
        if definition is None:
            continue
        for parameter in _marked(definition):
            try:
                value = _value(library, held, reference, parameter, given)
            except ExpressionError as wrong:
                value = ""
                faults.append(f"{held.file}: where {held.name} needs roles for {parameter.name} cannot be told: {wrong}; give a value.")
            found.append(PermissionParameter(_called(definition), parameter.name, definition.roles, _scope(value)))
    return tuple(found), faults


def _scope(value: Any) -> str:
    """A resource's id, or "" for what is none: an empty value, a place for one, an id with a part left out."""
    return value if isinstance(value, str) and _RESOURCE.fullmatch(value) and not is_placeholder(value) else ""


def _marked(definition: Definition) -> Iterator[Parameter]:
    """A definition without roles asks for nothing."""
    if definition.roles:
        yield from (p for p in definition.parameters.values() if p.assigns_permissions)


def _value(library: Library, held: Assignment, reference: Reference | None, parameter: Parameter, given: Mapping[str, Any]) -> Any:
    if reference is None:
        return given.get(key(parameter.name), _default(parameter))
    if key(parameter.name) not in reference.parameters:
        return _default(parameter)
    of_set = library.set_definition(last(held.definition_id)) if is_set(held.definition_id) else None
    defaults = {k: p.default for k, p in of_set.parameters.items() if p.is_optional} if of_set else {}
    return evaluate(reference.parameters[key(parameter.name)], {**defaults, **given})


def _default(parameter: Parameter) -> Any:
    return "" if parameter.default is ABSENT else parameter.default
