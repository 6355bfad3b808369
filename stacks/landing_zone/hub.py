"""The hub network: what every spoke is joined to."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import network

from stacks.components.diagnostics import diagnose
from stacks.components.flow_log import FlowLogPlan, FlowLogs, LogPlace, network_watcher
from stacks.components.group import resource_group
from stacks.landing_zone.bastion import bastion
from stacks.landing_zone.data import SubnetPlan, hub_addresses, hub_subnets
from stacks.landing_zone.firewall import Firewall, FirewallPlace, RuleGroup
from stacks.landing_zone.gateways import GatewayPlace, connect_all
from stacks.landing_zone.partner_services import reach_services
from stacks.landing_zone.resolver import Resolver, ResolverPlace
from stacks.landing_zone.routes import gateway_table, through_the_firewall
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.landing_zone.virtual_wan import VirtualWan
from stacks.landing_zone.wanted import Wanted, collections_of, embedded_rules
from stacks.site import Site

# Subnets that a virtual hub has within itself.
_OF_A_HUB_NETWORK = ("AzureFirewallSubnet", "AzureFirewallManagementSubnet", "GatewaySubnet")


class Hub(pulumi.ComponentResource):
    """Virtual network (with a virtual WAN: that of shared services), firewall, and where wanted gateways, Bastion, resolver and more."""

    def __init__(self, wanted: Wanted, site: Site, logs: LogPlace, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:landing-zone:Hub", "hub", None, opts)
        self._settings, self._site = wanted.settings, site
        self._child = pulumi.ResourceOptions(parent=self)
        self.group = resource_group("connectivity", site, self._child)
        self.guard = self._guard()
        self.ddos_plan = self._ddos_plan() if wanted.settings.hub.ddos_protection else None
        # Only where there is a gateway: a table on an empty subnet would be one more thing to explain.
        self.wide = self._wide_area()
        has_gateway = self.wide is None and any(link.kind != "private-link" for link in wanted.links)
        self.gateway_routes = gateway_table(site, self.group.name, self._child) if has_gateway else None
        watcher = network_watcher(site, self._child) if wanted.settings.flow_logs.makes_watcher else []
        self.network = self._network(watcher)
        self.firewall = Firewall(site, self._firewall_place(logs.workspace), rule_groups(wanted), self._child)
        self.gateways = self._join(wanted, logs.workspace)
        if wanted.settings.hub.bastion:
            bastion(site, self.group.name, self.subnet("AzureBastionSubnet"), logs.workspace, self._child)
        self.resolver = self._resolver() if wanted.settings.hub.dns_resolver else None
        self.flow_logs = self._flow_logs(logs, watcher) if wanted.settings.flow_logs.enabled else {}
        diagnose("hub-network", self.network.id, logs.workspace, self._child)
        self.register_outputs({"network_id": self.network.id, "firewall_private_ip": self.firewall.private_ip})

    def subnet(self, name: str) -> pulumi.Output[str]:
        """A subnet's id."""
        return self.network.id.apply(lambda network_id: f"{network_id}/subnets/{name}")

    def join(self, name: str, spoke: network.VirtualNetwork, group: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        """Peer `spoke` (in the resource group `group` of its own subscription, which `opts` acts in) with the hub, both ways."""
        if self.wide:
            self.wide.join(name, spoke.id)
            return
        inward = network.VirtualNetworkPeering(
            f"hub-to-{name}",
            virtual_network_peering_name=self._site.name("peering", name),
            virtual_network_name=self.network.name,
            resource_group_name=self.group.name,
            remote_virtual_network=network.SubResourceArgs(id=spoke.id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=False,
            allow_gateway_transit=True,
            use_remote_gateways=False,
            opts=self._child,
        )
        network.VirtualNetworkPeering(
            f"{name}-to-hub",
            virtual_network_peering_name="to-hub",
            virtual_network_name=spoke.name,
            resource_group_name=group,
            remote_virtual_network=network.SubResourceArgs(id=self.network.id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=True,
            allow_gateway_transit=False,
            # Gateways announce the ranges of those alone that use them.
            use_remote_gateways=bool(self.gateways),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[inward, *self.gateways.values()])),
        )

    def _wide_area(self) -> VirtualWan | None:
        addresses = self._settings.hub.virtual_hub
        return VirtualWan(str(addresses), self._site, self.group.name, self._child) if addresses else None

    def _guard(self) -> network.NetworkSecurityGroup:
        """Azure's own rules stand: the private networks may come in, the internet may not."""
        return network.NetworkSecurityGroup(
            "hub-guard",
            network_security_group_name=self._site.name("network-security-group", "hub"),
            resource_group_name=self.group.name,
            location=self._site.region,
            tags=self._site.tags,
            opts=self._child,
        )

    def _network(self, after: list[pulumi.Resource]) -> network.VirtualNetwork:
        plan = self.ddos_plan
        return network.VirtualNetwork(
            "hub-network",
            virtual_network_name=self._site.name("virtual-network", "hub"),
            resource_group_name=self.group.name,
            location=self._site.region,
            tags=self._site.tags,
            address_space=network.AddressSpaceArgs(address_prefixes=[str(self._settings.hub.address_space)]),
            enable_ddos_protection=plan is not None,
            ddos_protection_plan=network.SubResourceArgs(id=plan.id) if plan else None,
            # Subnets stand here and not as resources of their own: Azure then never sees one without its guard.
            subnets=[self._subnet(s) for s in hub_subnets() if not (self.wide and s.name in _OF_A_HUB_NETWORK)],
            opts=pulumi.ResourceOptions(parent=self, protect=self._site.protect, depends_on=after),
        )

    def _subnet(self, plan: SubnetPlan) -> network.SubnetArgs:
        ranges = hub_addresses(self._settings.hub.address_space)
        table = self.gateway_routes if plan.name == "GatewaySubnet" else None
        delegations = [network.DelegationArgs(name="for", service_name=plan.delegation)] if plan.delegation else None
        return network.SubnetArgs(
            name=plan.name,
            address_prefix=str(ranges[plan.name]),
            # The firewall and the gateways refuse to be told; everything else goes out only where a route says.
            default_outbound_access=False if plan.guarded else None,
            network_security_group=network.NetworkSecurityGroupArgs(id=self.guard.id) if plan.guarded else None,
            route_table=network.RouteTableArgs(id=table.id) if table else None,
            delegations=delegations,
            private_endpoint_network_policies=network.VirtualNetworkPrivateEndpointNetworkPolicies.ENABLED if plan.guarded else None,
        )

    def _ddos_plan(self) -> network.DdosProtectionPlan:
        return network.DdosProtectionPlan(
            "ddos-plan",
            ddos_protection_plan_name=self._site.name("ddos-plan", "hub"),
            resource_group_name=self.group.name,
            location=self._site.region,
            tags=self._site.tags,
            opts=self._child,
        )

    def _firewall_place(self, workspace: pulumi.Input[str]) -> FirewallPlace:
        premium = self._settings.firewall.tier == "Premium"
        if self.wide:
            return FirewallPlace(self.group.name, workspace, premium, virtual_hub=self.wide.hub.id)
        return FirewallPlace(self.group.name, workspace, premium, subnet=self.subnet("AzureFirewallSubnet"))

    def _join(self, wanted: Wanted, workspace: pulumi.Input[str]) -> dict[str, network.VirtualNetworkGateway]:
        """Gateways and links, and the way from them through the firewall."""
        settings = self._settings
        reach_services(self._site, self.group.name, self.subnet("private-endpoints"), wanted.links, self._child)
        if self.wide:
            self.wide.intend(self.firewall.firewall.id)
            self.wide.join("shared-services", self.network.id)
            self.wide.connect_all(wanted.links, settings.link_keys, workspace)
            return {}
        place = GatewayPlace(self.group.name, self.subnet("GatewaySubnet"), workspace)
        made = connect_all(self._site, place, settings.gateways, wanted.links, settings.link_keys, self._child)
        if self.gateway_routes:
            endpoints = hub_addresses(settings.hub.address_space)["private-endpoints"]
            ours = {"spokes": str(settings.hub.spokes), "private-endpoints": str(endpoints)}
            through_the_firewall(self.gateway_routes, self.group.name, self.firewall.private_ip, ours, self._child)
        return made

    def _resolver(self) -> Resolver:
        place = ResolverPlace(self.group.name, self.network.id, self.subnet("dns-inbound"), self.subnet("dns-outbound"))
        return Resolver(self._site, place, self._settings.hub.dns_forwarding, self._child)

    def _flow_logs(self, logs: LogPlace, watcher: list[pulumi.Resource]) -> dict[str, FlowLogs]:
        """By region: the hub's own, and those in which workloads' flows are to be kept besides."""
        plan = flow_log_plan(self._settings)
        kept = FlowLogs("hub", self._site, plan, self.group.name, logs, self._child)
        kept.watch("hub", self.network.id, watcher)
        further = [r for r in self._settings.flow_logs.further_regions if r != self._site.region]
        return {self._site.region: kept} | {
            region: FlowLogs(region, self._site.moved(region), plan, self.group.name, logs, self._child) for region in further
        }


def rule_groups(wanted: Wanted) -> list[RuleGroup]:
    """What may pass the firewall, in the order in which it looks: what every landing zone needs, the council's own, the links'."""
    return [
        RuleGroup("council", 200, embedded_rules(), wanted.ranges),
        RuleGroup("own", 300, wanted.rules, wanted.ranges),
        RuleGroup("links", 400, collections_of(wanted.links), wanted.ranges),
    ]


def flow_log_plan(settings: LandingZoneSettings) -> FlowLogPlan:
    """How flows are kept, of the settings."""
    held = settings.flow_logs
    return FlowLogPlan(held.retention_days, held.every_minutes if held.analytics else None)
