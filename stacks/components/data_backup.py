"""Copies of blobs and of PostgreSQL databases in a backup vault, out of reach of whoever holds the originals.

Sources: Microsoft Learn, "Support matrix for Azure Blobs backup" (vaulted: block blobs of general-purpose v2 accounts without a
hierarchical namespace, 100 containers at most, five backups a day) and "Azure Database for PostgreSQL flexible server backup" (vaulted,
weekly); `objectType` values of azure-native 3.29.0. Read 2026-11-24.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import dataprotection

from stacks.components import access
from stacks.components.backup import BackupPlan
from stacks.components.diagnostics import diagnose
from stacks.site import Site

_DP = dataprotection
MOST_CONTAINERS = 100
_STARTS = "2026-01-01T22:00:00+00:00"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices"
_POSTGRESQL = "Microsoft.DBforPostgreSQL/flexibleServers"
# The lower the number, the sooner a tag takes a backup.
_FIRST, _SECOND, _LAST = 15, 20, 99


@dataclass(frozen=True)
class Original:
    """What is copied: its logical name, its resource's name and id."""

    id: str
    name: pulumi.Input[str]
    resource_id: pulumi.Input[str]


class DataBackup(pulumi.ComponentResource):
    """A backup vault: deleted backups come back, and nobody shortens what is kept."""

    def __init__(
        self, name: str, plan: BackupPlan, site: Site, group: pulumi.Input[str], workspace: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("cloud-unless:components:DataBackup", f"{name}-data-backup", None, opts)
        self._of, self._plan, self._at, self._group = name, plan, site, group
        self._child = pulumi.ResourceOptions(parent=self)
        self.vault = self._vault()
        self._principal = self.vault.identity.apply(lambda held: str(held.principal_id) if held else "")
        diagnose(f"{name}-data-backup", self.vault.id, workspace, self._child, metrics="")
        self.register_outputs({"vault_id": self.vault.id})

    def protect_blobs(self, original: Original, containers: Sequence[str], *, stands: bool) -> None:
        """Copy the containers of a storage account once a day, while it `stands`."""
        policy = self._policy(original.id, "blobs", _BLOBS, _rules(self._plan, "P1D", "Discrete"))
        role = access.STORAGE_ACCOUNT_BACKUP_CONTRIBUTOR
        grants = [self._grant(f"{original.id}-backs-up", role, original.resource_id)] if stands else []
        chosen = _DP.BlobBackupDatasourceParametersArgs(object_type="BlobBackupDatasourceParameters", containers_list=list(containers))
        parameters = _DP.PolicyParametersArgs(backup_datasource_parameters_list=[chosen])
        self._instance(original, _BLOBS, "Microsoft.Storage/storageAccounts", policy, parameters, grants)

    def protect_postgresql(self, original: Original, group_id: pulumi.Input[str], *, stands: bool) -> None:
        """Copy a server once a week, while it `stands`; its own backups, of up to 35 days, stay as they are."""
        policy = self._policy(original.id, "databases", _POSTGRESQL, _rules(self._plan, "P1W", "Full"))
        role = access.POSTGRESQL_LONG_TERM_RETENTION_BACKUP
        grants: list[pulumi.Resource] = []
        if stands:
            grants = [
                self._grant(f"{original.id}-backs-up", role, original.resource_id),
                self._grant(f"{original.id}-finds", access.READER, group_id),
            ]
        self._instance(original, _POSTGRESQL, _POSTGRESQL, policy, None, grants)

    def _grant(self, name: str, role: str, scope: pulumi.Input[str]) -> pulumi.Resource:
        return access.grant_service(name, role, self._principal, scope, self._child)

    def _vault(self) -> _DP.BackupVault:
        kept = _DP.StorageSettingTypes.GEO_REDUNDANT if self._plan.second_region else _DP.StorageSettingTypes.LOCALLY_REDUNDANT
        return _DP.BackupVault(
            f"{self._of}-backup-vault",
            vault_name=self._at.name("backup-vault", self._of),
            resource_group_name=self._group,
            location=self._at.region,
            tags=self._at.tags,
            identity=_DP.DppIdentityDetailsArgs(type="SystemAssigned"),
            properties=_DP.BackupVaultArgs(
                storage_settings=[_DP.StorageSettingArgs(datastore_type=_DP.StorageSettingStoreTypes.VAULT_STORE, type=kept)],
                security_settings=_DP.SecuritySettingsArgs(
                    soft_delete_settings=_DP.SoftDeleteSettingsArgs(state=_DP.SoftDeleteState.ALWAYS_ON, retention_duration_in_days=14),
                    # Locked, it could never be undone, which a council decides for itself.
                    immutability_settings=_DP.ImmutabilitySettingsArgs(state=_DP.ImmutabilityState.UNLOCKED),
                ),
                monitoring_settings=_DP.MonitoringSettingsArgs(
                    azure_monitor_alert_settings=_DP.AzureMonitorAlertSettingsArgs(alerts_for_all_job_failures=_DP.AlertsState.ENABLED)
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect),
        )

    def _policy(
        self, name: str, what: str, kind: str, rules: Sequence[_DP.AzureBackupRuleArgs | _DP.AzureRetentionRuleArgs]
    ) -> _DP.BackupPolicy:
        return _DP.BackupPolicy(
            f"{name}-{what}-policy",
            backup_policy_name=self._at.name("backup-policy", name, what),
            vault_name=self.vault.name,
            resource_group_name=self._group,
            properties=_DP.BackupPolicyArgs(object_type="BackupPolicy", datasource_types=[kind], policy_rules=list(rules)),
            opts=self._child,
        )

    def _instance(
        self,
        original: Original,
        kind: str,
        resource_type: str,
        policy: _DP.BackupPolicy,
        parameters: _DP.PolicyParametersArgs | None,
        grants: Sequence[pulumi.Resource],
    ) -> None:
        source = _DP.DatasourceArgs(
            object_type="Datasource",
            datasource_type=kind,
            resource_id=original.resource_id,
            resource_name=original.name,
            resource_type=resource_type,
            resource_uri=original.resource_id,
            resource_location=self._at.region,
        )
        _DP.BackupInstance(
            f"{original.id}-backup",
            backup_instance_name=original.name,
            vault_name=self.vault.name,
            resource_group_name=self._group,
            tags=self._at.tags,
            properties=_DP.BackupInstanceArgs(
                object_type="BackupInstance",
                friendly_name=original.name,
                data_source_info=source,
                policy_info=_DP.PolicyInfoArgs(policy_id=policy.id, policy_parameters=parameters),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(grants)),
        )


def _rules(plan: BackupPlan, every: str, backup_type: str) -> list[_DP.AzureBackupRuleArgs | _DP.AzureRetentionRuleArgs]:
    """The schedule (an ISO 8601 period) and how long its backups are kept: the first of a week or a month for longer."""
    longer = [("Monthly", f"P{plan.months}M", _DP.AbsoluteMarker.FIRST_OF_MONTH, _FIRST)] if plan.months else []
    longer += [("Weekly", f"P{plan.weeks}W", _DP.AbsoluteMarker.FIRST_OF_WEEK, _SECOND)] if plan.weeks else []
    tags = [_tag(name, priority, marker) for name, _, marker, priority in longer] + [_tag("Default", _LAST, None)]
    backup = _DP.AzureBackupRuleArgs(
        object_type="AzureBackupRule",
        name="Backup",
        data_store=_store(),
        backup_parameters=_DP.AzureBackupParamsArgs(object_type="AzureBackupParams", backup_type=backup_type),
        trigger=_DP.ScheduleBasedTriggerContextArgs(
            object_type="ScheduleBasedTriggerContext",
            schedule=_DP.BackupScheduleArgs(repeating_time_intervals=[f"R/{_STARTS}/{every}"], time_zone="GMT Standard Time"),
            tagging_criteria=tags,
        ),
    )
    kept = [_kept(name, duration) for name, duration, _, _ in longer] + [_kept("Default", f"P{plan.days}D")]
    return [*kept, backup]


def _store() -> _DP.DataStoreInfoBaseArgs:
    return _DP.DataStoreInfoBaseArgs(object_type="DataStoreInfoBase", data_store_type=_DP.DataStoreTypes.VAULT_STORE)


def _kept(name: str, duration: str) -> _DP.AzureRetentionRuleArgs:
    end = _DP.AbsoluteDeleteOptionArgs(object_type="AbsoluteDeleteOption", duration=duration)
    cycle = _DP.SourceLifeCycleArgs(delete_after=end, source_data_store=_store(), target_data_store_copy_settings=[])
    return _DP.AzureRetentionRuleArgs(object_type="AzureRetentionRule", name=name, is_default=name == "Default", lifecycles=[cycle])


def _tag(name: str, priority: int, marker: _DP.AbsoluteMarker | None) -> _DP.TaggingCriteriaArgs:
    criteria = [
        _DP.ScheduleBasedBackupCriteriaArgs(object_type="ScheduleBasedBackupCriteria", absolute_criteria=[marker] if marker else [])
    ]
    return _DP.TaggingCriteriaArgs(
        is_default=name == "Default",
        tag_info=_DP.RetentionTagArgs(tag_name=name),
        tagging_priority=priority,
        criteria=criteria if marker else None,
    )
