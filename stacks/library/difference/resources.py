"""What `pulumi up` would create, update, replace and delete: the resources of an architecture, by the names the stack gives them.

The landing zone's own parts (network, logs, people, the United Kingdom's assignments) do not change with the library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from stacks.library.architecture import Architecture, Assigned, GroupPlan, SetIn
from stacks.library.difference.model import Counts, Kind, Release
from stacks.library.difference.reach import depth

_PREFIX = "x"

_Name = tuple[Kind, str]
_DEFINITION = ("displayName", "description", "mode", "metadata", "parameters", "policyRule")
_SET = ("displayName", "description", "metadata", "parameters", "policyDefinitionGroups")


def counts(before: Release, after: Release) -> Mapping[Kind, Counts]:
    """By kind of resource. A role at a parameter's scope stands by that scope, where its value is known."""
    old, new = resources(before), resources(after)
    found: Counter[tuple[Kind, str]] = Counter()
    for name in {**old, **new}:
        found[name[0], _verb(old.get(name), new.get(name))] += 1
    kinds = dict.fromkeys(k for k, _ in found)
    fields = ("create", "update", "replace", "delete", "same")
    return {kind: Counts(*(found[kind, f] for f in fields)) for kind in Kind if kind in kinds}


def _verb(old: _Inputs | None, new: _Inputs | None) -> str:
    if old is None or new is None:
        return "create" if old is None else "delete"
    if old.fixed != new.fixed:
        return "replace"
    return "same" if old.free == new.free else "update"


class _Inputs:
    """A resource's inputs: `fixed` can only be changed by making it anew."""

    __slots__ = ("fixed", "free")

    def __init__(self, free: Any, fixed: Any = None) -> None:
        self.free, self.fixed = free, fixed


def resources(release: Release) -> Mapping[_Name, _Inputs]:
    """Every resource of an architecture by kind and name."""
    held = release.architecture
    return {name: inputs for group in held.groups for name, inputs in _of_group(release, held, group)}


def _of_group(release: Release, held: Architecture, group: GroupPlan) -> Iterator[tuple[_Name, _Inputs]]:
    at = held.full_id(_PREFIX, group.id)
    if not group.existing_id:
        # A group's URN names the types of all its parents, so that at another depth it is another resource.
        yield (Kind.GROUP, f"{at}@{depth(release, group.id)}"), _Inputs((group.name if group.id else "", group.parent))
    for policy in group.definitions:
        yield (Kind.DEFINITION, f"{at}/{policy.name}"), _Inputs([policy.properties.get(k) or None for k in _DEFINITION])
    for a_set in group.sets:
        yield (Kind.SET, f"{at}/{a_set.name}"), _Inputs(_set(held, a_set))
    for role in group.roles:
        said = role.properties
        yield (Kind.ROLE, f"{at}/{role.name}"), _Inputs((said.get("description"), said.get("permissions")), role.id)
    for assigned in group.assignments:
        yield (Kind.ASSIGNMENT, f"{at}/{assigned.name}"), _Inputs(_assigned(held, assigned))
        for grant in assigned.grants:
            yield (Kind.IDENTITY_ROLE, f"{at}/{assigned.name}/{grant.role}/{grant.scope.lower()}"), _Inputs(None)


def _set(held: Architecture, a_set: SetIn) -> Any:
    members = [(held.definition_id(_PREFIX, d), {k: v for k, v in more.items() if v}) for d, more in a_set.members]
    return [a_set.properties.get(k) or None for k in _SET], members


def _assigned(held: Architecture, a: Assigned) -> Any:
    definition = held.definition_id(_PREFIX, a.definition)
    texts = (a.title, a.description, a.said(a.enforces), dict(a.metadata))
    return definition, a.version, a.enforces, dict(a.parameters), a.not_scopes, a.overrides, a.selectors, a.has_identity, texts
