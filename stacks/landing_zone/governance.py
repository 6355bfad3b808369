"""Policy assignments, and for those that change things an identity with just the roles that their definitions name."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

import pulumi
from pulumi_azure_native import authorization

from stacks.components.propagation import Kind, Patience
from stacks.landing_zone.definitions import Definitions, as_written
from stacks.landing_zone.enforcement import Stages
from stacks.landing_zone.hierarchy import Hierarchy
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.library.architecture import SCOPE, Architecture, Assigned, Grant, GroupPlan


class Governance(pulumi.ComponentResource):
    """Every assignment of an architecture at its group, by group and name. A twin's only report, so its identities get no roles."""

    def __init__(
        self,
        settings: LandingZoneSettings,
        hierarchy: Hierarchy,
        architecture: Architecture,
        stages: Stages,
        patience: Patience,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cloud-unless:landing-zone:Governance", _called(hierarchy, settings), None, opts)
        self._settings, self._hierarchy, self._architecture = settings, hierarchy, architecture
        self._stages, self._patience = stages, patience
        self._definitions = Definitions(hierarchy, architecture, patience, not stages.all_report, pulumi.ResourceOptions(parent=self))
        self.assignments = {f"{g.id or 'council'}/{a.name}": self._assign(g, a) for g, a in architecture.slots}
        if not stages.all_report:
            self._grant_all(at_parameters=False)
        self.register_outputs({})

    def grant_at_parameters(self, owned: Mapping[str, pulumi.Resource]) -> None:
        """Give the roles at resources that parameters name, once they are there: `owned` are this stack's own, by id in small letters."""
        self._grant_all(at_parameters=True, owned=owned)

    def _grant_all(self, at_parameters: bool, owned: Mapping[str, pulumi.Resource] | None = None) -> None:
        for group, assigned in self._architecture.slots:
            for grant in assigned.grants:
                if bool(grant.scope) == at_parameters:
                    waits = (owned or {}).get(grant.scope.lower())
                    self._grant(group, assigned, grant, [waits] if waits else [])

    def _assign(self, group: GroupPlan, assigned: Assigned) -> authorization.PolicyAssignment:
        full_id = self._hierarchy.full_id(group.id)
        enforces = self._stages.enforces(group, assigned)
        mode = authorization.EnforcementMode.DEFAULT if enforces else authorization.EnforcementMode.DO_NOT_ENFORCE
        return authorization.PolicyAssignment(
            f"{full_id}-{assigned.name}",
            policy_assignment_name=assigned.name,
            scope=f"{SCOPE}{full_id}",
            display_name=assigned.title,
            description=assigned.description or None,
            policy_definition_id=self._architecture.definition_id(self._hierarchy.prefix, assigned.definition),
            definition_version=assigned.version or None,
            enforcement_mode=mode,
            parameters=_parameters(assigned),
            non_compliance_messages=as_written(list(assigned.said(enforces))),
            not_scopes=list(assigned.not_scopes) or None,
            overrides=as_written(list(assigned.overrides)),
            resource_selectors=as_written(list(assigned.selectors)),
            metadata=assigned.metadata or None,
            identity=authorization.IdentityArgs(type=authorization.ResourceIdentityType.SYSTEM_ASSIGNED) if assigned.has_identity else None,
            location=self._settings.region if assigned.has_identity else None,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[self._hierarchy.groups[group.id], *self._definitions.waited_for(assigned.definition)],
                hooks=self._patience.hooks(Kind.ASSIGNMENT),
            ),
        )

    def _grant(self, group: GroupPlan, assigned: Assigned, grant: Grant, after: list[pulumi.Resource]) -> None:
        made = self.assignments[f"{group.id or 'council'}/{assigned.name}"]
        name = f"{self._hierarchy.full_id(group.id)}-{assigned.name}"
        scope = grant.scope or f"{SCOPE}{self._hierarchy.full_id(group.id)}"
        elsewhere = f"-{uuid5(NAMESPACE_URL, scope.lower()).hex[:8]}" if grant.scope else ""
        authorization.RoleAssignment(
            f"{name}-{grant.role}{elsewhere}",
            role_assignment_name=str(uuid5(NAMESPACE_URL, f"{scope}/{name}/{grant.role}")),
            scope=scope,
            role_definition_id=f"/providers/Microsoft.Authorization/roleDefinitions/{grant.role}",
            principal_id=made.identity.apply(lambda held: held.principal_id if held else ""),
            # Said outright, Azure does not look the new identity up in a directory that may not have it yet.
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            opts=pulumi.ResourceOptions(parent=made, depends_on=after, hooks=self._patience.hooks(Kind.ROLE)),
        )


def _called(hierarchy: Hierarchy, settings: LandingZoneSettings) -> str:
    return "governance" if hierarchy.prefix == settings.council.id else f"{hierarchy.prefix}-governance"


def _parameters(assigned: Assigned) -> Mapping[str, authorization.ParameterValuesValueArgs] | None:
    return {k: authorization.ParameterValuesValueArgs(value=v) for k, v in assigned.parameters.items()} or None
