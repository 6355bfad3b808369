"""The storage account in which a function keeps its own locks and queues: by its identity, without keys."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import storage

from stacks.components import access
from stacks.components.diagnostics import diagnose
from stacks.components.place import Place
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.components.storage_account import AccountSpec, storage_account
from stacks.site import Site

_PARTS = ("blob", "queue", "table")
# What a function needs of its own storage. Source: Microsoft Learn, "Connecting to host storage with an identity" (Azure Functions).
_ROLES = {
    "blobs": access.STORAGE_BLOB_DATA_OWNER,
    "queues": access.STORAGE_QUEUE_DATA_CONTRIBUTOR,
    "tables": access.STORAGE_TABLE_DATA_CONTRIBUTOR,
}


class FunctionStorage(pulumi.ComponentResource):
    """The account with a way in to each of its services. `let_in` gives an identity what a function needs there."""

    def __init__(self, name: str, kind: storage.SkuName, site: Site, place: Place, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:components:FunctionStorage", f"{name}-host", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.account = storage_account(AccountSpec(name, kind, ("host",)), site, place.group, child)
        for part in _PARTS:
            zone = place.zone(f"privatelink.{part}.core.windows.net")
            private_endpoint(site, place.group, place.endpoints, Door(f"{name}-host", self.account.id, part, [zone]), child)
        blobs = pulumi.Output.concat(self.account.id, "/blobServices/default")
        diagnose(f"{name}-host", blobs, place.workspace, child, metrics="Transaction")
        self.register_outputs({"account_id": self.account.id})

    def let_in(self, name: str, principal: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        """Give the identity the roles that a function needs on this account."""
        for what, role in _ROLES.items():
            access.grant_service(f"{name}-keeps-{what}", role, principal, self.account.id, opts)
