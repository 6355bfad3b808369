"""The platform landing zone: hierarchy, policies, logs, hub, private DNS, vault, budget."""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from stacks.components.budget import Allowance, budget
from stacks.components.group import resource_group
from stacks.components.propagation import Patience
from stacks.components.vault import KeyVault, VaultPlace
from stacks.landing_zone.councils import Councils
from stacks.landing_zone.directory import DirectoryPlace, DirectoryReplica
from stacks.landing_zone.directory_settings import Directory
from stacks.landing_zone.dns import PrivateDns, zones
from stacks.landing_zone.enforcement import stages
from stacks.landing_zone.exemptions import exempted
from stacks.landing_zone.governance import Governance
from stacks.landing_zone.hierarchy import Hierarchy
from stacks.landing_zone.hub import Hub
from stacks.landing_zone.identities import identity_roles
from stacks.landing_zone.logs import Logs
from stacks.landing_zone.monitoring import Monitoring
from stacks.landing_zone.people import PlatformPeople, unguarded
from stacks.landing_zone.places import ZONES, agent_identity, collection_rule_ids, ddos_plan_id, naming, resource_id, workspace_id
from stacks.landing_zone.recovery import Recovery
from stacks.landing_zone.settings import Tier
from stacks.landing_zone.tiers import overruled
from stacks.landing_zone.twin import twin
from stacks.landing_zone.wanted import Wanted
from stacks.landing_zone.watching import gathered
from stacks.passwords import new_password
from stacks.site import Site

SECRETS_ZONE = "privatelink.vaultcore.azure.net"


class LandingZone(pulumi.ComponentResource):
    """All of it. Its parts are attributes."""

    def __init__(self, wanted: Wanted) -> None:
        settings = wanted.settings
        super().__init__("cloud-unless:landing-zone:LandingZone", settings.council.id)
        self._settings = settings
        self._azure: dict[str, azure.Provider] = {}
        patience, architecture = Patience(), wanted.architecture
        self.hierarchy = Hierarchy(settings, architecture, settings.placements(), self._as("management"))
        self.governance = Governance(settings, self.hierarchy, architecture, stages(settings), patience, self._as("management"))
        self.exemptions = exempted(wanted, self.hierarchy, self.governance, self._as("management"))
        self.twin = twin(settings, architecture, patience, self._as("management"))
        self.logs = Logs(settings, self._site("management"), self._as("management"))
        self.hub = Hub(wanted, self._site("connectivity"), self.logs.place, self._as("connectivity"))
        self.dns = PrivateDns(
            self._site("connectivity"), self.hub.group.name, self.hub.network.id, zones(settings, architecture), self._as("connectivity")
        )
        self.vault = self._vault()
        self.monitoring = Monitoring(settings, self._site("management"), self.logs, self._watched(), self._as("management"))
        self.recovery = Recovery(self._site("management"), self.logs.workspace.id, self._as("management"))
        self.directory = self._directory(settings.directory) if settings.directory else None
        self.governance.grant_at_parameters(self._owned())
        self._budgets()
        self.councils = Councils(settings, self.hierarchy, self._as("management"))
        people = settings.people
        self.people = PlatformPeople(people, settings, self.hierarchy, patience, self._as("management")) if people else None
        self.register_outputs({})

    def _as(self, job: str) -> pulumi.ResourceOptions:
        """Options for what belongs in the subscription that does `job`."""
        subscription = self._settings.subscription(job)
        if subscription not in self._azure:
            name = "platform" if self._settings.tier is Tier.SMALL else job
            self._azure[subscription] = azure.Provider(name, subscription_id=subscription, opts=pulumi.ResourceOptions(parent=self))
        return pulumi.ResourceOptions(parent=self, providers=[self._azure[subscription]])

    def _site(self, job: str) -> Site:
        settings = self._settings
        tags = {"owner": settings.council.owner, "service": "Cloud platform", "cost-centre": settings.council.cost_centre}
        return Site(naming(settings, job), settings.region, tags, settings.protect).tagged(
            classification="official", environment="production"
        )

    def _owned(self) -> dict[str, pulumi.Resource]:
        """What policies refer to of the platform's own, by id: their identities get roles there once it is there."""
        settings = self._settings
        zone_ids = {resource_id(settings, "connectivity", "connectivity", ZONES, n).lower(): z for n, z in self.dns.zones.items()}
        plan = {ddos_plan_id(settings).lower(): self.hub.ddos_plan} if self.hub.ddos_plan else {}
        gathering = self.monitoring.collection
        by_default_value = {rule.default_value: gathering.rules[rule.id] for rule in gathered()}
        rules = {rule_id.lower(): by_default_value[name] for name, rule_id in collection_rule_ids(settings).items()}
        single = {workspace_id(settings).lower(): self.logs.workspace, agent_identity(settings)[0].lower(): gathering.identity}
        return {**zone_ids, **plan, **rules, **single}

    def _vault(self) -> KeyVault:
        site, opts = self._site("management"), self._as("management")
        group = resource_group("security", site, opts)
        place = VaultPlace(
            group.name,
            self._settings.tenant,
            self.hub.subnet("private-endpoints"),
            self.dns.zone_ids[SECRETS_ZONE],
            self.logs.workspace.id,
        )
        return KeyVault("platform", site, place, opts)

    def _directory(self, wanted: Directory) -> DirectoryReplica:
        place = DirectoryPlace(self.hub.firewall.private_ip, self.logs.workspace.id, bool(self.monitoring.windows))
        made = DirectoryReplica(wanted, self._site("identity"), place, new_password, self._as("identity"))
        within = pulumi.ResourceOptions.merge(self._as("identity"), pulumi.ResourceOptions(parent=made))
        self.hub.join("directory", made.network, made.group.name, within)
        return made

    def _watched(self) -> dict[str, pulumi.Input[str]]:
        """What metric alerts watch (alerts.toml, `of`), as far as it is built."""
        gateways = {name: gateway.id for name, gateway in self.hub.gateways.items()}
        return {"firewall": self.hub.firewall.firewall.id, "key-vault": self.vault.id, **gateways}

    def _budgets(self) -> None:
        """One for the whole council, at its management group, which covers every subscription under it."""
        held = self._settings.budget
        allowance = Allowance(held.monthly_pounds, held.starts_on, held.contacts, held.percentages)
        scope = self.hierarchy.groups[""].id
        budget(self._settings.council.id, scope, allowance, [], self._as("management"))


