"""Where every log goes."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import operationalinsights

from stacks.components.flow_log import LogPlace
from stacks.components.group import resource_group
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.landing_zone.told import Told
from stacks.site import Site


class Logs(pulumi.ComponentResource):
    """The log workspace and the people whom alerts reach."""

    def __init__(self, settings: LandingZoneSettings, site: Site, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:landing-zone:Logs", "logs", None, opts)
        self.group = resource_group("management", site, pulumi.ResourceOptions(parent=self))
        self.workspace = self._workspace(settings, site)
        self.place = LogPlace(self.workspace.id, self.workspace.customer_id, site.region)
        self.told = Told(settings, site, self.group.name, pulumi.ResourceOptions(parent=self))
        self.action_group = self.told.advice
        self.register_outputs({"workspace_id": self.workspace.id})

    def _workspace(self, settings: LandingZoneSettings, site: Site) -> operationalinsights.Workspace:
        cap = settings.logs.daily_gigabytes
        return operationalinsights.Workspace(
            "log-workspace",
            workspace_name=site.name("log-workspace", "platform"),
            resource_group_name=self.group.name,
            location=site.region,
            tags=site.tags,
            sku=operationalinsights.WorkspaceSkuArgs(name=operationalinsights.WorkspaceSkuNameEnum.PER_GB2018),
            retention_in_days=settings.logs.retention_days,
            # Keys to a workspace are shared secrets: only Entra identities may write to it, and reading follows the resource's own roles.
            features=operationalinsights.WorkspaceFeaturesArgs(
                disable_local_auth=True, enable_log_access_using_only_resource_permissions=True
            ),
            workspace_capping=operationalinsights.WorkspaceCappingArgs(daily_quota_gb=cap) if cap else None,
            opts=pulumi.ResourceOptions(parent=self, protect=site.protect),
        )
