"""Where a resource lies: its resource group, its subscription and the management groups above, as the planned hierarchy has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from policies.azure_policy.arm_form import Resource
from policies.model import Subject

GROUPS: Final = "/providers/microsoft.management/managementgroups/"
_GROUP: Final = "azure-native:management:ManagementGroup"
_PLACED: Final = "azure-native:management:ManagementGroupSubscription"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Which management group each is inside, and each subscription, by ids in small letters."""

    above: Mapping[str, str]

    def scopes_of(self, resource: Resource) -> tuple[str, ...]:
        """Every scope that a resource lies in, itself first. Without its subscription's management group, up to the subscription."""
        inside = [s for s in (resource.scope, resource.group, resource.subscription) if s]
        here, seen = resource.subscription, set[str]()
        while here in self.above and here not in seen:
            seen.add(here)
            here = self.above[here]
            inside.append(here)
        return tuple(dict.fromkeys(inside))

    def is_placed(self, resource: Resource) -> bool:
        """Whether it is known in which management group its subscription is."""
        return resource.subscription in self.above


def hierarchy_of(subjects: Iterable[Subject]) -> Hierarchy:
    """The hierarchy that these resources make."""
    above: dict[str, str] = {}
    for subject in subjects:
        if subject.type == _GROUP:
            own = subject.resource_id.casefold() or f"{GROUPS}{subject.inputs.get('groupId')}".casefold()
            parent = _text(subject.inputs, "details", "parent", "id")
            if parent:
                above[own] = parent.casefold()
        elif subject.type == _PLACED:
            group, _, subscription = subject.resource_id.casefold().rpartition("/subscriptions/")
            if group.startswith(GROUPS):
                above[f"/subscriptions/{subscription}"] = group
    return Hierarchy(above)


def _text(held: Any, *names: str) -> str:
    for name in names:
        held = cast("Mapping[str, Any]", held).get(name) if isinstance(held, Mapping) else None
    return held if isinstance(held, str) else ""


def is_within(scope: str, scopes: Iterable[str]) -> bool:
    """Whether a scope is one of these, or one of them is inside it, in any case."""
    own = scope.rstrip("/").casefold()
    return any(s == own or s.startswith(f"{own}/") for s in scopes)
