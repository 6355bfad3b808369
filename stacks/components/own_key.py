"""A key of the council's own, in the workload's vault, with which a service encrypts what it holds."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import keyvault, managedidentity, storage

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
        self._vault = vault
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
