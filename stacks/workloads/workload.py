"""One workload's landing zone, from its request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network
from math import ceil

import pulumi
from pulumi_azure_native import compute, storage

from stacks.components import access
from stacks.components.backup import Backup, BackupPlan
from stacks.components.budget import Allowance, budget
from stacks.components.databases import DatabasePlace, DatabaseSpec, SqlDatabase, SqlManagedInstance
from stacks.components.file_shares import FileShares, SharesPlace
from stacks.components.flexible_servers import MySql, PostgreSql
from stacks.components.group import resource_group
from stacks.components.vault import KeyVault, VaultPlace
from stacks.components.virtual_machine import Machine, MachinePlace, VirtualMachine
from stacks.landing_zone_reference import LandingZoneReference
from stacks.request import Database, Request, Server
from stacks.site import Site
from stacks.workloads.data import Care, care, hours_between_backups, image
from stacks.workloads.settings import WorkloadsSettings
from stacks.workloads.spoke import Spoke, SpokePlan

# Regions with availability zones. Source: Microsoft Learn, "Azure regions list": UK West has none.
_ZONED = ("uksouth",)
_ZONES = {
    "vault": "privatelink.vaultcore.azure.net",
    "file": "privatelink.file.core.windows.net",
    "sql-database": "privatelink.database.windows.net",
    "sql-managed-instance": "privatelink.database.windows.net",
    "postgresql": "privatelink.postgres.database.azure.com",
    "mysql": "privatelink.mysql.database.azure.com",
}


@dataclass(frozen=True)
class Surroundings:
    """What every workload shares. `hub` acts in the hub's subscription; `password` gives a new one each time."""

    settings: WorkloadsSettings
    zone: LandingZoneReference
    hub: pulumi.ProviderResource
    password: Callable[[], str]


class Workload(pulumi.ComponentResource):
    """Everything that a request asks for, in a resource group of its own."""

    def __init__(self, request: Request, addresses: IPv4Network, site: Site, around: Surroundings, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:workloads:Workload", request.id, None, opts)
        self._request, self._at, self._around = request, site, around
        self._care = care(request.care)
        self._child = pulumi.ResourceOptions(parent=self)
        self.group = resource_group(request.id, site, self._child)
        self.spoke = self._spoke(addresses)
        self.vault = self._vault()
        self.machines = [self._machine(i, s) for i, s in enumerate(request.server)]
        self._back_up()
        for database in request.database:
            self._database(database)
        self._shares()
        self._budget()
        self._access()
        self.register_outputs({"network": str(addresses), "group": self.group.name})

    @property
    def _spread(self) -> bool:
        return self._care.spread and self._request.region in _ZONED and self._request.environment == "production"

    def _spoke(self, addresses: IPv4Network) -> Spoke:
        has_instance = any(d.kind == "sql-managed-instance" for d in self._request.database)
        plan = SpokePlan(self._request.id, addresses, has_instance)
        return Spoke(plan, self._at, self.group.name, self._around.zone, self._around.hub, self._child)

    def _vault(self) -> KeyVault:
        zone = self._around.zone
        place = VaultPlace(
            self.group.name,
            self._around.settings.tenant,
            self.spoke.subnet("private-endpoints"),
            zone.zone(_ZONES["vault"]),
            zone.log_workspace_id,
        )
        return KeyVault(self._request.id, self._at, place, self._child)

    def _machine(self, number: int, server: Server) -> VirtualMachine:
        held = image(server.system)
        settings = self._around.settings
        machine = Machine(
            id=server.id,
            size=server.size,
            windows=server.system == "windows",
            storage_gb=ceil(server.storage_gb),
            image=compute.ImageReferenceArgs(publisher=held.publisher, offer=held.offer, sku=held.sku, version=held.version),
            zone=str(number % 3 + 1) if self._spread else "",
            premium=self._request.environment == "production",
            hybrid_benefit=settings.hybrid_benefit,
        )
        place = MachinePlace(
            self.group.name,
            self.spoke.subnet("servers"),
            self._around.zone.log_workspace_id,
            settings.ssh_public_key or "",
            pulumi.Output.secret(self._around.password()),
        )
        return VirtualMachine(machine, self._at, place, self._child)

    def _back_up(self) -> None:
        if not self.machines:
            return
        plan = backup_plan(self._care, self._request.rpo_hours)
        vault = Backup(self._request.id, plan, self._at, self.group.name, self._around.zone.log_workspace_id, self._child)
        for server, machine in zip(self._request.server, self.machines, strict=True):
            vault.protect_machine(server.id, machine.id, machine.name)

    def _database(self, database: Database) -> None:
        settings, zone = self._around.settings, self._around.zone
        administrators = settings.database_administrators
        subnet = "managed-instance" if database.kind == "sql-managed-instance" else "private-endpoints"
        place = DatabasePlace(
            self.group.name,
            self.spoke.subnet(subnet),
            zone.zone(_ZONES[database.kind]),
            zone.log_workspace_id,
            settings.tenant,
            administrators.group if administrators else "",
            administrators.id if administrators else "",
        )
        storage_gb = ceil(database.storage_gb)
        spec = DatabaseSpec(database.id, database.sku, storage_gb, self._care.second_region, self._spread, settings.hybrid_benefit)
        match database.kind:
            case "sql-database":
                SqlDatabase(spec, self._at, place, self._child)
            case "sql-managed-instance":
                SqlManagedInstance(spec, self._at, place, self._child)
            case "postgresql":
                PostgreSql(spec, self._at, place, self._child)
            case "mysql":
                password = settings.mysql_password.get_secret_value() if settings.mysql_password else ""
                MySql(spec, self._at, place, pulumi.Output.secret(password), self._child)

    def _shares(self) -> None:
        if not self._request.share:
            return
        zone = self._around.zone
        place = SharesPlace(
            self.group.name,
            self.spoke.subnet("private-endpoints"),
            zone.zone(_ZONES["file"]),
            zone.log_workspace_id,
            storage_kind(self._care, self._spread),
        )
        FileShares(self._request.id, {s.id: ceil(s.storage_gb) for s in self._request.share}, self._at, place, self._child)

    def _budget(self) -> None:
        rules = self._around.settings.budget
        allowance = Allowance(self._request.budget_monthly_pence / 100, rules.starts_on, rules.contacts, rules.percentages)
        budget(self._request.id, self.group.id, allowance, [self._around.zone.action_group_id], self._child)

    def _access(self) -> None:
        group = self._around.settings.access.get(self._request.id)
        if not group:
            return
        roles = {"reads": access.READER, "keeps-secrets": access.KEY_VAULT_SECRETS_OFFICER}
        if self._request.server:
            roles["signs-in"] = access.VIRTUAL_MACHINE_ADMINISTRATOR_LOGIN
        for what, role in roles.items():
            access.grant(f"{self._request.id}-{what}", role, group, self.group.id, self._child)


def backup_plan(held: Care, rpo_hours: float | None) -> BackupPlan:
    """How a workload's machines are backed up."""
    return BackupPlan(hours_between_backups(rpo_hours), held.days, held.weeks, held.months, held.second_region)


def storage_kind(held: Care, spread: bool) -> storage.SkuName:
    """How many copies of files stand where."""
    if spread:
        return storage.SkuName.STANDARD_GZRS if held.second_region else storage.SkuName.STANDARD_ZRS
    return storage.SkuName.STANDARD_GRS if held.second_region else storage.SkuName.STANDARD_LRS
