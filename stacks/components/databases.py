"""Managed databases: Entra identities and no passwords, no public address, TLS 1.2 at least."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import sql

from stacks.components.diagnostics import diagnose
from stacks.components.own_key import OwnKey
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.site import Site

GIBIBYTE = 2**30
# Azure SQL goes back to any moment of 1 to 35 days. Source: Microsoft Learn, "Automated backups in Azure SQL Database".
_MOST_DAYS = 35


@dataclass(frozen=True)
class DatabaseSpec:
    """What to build. `second_region` keeps backups in the paired region too; `spread` over zones.

    Backups to any moment are kept for `days`, one a week for `weeks` and one a month for `months`; 0 is none.
    """

    id: str
    sku: str
    storage_gb: int
    second_region: bool
    spread: bool
    hybrid_benefit: bool
    days: int
    weeks: int
    months: int


@dataclass(frozen=True)
class DatabasePlace:
    """Ids of its surroundings and the Entra group that administers it. `zone` is the private DNS zone of its kind.

    With `key` what it holds is encrypted by the council's own key, where the kind can be.
    """

    group: pulumi.Input[str]
    subnet: pulumi.Input[str]
    zone: pulumi.Input[str]
    workspace: pulumi.Input[str]
    tenant: str
    administrators: str
    administrators_id: str
    key: OwnKey | None = None


def _tier(sku: str) -> tuple[str, int]:
    """GP_Gen5_4 is GeneralPurpose with 4 cores."""
    edition, _, cores = sku.split("_")
    return {"GP": "GeneralPurpose", "BC": "BusinessCritical"}[edition], int(cores)


class SqlDatabase(pulumi.ComponentResource):
    """Azure SQL Database on a server of its own."""

    def __init__(self, spec: DatabaseSpec, site: Site, place: DatabasePlace, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:components:SqlDatabase", spec.id, None, opts)
        self._spec, self._at, self._place = spec, site, place
        child = pulumi.ResourceOptions(parent=self)
        self.server = self._server()
        if place.key:
            self._encrypt(place.key)
        self._audit()
        self.database = self._database()
        self._keep_backups()
        private_endpoint(site, place.group, place.subnet, Door(spec.id, self.server.id, "sqlServer", [place.zone]), child)
        diagnose(spec.id, self.database.id, place.workspace, child)
        self.register_outputs({"id": self.database.id})

    def _server(self) -> sql.Server:
        key = self._place.key
        return sql.Server(
            f"{self._spec.id}-server",
            server_name=self._at.name("sql-server", self._spec.id),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            identity=key.sql_identity() if key else sql.ResourceIdentityArgs(type=sql.IdentityType.SYSTEM_ASSIGNED),
            primary_user_assigned_identity_id=key.identity.id if key else None,
            minimal_tls_version=sql.MinimalTlsVersion.MINIMAL_TLS_VERSION_1_2,
            public_network_access=sql.ServerPublicNetworkAccessFlag.DISABLED,
            restrict_outbound_network_access=sql.ServerNetworkAccessFlag.ENABLED,
            administrators=sql.ServerExternalAdministratorArgs(
                administrator_type=sql.AdministratorType.ACTIVE_DIRECTORY,
                principal_type=sql.PrincipalType.GROUP,
                login=self._place.administrators,
                sid=self._place.administrators_id,
                tenant_id=self._place.tenant,
                azure_ad_only_authentication=True,
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect),
        )

    def _encrypt(self, key: OwnKey) -> None:
        """The key becomes the server's, and then what protects its databases' own. Both go with the server and cannot go before it."""
        held = sql.ServerKey(
            f"{self._spec.id}-server-key",
            key_name=key.sql_name,
            server_key_type=sql.ServerKeyType.AZURE_KEY_VAULT,
            uri=key.versioned_uri,
            server_name=self.server.name,
            resource_group_name=self._place.group,
            # A newer version of the key is one more of the server's keys, and Azure's own doing.
            opts=pulumi.ResourceOptions(parent=self, deleted_with=self.server, ignore_changes=["keyName", "uri"]),
        )
        sql.EncryptionProtector(
            f"{self._spec.id}-protector",
            encryption_protector_name="current",
            server_key_type=sql.ServerKeyType.AZURE_KEY_VAULT,
            server_key_name=held.name,
            auto_rotation_enabled=True,
            server_name=self.server.name,
            resource_group_name=self._place.group,
            # Azure moves it on to each new version of the key; the first that a program named would move it back.
            opts=pulumi.ResourceOptions(parent=self, deleted_with=self.server, ignore_changes=["serverKeyName"]),
        )

    def _audit(self) -> None:
        """Who did what goes to the council's workspace through the server's diagnostic settings."""
        sql.ServerBlobAuditingPolicy(
            f"{self._spec.id}-audit",
            blob_auditing_policy_name="default",
            server_name=self.server.name,
            resource_group_name=self._place.group,
            state=sql.BlobAuditingPolicyState.ENABLED,
            is_azure_monitor_target_enabled=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _database(self) -> sql.Database:
        tier, cores = _tier(self._spec.sku)
        redundancy = sql.BackupStorageRedundancy.GEO if self._spec.second_region else sql.BackupStorageRedundancy.LOCAL
        licence = sql.DatabaseLicenseType.BASE_PRICE if self._spec.hybrid_benefit else sql.DatabaseLicenseType.LICENSE_INCLUDED
        return sql.Database(
            f"{self._spec.id}-database",
            database_name=self._at.name("sql-database", self._spec.id),
            server_name=self.server.name,
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            sku=sql.SkuArgs(name=self._spec.sku, tier=tier, family="Gen5", capacity=cores),
            max_size_bytes=max(self._spec.storage_gb, 1) * GIBIBYTE,
            license_type=licence,
            requested_backup_storage_redundancy=redundancy,
            zone_redundant=self._spec.spread,
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect),
        )

    def _keep_backups(self) -> None:
        named: dict[str, Any] = {
            "policy_name": "default",
            "database_name": self.database.name,
            "server_name": self.server.name,
            "resource_group_name": self._place.group,
            "opts": pulumi.ResourceOptions(parent=self),
        }
        days = min(self._spec.days, _MOST_DAYS)
        sql.BackupShortTermRetentionPolicy(f"{self._spec.id}-backups", retention_days=days, **named)
        if self._spec.weeks or self._spec.months:
            sql.LongTermRetentionPolicy(
                f"{self._spec.id}-old-backups",
                weekly_retention=f"P{self._spec.weeks}W" if self._spec.weeks else None,
                monthly_retention=f"P{self._spec.months}M" if self._spec.months else None,
                **named,
            )


class SqlManagedInstance(pulumi.ComponentResource):
    """Azure SQL Managed Instance: it stands in a subnet of its own, which needs no private endpoint."""

    def __init__(self, spec: DatabaseSpec, site: Site, place: DatabasePlace, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:components:SqlManagedInstance", spec.id, None, opts)
        tier, cores = _tier(spec.sku)
        redundancy = sql.BackupStorageRedundancy.GEO if spec.second_region else sql.BackupStorageRedundancy.LOCAL
        licence = sql.ManagedInstanceLicenseType.BASE_PRICE if spec.hybrid_benefit else sql.ManagedInstanceLicenseType.LICENSE_INCLUDED
        self.instance = sql.ManagedInstance(
            f"{spec.id}-instance",
            managed_instance_name=site.name("sql-managed-instance", spec.id),
            resource_group_name=place.group,
            location=site.region,
            tags=site.tags,
            identity=sql.ResourceIdentityArgs(type=sql.IdentityType.SYSTEM_ASSIGNED),
            sku=sql.SkuArgs(name=spec.sku.rpartition("_")[0], tier=tier, family="Gen5", capacity=cores),
            v_cores=cores,
            storage_size_in_gb=instance_storage_gb(spec.storage_gb),
            subnet_id=place.subnet,
            license_type=licence,
            minimal_tls_version="1.2",
            public_data_endpoint_enabled=False,
            proxy_override=sql.ManagedInstanceProxyOverride.REDIRECT,
            requested_backup_storage_redundancy=redundancy,
            timezone_id="GMT Standard Time",
            administrators=sql.ManagedInstanceExternalAdministratorArgs(
                administrator_type=sql.AdministratorType.ACTIVE_DIRECTORY,
                principal_type=sql.PrincipalType.GROUP,
                login=place.administrators,
                sid=place.administrators_id,
                tenant_id=place.tenant,
                azure_ad_only_authentication=True,
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=site.protect),
        )
        diagnose(spec.id, self.instance.id, place.workspace, pulumi.ResourceOptions(parent=self))
        self.register_outputs({"id": self.instance.id})


def instance_storage_gb(wanted: int) -> int:
    """Managed instances have storage in steps of 32 GB. Source: Microsoft Learn, "Azure SQL Managed Instance resource limits"."""
    return max(32, -(-wanted // 32) * 32)
