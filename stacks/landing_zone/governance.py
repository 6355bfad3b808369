"""Policy assignments, and for those that change things an identity with just the roles that their definitions name."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

import pulumi
from pulumi_azure_native import authorization

from stacks.landing_zone.council_settings import and_each_councils
from stacks.landing_zone.data import Assignment, assignments
from stacks.landing_zone.hierarchy import SCOPE, Hierarchy
from stacks.landing_zone.settings import LandingZoneSettings

ALLOWED_REGIONS = ("uksouth", "ukwest")


class Governance(pulumi.ComponentResource):
    """Every assignment of assignments.toml at its groups."""

    def __init__(self, settings: LandingZoneSettings, hierarchy: Hierarchy, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:landing-zone:Governance", "governance", None, opts)
        self._settings = settings
        self._hierarchy = hierarchy
        self.assignments = {
            f"{scope or 'council'}/{a.id}": self._assign(a, scope)
            for a in assignments(settings.mandatory_tags)
            for scope in and_each_councils(a.scopes, settings.councils)
        }
        self.register_outputs({})

    def _assign(self, assignment: Assignment, group: str) -> authorization.PolicyAssignment:
        full_id = self._hierarchy.full_id(group)
        scope = f"{SCOPE}{full_id}"
        made = authorization.PolicyAssignment(
            f"{full_id}-{assignment.id}",
            policy_assignment_name=assignment.id,
            scope=scope,
            display_name=assignment.title,
            policy_definition_id=assignment.definition,
            definition_version=assignment.version,
            enforcement_mode=self._mode(assignment),
            parameters=_parameters(assignment),
            non_compliance_messages=[authorization.NonComplianceMessageArgs(message=assignment.message)] if assignment.message else None,
            identity=authorization.IdentityArgs(type=authorization.ResourceIdentityType.SYSTEM_ASSIGNED) if assignment.roles else None,
            location=self._settings.region if assignment.roles else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._hierarchy.groups[group]]),
        )
        for role in assignment.roles:
            self._grant(made, f"{full_id}-{assignment.id}", scope, role)
        return made

    def _mode(self, assignment: Assignment) -> authorization.EnforcementMode:
        watched = assignment.id in self._settings.watch_only
        return authorization.EnforcementMode.DO_NOT_ENFORCE if watched else authorization.EnforcementMode.DEFAULT

    def _grant(self, assignment: authorization.PolicyAssignment, name: str, scope: str, role: str) -> None:
        authorization.RoleAssignment(
            f"{name}-role",
            role_assignment_name=str(uuid5(NAMESPACE_URL, f"{scope}/{name}/{role}")),
            scope=scope,
            role_definition_id=f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
            principal_id=assignment.identity.apply(lambda held: held.principal_id if held else ""),
            # Said outright, Azure does not look the new identity up in a directory that may not have it yet.
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            opts=pulumi.ResourceOptions(parent=assignment),
        )


def _parameters(assignment: Assignment) -> Mapping[str, authorization.ParameterValuesValueArgs] | None:
    from_settings = {"allowed-regions": list(ALLOWED_REGIONS)}
    values = {**assignment.parameters, **{k: from_settings[v] for k, v in assignment.from_settings.items()}}
    return {k: authorization.ParameterValuesValueArgs(value=v) for k, v in values.items()} or None
