"""File shares in a storage account that only the private network and Entra identities reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage

from stacks.components.diagnostics import diagnose
from stacks.components.own_key import OwnKey
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.components.storage_account import AccountSpec, storage_account
from stacks.site import Site


@dataclass(frozen=True)
class SharesPlace:
    """Ids of its surroundings."""

    group: pulumi.Input[str]
    subnet: pulumi.Input[str]
    zone: pulumi.Input[str]
    workspace: pulumi.Input[str]
    kind: storage.SkuName
    key: OwnKey | None = None


class FileShares(pulumi.ComponentResource):
    """A workload's shares (name to GiB) in one storage account."""

    def __init__(
        self, name: str, shares: Mapping[str, int], site: Site, place: SharesPlace, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("cloud-unless:components:FileShares", f"{name}-shares", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        held = pulumi.ResourceOptions(parent=self, protect=site.protect)
        self.account = storage_account(AccountSpec(name, place.kind, kerberos=True, backup=True), site, place.group, held, place.key)
        service = self._service(name, place)
        self.shares = {share: self._share(share, gigabytes, site, place, service) for share, gigabytes in shares.items()}
        private_endpoint(site, place.group, place.subnet, Door(name, self.account.id, "file", [place.zone]), child)
        files = pulumi.Output.concat(self.account.id, "/fileServices/default")
        diagnose(f"{name}-files", files, place.workspace, child, metrics="Transaction")
        self.register_outputs({"account_id": self.account.id})

    def _service(self, name: str, place: SharesPlace) -> storage.FileServiceProperties:
        """A deleted share comes back within 30 days; SMB 3.1.1 with AES-256 only."""
        return storage.FileServiceProperties(
            f"{name}-file-service",
            file_services_name="default",
            account_name=self.account.name,
            resource_group_name=place.group,
            share_delete_retention_policy=storage.DeleteRetentionPolicyArgs(enabled=True, days=30),
            protocol_settings=storage.ProtocolSettingsArgs(
                smb=storage.SmbSettingArgs(
                    versions="SMB3.1.1;",
                    authentication_methods="Kerberos;",
                    kerberos_ticket_encryption="AES-256;",
                    channel_encryption="AES-256-GCM;",
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _share(
        self, share: str, gigabytes: int, site: Site, place: SharesPlace, service: storage.FileServiceProperties
    ) -> storage.FileShare:
        return storage.FileShare(
            share,
            share_name=share_name(share),
            account_name=self.account.name,
            resource_group_name=place.group,
            share_quota=min(max(gigabytes, 1), 102_400),
            access_tier=storage.ShareAccessTier.TRANSACTION_OPTIMIZED,
            enabled_protocols=storage.EnabledProtocols.SMB,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[service], protect=site.protect),
        )


def share_name(share: str) -> str:
    """A share's name in Azure: 3 to 63 small letters, digits and single dashes. Source: Microsoft Learn, resource name rules."""
    plain = "-".join(part for part in "".join(c if c.isalnum() and c.isascii() else "-" for c in share.lower()).split("-") if part)
    return f"{plain}-share"[:63].strip("-") if len(plain) < 3 else plain[:63].strip("-")
