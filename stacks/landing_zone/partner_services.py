"""Services of partners that are reached by Private Link: one service, and nothing else of their network."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import network

from stacks.landing_zone.links import Link
from stacks.site import Site


def reach_services(
    site: Site, group: pulumi.Input[str], subnet: pulumi.Input[str], links: Sequence[Link], opts: pulumi.ResourceOptions
) -> None:
    """An endpoint in `subnet` for each link of that kind. The partner approves it; until then it leads nowhere."""
    for link in links:
        if link.service:
            _endpoint(site, group, subnet, link, link.service, opts)


def _endpoint(
    site: Site, group: pulumi.Input[str], subnet: pulumi.Input[str], link: Link, service: str, opts: pulumi.ResourceOptions
) -> None:
    named = site.name("private-endpoint", link.id)
    asked = network.PrivateLinkServiceConnectionArgs(
        name=link.id, private_link_service_id=service, request_message=f"{link.who}: {link.agreement}"[:140]
    )
    network.PrivateEndpoint(
        link.id,
        private_endpoint_name=named,
        resource_group_name=group,
        location=site.region,
        tags=site.tags,
        subnet=network.SubnetArgs(id=subnet),
        custom_network_interface_name=f"{named}-nic",
        manual_private_link_service_connections=[asked],
        opts=opts,
    )