def build(wanted: Wanted) -> LandingZone:
    """Build the platform and export what other stacks refer to."""
    settings = wanted.settings
    notes = list(overruled(settings.tier, settings.model_dump(mode="json")))
    open_roles = unguarded(settings.people) if settings.people else []
    if open_roles:
        pulumi.log.warn(f"people.activation does not name {', '.join(open_roles)}: their rules of activation stay as Azure has them.")
    for note in notes:
        pulumi.log.warn(note)
    zone = LandingZone(wanted)
    pulumi.export("tier", settings.tier.value)
    pulumi.export("tier_overruled", notes)
    pulumi.export("management_group_ids", {k or "council": g.id for k, g in zone.hierarchy.groups.items()})
    pulumi.export("policy_identity_roles", [r.as_text() for r in identity_roles(wanted.architecture, settings.council.id)])
    pulumi.export("policy_exemptions", wanted.agreed.as_text())
    pulumi.export("people_group_ids", zone.people.groups if zone.people else {})
    pulumi.export("people_unguarded", open_roles)
    pulumi.export("hub_network_id", zone.hub.network.id)
    pulumi.export("hub_network_name", zone.hub.network.name)
    pulumi.export("hub_group_name", zone.hub.group.name)
    pulumi.export("hub_subscription_id", settings.subscription("connectivity"))
    pulumi.export("hub_address_space", str(settings.hub.address_space))
    pulumi.export("placed_subscriptions", [subscription for _, subscription in settings.placements()])
    pulumi.export("spoke_address_space", str(settings.hub.spokes))
    pulumi.export("private_dns_zone_ids", zone.dns.zone_ids)
    pulumi.export("log_workspace_id", zone.logs.workspace.id)
    pulumi.export("flow_log_stores", {region: kept.store.as_output() for region, kept in zone.hub.flow_logs.items()})
    pulumi.export("action_group_id", zone.logs.action_group.id)
    pulumi.export("urgent_action_group_id", zone.logs.told.urgent.id)
    pulumi.export("data_collection_rule_ids", zone.monitoring.collection.rule_ids)
    pulumi.export("monitor_agent_identity_id", zone.monitoring.collection.identity.id)
    pulumi.export("maintenance_configuration_ids", {k: w.id for k, w in zone.monitoring.windows.items()})
    pulumi.export("firewall_private_ip", zone.hub.firewall.private_ip)
    pulumi.export("key_vault_id", zone.vault.id)
    pulumi.export("recovery_vault_id", zone.recovery.machines.vault.id)
    pulumi.export("backup_vault_id", zone.recovery.data.vault.id)
    pulumi.export("hub_has_gateways", bool(zone.hub.gateways))
    pulumi.export("virtual_hub_name", zone.hub.wide.hub.name if zone.hub.wide else "")
    pulumi.export("directory_addresses", list(settings.directory.addresses) if settings.directory and settings.directory.promoted else [])
    return zone
