"""Councils that share the platform: what each may spend, who may read it, and delegations from those with a tenant of their own."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pulumi
import pulumi_azure_native as azure
from pulumi_azure_native import managedservices

from stacks.components import access
from stacks.components.budget import Allowance, budget
from stacks.landing_zone.council_settings import Delegation, of_this_tenant
from stacks.landing_zone.data import authorisations
from stacks.landing_zone.hierarchy import Hierarchy
from stacks.landing_zone.settings import LandingZoneSettings


class Councils(pulumi.ComponentResource):
    """Budgets, readers and delegations. The councils' management groups are part of the hierarchy."""

    def __init__(self, settings: LandingZoneSettings, hierarchy: Hierarchy, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:Councils", "councils", None, opts)
        self._settings, self._hierarchy = settings, hierarchy
        self._child = pulumi.ResourceOptions(parent=self)
        for council in of_this_tenant(settings.councils):
            self._money_and_readers(council)
        for council, held in settings.councils.items():
            if held.delegated:
                self._delegate(council, held.name, held.delegated)
        self.register_outputs({})

    def _money_and_readers(self, council: str) -> None:
        held, scope = self._settings.councils[council], self._hierarchy.groups[council].id
        rules = self._settings.budget
        allowance = Allowance(held.monthly_pounds or 0, rules.starts_on, held.contacts, rules.percentages)
        budget(council, scope, allowance, [], self._child)
        if held.readers:
            access.grant(f"{council}-readers", access.READER, held.readers, scope, self._child)

    def _delegate(self, council: str, name: str, held: Delegation) -> None:
        for subscription in held.subscriptions:
            acting = azure.Provider(f"delegated-{subscription}", subscription_id=subscription, tenant_id=held.tenant, opts=self._child)
            self._delegate_one(f"{council}-{subscription}", name, held, pulumi.ResourceOptions(parent=self, provider=acting), subscription)

    def _delegate_one(self, name: str, council: str, held: Delegation, opts: pulumi.ResourceOptions, subscription: str) -> None:
        scope = f"/subscriptions/{subscription}"
        # Names must be GUIDs: the same ones for the same delegation, so that a second run finds it.
        guid = str(uuid5(NAMESPACE_URL, f"cloud-unless/delegation/{self._settings.tenant}/{subscription}"))
        platform = self._settings.council.name
        offer = managedservices.RegistrationDefinition(
            f"{name}-offer",
            scope=scope,
            registration_definition_id=guid,
            properties=managedservices.RegistrationDefinitionPropertiesArgs(
                registration_definition_name=f"{platform}: shared platform",
                description=f"{platform} looks after this subscription of {council}.",
                managed_by_tenant_id=self._settings.tenant,
                authorizations=[_standing(a.people, a.role, held) for a in authorisations() if not a.most],
                eligible_authorizations=[_eligible(a.people, a.role, a.most, held) for a in authorisations() if a.most],
            ),
            opts=opts,
        )
        managedservices.RegistrationAssignment(
            f"{name}-delegation",
            scope=scope,
            registration_assignment_id=guid,
            properties=managedservices.RegistrationAssignmentPropertiesArgs(registration_definition_id=offer.id),
            opts=opts,
        )


def _standing(people: str, role: str, held: Delegation) -> managedservices.AuthorizationArgs:
    return managedservices.AuthorizationArgs(principal_id=held.people[people], principal_id_display_name=people, role_definition_id=role)


def _eligible(people: str, role: str, most: str, held: Delegation) -> managedservices.EligibleAuthorizationArgs:
    return managedservices.EligibleAuthorizationArgs(
        principal_id=held.people[people],
        principal_id_display_name=people,
        role_definition_id=role,
        just_in_time_access_policy=managedservices.JustInTimeAccessPolicyArgs(
            multi_factor_auth_provider=managedservices.MultiFactorAuthProvider.AZURE, maximum_activation_duration=most
        ),
    )
