"""Blobs in a storage account that only the private network and Entra identities reach, and that forget nothing at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage

from stacks.components.diagnostics import diagnose
from stacks.components.own_key import OwnKey
from stacks.components.place import Place
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.components.storage_account import AccountSpec, storage_account
from stacks.site import Site

ZONE = "privatelink.blob.core.windows.net"
_PARTS = ("blobs",)


@dataclass(frozen=True)
class BlobsSpec:
    """What to build. Days of 0 mean never.

    `recover_days`: deleted and changed blobs come back. `immutable_days`: nobody changes or deletes a blob before.
    `replicates`: a backup vault copies them.
    """

    id: str
    containers: Sequence[str]
    kind: storage.SkuName
    recover_days: int
    immutable_days: int = 0
    cool_after_days: int = 0
    delete_after_days: int = 0
    replicates: bool = False


def account_name(site: Site, blobs: str) -> str:
    """What the account of these blobs is called in Azure."""
    return site.name("storage-account", blobs, *_PARTS)


class BlobStorage(pulumi.ComponentResource):
    """The account with its containers. `account` and `containers` (by name) for those who copy or read them."""

    def __init__(self, spec: BlobsSpec, site: Site, place: Place, opts: pulumi.ResourceOptions, key: OwnKey | None = None) -> None:
        super().__init__("cloud-unless:components:BlobStorage", spec.id, None, opts)
        self._spec, self._place = spec, place
        self._child = pulumi.ResourceOptions(parent=self)
        account = AccountSpec(spec.id, spec.kind, _PARTS, backup=spec.replicates, replicates=spec.replicates)
        held = pulumi.ResourceOptions(parent=self, protect=site.protect)
        self.account = storage_account(account, site, place.group, held, key)
        service = self._service()
        self.containers = {name: self._container(name, site, service) for name in spec.containers}
        self._move_on()
        private_endpoint(site, place.group, place.endpoints, Door(spec.id, self.account.id, "blob", [place.zone(ZONE)]), self._child)
        blobs = pulumi.Output.concat(self.account.id, "/blobServices/default")
        diagnose(f"{spec.id}-blobs", blobs, place.workspace, self._child, metrics="Transaction")
        self.register_outputs({"account_id": self.account.id})

    def _service(self) -> storage.BlobServiceProperties:
        """Versions, deleted blobs and containers are kept; where nothing is immutable, all of it goes back to any moment too."""
        days = self._spec.recover_days
        returns = not self._spec.immutable_days
        return storage.BlobServiceProperties(
            f"{self._spec.id}-blob-service",
            blob_services_name="default",
            account_name=self.account.name,
            resource_group_name=self._place.group,
            is_versioning_enabled=True,
            change_feed=storage.ChangeFeedArgs(enabled=True, retention_in_days=days + 1),
            # A blob goes back only to a moment whose deleted blobs are still there: one day less.
            delete_retention_policy=storage.DeleteRetentionPolicyArgs(enabled=True, days=days + 1),
            container_delete_retention_policy=storage.DeleteRetentionPolicyArgs(enabled=True, days=days + 1),
            restore_policy=storage.RestorePolicyPropertiesArgs(enabled=True, days=days) if returns else None,
            opts=self._child,
        )

    def _container(self, name: str, site: Site, service: storage.BlobServiceProperties) -> storage.BlobContainer:
        container = storage.BlobContainer(
            f"{self._spec.id}-{name}",
            container_name=name,
            account_name=self.account.name,
            resource_group_name=self._place.group,
            public_access=storage.PublicAccess.NONE,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[service], protect=site.protect),
        )
        if self._spec.immutable_days:
            storage.BlobContainerImmutabilityPolicy(
                f"{self._spec.id}-{name}-immutable",
                immutability_policy_name="default",
                container_name=container.name,
                account_name=self.account.name,
                resource_group_name=self._place.group,
                immutability_period_since_creation_in_days=self._spec.immutable_days,
                opts=pulumi.ResourceOptions(parent=container),
            )
        return container

    def _move_on(self) -> None:
        """Old blobs go to cheaper storage or away, and old versions away once they need not come back."""
        cool, gone = self._spec.cool_after_days, self._spec.delete_after_days
        after = storage.DateAfterModificationArgs
        blob = storage.ManagementPolicyBaseBlobArgs(
            tier_to_cool=after(days_after_modification_greater_than=cool) if cool else None,
            delete=after(days_after_modification_greater_than=gone) if gone else None,
        )
        kept = max(self._spec.recover_days + 1, self._spec.immutable_days + 1)
        version = storage.ManagementPolicyVersionArgs(delete=storage.DateAfterCreationArgs(days_after_creation_greater_than=kept))
        rule = storage.ManagementPolicyRuleArgs(
            name="old-blobs-move-on",
            enabled=True,
            type=storage.RuleType.LIFECYCLE,
            definition=storage.ManagementPolicyDefinitionArgs(
                actions=storage.ManagementPolicyActionArgs(base_blob=blob if cool or gone else None, version=version),
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
