"""Private DNS: the zones in which private endpoints get their names, joined to the hub."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import privatedns

from stacks.landing_zone.data import private_dns_zones
from stacks.site import Site


class PrivateDns(pulumi.ComponentResource):
    """One zone for each service of private_dns_zones.toml. `zone_ids` by zone name."""

    def __init__(
        self, site: Site, group: pulumi.Input[str], network_id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("cloud-unless:landing-zone:PrivateDns", "private-dns", None, opts)
        self._site, self._group, self._network_id = site, group, network_id
        self.zone_ids = {name: self._zone(name).id for name in private_dns_zones()}
        self.register_outputs({"zone_ids": self.zone_ids})

    def _zone(self, name: str) -> privatedns.PrivateZone:
        zone = privatedns.PrivateZone(
            name,
            private_zone_name=name,
            resource_group_name=self._group,
            location="Global",
            tags=self._site.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        privatedns.VirtualNetworkLink(
            f"{name}-hub",
            virtual_network_link_name="hub",
            private_zone_name=zone.name,
            resource_group_name=self._group,
            location="Global",
            tags=self._site.tags,
            virtual_network=privatedns.SubResourceArgs(id=self._network_id),
            registration_enabled=False,
            opts=pulumi.ResourceOptions(parent=zone),
        )
        return zone
