"""Bastion: how people reach servers, which have no public address."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import network

from stacks.components.diagnostics import diagnose
from stacks.site import Site


def bastion(
    site: Site, group: pulumi.Input[str], subnet: pulumi.Input[str], workspace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> network.BastionHost:
    """A Bastion of the standard kind in `subnet`: tunnels yes, links that anybody may follow no."""
    address = network.PublicIPAddress(
        "bastion-address",
        public_ip_address_name=site.name("public-ip", "bastion"),
        resource_group_name=group,
        location=site.region,
        tags=site.tags,
        sku=network.PublicIPAddressSkuArgs(name=network.PublicIPAddressSkuName.STANDARD),
        public_ip_allocation_method=network.IPAllocationMethod.STATIC,
        opts=opts,
    )
    host = network.BastionHost(
        "bastion",
        bastion_host_name=site.name("bastion", "hub"),
        resource_group_name=group,
        location=site.region,
        tags=site.tags,
        sku=network.SkuArgs(name=network.BastionHostSkuName.STANDARD),
        enable_tunneling=True,
        enable_shareable_link=False,
        ip_configurations=[
            network.BastionHostIPConfigurationArgs(
                name="inward",
                subnet=network.SubResourceArgs(id=subnet),
                public_ip_address=network.SubResourceArgs(id=address.id),
            )
        ],
        opts=opts,
    )
    diagnose("bastion", host.id, workspace, opts)
    return host
