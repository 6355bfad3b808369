"""Ids in Azure of what the platform itself makes: policies refer to it, and its ids follow from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stacks.landing_zone.data import allowed_regions
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.landing_zone.watching import gathered
from stacks.naming import Naming

ZONES = "Microsoft.Network/privateDnsZones"


def naming(settings: LandingZoneSettings, job: str) -> Naming:
    """How things are named in the subscription that does `job`."""
    return Naming(settings.council.id, settings.region, settings.subscription(job))


def resource_id(settings: LandingZoneSettings, job: str, group: str, kind: str, name: str) -> str:
    """The id of a resource in one of the platform's resource groups: `group` is management or connectivity."""
    at = naming(settings, job).name("resource-group", group)
    return f"/subscriptions/{settings.subscription(job)}/resourceGroups/{at}/providers/{kind}/{name}"


def workspace_id(settings: LandingZoneSettings) -> str:
    """The log workspace."""
    name = naming(settings, "management").name("log-workspace", "platform")
    return resource_id(settings, "management", "management", "Microsoft.OperationalInsights/workspaces", name)


def ddos_plan_id(settings: LandingZoneSettings) -> str:
    """The DDoS protection plan, where the settings ask for one."""
    name = naming(settings, "connectivity").name("ddos-plan", "hub")
    return resource_id(settings, "connectivity", "connectivity", "Microsoft.Network/ddosProtectionPlans", name)


def agent_identity(settings: LandingZoneSettings) -> tuple[str, str]:
    """The id and the name of the identity of monitoring agents (collection.py)."""
    name = naming(settings, "management").name("identity", "monitor agent")
    return resource_id(settings, "management", "management", "Microsoft.ManagedIdentity/userAssignedIdentities", name), name


def collection_rule_ids(settings: LandingZoneSettings) -> dict[str, str]:
    """The rules by which agents gather (data_collection.toml), by the library's name of the default value."""
    kind, names = "Microsoft.Insights/dataCollectionRules", naming(settings, "management")
    return {
        r.default_value: resource_id(settings, "management", "management", kind, names.name("data-collection-rule", r.id))
        for r in gathered()
    }


def zone_name(settings: LandingZoneSettings, scope: str) -> str:
    """The private DNS zone of the hub's that an id names, in small letters, or ""."""
    start = resource_id(settings, "connectivity", "connectivity", ZONES, "").lower()
    return scope.lower().removeprefix(start) if scope.lower().startswith(start) else ""


def default_values(settings: LandingZoneSettings) -> Mapping[str, Any]:
    """The library's default values that follow from the settings, by the library's names. Source: alz_policy_default_values.json
    of platform/alz 2026.04.2, platform/slz 2026.04.3 and platform/amba 2026.06.2.
    """
    connectivity = naming(settings, "connectivity")
    identity_id, identity_name = agent_identity(settings)
    values: dict[str, Any] = {
        **collection_rule_ids(settings),
        "ama_user_assigned_managed_identity_id": identity_id,
        "ama_user_assigned_managed_identity_name": identity_name,
        "email_security_contact": settings.security.contact or settings.budget.contacts[0],
        "log_analytics_workspace_id": workspace_id(settings),
        "private_dns_zone_subscription_id": settings.subscription("connectivity"),
        "private_dns_zone_resource_group_name": connectivity.name("resource-group", "connectivity"),
        "private_dns_zone_region": settings.region,
        "resource_group_location": settings.region,
        "allowed_locations": list(allowed_regions()),
        "amba_alz_management_subscription_id": settings.subscription("management"),
        "amba_alz_resource_group_location": settings.region,
        "amba_alz_action_group_email": list(settings.budget.contacts),
    }
    if settings.hub.ddos_protection:
        values["ddos_protection_plan_id"] = ddos_plan_id(settings)
    return values
