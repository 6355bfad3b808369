"""Files that partners bring or fetch by SFTP, each by SSH key in a folder of its own, over the private network alone.

SFTP needs a hierarchical namespace, and an account that has one cannot keep versions, go back to a moment or be copied by a backup vault.
Sources: Microsoft Learn, "Limitations and known issues with SFTP for Azure Blob Storage" and "Support matrix for Azure Blobs backup"
(vaulted backup: accounts with a hierarchical namespace are not supported), read 2026-11-24. So deleted files come back, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage

from stacks.components.blob_storage import ZONE
from stacks.components.diagnostics import diagnose
from stacks.components.own_key import OwnKey
from stacks.components.place import Place
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.components.storage_account import AccountSpec, storage_account
from stacks.site import Site

FOLDERS_ZONE = "privatelink.dfs.core.windows.net"
# Letters of a local user's permissions: read, create, write, delete, list. Source: azure-native 3.29.0, storage.Permissions.
_PERMISSIONS = {"read": "rl", "write": "cwl", "read-and-write": "rcwdl"}


@dataclass(frozen=True)
class SftpUserSpec:
    """A user with its public key; `access` is read, write or read-and-write."""

    name: str
    public_key: str
    access: str


@dataclass(frozen=True)
class SftpSpec:
    """What to build. `recover_days`: deleted files come back; `delete_after_days` 0 means never."""

    id: str
    users: Sequence[SftpUserSpec]
    kind: storage.SkuName
    recover_days: int
    delete_after_days: int = 0


class Sftp(pulumi.ComponentResource):
    """The account, a container for each user, and the users."""

    def __init__(self, spec: SftpSpec, site: Site, place: Place, opts: pulumi.ResourceOptions, key: OwnKey | None = None) -> None:
        super().__init__("cloud-unless:components:Sftp", spec.id, None, opts)
        self._spec, self._place, self._at = spec, place, site
        self._child = pulumi.ResourceOptions(parent=self)
        held = pulumi.ResourceOptions(parent=self, protect=site.protect)
        self.account = storage_account(AccountSpec(spec.id, spec.kind, ("sftp",), sftp=True), site, place.group, held, key)
        service = self._service()
        for user in spec.users:
            self._user(user, service)
        if spec.delete_after_days:
            self._clear_away(spec.delete_after_days)
        for part, zone in (("blob", ZONE), ("dfs", FOLDERS_ZONE)):
            private_endpoint(site, place.group, place.endpoints, Door(spec.id, self.account.id, part, [place.zone(zone)]), self._child)
        blobs = pulumi.Output.concat(self.account.id, "/blobServices/default")
        diagnose(f"{spec.id}-files", blobs, place.workspace, self._child, metrics="Transaction")
        self.register_outputs({"account_id": self.account.id})

    def _service(self) -> storage.BlobServiceProperties:
        days = self._spec.recover_days
        return storage.BlobServiceProperties(
            f"{self._spec.id}-blob-service",
            blob_services_name="default",
            account_name=self.account.name,
            resource_group_name=self._place.group,
            delete_retention_policy=storage.DeleteRetentionPolicyArgs(enabled=True, days=days),
            container_delete_retention_policy=storage.DeleteRetentionPolicyArgs(enabled=True, days=days),
            opts=self._child,
        )

    def _user(self, user: SftpUserSpec, service: storage.BlobServiceProperties) -> None:
        folder = storage.BlobContainer(
            f"{self._spec.id}-{user.name}",
            container_name=user.name,
            account_name=self.account.name,
            resource_group_name=self._place.group,
            public_access=storage.PublicAccess.NONE,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[service], protect=self._at.protect),
        )
        scope = storage.PermissionScopeArgs(service="blob", resource_name=folder.name, permissions=_PERMISSIONS[user.access])
        storage.LocalUser(
            f"{self._spec.id}-{user.name}-user",
            username=user.name,
            account_name=self.account.name,
            resource_group_name=self._place.group,
            home_directory=folder.name,
            permission_scopes=[scope],
            ssh_authorized_keys=[storage.SshPublicKeyArgs(key=user.public_key, description=user.name)],
            has_ssh_key=True,
            has_ssh_password=False,
            has_shared_key=False,
            opts=pulumi.ResourceOptions(parent=folder),
        )

    def _clear_away(self, days: int) -> None:
        gone = storage.DateAfterModificationArgs(days_after_modification_greater_than=days)
        rule = storage.ManagementPolicyRuleArgs(
            name="fetched-files-go",
            enabled=True,
            type=storage.RuleType.LIFECYCLE,
            definition=storage.ManagementPolicyDefinitionArgs(
                actions=storage.ManagementPolicyActionArgs(base_blob=storage.ManagementPolicyBaseBlobArgs(delete=gone)),
                filters=storage.ManagementPolicyFilterArgs(blob_types=["blockBlob"]),
            ),
        )
        storage.ManagementPolicy(
            f"{self._spec.id}-lifecycle",
            management_policy_name="default",
            account_name=self.account.name,
            resource_group_name=self._place.group,
            policy=storage.ManagementPolicySchemaArgs(rules=[rule]),
            opts=self._child,
        )
