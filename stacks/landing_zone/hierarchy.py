"""Management groups, and the subscriptions that stand in them."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
import pulumi_azure_native as azure
from pulumi_azure_native import management

from stacks.landing_zone.settings import LandingZoneSettings
from stacks.library.architecture import SCOPE, Architecture, GroupPlan


class Hierarchy(pulumi.ComponentResource):
    """An architecture's management groups under one prefix. `groups` by the architecture's ids ("" is the top)."""

    def __init__(
        self,
        settings: LandingZoneSettings,
        architecture: Architecture,
        placements: Iterable[tuple[str, str]],
        opts: pulumi.ResourceOptions | None = None,
        twin: str = "",
    ) -> None:
        super().__init__("cloud-unless:landing-zone:Hierarchy", f"{twin}-hierarchy" if twin else "hierarchy", None, opts)
        self._settings, self._architecture, self._is_twin = settings, architecture, bool(twin)
        self.prefix = twin or settings.council.id
        self.groups: dict[str, management.ManagementGroup] = {}
        for group in architecture.groups:
            self.groups[group.id] = self._existing(group) if group.existing_id else self._group(group)
        for group_id, subscription in placements:
            self._place(group_id, subscription)
        self.register_outputs({"groups": {k or "council": g.id for k, g in self.groups.items()}})

    def full_id(self, group: str) -> str:
        """A group's id in Azure: exb-corp."""
        return self._architecture.full_id(self.prefix, group)

    def _existing(self, group: GroupPlan) -> management.ManagementGroup:
        """Somebody else's: read, never changed."""
        parent = self.groups.get(group.parent) if group.id else None
        group_id = f"{SCOPE}{group.existing_id}"
        return management.ManagementGroup.get(f"mg-{group.existing_id}", group_id, opts=pulumi.ResourceOptions(parent=parent or self))

    def _group(self, group: GroupPlan) -> management.ManagementGroup:
        """Children wait for their parent, which Azure must know first."""
        parent = self.groups[group.parent] if group.id else None
        full_id = self.full_id(group.id)
        return management.ManagementGroup(
            f"mg-{full_id}",
            group_id=full_id,
            display_name=self._shown(group),
            details=management.CreateManagementGroupDetailsArgs(
                parent=management.CreateParentGroupInfoArgs(id=parent.id if parent else f"{SCOPE}{self._settings.tenant}")
            ),
            opts=pulumi.ResourceOptions(parent=parent or self, protect=self._settings.protect),
        )

    def _shown(self, group: GroupPlan) -> str:
        """The top carries the council's name, and the twin's says what it is."""
        name = group.name if group.id else self._settings.council.name
        return f"{name} (reports only)" if self._is_twin else name

    def _place(self, group: str, subscription: str) -> None:
        """Azure takes the subscription to move from the provider that asks."""
        name = f"{self.prefix}-{group}-{subscription}" if self._is_twin else f"{group}-{subscription}"
        provider = azure.Provider(f"in-{name}", subscription_id=subscription, opts=pulumi.ResourceOptions(parent=self))
        management.ManagementGroupSubscription(
            f"place-{name}",
            group_id=self.groups[group].name,
            opts=pulumi.ResourceOptions(parent=self, provider=provider),
        )
