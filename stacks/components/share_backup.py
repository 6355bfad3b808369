"""Backups of file shares, in the same recovery vault as those of machines.

Once a day a copy goes to the vault, where the plan keeps one in the other region too; several times a day only snapshots are taken,
which stand in the shares' own storage account. Sources: Microsoft Learn, "Support matrix for Azure Files backup" (2026-02-17: vaulted
backup in UK South and UK West); azure-native 3.29.0, HourlySchedule (intervals of 4, 6, 8 and 12 hours).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import recoveryservices

from stacks.components.backup import AT_NIGHT, Backup, BackupPlan, retention
from stacks.components.data_backup import Original

_RS = recoveryservices
# How long the snapshots in the account are kept beside the copies in the vault.
_SNAPSHOT_DAYS = 5
_WINDOW_HOURS = 24


@dataclass(frozen=True)
class SharesToKeep:
    """A storage account and its shares (logical name to name in Azure). `group` holds the account."""

    name: str
    group: pulumi.Input[str]
    account: Original
    shares: Mapping[str, str]


class ShareBackup(pulumi.ComponentResource):
    """The policy, the account as the vault knows it, and every share under the policy."""

    def __init__(self, backup: Backup, plan: BackupPlan, kept: SharesToKeep, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:components:ShareBackup", f"{kept.name}-share-backup", None, opts)
        self._backup, self._kept, self._stopped = backup, kept, plan.stopped
        policy = _RS.ProtectionPolicy(
            f"{kept.name}-shares-policy",
            policy_name="shares",
            vault_name=backup.vault.name,
            resource_group_name=kept.group,
            properties=_policy(plan),
            opts=pulumi.ResourceOptions(parent=self),
        )
        container = self._container()
        for name, share in kept.shares.items():
            self._keep(name, share, policy, container)
        self.register_outputs({"policy_id": policy.id})

    def _container(self) -> _RS.ProtectionContainer:
        """The storage account, registered with the vault. Azure Backup locks it while it makes backups, so that nobody deletes it."""
        lock = _RS.AcquireStorageAccountLock
        return _RS.ProtectionContainer(
            f"{self._kept.name}-shares-container",
            fabric_name="Azure",
            container_name=pulumi.Output.concat("StorageContainer;Storage;", self._kept.group, ";", self._kept.account.name),
            vault_name=self._backup.vault.name,
            resource_group_name=self._kept.group,
            properties=_RS.AzureStorageContainerArgs(
                container_type="StorageContainer",
                backup_management_type=_RS.BackupManagementType.AZURE_STORAGE,
                acquire_storage_account_lock=lock.NOT_ACQUIRE if self._stopped else lock.ACQUIRE,
                source_resource_id=self._kept.account.resource_id,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _keep(self, name: str, share: str, policy: _RS.ProtectionPolicy, container: _RS.ProtectionContainer) -> None:
        _RS.ProtectedItem(
            f"{name}-protected",
            fabric_name="Azure",
            container_name=container.name,
            protected_item_name=f"AzureFileShare;{share}",
            vault_name=self._backup.vault.name,
            resource_group_name=self._kept.group,
            properties=_RS.AzureFileshareProtectedItemArgs(
                protected_item_type="AzureFileShareProtectedItem",
                policy_id=policy.id,
                source_resource_id=self._kept.account.resource_id,
                protection_state=_RS.ProtectionState.BACKUPS_SUSPENDED if self._stopped else None,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _policy(plan: BackupPlan) -> _RS.AzureFileShareProtectionPolicyArgs:
    vaulted = is_vaulted(plan)
    in_vault = _RS.VaultRetentionPolicyArgs(snapshot_retention_in_days=_SNAPSHOT_DAYS, vault_retention=retention(plan))
    return _RS.AzureFileShareProtectionPolicyArgs(
        backup_management_type="AzureStorage",
        work_load_type=_RS.WorkloadType.AZURE_FILE_SHARE,
        time_zone="GMT Standard Time",
        schedule_policy=_schedule(plan.every_hours),
        vault_retention_policy=in_vault if vaulted else None,
        retention_policy=None if vaulted else retention(plan),
    )


def is_vaulted(plan: BackupPlan) -> bool:
    """Whether copies leave the storage account."""
    return plan.second_region and plan.every_hours is None


def _schedule(every_hours: int | None) -> _RS.SimpleSchedulePolicyArgs:
    if every_hours is None:
        return _RS.SimpleSchedulePolicyArgs(
            schedule_policy_type="SimpleSchedulePolicy",
            schedule_run_frequency=_RS.ScheduleRunType.DAILY,
            schedule_run_times=[AT_NIGHT],
        )
    return _RS.SimpleSchedulePolicyArgs(
        schedule_policy_type="SimpleSchedulePolicy",
        schedule_run_frequency=_RS.ScheduleRunType.HOURLY,
        hourly_schedule=_RS.HourlyScheduleArgs(
            interval=every_hours, schedule_window_start_time=AT_NIGHT, schedule_window_duration=_WINDOW_HOURS
        ),
    )
