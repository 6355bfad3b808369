"""A workload's backup vaults, each made when the first thing asks for it."""

from __future__ import annotations

from functools import cached_property

import pulumi

from stacks.components.backup import Backup, BackupPlan
from stacks.components.data_backup import DataBackup
from stacks.components.share_backup import ShareBackup, SharesToKeep
from stacks.site import Site


class Backups:
    """`recovery` keeps machines and file shares, `data` blobs and PostgreSQL databases: Azure has two kinds of vault."""

    def __init__(
        self, name: str, plan: BackupPlan, site: Site, group: pulumi.Input[str], workspace: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        self.plan = plan
        self._name, self._at, self._group, self._workspace, self._opts = name, site, group, workspace, opts

    @cached_property
    def recovery(self) -> Backup:
        """The recovery vault."""
        return Backup(self._name, self.plan, self._at, self._group, self._workspace, self._opts)

    @cached_property
    def data(self) -> DataBackup:
        """The backup vault."""
        return DataBackup(self._name, self.plan, self._at, self._group, self._workspace, self._opts)

    def keep_shares(self, kept: SharesToKeep) -> None:
        """Back the shares of one storage account up."""
        ShareBackup(self.recovery, self.plan, kept, self._opts)
