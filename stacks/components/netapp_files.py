"""NFS volumes of Azure NetApp Files, in a subnet of their own, with snapshots.

Sizes: azure-native 3.29.0, CapacityPool.size (steps of 1 TiB) and CapacityPoolVolume.usage_threshold (50 GiB to 100 TiB). The smallest pool
is 2 TiB with standard network features: hashicorp/terraform-provider-azurerm, pull request 22943 (read 2026-11-24).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import pulumi
from pulumi_azure_native import netapp

from stacks.components.backup import BackupPlan
from stacks.components.diagnostics import diagnose
from stacks.components.place import Place
from stacks.site import Site

GIBIBYTE, TEBIBYTE = 2**30, 2**40
_SMALLEST_POOL_TIB = 2
# As many as are kept of each: the days of a plan's backups, and as many weeks. Midnight in UTC.
_HOUR, _MINUTE = 0, 0


@dataclass(frozen=True)
class VolumeSpec:
    """One volume: `level` is standard, premium or ultra; `clients` the network that may mount it; `zone` "" where not spread."""

    id: str
    storage_gb: int
    level: str
    clients: str
    zone: str


class NetAppFiles(pulumi.ComponentResource):
    """A workload's account, a pool for each level that is asked for, and its volumes."""

    def __init__(
        self,
        name: str,
        volumes: Sequence[VolumeSpec],
        plan: BackupPlan,
        site: Site,
        place: Place,
        subnet: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("cloud-unless:components:NetAppFiles", f"{name}-volumes", None, opts)
        self._of, self._at, self._place, self._subnet = name, site, place, subnet
        self._child = pulumi.ResourceOptions(parent=self)
        self.account = netapp.Account(
            f"{name}-netapp-account",
            account_name=site.name("netapp-account", name),
            resource_group_name=place.group,
            location=site.region,
            tags=site.tags,
            encryption=netapp.AccountEncryptionArgs(key_source=netapp.KeySource.MICROSOFT_NET_APP),
            opts=self._child,
        )
        snapshots = self._snapshots(plan)
        for level in sorted({v.level for v in volumes}):
            at_level = [v for v in volumes if v.level == level]
            pool = self._pool(level, sum(v.storage_gb for v in at_level))
            for volume in at_level:
                self._volume(volume, pool, snapshots)
        self.register_outputs({"account_id": self.account.id})

    def _pool(self, level: str, storage_gb: int) -> netapp.CapacityPool:
        return netapp.CapacityPool(
            f"{self._of}-{level}-pool",
            pool_name=level,
            account_name=self.account.name,
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            service_level=netapp.ServiceLevel(level.capitalize()),
            size=float(pool_tib(storage_gb) * TEBIBYTE),
            qos_type=netapp.QosType.AUTO,
            encryption_type=netapp.EncryptionType.SINGLE,
            cool_access=False,
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect),
        )

    def _snapshots(self, plan: BackupPlan) -> netapp.SnapshotPolicy:
        """Every hour where backups are wanted more often than daily; every day for the days of the plan; every week for its weeks."""
        daily = netapp.DailyScheduleArgs(snapshots_to_keep=plan.days, hour=_HOUR, minute=_MINUTE)
        weekly = netapp.WeeklyScheduleArgs(snapshots_to_keep=plan.weeks, day="Sunday", hour=_HOUR, minute=_MINUTE)
        return netapp.SnapshotPolicy(
            f"{self._of}-snapshots",
            snapshot_policy_name="by-care",
            account_name=self.account.name,
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            enabled=True,
            hourly_schedule=netapp.HourlyScheduleArgs(snapshots_to_keep=24, minute=_MINUTE) if plan.every_hours else None,
            daily_schedule=daily,
            weekly_schedule=weekly if plan.weeks else None,
            opts=self._child,
        )

    def _volume(self, spec: VolumeSpec, pool: netapp.CapacityPool, snapshots: netapp.SnapshotPolicy) -> None:
        name = self._at.name("netapp-volume", spec.id)
        volume = netapp.CapacityPoolVolume(
            f"{spec.id}-volume",
            volume_name=name,
            # `name` of a pool's output is the whole path; the pool is called by its level.
            pool_name=spec.level,
            account_name=self.account.name,
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            creation_token=name,
            service_level=netapp.ServiceLevel(spec.level.capitalize()),
            usage_threshold=float(spec.storage_gb * GIBIBYTE),
            subnet_id=self._subnet,
            network_features=netapp.NetworkFeatures.STANDARD,
            protocol_types=["NFSv4.1"],
            security_style=netapp.SecurityStyle.UNIX,
            unix_permissions="0770",
            snapshot_directory_visible=False,
            export_policy=netapp.VolumePropertiesExportPolicyArgs(rules=[_only(spec.clients)]),
            data_protection=netapp.VolumePropertiesDataProtectionArgs(
                snapshot=netapp.VolumeSnapshotPropertiesArgs(snapshot_policy_id=snapshots.id)
            ),
            zones=[spec.zone] if spec.zone else None,
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect, depends_on=[pool]),
        )
        diagnose(spec.id, volume.id, self._place.workspace, self._child, logs=False)


def pool_tib(storage_gb: int) -> int:
    """The whole tebibytes of a pool whose volumes hold `storage_gb` GiB."""
    return max(_SMALLEST_POOL_TIB, ceil(storage_gb * GIBIBYTE / TEBIBYTE))


def _only(clients: str) -> netapp.ExportPolicyRuleArgs:
    """Clients of one network mount it, by NFS 4.1 alone, and none of them as its root."""
    return netapp.ExportPolicyRuleArgs(
        rule_index=1,
        allowed_clients=clients,
        nfsv41=True,
        nfsv3=False,
        cifs=False,
        unix_read_write=True,
        unix_read_only=False,
        has_root_access=False,
    )
