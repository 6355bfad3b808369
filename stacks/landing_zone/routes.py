"""How traffic from sites and partners reaches spokes: through the firewall, as everything else does."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import network

from stacks.site import Site


def gateway_table(site: Site, group: pulumi.Input[str], opts: pulumi.ResourceOptions) -> network.RouteTable:
    """An empty table for the gateways' subnet. It learns the far ends' routes, which the gateways announce."""
    return network.RouteTable(
        "gateway-routes",
        route_table_name=site.name("route-table", "gateways"),
        resource_group_name=group,
        location=site.region,
        tags=site.tags,
        disable_bgp_route_propagation=False,
        opts=opts,
    )


def through_the_firewall(
    table: network.RouteTable, group: pulumi.Input[str], firewall: pulumi.Input[str], ours: Mapping[str, str], opts: pulumi.ResourceOptions
) -> None:
    """Send what arrives for `ours` (a name to its range) to the firewall first.

    Routes stand by themselves because the firewall's address is known only once its network, which has the table, is made. The
    gateways' subnet takes no default route: what leaves the gateways must reach the internet.
    """
    for name, addresses in ours.items():
        network.Route(
            f"gateways-to-{name}",
            route_name=f"to-{name}",
            route_table_name=table.name,
            resource_group_name=group,
            address_prefix=addresses,
            next_hop_type=network.RouteNextHopType.VIRTUAL_APPLIANCE,
            next_hop_ip_address=firewall,
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(parent=table)),
        )
