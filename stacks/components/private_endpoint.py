"""A way in from the private network, with its name in private DNS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from stacks.site import Site


@dataclass(frozen=True)
class Door:
    """What a private endpoint leads to: `part` is the resource's sub-resource, such as vault, file or sqlServer."""

    name: str
    resource_id: pulumi.Input[str]
    part: str
    zones: Sequence[pulumi.Input[str]]


def private_endpoint(
    site: Site, group: pulumi.Input[str], subnet: pulumi.Input[str], door: Door, opts: pulumi.ResourceOptions
) -> network.PrivateEndpoint:
    """Make the endpoint in `subnet` (an id) and register it in the zones (ids)."""
    named = site.name("private-endpoint", door.name, door.part)
    endpoint = network.PrivateEndpoint(
        f"{door.name}-{door.part}-endpoint",
        private_endpoint_name=named,
        resource_group_name=group,
        location=site.region,
        tags=site.tags,
        subnet=network.SubnetArgs(id=subnet),
        custom_network_interface_name=f"{named}-nic",
        private_link_service_connections=[
            network.PrivateLinkServiceConnectionArgs(name=door.part, private_link_service_id=door.resource_id, group_ids=[door.part])
        ],
        opts=opts,
    )
    network.PrivateDnsZoneGroup(
        f"{door.name}-{door.part}-names",
        private_dns_zone_group_name="default",
        private_endpoint_name=endpoint.name,
        resource_group_name=group,
        private_dns_zone_configs=[
            network.PrivateDnsZoneConfigArgs(name=f"zone-{i}", private_dns_zone_id=z) for i, z in enumerate(door.zones)
        ],
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(parent=endpoint)),
    )
    return endpoint
