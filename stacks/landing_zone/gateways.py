"""Gateways of the hub network and the links through them: VPN to sites and partners, ExpressRoute where an exception allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network
from pydantic import SecretStr

from stacks.components.diagnostics import diagnose
from stacks.landing_zone.firewall import ZONES
from stacks.landing_zone.links import Link
from stacks.landing_zone.network_settings import Gateways
from stacks.site import Site


@dataclass(frozen=True)
class GatewayPlace:
    """What gateways need from their surroundings: `subnet` is the hub's GatewaySubnet."""

    group: pulumi.Input[str]
    subnet: pulumi.Input[str]
    workspace: pulumi.Input[str]


class VpnGateway(pulumi.ComponentResource):
    """An active-active VPN gateway with a public address for each of its two halves. `connect` joins a link to it."""

    def __init__(self, site: Site, place: GatewayPlace, sizes: Gateways, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:VpnGateway", "vpn-gateway", None, opts)
        self._site, self._place = site, place
        self._child = pulumi.ResourceOptions(parent=self)
        addresses = [_address(f"vpn-{half}", site, place.group, self._child) for half in ("one", "two")]
        self.gateway = self._gateway(addresses, sizes)
        diagnose("vpn-gateway", self.gateway.id, place.workspace, self._child)
        self.register_outputs({"gateway_id": self.gateway.id})

    def _gateway(self, addresses: Sequence[network.PublicIPAddress], sizes: Gateways) -> network.VirtualNetworkGateway:
        return network.VirtualNetworkGateway(
            "vpn",
            virtual_network_gateway_name=self._site.name("virtual-network-gateway", "hub"),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            gateway_type=network.VirtualNetworkGatewayType.VPN,
            vpn_type=network.VpnType.ROUTE_BASED,
            sku=network.VirtualNetworkGatewaySkuArgs(
                name=network.VirtualNetworkGatewaySkuName(sizes.vpn), tier=network.VirtualNetworkGatewaySkuTier(sizes.vpn)
            ),
            active_active=True,
            enable_bgp=True,
            bgp_settings=network.BgpSettingsArgs(asn=sizes.asn),
            ip_configurations=[_configuration(f"half-{i}", self._place.subnet, a) for i, a in enumerate(addresses, 1)],
            opts=pulumi.ResourceOptions(parent=self, protect=self._site.protect),
        )

    def connect(self, link: Link, key: SecretStr) -> None:
        """Join the far end's device. Its key goes to Azure and stands in no log; in the state it is sealed."""
        far = network.LocalNetworkGateway(
            f"{link.id}-far-end",
            local_network_gateway_name=self._site.name("local-network-gateway", link.id),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            local_network_address_space=network.AddressSpaceArgs(address_prefixes=[str(r) for r in link.ranges]),
            gateway_ip_address=link.gateway if _is_address(link.gateway) else None,
            fqdn=None if _is_address(link.gateway) else link.gateway,
            bgp_settings=network.BgpSettingsArgs(asn=link.bgp.asn, bgp_peering_address=str(link.bgp.address)) if link.bgp else None,
            opts=self._child,
        )
        network.VirtualNetworkGatewayConnection(
            link.id,
            virtual_network_gateway_connection_name=self._site.name("connection", link.id),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            connection_type=network.VirtualNetworkGatewayConnectionType.IPSEC,
            connection_protocol=network.VirtualNetworkGatewayConnectionProtocol.IK_EV2,
            virtual_network_gateway1=network.VirtualNetworkGatewayArgs(id=self.gateway.id),
            local_network_gateway2=network.LocalNetworkGatewayArgs(id=far.id),
            shared_key=pulumi.Output.secret(key.get_secret_value()),
            enable_bgp=link.bgp is not None,
            ipsec_policies=[strong_ipsec()],
            opts=self._child,
        )


class ExpressRouteGateway(pulumi.ComponentResource):
    """A gateway for private circuits. Each one rests on an exception that says until when."""

    def __init__(self, site: Site, place: GatewayPlace, sizes: Gateways, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:ExpressRouteGateway", "express-route-gateway", None, opts)
        self._site, self._place = site, place
        self._child = pulumi.ResourceOptions(parent=self)
        address = _address("express-route", site, place.group, self._child)
        self.gateway = network.VirtualNetworkGateway(
            "express-route",
            virtual_network_gateway_name=site.name("expressroute-gateway", "hub"),
            resource_group_name=place.group,
            location=site.region,
            tags=site.tags,
            gateway_type=network.VirtualNetworkGatewayType.EXPRESS_ROUTE,
            sku=network.VirtualNetworkGatewaySkuArgs(
                name=network.VirtualNetworkGatewaySkuName(sizes.express_route),
                tier=network.VirtualNetworkGatewaySkuTier(sizes.express_route),
            ),
            ip_configurations=[_configuration("only", place.subnet, address)],
            opts=pulumi.ResourceOptions(parent=self, protect=site.protect),
        )
        diagnose("express-route-gateway", self.gateway.id, place.workspace, self._child)
        self.register_outputs({"gateway_id": self.gateway.id})

    def connect(self, link: Link, authorisation: SecretStr | None) -> None:
        """Join a circuit; one that another subscription owns needs its owner's authorisation."""
        network.VirtualNetworkGatewayConnection(
            link.id,
            virtual_network_gateway_connection_name=self._site.name("connection", link.id),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags={**self._site.tags, "exception": link.exception},
            connection_type=network.VirtualNetworkGatewayConnectionType.EXPRESS_ROUTE,
            virtual_network_gateway1=network.VirtualNetworkGatewayArgs(id=self.gateway.id),
            peer=network.SubResourceArgs(id=link.circuit),
            authorization_key=pulumi.Output.secret(authorisation.get_secret_value()) if authorisation else None,
            opts=self._child,
        )


def connect_all(
    site: Site,
    place: GatewayPlace,
    sizes: Gateways,
    links: Sequence[Link],
    keys: Mapping[str, SecretStr],
    opts: pulumi.ResourceOptions,
) -> dict[str, network.VirtualNetworkGateway]:
    """The gateways that the links need, by kind, and the links. Azure makes one gateway of a network after the other."""
    made: dict[str, network.VirtualNetworkGateway] = {}
    if circuits := [x for x in links if x.kind == "express-route"]:
        gateway = ExpressRouteGateway(site, place, sizes, opts)
        made["express-route"] = gateway.gateway
        for link in circuits:
            gateway.connect(link, keys.get(link.id))
    if tunnels := [x for x in links if x.kind == "vpn"]:
        after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(made.values())))
        gateway = VpnGateway(site, place, sizes, after)
        made["vpn"] = gateway.gateway
        for link in tunnels:
            gateway.connect(link, keys[link.id])
    return made


