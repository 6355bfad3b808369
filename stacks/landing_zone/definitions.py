"""Policy definitions, sets and roles of an architecture's own, at the group that holds each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pulumi
from pulumi_azure_native import authorization

from stacks.components.propagation import Kind, Patience
from stacks.landing_zone.hierarchy import Hierarchy
from stacks.library.architecture import SCOPE, Architecture, DefinitionIn, GroupPlan, PolicyIn, RoleIn, SetIn
from stacks.library.model import key


class Definitions(pulumi.ComponentResource):
    """Everything that assignments refer to and that is not built into Azure."""

    def __init__(
        self, hierarchy: Hierarchy, architecture: Architecture, patience: Patience, with_roles: bool, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("cloud-unless:landing-zone:Definitions", f"{hierarchy.prefix}-definitions", None, opts)
        self._hierarchy, self._architecture, self._patience = hierarchy, architecture, patience
        self._held: dict[tuple[bool, str, str], pulumi.Resource] = {}
        for group in architecture.groups:
            for policy in group.definitions:
                self._held[False, group.id, key(policy.name)] = self._policy(group, policy)
        for group in architecture.groups:
            for held in group.sets:
                self._held[True, group.id, key(held.name)] = self._set(group, held)
            for role in group.roles if with_roles else ():
                self._role(group, role)
        self.register_outputs({})

    def waited_for(self, definition: DefinitionIn) -> list[pulumi.Resource]:
        """What must be made before `definition` can be referred to: nothing, where it is Azure's own."""
        found = self._held.get((definition.is_set, definition.group or "", key(definition.name))) if definition.group is not None else None
        return [found] if found else []

    def _child(self, group: GroupPlan, kind: Kind, after: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=[self._hierarchy.groups[group.id], *after], hooks=self._patience.hooks(kind))

    def _policy(self, group: GroupPlan, policy: PolicyIn) -> pulumi.Resource:
        said = policy.properties
        return authorization.PolicyDefinitionAtManagementGroup(
            f"{self._hierarchy.full_id(group.id)}-{policy.name}",
            management_group_id=self._hierarchy.full_id(group.id),
            policy_definition_name=policy.name,
            display_name=said.get("displayName"),
            description=said.get("description"),
            mode=str(said.get("mode", "All")),
            policy_type=authorization.PolicyType.CUSTOM,
            metadata=said.get("metadata"),
            parameters=as_written(said.get("parameters")),
            policy_rule=said["policyRule"],
            opts=self._child(group, Kind.DEFINITION),
        )

    def _set(self, group: GroupPlan, held: SetIn) -> pulumi.Resource:
        said = held.properties
        after = [r for definition, _ in held.members for r in self.waited_for(definition)]
        return authorization.PolicySetDefinitionAtManagementGroup(
            f"{self._hierarchy.full_id(group.id)}-{held.name}",
            management_group_id=self._hierarchy.full_id(group.id),
            policy_set_definition_name=held.name,
            display_name=said.get("displayName"),
            description=said.get("description"),
            policy_type=authorization.PolicyType.CUSTOM,
            metadata=said.get("metadata"),
            parameters=as_written(said.get("parameters")),
            policy_definition_groups=as_written(said.get("policyDefinitionGroups")),
            policy_definitions=[self._member(d, more) for d, more in held.members],
            opts=self._child(group, Kind.DEFINITION, list(dict.fromkeys(after))),
        )

    def _member(self, definition: DefinitionIn, more: Mapping[str, Any]) -> authorization.PolicyDefinitionReferenceArgs:
        return authorization.PolicyDefinitionReferenceArgs(
            policy_definition_id=self._architecture.definition_id(self._hierarchy.prefix, definition),
            policy_definition_reference_id=more.get("policyDefinitionReferenceId"),
            definition_version=more.get("definitionVersion"),
            group_names=more.get("groupNames"),
            parameters=as_written(more.get("parameters")),
        )

    def _role(self, group: GroupPlan, role: RoleIn) -> None:
        """Names and ids of roles are one in a tenant, so the group's stands in both (the library's documentation, role definitions)."""
        full_id = self._hierarchy.full_id(group.id)
        scope = f"{SCOPE}{full_id}"
        authorization.RoleDefinition(
            f"{full_id}-{role.name}",
            scope=scope,
            role_definition_id=str(uuid5(NAMESPACE_URL, f"{scope}/{role.id}")),
            role_name=f"{role.name} ({full_id})",
            description=role.properties.get("description"),
            role_type="CustomRole",
            permissions=as_written(role.properties["permissions"]),
            assignable_scopes=[scope],
            opts=self._child(group, Kind.ROLE),
        )


def as_written(value: Any) -> Any:
    """A part of an ARM resource as it stands in its file: azure-native takes ARM's own names too."""
    return value or None
