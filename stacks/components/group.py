"""Resource groups."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import resources

from stacks.site import Site


def resource_group(name: str, site: Site, opts: pulumi.ResourceOptions) -> resources.ResourceGroup:
    """A resource group with the site's tags."""
    return resources.ResourceGroup(
        f"{name}-group", resource_group_name=site.name("resource-group", name), location=site.region, tags=site.tags, opts=opts
    )
