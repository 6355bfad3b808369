"""Backups of virtual machines and file shares: a vault that cannot be emptied in a hurry, policies by how much the workload matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import recoveryservices

from stacks.components.diagnostics import diagnose
from stacks.site import Site

# 22:00 in London; the date is ignored.
AT_NIGHT = "2026-01-01T22:00:00Z"
_RS = recoveryservices


@dataclass(frozen=True)
class BackupPlan:
    """`every_hours` is None for once a day. Weeks and months may be 0. `stopped` makes no more and keeps the rest by policy."""

    every_hours: int | None
    days: int
    weeks: int
    months: int
    second_region: bool
    stopped: bool = False


class Backup(pulumi.ComponentResource):
    """A recovery vault. `protect_machine` puts a machine under its policy; `share_backup` adds that of file shares."""

    def __init__(
        self, name: str, plan: BackupPlan, site: Site, group: pulumi.Input[str], workspace: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("cloud-unless:components:Backup", f"{name}-backup", None, opts)
        self._of, self._plan, self._group = name, plan, group
        self._machines: _RS.ProtectionPolicy | None = None
        self.vault = _vault(name, plan, site, group, pulumi.ResourceOptions(parent=self, protect=site.protect))
        diagnose(f"{name}-backup", self.vault.id, workspace, pulumi.ResourceOptions(parent=self))
        self.register_outputs({"vault_id": self.vault.id})

    @property
    def policy(self) -> _RS.ProtectionPolicy:
        """The policy of machines, made when the first asks for it."""
        if self._machines is None:
            self._machines = _RS.ProtectionPolicy(
                f"{self._of}-backup-policy",
                policy_name="machines",
                vault_name=self.vault.name,
                resource_group_name=self._group,
                properties=_policy(self._plan),
                opts=pulumi.ResourceOptions(parent=self),
            )
        return self._machines

    def protect_machine(self, name: str, machine_id: pulumi.Input[str], machine_name: pulumi.Input[str]) -> None:
        """Back `machine_id` up by the policy. The two names are how Azure Backup writes a virtual machine."""
        _RS.ProtectedItem(
            f"{name}-protected",
            fabric_name="Azure",
            container_name=pulumi.Output.concat("IaasVMContainer;iaasvmcontainerv2;", self._group, ";", machine_name),
            protected_item_name=pulumi.Output.concat("VM;iaasvmcontainerv2;", self._group, ";", machine_name),
            vault_name=self.vault.name,
            resource_group_name=self._group,
            properties=_RS.AzureIaaSComputeVMProtectedItemArgs(
                protected_item_type="Microsoft.Compute/virtualMachines",
                policy_id=self.policy.id,
                source_resource_id=machine_id,
                # Only an immutable vault, as ours is, stops so that recovery points lapse in their time. Source: Microsoft Learn,
                # Disable-AzRecoveryServicesBackupProtection, RetainRecoveryPointsAsPerPolicy; read 2026-11-24.
                protection_state=_RS.ProtectionState.BACKUPS_SUSPENDED if self._plan.stopped else None,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _vault(name: str, plan: BackupPlan, site: Site, group: pulumi.Input[str], opts: pulumi.ResourceOptions) -> _RS.Vault:
    redundancy = _RS.StandardTierStorageRedundancy
    return _RS.Vault(
        f"{name}-recovery-vault",
        vault_name=site.name("recovery-vault", name),
        resource_group_name=group,
        location=site.region,
        tags=site.tags,
        identity=_RS.IdentityDataArgs(type=_RS.ResourceIdentityType.SYSTEM_ASSIGNED),
        sku=_RS.SkuArgs(name=_RS.SkuName.RS0, tier="Standard"),
        properties=_RS.VaultPropertiesArgs(
            public_network_access=_RS.PublicNetworkAccess.DISABLED,
            monitoring_settings=_RS.MonitoringSettingsArgs(
                azure_monitor_alert_settings=_RS.AzureMonitorAlertSettingsArgs(alerts_for_all_job_failures=_RS.AlertsState.ENABLED),
                classic_alert_settings=_RS.ClassicAlertSettingsArgs(alerts_for_critical_operations=_RS.AlertsState.DISABLED),
            ),
            redundancy_settings=_RS.VaultPropertiesRedundancySettingsArgs(
                standard_tier_storage_redundancy=redundancy.GEO_REDUNDANT if plan.second_region else redundancy.LOCALLY_REDUNDANT,
                cross_region_restore=_RS.CrossRegionRestore.ENABLED if plan.second_region else _RS.CrossRegionRestore.DISABLED,
            ),
            security_settings=_RS.SecuritySettingsArgs(
                soft_delete_settings=_RS.SoftDeleteSettingsArgs(
                    soft_delete_state=_RS.SoftDeleteState.ALWAYS_ON, soft_delete_retention_period_in_days=14
                ),
                # Nobody shortens what is kept; locked, it could never be undone, which a council decides for itself.
                immutability_settings=_RS.ImmutabilitySettingsArgs(state=_RS.ImmutabilityState.UNLOCKED),
            ),
        ),
        opts=opts,
    )


def _policy(plan: BackupPlan) -> _RS.AzureIaaSVMProtectionPolicyArgs:
    """The second generation of policies: machines with trusted launch have no other."""
    return _RS.AzureIaaSVMProtectionPolicyArgs(
        backup_management_type="AzureIaasVM",
        policy_type=_RS.IAASVMPolicyType.V2,
        time_zone="GMT Standard Time",
        instant_rp_retention_range_in_days=2,
        schedule_policy=_schedule(plan.every_hours),
        retention_policy=retention(plan),
    )


def _schedule(every_hours: int | None) -> _RS.SimpleSchedulePolicyV2Args:
    daily = _RS.DailyScheduleArgs(schedule_run_times=[AT_NIGHT])
    hourly = _RS.HourlyScheduleArgs(interval=every_hours or 0, schedule_window_start_time=AT_NIGHT, schedule_window_duration=24)
    return _RS.SimpleSchedulePolicyV2Args(
        schedule_policy_type="SimpleSchedulePolicyV2",
        schedule_run_frequency=_RS.ScheduleRunType.HOURLY if every_hours else _RS.ScheduleRunType.DAILY,
        hourly_schedule=hourly if every_hours else None,
        daily_schedule=None if every_hours else daily,
    )


def _kept(count: int, kind: _RS.RetentionDurationType) -> _RS.RetentionDurationArgs:
    return _RS.RetentionDurationArgs(count=count, duration_type=kind)


def retention(plan: BackupPlan) -> _RS.LongTermRetentionPolicyArgs:
    """How long backups are kept: days, and weeks and months where the plan has any."""
    at: Sequence[str] = [AT_NIGHT]
    kinds = _RS.RetentionDurationType
    sunday = _RS.DayOfWeek.SUNDAY
    weekly = _RS.WeeklyRetentionScheduleArgs(
        days_of_the_week=[sunday], retention_times=at, retention_duration=_kept(plan.weeks, kinds.WEEKS)
    )
    monthly = _RS.MonthlyRetentionScheduleArgs(
        retention_schedule_format_type=_RS.RetentionScheduleFormat.WEEKLY,
        retention_schedule_weekly=_RS.WeeklyRetentionFormatArgs(days_of_the_week=[sunday], weeks_of_the_month=[_RS.WeekOfMonth.FIRST]),
        retention_times=at,
        retention_duration=_kept(plan.months, kinds.MONTHS),
    )
    return _RS.LongTermRetentionPolicyArgs(
        retention_policy_type="LongTermRetentionPolicy",
        daily_schedule=_RS.DailyRetentionScheduleArgs(retention_times=at, retention_duration=_kept(plan.days, kinds.DAYS)),
        weekly_schedule=weekly if plan.weeks else None,
        monthly_schedule=monthly if plan.months else None,
    )
