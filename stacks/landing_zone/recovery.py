"""The platform's own vaults for backups: nobody empties them in a hurry, and nothing in them is changed before it expires."""

from __future__ import annotations

import pulumi

from stacks.components.backup import Backup, BackupPlan
from stacks.components.data_backup import DataBackup
from stacks.components.group import resource_group
from stacks.site import Site
from stacks.workloads.data import care


class Recovery(pulumi.ComponentResource):
    """A recovery vault for machines and shares and a backup vault for blobs and databases, kept as a critical workload's are."""

    def __init__(self, site: Site, workspace: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:Recovery", "recovery", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        held = care("critical")
        plan = BackupPlan(None, held.days, held.weeks, held.months, held.second_region)
        self.group = resource_group("recovery", site, child)
        self.machines = Backup("platform", plan, site, self.group.name, workspace, child)
        self.data = DataBackup("platform", plan, site, self.group.name, workspace, child)
        self.register_outputs({"recovery_vault_id": self.machines.vault.id, "backup_vault_id": self.data.vault.id})