def strong_ipsec() -> network.IpsecPolicyArgs:
    """AES-256 and SHA-256 with the 256-bit elliptic curve for both phases, keys anew every hour. The far end must say the same.

    Names and the pairing of GCM with GCM: Microsoft's reference of New-AzIpsecPolicy and the ARM type of Microsoft.Network/connections,
    read 2026-11-24.
    """
    return network.IpsecPolicyArgs(
        ike_encryption=network.IkeEncryption.AES256,
        ike_integrity=network.IkeIntegrity.SHA256,
        dh_group=network.DhGroup.ECP256,
        ipsec_encryption=network.IpsecEncryption.GCMAES256,
        ipsec_integrity=network.IpsecIntegrity.GCMAES256,
        pfs_group=network.PfsGroup.ECP256,
        sa_life_time_seconds=3600,
        sa_data_size_kilobytes=102_400_000,
    )


def _is_address(gateway: str | None) -> bool:
    return bool(gateway) and not any(c.isalpha() for c in gateway or "")


def _address(name: str, site: Site, group: pulumi.Input[str], opts: pulumi.ResourceOptions) -> network.PublicIPAddress:
    return network.PublicIPAddress(
        f"{name}-address",
        public_ip_address_name=site.name("public-ip", name),
        resource_group_name=group,
        location=site.region,
        tags=site.tags,
        sku=network.PublicIPAddressSkuArgs(name=network.PublicIPAddressSkuName.STANDARD),
        public_ip_allocation_method=network.IPAllocationMethod.STATIC,
        zones=list(ZONES[site.region]) or None,
        # Every far end has these written down.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=site.protect)),
    )


def _configuration(
    name: str, subnet: pulumi.Input[str], address: network.PublicIPAddress
) -> network.VirtualNetworkGatewayIPConfigurationArgs:
    return network.VirtualNetworkGatewayIPConfigurationArgs(
        name=name,
        subnet=network.SubResourceArgs(id=subnet),
        public_ip_address=network.SubResourceArgs(id=address.id),
        private_ip_allocation_method=network.IPAllocationMethod.DYNAMIC,
    )
