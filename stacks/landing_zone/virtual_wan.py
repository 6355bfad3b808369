"""Microsoft's virtual WAN with a secured hub, where a council takes that and no hub network of its own.

The virtual hub's range: a /24 at least (Microsoft Learn, "Create a virtual hub", read 2026-11-24). Routing intent sends what goes to the
internet, and what goes between networks, sites and partners, through the firewall in the hub; there are no route tables to keep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_azure_native import network
from pydantic import SecretStr

from stacks.components.diagnostics import diagnose
from stacks.landing_zone.gateways import is_address, strong_ipsec
from stacks.landing_zone.links import Link
from stacks.site import Site


class VirtualWan(pulumi.ComponentResource):
    """The WAN and its one hub. First the hub, then the firewall in it, then `intend`, then whatever joins."""

    def __init__(self, addresses: str, site: Site, group: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:VirtualWan", "virtual-wan", None, opts)
        self._site, self._group = site, group
        self._child = pulumi.ResourceOptions(parent=self)
        guarded = pulumi.ResourceOptions(parent=self, protect=site.protect)
        self.wan = network.VirtualWan(
            "wan",
            virtual_wan_name=site.name("virtual-wan", "council"),
            resource_group_name=group,
            location=site.region,
            tags=site.tags,
            type="Standard",
            disable_vpn_encryption=False,
            allow_branch_to_branch_traffic=True,
            opts=guarded,
        )
        self.hub = network.VirtualHub(
            "virtual-hub",
            virtual_hub_name=site.name("virtual-hub", "hub"),
            resource_group_name=group,
            location=site.region,
            tags=site.tags,
            address_prefix=addresses,
            sku="Standard",
            virtual_wan=network.SubResourceArgs(id=self.wan.id),
            opts=guarded,
        )
        self._after: list[pulumi.Resource] = []
        self.register_outputs({"hub_id": self.hub.id})

    def intend(self, firewall: pulumi.Input[str]) -> None:
        """Everything goes through `firewall`."""
        policies = {"internet": "Internet", "private": "PrivateTraffic"}
        intent = network.RoutingIntent(
            "routing-intent",
            routing_intent_name="through-the-firewall",
            virtual_hub_name=self.hub.name,
            resource_group_name=self._group,
            routing_policies=[
                network.RoutingPolicyArgs(name=name, destinations=[what], next_hop=firewall) for name, what in policies.items()
            ],
            opts=self._child,
        )
        self._after = [intent]

    def join(self, name: str, spoke: pulumi.Input[str]) -> None:
        """Connect the virtual network `spoke` (an id). The hub changes for one network after the other."""
        made = network.HubVirtualNetworkConnection(
            f"{name}-to-virtual-hub",
            connection_name=self._site.name("peering", name),
            virtual_hub_name=self.hub.name,
            resource_group_name=self._group,
            remote_virtual_network=network.SubResourceArgs(id=spoke),
            enable_internet_security=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._after)),
        )
        self._after = [made]

    def connect_all(self, links: Sequence[Link], keys: Mapping[str, SecretStr], workspace: pulumi.Input[str]) -> None:
        """The gateways that the links need, and the links."""
        if circuits := [x for x in links if x.kind == "express-route"]:
            self._circuits(circuits, keys, workspace)
        if tunnels := [x for x in links if x.kind == "vpn"]:
            self._tunnels(tunnels, keys, workspace)

    def _circuits(self, links: Sequence[Link], keys: Mapping[str, SecretStr], workspace: pulumi.Input[str]) -> None:
        gateway = network.ExpressRouteGateway(
            "express-route",
            express_route_gateway_name=self._site.name("expressroute-gateway", "hub"),
            resource_group_name=self._group,
            location=self._site.region,
            tags=self._site.tags,
            virtual_hub=network.VirtualHubIdArgs(id=self.hub.id),
            auto_scale_configuration=network.ExpressRouteGatewayPropertiesAutoScaleConfigurationArgs(
                bounds=network.ExpressRouteGatewayPropertiesBoundsArgs(min=1, max=2)
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=self._site.protect, depends_on=list(self._after)),
        )
        self._after = [gateway]
        diagnose("express-route-gateway", gateway.id, workspace, self._child, logs=False)
        for link in links:
            key = keys.get(link.id)
            network.ExpressRouteConnection(
                link.id,
                name=self._site.name("connection", link.id),
                connection_name=self._site.name("connection", link.id),
                express_route_gateway_name=gateway.name,
                resource_group_name=self._group,
                express_route_circuit_peering=network.ExpressRouteCircuitPeeringIdArgs(id=f"{link.circuit}/peerings/AzurePrivatePeering"),
                authorization_key=pulumi.Output.secret(key.get_secret_value()) if key else None,
                opts=self._child,
            )

    def _tunnels(self, links: Sequence[Link], keys: Mapping[str, SecretStr], workspace: pulumi.Input[str]) -> None:
        gateway = network.VpnGateway(
            "vpn",
            gateway_name=self._site.name("virtual-network-gateway", "hub"),
            resource_group_name=self._group,
            location=self._site.region,
            tags=self._site.tags,
            virtual_hub=network.SubResourceArgs(id=self.hub.id),
            vpn_gateway_scale_unit=1,
            opts=pulumi.ResourceOptions(parent=self, protect=self._site.protect, depends_on=list(self._after)),
        )
        self._after = [gateway]
        diagnose("vpn-gateway", gateway.id, workspace, self._child)
        for link in links:
            self._tunnel(gateway, link, keys[link.id])

    def _tunnel(self, gateway: network.VpnGateway, link: Link, key: SecretStr) -> None:
        bgp = network.VpnLinkBgpSettingsArgs(asn=link.bgp.asn, bgp_peering_address=str(link.bgp.address)) if link.bgp else None
        by_address = is_address(link.gateway)
        site = network.VpnSite(
            f"{link.id}-far-end",
            vpn_site_name=self._site.name("local-network-gateway", link.id),
            resource_group_name=self._group,
            location=self._site.region,
            tags=self._site.tags,
            virtual_wan=network.SubResourceArgs(id=self.wan.id),
            address_space=network.AddressSpaceArgs(address_prefixes=[str(r) for r in link.ranges]),
            vpn_site_links=[
                network.VpnSiteLinkArgs(
                    name="only",
                    ip_address=link.gateway if by_address else None,
                    fqdn=None if by_address else link.gateway,
                    bgp_properties=bgp,
                )
            ],
            opts=self._child,
        )
        joined = network.VpnSiteLinkConnectionArgs(
            name="only",
            vpn_site_link=network.SubResourceArgs(id=pulumi.Output.concat(site.id, "/vpnSiteLinks/only")),
            shared_key=pulumi.Output.secret(key.get_secret_value()),
            vpn_connection_protocol_type=network.VirtualNetworkGatewayConnectionProtocol.IK_EV2,
            enable_bgp=link.bgp is not None,
            ipsec_policies=[strong_ipsec()],
        )
        network.VpnConnection(
            link.id,
            connection_name=self._site.name("connection", link.id),
            gateway_name=gateway.name,
            resource_group_name=self._group,
            remote_vpn_site=network.SubResourceArgs(id=site.id),
            enable_internet_security=True,
            vpn_link_connections=[joined],
            opts=self._child,
        )
