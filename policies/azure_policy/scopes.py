"""Where a resource lies: its resource group, its subscription and the management groups above, as the planned hierarchy has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from policies.azure_policy.arm_form import Resource
from policies.azure_policy.ids import Ids
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


def hierarchy_of(subjects: Sequence[Subject], ids: Ids) -> Hierarchy:
    """The hierarchy that these resources make."""
    above: dict[str, str] = {}
    by_urn = {s.id: s for s in subjects}
    for subject in subjects:
        if subject.type == _GROUP:
            parent = _text(subject.inputs, "details", "parent", "id") or _made_from(subject, "details", by_urn)
            if parent:
                above[_own(subject)] = parent.casefold()
        elif subject.type == _PLACED:
            group, _, subscription = subject.resource_id.casefold().rpartition("/subscriptions/")
            said = _text(subject.inputs, "groupId")
            group = group or (GROUPS + said.casefold() if said else _made_from(subject, "groupId", by_urn))
            subscription = subscription or _text(subject.inputs, "subscriptionId").casefold() or ids.subscription_of(subject)
            if group.startswith(GROUPS) and subscription:
                above[f"/subscriptions/{subscription}".casefold()] = group
    return Hierarchy(above)


def _own(group: Subject) -> str:
    return group.resource_id.casefold() or f"{GROUPS}{_text(group.inputs, 'groupId')}".casefold()


def _made_from(subject: Subject, path: str, by_urn: Mapping[str, Subject]) -> str:
    """The management group that an input is made from, when it is made from one alone."""
    groups = [by_urn[u] for u in subject.waits_on.get(path, ()) if u in by_urn and by_urn[u].type == _GROUP]
    return _own(groups[0]) if len(groups) == 1 else ""


def _text(held: Any, *names: str) -> str:
    for name in names:
        held = cast("Mapping[str, Any]", held).get(name) if isinstance(held, Mapping) else None
    return held if isinstance(held, str) else ""


def is_within(scope: str, scopes: Iterable[str]) -> bool:
    """Whether a scope is one of these, or one of them is inside it, in any case."""
    own = scope.rstrip("/").casefold()
    return any(s == own or s.startswith(f"{own}/") for s in scopes)
