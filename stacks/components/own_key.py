"""A key of the council's own, in the workload's vault, with which a service encrypts what it holds."""

from __future__ import annotations

from functools import cached_property

import pulumi
from pulumi_azure_native import compute, dbforpostgresql, keyvault, managedidentity, sql, storage

from stacks.components import access
from stacks.components.vault import KeyVault
from stacks.site import Site

_OLDEST = "P2Y"
_RENEWED_BEFORE_EXPIRY = "P30D"


class OwnKey(pulumi.ComponentResource):
    """The key, made anew by itself once a year and eleven months, and an identity that may use it and nothing else."""

    def __init__(self, name: str, site: Site, group: pulumi.Input[str], vault: KeyVault, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:components:OwnKey", f"{name}-key", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._of, self._at, self._group, self._vault = name, site, group, vault
        self.identity = managedidentity.UserAssignedIdentity(
            f"{name}-key-identity",
            resource_name_=site.name("identity", name, "key"),
            resource_group_name=group,
            location=site.region,
            tags=site.tags,
            opts=child,
        )
        self.key = keyvault.Key(
            f"{name}-own-key",
            key_name=site.name("encryption-key", name),
            vault_name=vault.vault.name,
            resource_group_name=group,
            tags=site.tags,
            properties=_properties(),
            opts=pulumi.ResourceOptions(parent=self, protect=site.protect),
        )
        self.grant = access.grant_service(
            f"{name}-uses-key", access.KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER, self.identity.principal_id, self.key.id, child
        )
        self.register_outputs({"key_id": self.key.id})

    @cached_property
    def disk_set_id(self) -> pulumi.Output[str]:
        """What disks are encrypted with: Azure's keys and this one, made when the first machine asks for it."""
        made = compute.DiskEncryptionSet(
            f"{self._of}-disk-encryption",
            disk_encryption_set_name=self._at.name("disk-encryption-set", self._of),
            resource_group_name=self._group,
            location=self._at.region,
            tags=self._at.tags,
            identity=compute.EncryptionSetIdentityArgs(
                type=compute.DiskEncryptionSetIdentityType.USER_ASSIGNED, user_assigned_identities=[self.identity.id]
            ),
            encryption_type=compute.DiskEncryptionSetType.ENCRYPTION_AT_REST_WITH_PLATFORM_AND_CUSTOMER_KEYS,
            active_key=compute.KeyForDiskEncryptionSetArgs(key_url=self.key.key_uri_with_version),
            rotation_to_latest_key_version_enabled=True,
            # Azure moves it on to each new version of the key; the first that a program named would move it back.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.grant], ignore_changes=["activeKey"]),
        )
        return made.id

    def storage_identity(self) -> storage.IdentityArgs:
        """The identity that a storage account acts as."""
        return storage.IdentityArgs(type=storage.IdentityType.USER_ASSIGNED, user_assigned_identities=[self.identity.id])

    def storage_encryption_identity(self) -> storage.EncryptionIdentityArgs:
        """The identity with which a storage account fetches the key."""
        return storage.EncryptionIdentityArgs(encryption_user_assigned_identity=self.identity.id)

    def storage_key(self) -> storage.KeyVaultPropertiesArgs:
        """The key without a version: a storage account then takes each new one by itself. It waits until the identity may use it."""
        named = pulumi.Output.all(self.key.name, self.grant.id).apply(lambda both: str(both[0]))
        return storage.KeyVaultPropertiesArgs(key_name=named, key_vault_uri=self._vault.uri)

    def sql_identity(self) -> sql.ResourceIdentityArgs:
        """The identities of a database server: its own, and the one that may use the key."""
        return sql.ResourceIdentityArgs(type=sql.IdentityType.SYSTEM_ASSIGNED_USER_ASSIGNED, user_assigned_identities=[self.identity.id])

    @property
    def versioned_uri(self) -> pulumi.Output[str]:
        """The key as it was made first. It waits until the identity may use it."""
        return pulumi.Output.all(self.key.key_uri_with_version, self.grant.id).apply(lambda both: str(both[0]))

    @property
    def sql_name(self) -> pulumi.Output[str]:
        """How Azure SQL calls that version of the key: vault, key and version. Source: azure-native 3.29.0, sql.ServerKey.key_name."""
        parts = pulumi.Output.all(self._vault.vault.name, self.key.name, self.versioned_uri)
        return parts.apply(lambda three: f"{three[0]}_{three[1]}_{str(three[2]).rsplit('/', 1)[-1]}")

    def postgresql_identity(self) -> dbforpostgresql.UserAssignedIdentityArgs:
        """The identity that a PostgreSQL server acts as."""
        return dbforpostgresql.UserAssignedIdentityArgs(
            type=dbforpostgresql.IdentityType.USER_ASSIGNED,
            user_assigned_identities=self.identity.id.apply(lambda identity: {identity: dbforpostgresql.UserIdentityArgs()}),
        )

    def postgresql_encryption(self) -> dbforpostgresql.DataEncryptionArgs:
        """The key without a version, whose new ones a PostgreSQL server takes by itself.

        Source: Microsoft's blog of Azure Database for PostgreSQL, "Automatic CMK Key Version Updates", 2025-05-19; read 2026-11-25.
        """
        return dbforpostgresql.DataEncryptionArgs(
            type=dbforpostgresql.DataEncryptionType.AZURE_KEY_VAULT,
            primary_key_uri=pulumi.Output.all(self.key.key_uri, self.grant.id).apply(lambda both: str(both[0])),
            primary_user_assigned_identity_id=self.identity.id,
        )


def _properties() -> keyvault.KeyPropertiesArgs:
    renew = keyvault.LifetimeActionArgs(
        action=keyvault.ActionArgs(type=keyvault.KeyRotationPolicyActionType.ROTATE),
        trigger=keyvault.TriggerArgs(time_before_expiry=_RENEWED_BEFORE_EXPIRY),
    )
    return keyvault.KeyPropertiesArgs(
        kty=keyvault.JsonWebKeyType.RSA,
        key_size=3072,
        key_ops=[keyvault.JsonWebKeyOperation.WRAP_KEY, keyvault.JsonWebKeyOperation.UNWRAP_KEY],
        rotation_policy=keyvault.RotationPolicyArgs(
            attributes=keyvault.KeyRotationPolicyAttributesArgs(expiry_time=_OLDEST), lifetime_actions=[renew]
        ),
    )
