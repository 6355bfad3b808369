"""Private DNS: the zones in which private endpoints get their names, joined to the hub."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import privatedns

from stacks.landing_zone.data import private_dns_zones
from stacks.landing_zone.places import zone_name
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.library.architecture import Architecture
from stacks.site import Site


def zones(settings: LandingZoneSettings, architecture: Architecture) -> tuple[str, ...]:
    """The zones of private_dns_zones.toml, and every other in which a policy of the architecture would put names."""
    scopes = (g.scope for _, a in architecture.slots for g in a.grants)
    asked = sorted({name for scope in scopes if (name := zone_name(settings, scope))})
    return (*private_dns_zones(), *(n for n in asked if n not in private_dns_zones()))


class PrivateDns(pulumi.ComponentResource):
    """The zones named, joined to the hub. `zones` and `zone_ids` by zone name."""

    def __init__(
        self,
        site: Site,
        group: pulumi.Input[str],
        network_id: pulumi.Input[str],
        names: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cloud-unless:landing-zone:PrivateDns", "private-dns", None, opts)
        self._site, self._group, self._network_id = site, group, network_id
        self.zones = {name: self._zone(name) for name in names}
        self.zone_ids = {name: zone.id for name, zone in self.zones.items()}
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
