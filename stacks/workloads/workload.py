"""One workload's landing zone, from its request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from math import ceil

import pulumi

from stacks.components.backup import BackupPlan
from stacks.components.budget import Allowance, budget
from stacks.components.databases import DatabasePlace, DatabaseSpec, SqlDatabase, SqlManagedInstance
from stacks.components.file_shares import FileShares, SharesPlace
from stacks.components.flexible_servers import MySql, PostgreSql
from stacks.components.group import resource_group
from stacks.components.own_key import OwnKey
from stacks.components.place import Place
from stacks.components.propagation import Patience
from stacks.components.vault import KeyVault, VaultPlace
from stacks.landing_zone_reference import LandingZoneReference
from stacks.request import Database, Request
from stacks.site import Site
from stacks.workloads.alerts import Alerts, action_group, tell_of_backups
from stacks.workloads.backups import Backups, is_backed_up
from stacks.workloads.data import Care, care, hours_between_backups, must_return_soon
from stacks.workloads.ground import Ground
from stacks.workloads.kinds import storage_kind
from stacks.workloads.parts import build_parts
from stacks.workloads.patching import is_patched
from stacks.workloads.people import People, PeoplePlan
from stacks.workloads.rooms import asked_for, rooms
from stacks.workloads.settings import WorkloadsSettings
from stacks.workloads.spoke import Spoke, SpokePlan
from stacks.workloads.vending import asker, is_joined

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
    """What every workload shares. `hub` acts in the hub's subscription; `password` gives a new one each time.

    `entra` makes groups, where they are wanted; `subscription` is the workload's own, "" where it shares one.
    `watcher` is that subscription's network watcher, where it is ours and not Azure's own.
    """

    settings: WorkloadsSettings
    zone: LandingZoneReference
    hub: pulumi.ProviderResource
    password: Callable[[], str]
    patience: Patience
    entra: pulumi.ProviderResource | None = None
    subscription: pulumi.Input[str] = ""
    watcher: Sequence[pulumi.Resource] = ()


class Workload(pulumi.ComponentResource):
    """Everything that a request asks for, in a resource group of its own."""

    def __init__(self, request: Request, addresses: IPv4Network, site: Site, around: Surroundings, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:workloads:Workload", request.id, None, opts)
        self._request, self._at, self._around = request, site, around
        self._care = care(request.care)
        self._child = pulumi.ResourceOptions(parent=self)
        self.group = resource_group(request.id, site, self._child)
        self.people = action_group(request.id, site, self.group.name, asker(request, around.settings).contacts, self._child)
        self.vault: KeyVault | None = None
        plan = replace(backup_plan(self._care, request.rpo_hours), stopped=request.state != "live")
        self._backups = Backups(request.id, plan, site, self.group.name, around.zone.log_workspace_id, self._child)
        if request.state != "gone":
            self._build(addresses)
        self._back_up()
        self._budget()
        if request.state == "live":
            self._alert()
        self.register_outputs({"network": str(addresses), "group": self.group.name})

    def _build(self, addresses: IPv4Network) -> None:
        self.spoke = self._spoke(addresses)
        self.vault = self._vault()
        key = OwnKey(self._request.id, self._at, self.group.name, self.vault, self._child) if self._request.own_key else None
        for database in self._request.database:
            self._database(database, key)
        self._shares(key)
        build_parts(self._ground(addresses, self.vault, key))
        settings = self._around.settings
        existing, council = settings.access.get(self._request.id, ""), asker(self._request, settings).id
        owners, around = settings.vending.group_owners, self._around
        plan = PeoplePlan(council, existing, owners, self._at.protect, around.entra, around.patience)
        People(self._request, plan, self.group.id, self._child)

    def _alert(self) -> None:
        """A workload that is being switched off would alarm for nothing."""
        alerts = Alerts(self._request.id, self._at, self.group.name, self.group.id, self.people.id, self._child)
        if self._request.machine_ids:
            alerts.machines()

    @property
    def _spread(self) -> bool:
        wanted = self._care.spread and must_return_soon(self._request.rto_hours)
        return wanted and self._request.region in _ZONED and self._request.environment == "production"

    def _ground(self, addresses: IPv4Network, vault: KeyVault, key: OwnKey | None) -> Ground:
        zone = self._around.zone
        place = Place(self.group.name, self.spoke.subnet("private-endpoints"), zone.log_workspace_id, zone.zone)
        return Ground(
            request=self._request,
            site=self._at,
            settings=self._around.settings,
            addresses=addresses,
            place=place,
            group_id=self.group.id,
            hub_network_id=zone.hub_network_id,
            vault_id=vault.id,
            subnet=self.spoke.subnet,
            care=self._care,
            spread=self._spread,
            password=self._around.password,
            backups=self._backups,
            key=key,
            patched=zone.outputs.apply(lambda held: is_patched(held or {}, self._request, self._around.settings)),
            opts=self._child,
        )

    def _spoke(self, addresses: IPv4Network) -> Spoke:
        around, named = self._around, self._request.id
        joined, logged = is_joined(self._request, around.settings), around.settings.flow_logs
        plan = SpokePlan(named, addresses, rooms(addresses, asked_for(self._request)), joined, logged)
        return Spoke(plan, self._at, self.group.name, around.zone, around.hub, self._child, around.watcher)

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

    def _back_up(self) -> None:
        """Backups outlive what they keep, which is then known by the ids that it had."""
        if is_backed_up(self._request):
            self._backups.build(self._request, self.group.id)
            tell_of_backups(self._request.id, self._at, self.group.name, self.group.id, self.people.id, self._child)

    def _database(self, database: Database, key: OwnKey | None) -> None:
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
            key,
        )
        storage_gb = ceil(database.storage_gb)
        held = self._care
        kept = (held.days, held.weeks, held.months)
        spec = DatabaseSpec(database.id, database.sku, storage_gb, held.second_region, self._spread, settings.hybrid_benefit, *kept)
        match database.kind:
            case "sql-database":
                SqlDatabase(spec, self._at, place, self._child)
            case "sql-managed-instance":
                SqlManagedInstance(spec, self._at, place, self._child)
            case "postgresql":
                made = PostgreSql(spec, self._at, place, self._child)
                self._backups.stands(database.id, made.server.name, made.server.id)
            case "mysql":
                password = settings.mysql_password.get_secret_value() if settings.mysql_password else ""
                MySql(spec, self._at, place, pulumi.Output.secret(password), self._child)

    def _shares(self, key: OwnKey | None) -> None:
        if not self._request.share:
            return
        zone = self._around.zone
        place = SharesPlace(
            self.group.name,
            self.spoke.subnet("private-endpoints"),
            zone.zone(_ZONES["file"]),
            zone.log_workspace_id,
            storage_kind(self._care, self._spread),
            key,
        )
        shares = FileShares(self._request.id, {s.id: ceil(s.storage_gb) for s in self._request.share}, self._at, place, self._child)
        self._backups.stands(self._request.id, shares.account.name, shares.account.id)

    def _budget(self) -> None:
        rules = self._around.settings.budget
        contacts = asker(self._request, self._around.settings).contacts
        allowance = Allowance(self._request.budget_monthly_pence / 100, rules.starts_on, contacts, rules.percentages)
        own = self._around.subscription
        scope = pulumi.Output.concat("/subscriptions/", own) if own else self.group.id
        budget(self._request.id, scope, allowance, [self._around.zone.action_group_id, self.people.id], self._child)


def backup_plan(held: Care, rpo_hours: float | None) -> BackupPlan:
    """How a workload's machines are backed up."""
    return BackupPlan(hours_between_backups(rpo_hours), held.days, held.weeks, held.months, held.second_region)
