"""Which resources an assignment means, beyond its scope: excluded scopes, resource selectors, overrides of its effect, exemptions.

Source: concepts/assignment-structure.md, "Resource selectors" and "Overrides" (see the package).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from policies.azure_policy.arm_form import Resource
from policies.azure_policy.assignments import Assigned
from policies.azure_policy.scopes import is_within
from policies.model import UNKNOWN, UnknownValueError

_REFERENCE: Final = "policydefinitionreferenceid"


def is_meant(assigned: Assigned, resource: Resource, scopes: Sequence[str]) -> bool:
    """Whether an assignment whose scope holds a resource means it. Raises UnknownValueError."""
    assignment = assigned.assignment
    if any(is_within(n, scopes) for n in assignment.not_scopes):
        return False
    return not assignment.selectors or any(_all_select(s, resource, "") for s in assignment.selectors)


def effect_on(assigned: Assigned, resource: Resource) -> str:
    """The effect that a rule has on a resource, in small letters: the last override that means it, else its own.

    Raises UnknownValueError.
    """
    effect = assigned.effect
    for override in assigned.assignment.overrides:
        if str(override.get("kind", "")).casefold() == "policyeffect" and _all_select(override, resource, assigned.reference):
            effect = str(override.get("value", "")).casefold()
    return effect


def _all_select(held: Mapping[str, Any], resource: Resource, reference: str) -> bool:
    selectors = held.get("selectors")
    if not isinstance(selectors, (list, type(None))):
        raise UnknownValueError("", "an override or a selector of its is of no form that is understood")
    return all(_selects(s, resource, reference) for s in cast("list[Any]", selectors or []))


def _selects(selector: Any, resource: Resource, reference: str) -> bool:
    held: Mapping[str, Any] = cast("Mapping[str, Any]", selector) if isinstance(selector, Mapping) else {}
    kind, named = str(held.get("kind", "")).casefold(), held.get("in", held.get("notIn"))
    if not isinstance(named, list):
        raise UnknownValueError("", "an override or a selector of its is of no form that is understood")
    given = {str(v).replace(" ", "").casefold() for v in cast("list[Any]", named)}
    if kind == _REFERENCE:
        own = reference
    elif kind == "resourcetype":
        own = resource.type
    elif kind == "resourcelocation":
        own = resource.body.get("location")
    elif kind == "resourcewithoutlocation":
        return resource.body.get("location") is None and not resource.group
    else:
        raise UnknownValueError("", f"a selector of the kind {kind or 'nothing'} is not understood")
    if own is UNKNOWN:
        raise UnknownValueError("location")
    is_named = str(own or "").replace(" ", "").casefold() in given
    return is_named if "in" in held else not is_named
