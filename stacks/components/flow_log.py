"""Who spoke with whom: flow logs of virtual networks, kept in storage and, where wanted, analysed in the workspace.

Flow logs of network security groups take nobody new since 30 June 2025 and end on 30 September 2027; those of virtual networks
replace them (azure.microsoft.com/updates, "Azure NSG flow logs retirement", as Tenable's audit of CIS Azure 5.0.0 cites it). That they
are written by a managed identity and not with keys is in public preview since November 2025 (the same, id 534482). Read 2026-11-24.

A flow log stands in its network's subscription; its storage may stand in another of the same tenant, and in the network's region alone
(Azure/azure-cli issue 21724, the product group's comment of 2024-02-02). Azure makes a subscription's watcher itself unless told not to
(Microsoft Learn, "Create a virtual network flow log by using Terraform"). Read 2026-11-25.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """Days that flows are kept, and minutes between analyses (None for none)."""

    retention_days: int
    every_minutes: int | None


@dataclass(frozen=True)
class LogPlace:
    """A workspace: its id, and the id by which its own service knows it."""

    workspace: pulumi.Input[str]
    workspace_customer: pulumi.Input[str]
    workspace_region: str


@dataclass(frozen=True)
class FlowStore:
    """Where a region's flows are kept, by whom they are written, and where they are analysed (`every_minutes` None: nowhere)."""

    storage: pulumi.Input[str]
    identity: pulumi.Input[str]
    workspace: pulumi.Input[str]
    workspace_customer: pulumi.Input[str]
    workspace_region: str
    retention_days: int
    every_minutes: int | None

    def as_output(self) -> dict[str, pulumi.Input[str] | int | None]:
        """What another stack reads, to make it of it again."""
        return dict(vars(self))


def watcher_name(region: str) -> str:
    """The name that Azure gives a region's watcher."""
    return f"NetworkWatcher_{region}"


def network_watcher(site: Site, opts: pulumi.ResourceOptions, prefix: str = "") -> list[pulumi.Resource]:
    """The region's watcher under Azure's own name, to be made before the subscription's first network, which would make it."""
    group = resources.ResourceGroup(
        f"{prefix}watchers-group", resource_group_name=WATCHERS_GROUP, location=site.region, tags=site.tags, opts=opts
    )
    watcher = network.NetworkWatcher(
        f"{prefix}network-watcher",
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

    @property
    def store(self) -> FlowStore:
        """Where flows of this region are kept."""
        logs, plan = self._logs, self._plan
        return FlowStore(
            self.account.id,
            self.identity.id,
            logs.workspace,
            logs.workspace_customer,
            logs.workspace_region,
            plan.retention_days,
            plan.every_minutes,
        )

    def watch(self, name: str, target: pulumi.Input[str], depends_on: Sequence[pulumi.Resource]) -> None:
        """Keep the flows of the virtual network `target` (an id)."""
        flow_log(name, self._at, self.store, target, pulumi.ResourceOptions(parent=self, depends_on=[self._may_write, *depends_on]))


def flow_log(name: str, site: Site, store: FlowStore, target: pulumi.Input[str], opts: pulumi.ResourceOptions) -> network.FlowLog:
    """Keep the flows of the virtual network `target` (an id), which stands in the subscription that `opts` acts in."""
    return network.FlowLog(
        f"{name}-flow-log",
        flow_log_name=site.name("flow-log", name),
        network_watcher_name=watcher_name(site.region),
        resource_group_name=WATCHERS_GROUP,
        location=site.region,
        tags=site.tags,
        target_resource_id=target,
        storage_id=store.storage,
        enabled=True,
        identity=network.ManagedServiceIdentityArgs(
            type=network.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[store.identity]
        ),
        format=network.FlowLogFormatParametersArgs(type=network.FlowLogFormatType.JSON, version=2),
        retention_policy=network.RetentionPolicyParametersArgs(enabled=True, days=store.retention_days),
        flow_analytics_configuration=_analytics(store),
        opts=opts,
    )


def _analytics(store: FlowStore) -> network.TrafficAnalyticsPropertiesArgs | None:
    if store.every_minutes is None:
        return None
    return network.TrafficAnalyticsPropertiesArgs(
        network_watcher_flow_analytics_configuration=network.TrafficAnalyticsConfigurationPropertiesArgs(
            enabled=True,
            workspace_id=store.workspace_customer,
            workspace_region=store.workspace_region,
            workspace_resource_id=store.workspace,
            traffic_analytics_interval=store.every_minutes,
        )
    )
