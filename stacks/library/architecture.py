"""What each management group gets: the model that the library and our embedded data both become, and stacks build from.

Groups are named as we name them: "" is the council's own group, the rest follow it (`platform` becomes exb-platform). Nothing
here has a place yet: `full_id` gives ids from the prefix with which an architecture is built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from stacks.library.values import Unfilled

SCOPE = "/providers/Microsoft.Management/managementGroups/"
ENFORCEMENT = "{enforcementMode}"
AZURE = "/providers/Microsoft.Authorization/"


def full_id(prefix: str, group: str) -> str:
    """A group's id in Azure: exb-corp."""
    return f"{prefix}-{group}" if group else prefix


@dataclass(frozen=True, slots=True)
class DefinitionIn:
    """A definition or set by name and the group that holds it; None: it is built into Azure."""

    name: str
    is_set: bool
    group: str | None = None

    def id(self, prefix: str) -> str:
        """The resource id in an architecture whose groups are all made with it."""
        return self.id_at("" if self.group is None else full_id(prefix, self.group))

    def id_at(self, group_id: str) -> str:
        """The resource id where the group that holds it has this id in Azure."""
        kind = "policySetDefinitions" if self.is_set else "policyDefinitions"
        return f"{SCOPE + group_id if group_id else ''}{AZURE}{kind}/{self.name}"


@dataclass(frozen=True)
class PolicyIn:
    """A policy definition of the library's own, as ARM's properties."""

    name: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class SetIn:
    """A set with its definitions in order: (definition, what the set says of it besides its id)."""

    name: str
    properties: Mapping[str, Any]
    members: tuple[tuple[DefinitionIn, Mapping[str, Any]], ...]


@dataclass(frozen=True)
class RoleIn:
    """A role definition; `id` is a GUID that is the library's, not yet the group's."""

    id: str
    name: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that an assignment's identity gets. `scope` "" is the assignment's own group; else a resource's id."""

    role: str
    scope: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class PermissionParameter:
    """A parameter marked `assignPermissions`: `roles` are needed at `scope`, which is "" while it names no resource."""

    definition: str
    name: str
    roles: tuple[str, ...]
    scope: str = ""


@dataclass(frozen=True)
class Assigned:
    """A policy assignment at a group.

    `messages` are what people are told whom it refuses; `{enforcementMode}` in them becomes must or should. `marked` are the
    parameters at which its identity needs roles, `unfilled` those that still want a value.
    """

    name: str
    title: str
    definition: DefinitionIn
    description: str = ""
    version: str = ""
    enforces: bool = True
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    messages: tuple[Mapping[str, Any], ...] = ()
    has_identity: bool = False
    grants: tuple[Grant, ...] = ()
    marked: tuple[PermissionParameter, ...] = ()
    unfilled: tuple[Unfilled, ...] = ()
    not_scopes: tuple[str, ...] = ()
    overrides: tuple[Mapping[str, Any], ...] = ()
    selectors: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def granted(self, grants: tuple[Grant, ...], marked: tuple[PermissionParameter, ...] = ()) -> Assigned:
        """The same with its identity's roles."""
        return replace(self, grants=grants, marked=marked)

    def said(self, enforces: bool) -> tuple[Mapping[str, Any], ...]:
        """Its messages as they read when it enforces or only reports. Source: Azure/terraform-provider-alz, docs/index.md."""
        word = "must" if enforces else "should"
        return tuple({**m, "message": str(m.get("message", "")).replace(ENFORCEMENT, word)} for m in self.messages)


@dataclass(frozen=True)
class GroupPlan:
    """A management group and all that is deployed at it. `existing_id` is the id in Azure of one that is somebody else's to make."""

    id: str
    parent: str
    name: str
    existing_id: str = ""
    definitions: tuple[PolicyIn, ...] = ()
    sets: tuple[SetIn, ...] = ()
    roles: tuple[RoleIn, ...] = ()
    assignments: tuple[Assigned, ...] = ()


@dataclass(frozen=True)
class Architecture:
    """Groups, parents before children. `source` says where it comes from."""

    source: str
    groups: tuple[GroupPlan, ...]

    def group(self, group_id: str) -> GroupPlan | None:
        """One group."""
        return next((g for g in self.groups if g.id == group_id), None)

    def full_id(self, prefix: str, group_id: str) -> str:
        """A group's id in Azure."""
        found = self.group(group_id)
        return (found.existing_id if found else "") or full_id(prefix, group_id)

    def definition_id(self, prefix: str, definition: DefinitionIn) -> str:
        """A definition's resource id."""
        return definition.id_at("" if definition.group is None else self.full_id(prefix, definition.group))

    def replaced(self, change: Callable[[GroupPlan, Assigned], Assigned | None]) -> Architecture:
        """The same with every assignment as `change` makes it; None leaves it out."""
        groups = (replace(g, assignments=tuple(new for a in g.assignments if (new := change(g, a)))) for g in self.groups)
        return replace(self, groups=tuple(groups))

    def with_groups(self, more: Sequence[GroupPlan]) -> Architecture:
        """The same with further groups, after those there are."""
        return replace(self, groups=(*self.groups, *more))

    def with_more(self, more: Mapping[str, Sequence[Assigned]]) -> Architecture:
        """The same with further assignments, by group."""
        return replace(self, groups=tuple(replace(g, assignments=(*g.assignments, *more.get(g.id, ()))) for g in self.groups))

    @property
    def slots(self) -> tuple[tuple[GroupPlan, Assigned], ...]:
        """Every assignment at its group."""
        return tuple((g, a) for g in self.groups for a in g.assignments)

    @property
    def assignment_names(self) -> tuple[str, ...]:
        """Names of assignments, once each."""
        return tuple(dict.fromkeys(a.name for _, a in self.slots))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of what. Role assignments are those at the assignments' own groups; `at_parameters` stand apart."""
        grants = [g for _, a in self.slots for g in a.grants]
        return Counter(
            groups=len(self.groups),
            definitions=sum(len(g.definitions) for g in self.groups),
            sets=sum(len(g.sets) for g in self.groups),
            roles=sum(len(g.roles) for g in self.groups),
            assignments=len(self.slots),
            not_enforced=sum(not a.enforces for _, a in self.slots),
            role_assignments=sum(not g.scope for g in grants),
            at_parameters=sum(bool(g.scope) for g in grants),
            permission_parameters=sum(len(a.marked) for _, a in self.slots),
        )

    @property
    def resources(self) -> int:
        """How many resources it is, groups that exist already among them, grants at parameters' scopes not."""
        counted = ("groups", "definitions", "sets", "roles", "assignments", "role_assignments")
        return sum(self.counts[name] for name in counted)
