"""A storage account that shows nothing to the public, takes no shared keys and encrypts twice."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage

from stacks.components.own_key import OwnKey
from stacks.site import Site


@dataclass(frozen=True)
class AccountSpec:
    """What to build. `id` names it; `parts` set its name in Azure apart from others of one id.

    `kerberos` lets people in by Entra over SMB; `sftp` opens SFTP, which needs folders that are real (a hierarchical namespace).
    `backup` lets Azure Backup in as a trusted service; `replicates` lets it copy blobs to its vault, which is a tenant of Microsoft's.
    """

    id: str
    kind: storage.SkuName
    parts: tuple[str, ...] = ()
    kerberos: bool = False
    sftp: bool = False
    backup: bool = False
    replicates: bool = False
    cool: bool = False


def storage_account(
    spec: AccountSpec, site: Site, group: pulumi.Input[str], opts: pulumi.ResourceOptions, key: OwnKey | None = None
) -> storage.StorageAccount:
    """The account. Names, place and tags come of the site; with `key` its contents are encrypted by the council's own key."""
    return storage.StorageAccount(
        f"{spec.id}-account",
        account_name=site.name("storage-account", spec.id, *spec.parts),
        resource_group_name=group,
        location=site.region,
        tags=site.tags,
        kind=storage.Kind.STORAGE_V2,
        sku=storage.SkuArgs(name=spec.kind),
        access_tier=storage.AccessTier.COOL if spec.cool else None,
        minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
        enable_https_traffic_only=True,
        public_network_access=storage.PublicNetworkAccess.DISABLED,
        allow_blob_public_access=False,
        allow_shared_key_access=False,
        allow_cross_tenant_replication=spec.replicates,
        default_to_o_auth_authentication=True,
        is_hns_enabled=True if spec.sftp else None,
        is_local_user_enabled=spec.sftp,
        is_sftp_enabled=spec.sftp,
        azure_files_identity_based_authentication=_kerberos() if spec.kerberos else None,
        network_rule_set=_rules(spec),
        identity=key.storage_identity() if key else None,
        encryption=_encryption(key),
        opts=opts,
    )


def _kerberos() -> storage.AzureFilesIdentityBasedAuthenticationArgs:
    """Without keys, SMB needs Entra Kerberos to know who is who."""
    return storage.AzureFilesIdentityBasedAuthenticationArgs(directory_service_options=storage.DirectoryServiceOptions.AADKERB)


def _rules(spec: AccountSpec) -> storage.NetworkRuleSetArgs:
    """Azure Backup comes in as a trusted service. Source: Microsoft Learn, "Back up Azure File shares", prerequisites (2024-06-05)."""
    return storage.NetworkRuleSetArgs(
        default_action=storage.DefaultAction.DENY, bypass=storage.Bypass.AZURE_SERVICES if spec.backup else storage.Bypass.NONE
    )


def _encryption(key: OwnKey | None) -> storage.EncryptionArgs:
    """Queues and tables are encrypted by the account's key only when told so as it is made; with a key of the council's they are."""
    by_account = storage.EncryptionServiceArgs(enabled=True, key_type=storage.KeyType.ACCOUNT)
    return storage.EncryptionArgs(
        key_source=storage.KeySource.MICROSOFT_KEYVAULT if key else storage.KeySource.MICROSOFT_STORAGE,
        key_vault_properties=key.storage_key() if key else None,
        encryption_identity=key.storage_encryption_identity() if key else None,
        require_infrastructure_encryption=True,
        services=storage.EncryptionServicesArgs(
            file=by_account, blob=by_account, queue=by_account if key else None, table=by_account if key else None
        ),
    )
