"""The hub network: what every spoke is joined to."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import dnsresolver, network

from stacks.components.diagnostics import diagnose
from stacks.components.group import resource_group
from stacks.landing_zone.data import SubnetPlan, hub_addresses, hub_subnets
from stacks.landing_zone.firewall import Firewall, FirewallPlace
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.site import Site


class Hub(pulumi.ComponentResource):
    """Virtual network, firewall, and where wanted Bastion, DNS resolver and DDoS protection."""

    def __init__(
        self, settings: LandingZoneSettings, site: Site, workspace: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("cloud-unless:landing-zone:Hub", "hub", None, opts)
        self._settings, self._site = settings, site
        self._child = pulumi.ResourceOptions(parent=self)
        self.group = resource_group("connectivity", site, self._child)
        self.guard = self._guard()
        self.network = self._network()
        self.firewall = Firewall(site, self._firewall_place(workspace), self._child)
        if settings.hub.bastion:
            self._bastion(workspace)
        if settings.hub.dns_resolver:
            self._resolver()
        diagnose("hub-network", self.network.id, workspace, self._child)
        self.register_outputs({"network_id": self.network.id, "firewall_private_ip": self.firewall.private_ip})

    def subnet(self, name: str) -> pulumi.Output[str]:
        """A subnet's id."""
        return self.network.id.apply(lambda network_id: f"{network_id}/subnets/{name}")

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

    def _network(self) -> network.VirtualNetwork:
        plan = self._ddos_plan() if self._settings.hub.ddos_protection else None
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
            subnets=[self._subnet(s) for s in hub_subnets()],
            opts=pulumi.ResourceOptions(parent=self, protect=self._site.protect),
        )

    def _subnet(self, plan: SubnetPlan) -> network.SubnetArgs:
        ranges = hub_addresses(self._settings.hub.address_space)
        delegations = [network.DelegationArgs(name="for", service_name=plan.delegation)] if plan.delegation else None
        return network.SubnetArgs(
            name=plan.name,
            address_prefix=str(ranges[plan.name]),
            # The firewall and the gateways refuse to be told; everything else goes out only where a route says.
            default_outbound_access=False if plan.guarded else None,
            network_security_group=network.NetworkSecurityGroupArgs(id=self.guard.id) if plan.guarded else None,
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
        hub = self._settings.hub
        ranges = {"hub": [str(hub.address_space)], "spokes": [str(hub.spokes)], "on-premise": [str(x) for x in hub.on_premise]}
        return FirewallPlace(
            self.group.name, self.subnet("AzureFirewallSubnet"), workspace, ranges, self._settings.firewall.tier == "Premium"
        )

    def _bastion(self, workspace: pulumi.Input[str]) -> None:
        address = network.PublicIPAddress(
            "bastion-address",
            public_ip_address_name=self._site.name("public-ip", "bastion"),
            resource_group_name=self.group.name,
            location=self._site.region,
            tags=self._site.tags,
            sku=network.PublicIPAddressSkuArgs(name=network.PublicIPAddressSkuName.STANDARD),
            public_ip_allocation_method=network.IPAllocationMethod.STATIC,
            opts=self._child,
        )
        host = network.BastionHost(
            "bastion",
            bastion_host_name=self._site.name("bastion", "hub"),
            resource_group_name=self.group.name,
            location=self._site.region,
            tags=self._site.tags,
            sku=network.SkuArgs(name=network.BastionHostSkuName.STANDARD),
            enable_tunneling=True,
            enable_shareable_link=False,
            ip_configurations=[
                network.BastionHostIPConfigurationArgs(
                    name="inward",
                    subnet=network.SubResourceArgs(id=self.subnet("AzureBastionSubnet")),
                    public_ip_address=network.SubResourceArgs(id=address.id),
                )
            ],
            opts=self._child,
        )
        diagnose("bastion", host.id, workspace, self._child)

    def _resolver(self) -> None:
        """Lets the council's own DNS servers ask for names in the private zones, through the inbound endpoint."""
        resolver = dnsresolver.DnsResolver(
            "dns-resolver",
            dns_resolver_name=self._site.name("dns-resolver", "hub"),
            resource_group_name=self.group.name,
            location=self._site.region,
            tags=self._site.tags,
            virtual_network=dnsresolver.SubResourceArgs(id=self.network.id),
            opts=self._child,
        )
        dnsresolver.InboundEndpoint(
            "dns-inbound",
            inbound_endpoint_name="in",
            dns_resolver_name=resolver.name,
            resource_group_name=self.group.name,
            location=self._site.region,
            tags=self._site.tags,
            ip_configurations=[
                dnsresolver.IpConfigurationArgs(
                    private_ip_allocation_method=dnsresolver.IpAllocationMethod.DYNAMIC,
                    subnet=dnsresolver.SubResourceArgs(id=self.subnet("dns-inbound")),
                )
            ],
            opts=self._child,
        )
