"""A workload's network: joined to the hub both ways, and out only through its firewall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import network

from stacks.addresses import halves
from stacks.components.diagnostics import diagnose
from stacks.landing_zone_reference import LandingZoneReference
from stacks.site import Site
from stacks.workloads.flows import keep_flows
from stacks.workloads.rooms import INSTANCE, Room


@dataclass(frozen=True)
class SpokePlan:
    """Its addresses, and the subnets that services have to themselves.

    It is `joined` to the hub, or cut off; its flows are `logged`, where they can be.
    """

    name: str
    addresses: IPv4Network
    rooms: tuple[Room, ...]
    joined: bool = True
    logged: bool = True


class Spoke(pulumi.ComponentResource):
    """The virtual network with its subnets, guard, routes and both peerings. `hub` acts in the hub's subscription."""

    def __init__(
        self,
        plan: SpokePlan,
        site: Site,
        group: pulumi.Input[str],
        zone: LandingZoneReference,
        hub: pulumi.ProviderResource,
        opts: pulumi.ResourceOptions,
        watcher: Sequence[pulumi.Resource] = (),
    ) -> None:
        """`watcher` is what must be there before the network; else Azure makes its own."""
        super().__init__("cloud-unless:workloads:Spoke", f"{plan.name}-network", None, opts)
        self._plan, self._at, self._group, self._zone = plan, site, group, zone
        self._child = pulumi.ResourceOptions(parent=self)
        self.guard = self._guard()
        self.routes = self._routes()
        self.network = self._network(watcher)
        if plan.joined:
            self._peer(hub)
        if plan.logged:
            keep_flows(plan.name, site, zone.flow_stores(), self.network.id, self._child)
        diagnose(f"{plan.name}-network", self.network.id, zone.log_workspace_id, self._child, logs=False)
        self.register_outputs({"network_id": self.network.id})

    def subnet(self, name: str) -> pulumi.Output[str]:
        """A subnet's id: servers, private-endpoints, or a room's name."""
        return self.network.id.apply(lambda network_id: f"{network_id}/subnets/{name}")

    def _guard(self) -> network.NetworkSecurityGroup:
        """Nothing comes in from the internet; what comes from other spokes has passed the firewall."""
        refuse = network.SecurityRuleArgs(
            name="refuse-the-internet",
            priority=4000,
            direction=network.SecurityRuleDirection.INBOUND,
            access=network.SecurityRuleAccess.DENY,
            protocol=network.SecurityRuleProtocol.ASTERISK,
            source_address_prefix="Internet",
            source_port_range="*",
            destination_address_prefix="*",
            destination_port_range="*",
        )
        return network.NetworkSecurityGroup(
            f"{self._plan.name}-guard",
            network_security_group_name=self._at.name("network-security-group", self._plan.name),
            resource_group_name=self._group,
            location=self._at.region,
            tags=self._at.tags,
            # A managed instance must be let manage itself; Azure adds the rules that it needs.
            security_rules=[refuse],
            opts=self._child,
        )

    def _routes(self) -> network.RouteTable:
        return self._route_table("routes", self._child)

    def _route_table(self, name: str, opts: pulumi.ResourceOptions) -> network.RouteTable:
        out = network.RouteArgs(
            name="everything-through-the-firewall",
            address_prefix="0.0.0.0/0",
            next_hop_type=network.RouteNextHopType.VIRTUAL_APPLIANCE,
            next_hop_ip_address=self._zone.firewall_private_ip,
        )
        return network.RouteTable(
            f"{self._plan.name}-{name}",
            route_table_name=self._at.name("route-table", self._plan.name, name),
            resource_group_name=self._group,
            location=self._at.region,
            tags=self._at.tags,
            disable_bgp_route_propagation=True,
            routes=[out],
            opts=opts,
        )

    def _network(self, watcher: Sequence[pulumi.Resource]) -> network.VirtualNetwork:
        servers, endpoints, _ = halves(self._plan.addresses)
        subnets = [self._subnet("servers", servers), self._subnet("private-endpoints", endpoints)]
        subnets += [self._room(room) for room in self._plan.rooms]
        return network.VirtualNetwork(
            f"{self._plan.name}-virtual-network",
            virtual_network_name=self._at.name("virtual-network", self._plan.name),
            resource_group_name=self._group,
            location=self._at.region,
            tags=self._at.tags,
            address_space=network.AddressSpaceArgs(address_prefixes=[str(self._plan.addresses)]),
            dhcp_options=network.DhcpOptionsArgs(dns_servers=[self._zone.firewall_private_ip]),
            subnets=subnets,
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect, depends_on=list(watcher)),
        )

    def _room(self, room: Room) -> network.SubnetArgs:
        if room.name == INSTANCE:
            return self._instance_subnet(room)
        return self._subnet(room.name, room.addresses, room.delegation)

    def _subnet(self, name: str, addresses: IPv4Network, delegation: str = "") -> network.SubnetArgs:
        return network.SubnetArgs(
            name=name,
            address_prefix=str(addresses),
            default_outbound_access=False,
            network_security_group=network.NetworkSecurityGroupArgs(id=self.guard.id),
            route_table=network.RouteTableArgs(id=self.routes.id),
            private_endpoint_network_policies=network.VirtualNetworkPrivateEndpointNetworkPolicies.ENABLED,
            delegations=[network.DelegationArgs(name="for", service_name=delegation)] if delegation else None,
        )

    def _instance_subnet(self, room: Room) -> network.SubnetArgs:
        """A managed instance adds rules to its guard and routes to its table, which must then be left as they are."""
        guard = network.NetworkSecurityGroup(
            f"{self._plan.name}-instance-guard",
            network_security_group_name=self._at.name("network-security-group", self._plan.name, "instance"),
            resource_group_name=self._group,
            location=self._at.region,
            tags=self._at.tags,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["securityRules"]),
        )
        routes = self._route_table("instance-routes", pulumi.ResourceOptions(parent=self, ignore_changes=["routes"]))
        return network.SubnetArgs(
            name=room.name,
            address_prefix=str(room.addresses),
            network_security_group=network.NetworkSecurityGroupArgs(id=guard.id),
            route_table=network.RouteTableArgs(id=routes.id),
            delegations=[network.DelegationArgs(name="for", service_name=room.delegation)],
        )

    def _peer(self, hub: pulumi.ProviderResource) -> None:
        if self._zone.virtual_wan:
            self._join_virtual_hub(hub)
            return
        inward = network.VirtualNetworkPeering(
            f"hub-to-{self._plan.name}",
            virtual_network_peering_name=self._at.name("peering", self._plan.name),
            virtual_network_name=self._zone.hub_network_name,
            resource_group_name=self._zone.hub_group_name,
            remote_virtual_network=network.SubResourceArgs(id=self.network.id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=False,
            allow_gateway_transit=True,
            use_remote_gateways=False,
            opts=pulumi.ResourceOptions(parent=self, provider=hub),
        )
        network.VirtualNetworkPeering(
            f"{self._plan.name}-to-hub",
            virtual_network_peering_name="to-hub",
            virtual_network_name=self.network.name,
            resource_group_name=self._group,
            remote_virtual_network=network.SubResourceArgs(id=self._zone.hub_network_id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=True,
            allow_gateway_transit=False,
            # Gateways announce the ranges of those alone that use them, and the hub must have lent them first.
            use_remote_gateways=self._zone.hub_has_gateways,
            # Azure refuses to change a network that it is just changing: one side after the other.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[inward]),
        )

    def _join_virtual_hub(self, hub: pulumi.ProviderResource) -> None:
        """The hub's routing intent sends its traffic through the firewall."""
        network.HubVirtualNetworkConnection(
            f"{self._plan.name}-to-virtual-hub",
            connection_name=self._at.name("peering", self._plan.name),
            virtual_hub_name=self._zone.virtual_hub_name,
            resource_group_name=self._zone.hub_group_name,
            remote_virtual_network=network.SubResourceArgs(id=self.network.id),
            enable_internet_security=True,
            opts=pulumi.ResourceOptions(parent=self, provider=hub),
        )
