"""A workload's backups: what is kept, in vaults that are made when the first thing asks for them, and that outlive what they keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pulumi

from stacks.components.backup import Backup, BackupPlan
from stacks.components.blob_storage import account_name as blobs_account_name
from stacks.components.data_backup import DataBackup, Original
from stacks.components.file_shares import share_name
from stacks.components.share_backup import ShareBackup, SharesToKeep
from stacks.request import Request
from stacks.site import Site
from stacks.workloads.data import care


def is_backed_up(request: Request) -> bool:
    """Whether anything of the request goes into a vault, which then stays when the workload goes."""
    return bool(request.machine_ids or request.share or is_in_data_vault(request))


def is_in_data_vault(request: Request) -> bool:
    """Whether any blobs or databases go into a vault."""
    return bool(_vaulted_blobs(request) or _kept_databases(request))


def _vaulted_blobs(request: Request) -> tuple[str, ...]:
    return tuple(s.id for s in request.storage if s.vaulted)


def _kept_databases(request: Request) -> tuple[str, ...]:
    """Those whose own backups, of 35 days, do not last as long as the care's months."""
    return tuple(d.id for d in request.database if d.kind == "postgresql") if care(request.care).months else ()


@dataclass
class Backups:
    """`recovery` keeps machines and file shares, `data` blobs and PostgreSQL databases: Azure has two kinds of vault.

    `standing` are the resources that stand, by the id of the request's part; what does not stand any more is known by the id that it had.
    """

    name: str
    plan: BackupPlan
    site: Site
    group: pulumi.Input[str]
    workspace: pulumi.Input[str]
    opts: pulumi.ResourceOptions
    standing: dict[str, Original] = field(default_factory=dict[str, Original])

    @cached_property
    def recovery(self) -> Backup:
        """The recovery vault."""
        return Backup(self.name, self.plan, self.site, self.group, self.workspace, self.opts)

    @cached_property
    def data(self) -> DataBackup:
        """The backup vault."""
        return DataBackup(self.name, self.plan, self.site, self.group, self.workspace, self.opts)

    def stands(self, part: str, name: pulumi.Input[str], resource_id: pulumi.Input[str]) -> None:
        """Say under which name and id a part of the request stands."""
        self.standing[part] = Original(part, name, resource_id)

    def build(self, request: Request, group_id: pulumi.Output[str]) -> None:
        """Back up everything of the request that goes into a vault."""
        for machine in request.machine_ids:
            kept = self._original(machine, group_id, "Microsoft.Compute/virtualMachines", self.site.name("virtual-machine", machine))
            self.recovery.protect_machine(machine, kept.resource_id, kept.name)
        if request.share:
            named = self.site.name("storage-account", request.id)
            account = self._original(request.id, group_id, "Microsoft.Storage/storageAccounts", named)
            shares = {s.id: share_name(s.id) for s in request.share}
            ShareBackup(self.recovery, self.plan, SharesToKeep(request.id, self.group, account, shares), self.opts)
        for blobs in request.storage:
            if blobs.vaulted:
                named = blobs_account_name(self.site, blobs.id)
                account = self._original(blobs.id, group_id, "Microsoft.Storage/storageAccounts", named)
                self.data.protect_blobs(account, blobs.containers, stands=blobs.id in self.standing)
        for database in _kept_databases(request):
            named = self.site.name("postgresql", database)
            server = self._original(database, group_id, "Microsoft.DBforPostgreSQL/flexibleServers", named)
            self.data.protect_postgresql(server, group_id, stands=database in self.standing)

    def _original(self, part: str, group_id: pulumi.Output[str], kind: str, named: str) -> Original:
        former = Original(part, named, pulumi.Output.concat(group_id, f"/providers/{kind}/", named))
        return self.standing.get(part, former)
