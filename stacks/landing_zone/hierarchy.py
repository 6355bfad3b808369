"""Management groups, and the subscriptions that stand in them."""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure
from pulumi_azure_native import management

from stacks.landing_zone.council_settings import council_groups
from stacks.landing_zone.data import Group, groups
from stacks.landing_zone.settings import LandingZoneSettings

SCOPE = "/providers/Microsoft.Management/managementGroups/"


class Hierarchy(pulumi.ComponentResource):
    """The council's management groups. `groups` by id as in architecture.toml ("" is the council's own)."""

    def __init__(self, settings: LandingZoneSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:landing-zone:Hierarchy", "hierarchy", None, opts)
        self._settings = settings
        self.groups: dict[str, management.ManagementGroup] = {}
        for group in (*groups(), *council_groups(settings.councils)):
            self.groups[group.id] = self._group(group)
        for group_id, subscription in settings.placements():
            self._place(group_id, subscription)
        self.register_outputs({"groups": {k or "council": g.id for k, g in self.groups.items()}})

    def full_id(self, group: str) -> str:
        """A group's id in Azure: exb-corp."""
        council = self._settings.council.id
        return f"{council}-{group}" if group else council

    def _group(self, group: Group) -> management.ManagementGroup:
        """Children wait for their parent, which Azure must know first."""
        parent = self.groups[group.parent] if group.id else None
        return management.ManagementGroup(
            f"mg-{self.full_id(group.id)}",
            group_id=self.full_id(group.id),
            display_name=group.name or self._settings.council.name,
            details=management.CreateManagementGroupDetailsArgs(
                parent=management.CreateParentGroupInfoArgs(id=parent.id if parent else f"{SCOPE}{self._settings.tenant}")
            ),
            opts=pulumi.ResourceOptions(parent=parent or self, protect=self._settings.protect),
        )

    def _place(self, group: str, subscription: str) -> None:
        """Azure takes the subscription to move from the provider that asks."""
        name = f"{group}-{subscription}"
        provider = azure.Provider(f"in-{name}", subscription_id=subscription, opts=pulumi.ResourceOptions(parent=self))
        management.ManagementGroupSubscription(
            f"place-{name}",
            group_id=self.groups[group].name,
            opts=pulumi.ResourceOptions(parent=self, provider=provider),
        )
