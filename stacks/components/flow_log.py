"""Who spoke with whom: flow logs of virtual networks, kept in storage and, where wanted, analysed in the workspace.

Flow logs of network security groups take nobody new since 30 June 2025 and end on 30 September 2027; those of virtual networks
replace them (azure.microsoft.com/updates, "Azure NSG flow logs retirement", as Tenable's audit of CIS Azure 5.0.0 cites it). That they
are written by a managed identity and not with keys is in public preview since November 2025 (the same, id 534482). Read 2026-11-24.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, managedidentity, network, resources, storage

from stacks.components.diagnostics import diagnose
from stacks.components.roles import assignment_name
from stacks.site import Site

# Where Azure itself puts a network watcher, one for a region of a subscription, when a subscription gets its first network.
WATCHERS_GROUP = "NetworkWatcherRG"
# Storage Blob Data Contributor. Source: Microsoft Learn, Azure built-in roles, read 2026-11-24.
BLOB_WRITER = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"


@dataclass(frozen=True)
class FlowLogPlan:
    """Days that flows are kept, minutes between analyses (None for none), and whether Azure has made the watcher already."""

    retention_days: int
    every_minutes: int | None
    watcher_exists: bool


@dataclass(frozen=True)
class LogPlace:
    """A workspace: its id, and the id by which its own service knows it."""

    workspace: pulumi.Input[str]
    workspace_customer: pulumi.Input[str]


def watcher_name(region: str) -> str:
    """The name that Azure gives a region's watcher."""
    return f"NetworkWatcher_{region}"


def network_watcher(site: Site, plan: FlowLogPlan, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """The region's watcher under Azure's own name, to be made before the subscription's first network, which would make it."""
    if plan.watcher_exists:
        return []
    group = resources.ResourceGroup("watchers-group", resource_group_name=WATCHERS_GROUP, location=site.region, tags=site.tags, opts=opts)
    watcher = network.NetworkWatcher(
        "network-watcher",
        network_watcher_name=watcher_name(site.region),
        resource_group_name=group.name,
        location=site.region,
        tags=site.tags,
        opts=opts,
    )
    return [group, watcher]


class FlowLogs(pulumi.ComponentResource):
    """Storage for flows that forgets them in time, written to by an identity of their own and by no key. `watch` adds a network."""

    def __init__(
        self, name: str, site: Site, plan: FlowLogPlan, group: pulumi.Input[str], logs: LogPlace, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("cloud-unless:components:FlowLogs", f"{name}-flow-logs", None, opts)
        self._name, self._at, self._plan, self._group, self._logs = name, site, plan, group, logs
        self._child = pulumi.ResourceOptions(parent=self)
        self.account = self._account()
        self._forget()
        self.identity = managedidentity.UserAssignedIdentity(
            f"{name}-flow-writer",
            resource_name_=site.name("identity", f"{name}-flows"),
            resource_group_name=group,
            location=site.region,
            tags=site.tags,
            opts=self._child,
        )
        self._may_write = self._grant()
        blobs = pulumi.Output.concat(self.account.id, "/blobServices/default")
        diagnose(f"{name}-flows", blobs, logs.workspace, self._child, metrics="Transaction")
        self.register_outputs({"account_id": self.account.id})

    def _account(self) -> storage.StorageAccount:
        """Closed to everybody but Azure's own trusted services, of which Network Watcher is one; reached with no key."""
        return storage.StorageAccount(
            f"{self._name}-flows-account",
            account_name=self._at.name("storage-account", f"{self._name} flows"),
            resource_group_name=self._group,
            location=self._at.region,
            tags=self._at.tags,
            kind=storage.Kind.STORAGE_V2,
            sku=storage.SkuArgs(name=storage.SkuName.STANDARD_LRS),
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            enable_https_traffic_only=True,
            public_network_access=storage.PublicNetworkAccess.DISABLED,
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            network_rule_set=storage.NetworkRuleSetArgs(default_action=storage.DefaultAction.DENY, bypass=storage.Bypass.AZURE_SERVICES),
            encryption=storage.EncryptionArgs(key_source=storage.KeySource.MICROSOFT_STORAGE, require_infrastructure_encryption=True),
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect),
        )

    def _forget(self) -> None:
        """Old flows go by the storage's own lifecycle, whatever becomes of the flow log that wrote them."""
        delete = storage.ManagementPolicyBaseBlobArgs(
            delete=storage.DateAfterModificationArgs(days_after_modification_greater_than=self._plan.retention_days)
        )
        storage.ManagementPolicy(
            f"{self._name}-flows-lifecycle",
            management_policy_name="default",
            account_name=self.account.name,
            resource_group_name=self._group,
            policy=storage.ManagementPolicySchemaArgs(
                rules=[
                    storage.ManagementPolicyRuleArgs(
                        name="forget-flows",
                        type=storage.RuleType.LIFECYCLE,
                        enabled=True,
                        definition=storage.ManagementPolicyDefinitionArgs(
                            actions=storage.ManagementPolicyActionArgs(base_blob=delete),
                            filters=storage.ManagementPolicyFilterArgs(blob_types=["blockBlob", "appendBlob"]),
                        ),
                    )
                ]
            ),
            opts=self._child,
        )

    def _grant(self) -> authorization.RoleAssignment:
        return authorization.RoleAssignment(
            f"{self._name}-flow-writer-role",
            role_assignment_name=assignment_name(self._at, f"{self._name}-flow-writer", BLOB_WRITER),
            scope=self.account.id,
            role_definition_id=f"/providers/Microsoft.Authorization/roleDefinitions/{BLOB_WRITER}",
            principal_id=self.identity.principal_id,
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            opts=self._child,
        )

    def watch(self, name: str, target: pulumi.Input[str], depends_on: list[pulumi.Resource]) -> None:
        """Keep the flows of the virtual network `target` (an id)."""
        network.FlowLog(
            f"{name}-flow-log",
            flow_log_name=self._at.name("flow-log", name),
            network_watcher_name=watcher_name(self._at.region),
            resource_group_name=WATCHERS_GROUP,
            location=self._at.region,
            tags=self._at.tags,
            target_resource_id=target,
            storage_id=self.account.id,
            enabled=True,
            identity=network.ManagedServiceIdentityArgs(
                type=network.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[self.identity.id]
            ),
            format=network.FlowLogFormatParametersArgs(type=network.FlowLogFormatType.JSON, version=2),
            retention_policy=network.RetentionPolicyParametersArgs(enabled=True, days=self._plan.retention_days),
            flow_analytics_configuration=self._analytics(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._may_write, *depends_on]),
        )

    def _analytics(self) -> network.TrafficAnalyticsPropertiesArgs | None:
        if self._plan.every_minutes is None:
            return None
        return network.TrafficAnalyticsPropertiesArgs(
            network_watcher_flow_analytics_configuration=network.TrafficAnalyticsConfigurationPropertiesArgs(
                enabled=True,
                workspace_id=self._logs.workspace_customer,
                workspace_region=self._at.region,
                workspace_resource_id=self._logs.workspace,
                traffic_analytics_interval=self._plan.every_minutes,
            )
        )
