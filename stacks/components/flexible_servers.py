"""PostgreSQL and MySQL flexible servers: private, TLS, people sign in through Entra."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_azure_native import dbformysql, dbforpostgresql, managedidentity

from stacks.components.databases import DatabasePlace, DatabaseSpec
from stacks.components.diagnostics import diagnose
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.site import Site

# A compute size's family names its tier. Source: Microsoft Learn, "Compute options in Azure Database for PostgreSQL flexible server".
_POSTGRESQL_TIERS = {
    "B": dbforpostgresql.SkuTier.BURSTABLE,
    "D": dbforpostgresql.SkuTier.GENERAL_PURPOSE,
    "E": dbforpostgresql.SkuTier.MEMORY_OPTIMIZED,
}
_MYSQL_TIERS = {
    "B": dbformysql.ServerSkuTier.BURSTABLE,
    "D": dbformysql.ServerSkuTier.GENERAL_PURPOSE,
    "E": dbformysql.ServerSkuTier.MEMORY_OPTIMIZED,
}
# The release that Azure still mends when 8.0 ends on 2026-12-31. azure-native 3.29.0 has no member for it: its API version
# 2024-02-01-preview lists 5.7 and 8.0.21 and takes any text, and 2025-06-01-preview spells it so (Azure/bicep-types-az 1f896de).
MYSQL_VERSION: Final = "8.4"


class PostgreSql(pulumi.ComponentResource):
    """PostgreSQL without passwords."""

    def __init__(self, spec: DatabaseSpec, site: Site, place: DatabasePlace, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:components:PostgreSql", spec.id, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.server = self._server(spec, site, place)
        dbforpostgresql.AdministratorsMicrosoftEntra(
            f"{spec.id}-administrators",
            object_id=place.administrators_id,
            principal_name=place.administrators,
            principal_type=dbforpostgresql.PrincipalType.GROUP,
            server_name=self.server.name,
            resource_group_name=place.group,
            tenant_id=place.tenant,
            opts=child,
        )
        private_endpoint(site, place.group, place.subnet, Door(spec.id, self.server.id, "postgresqlServer", [place.zone]), child)
        diagnose(spec.id, self.server.id, place.workspace, child)
        self.register_outputs({"id": self.server.id})

    def _server(self, spec: DatabaseSpec, site: Site, place: DatabasePlace) -> dbforpostgresql.Server:
        key = place.key if takes_own_key("postgresql", second_region=spec.second_region) else None
        choice = dbforpostgresql.GeographicallyRedundantBackup
        return dbforpostgresql.Server(
            f"{spec.id}-server",
            server_name=site.name("postgresql", spec.id),
            resource_group_name=place.group,
            location=site.region,
            tags=site.tags,
            version=dbforpostgresql.PostgresMajorVersion.POSTGRES_MAJOR_VERSION_17,
            sku=dbforpostgresql.SkuArgs(name=spec.sku, tier=_POSTGRESQL_TIERS[spec.sku.removeprefix("Standard_")[0]]),
            storage=dbforpostgresql.StorageArgs(
                storage_size_gb=postgresql_storage_gb(spec.storage_gb), auto_grow=dbforpostgresql.StorageAutoGrow.ENABLED
            ),
            network=dbforpostgresql.NetworkArgs(public_network_access=dbforpostgresql.ServerPublicNetworkAccessState.DISABLED),
            auth_config=dbforpostgresql.AuthConfigArgs(
                active_directory_auth=dbforpostgresql.MicrosoftEntraAuth.ENABLED,
                password_auth=dbforpostgresql.PasswordBasedAuth.DISABLED,
                tenant_id=place.tenant,
            ),
            backup=dbforpostgresql.BackupArgs(
                backup_retention_days=35, geo_redundant_backup=choice.ENABLED if spec.second_region else choice.DISABLED
            ),
            identity=key.postgresql_identity() if key else None,
            data_encryption=key.postgresql_encryption() if key else None,
            # Whose key encrypts it is decided when a server is made, and never again. Source: Microsoft Learn, "Data encryption" of
            # Azure Database for PostgreSQL (read 2026-11-25). One that stood before it asked for an own key is left as it is.
            opts=pulumi.ResourceOptions(parent=self, protect=site.protect, ignore_changes=["dataEncryption"] if key else None),
        )


class MySql(pulumi.ComponentResource):
    """MySQL. Azure makes none without an administrator's password, so one is given, and then only Entra may sign in."""

    def __init__(
        self, spec: DatabaseSpec, site: Site, place: DatabasePlace, password: pulumi.Output[str], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("cloud-unless:components:MySql", spec.id, None, opts)
        self._spec, self._at, self._place = spec, site, place
        self._child = pulumi.ResourceOptions(parent=self)
        identity = self._identity()
        self.server = self._server(identity, password)
        self._entra_only(identity)
        private_endpoint(site, place.group, place.subnet, Door(spec.id, self.server.id, "mysqlServer", [place.zone]), self._child)
        diagnose(spec.id, self.server.id, place.workspace, self._child)
        self.register_outputs({"id": self.server.id})

    def _identity(self) -> managedidentity.UserAssignedIdentity:
        """With it the server looks people up in Entra."""
        return managedidentity.UserAssignedIdentity(
            f"{self._spec.id}-identity",
            resource_name_=self._at.name("identity", self._spec.id),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            opts=self._child,
        )

    def _server(self, identity: managedidentity.UserAssignedIdentity, password: pulumi.Output[str]) -> dbformysql.Server:
        choice = dbformysql.EnableStatusEnum
        return dbformysql.Server(
            f"{self._spec.id}-server",
            server_name=self._at.name("mysql", self._spec.id),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            version=MYSQL_VERSION,
            administrator_login="council_admin",
            administrator_login_password=password,
            identity=dbformysql.MySQLServerIdentityArgs(
                type=dbformysql.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[identity.id]
            ),
            sku=dbformysql.MySQLServerSkuArgs(name=self._spec.sku, tier=_MYSQL_TIERS[self._spec.sku.removeprefix("Standard_")[0]]),
            storage=dbformysql.StorageArgs(storage_size_gb=max(20, self._spec.storage_gb), auto_grow=choice.ENABLED),
            network=dbformysql.NetworkArgs(public_network_access=choice.DISABLED),
            backup=dbformysql.BackupArgs(
                backup_retention_days=35, geo_redundant_backup=choice.ENABLED if self._spec.second_region else choice.DISABLED
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect),
        )

    def _entra_only(self, identity: managedidentity.UserAssignedIdentity) -> None:
        administrators = dbformysql.AzureADAdministrator(
            f"{self._spec.id}-administrators",
            administrator_name="ActiveDirectory",
            administrator_type=dbformysql.AdministratorType.ACTIVE_DIRECTORY,
            identity_resource_id=identity.id,
            login=self._place.administrators,
            sid=self._place.administrators_id,
            server_name=self.server.name,
            resource_group_name=self._place.group,
            tenant_id=self._place.tenant,
            opts=self._child,
        )
        for setting, value in (("aad_auth_only", "ON"), ("require_secure_transport", "ON"), ("tls_version", "TLSv1.2,TLSv1.3")):
            dbformysql.Configuration(
                f"{self._spec.id}-{setting.replace('_', '-')}",
                configuration_name=setting,
                value=value,
                source=dbformysql.ConfigurationSource.USER_OVERRIDE,
                server_name=self.server.name,
                resource_group_name=self._place.group,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[administrators]),
            )


def takes_own_key(kind: str, *, second_region: bool) -> bool:
    """Whether databases of this kind are encrypted by a key of the council's own.

    Copies of PostgreSQL in the second region want a second key and identity there (azure-native 3.29.0, DataEncryption), which there are
    not. For managed instances azure-native has no protector that follows the key's versions, and nothing read says that MySQL does.
    """
    return kind == "sql-database" or (kind == "postgresql" and not second_region)


def postgresql_storage_gb(wanted: int) -> int:
    """PostgreSQL's disks come in powers of two from 32 GB. Source: Microsoft Learn, "Storage options in ... PostgreSQL flexible server"."""
    return max(32, 2 ** (max(wanted, 1) - 1).bit_length())
