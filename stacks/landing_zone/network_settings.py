"""Settings of the network's edge: gateways, forwarding of names, flow logs."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address
from typing import Literal

from pydantic import Field

from stacks.settings import Part, Region


class NetworkKind(StrEnum):
    """What joins spokes, sites and partners: a hub network of ours, or Microsoft's virtual WAN."""

    HUB = "hub"
    VIRTUAL_WAN = "virtual-wan"


class Forwarding(Part):
    """Names of a domain that the council's own DNS servers answer for."""

    domain: str = Field(pattern=r"^([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?\.)+$", description="the domain, with a dot at its end")
    servers: tuple[IPv4Address, ...] = Field(min_length=1, max_length=6)


class Gateways(Part):
    """Sizes of the gateways that links need; one is built only where a link asks for it. All span zones where there are any."""

    # Names: azure-native's VirtualNetworkGatewaySkuName, 3.29.0. Those without AZ are left out: they stand in one zone.
    vpn: Literal["VpnGw1AZ", "VpnGw2AZ", "VpnGw3AZ", "VpnGw4AZ", "VpnGw5AZ"] = "VpnGw2AZ"
    express_route: Literal["ErGw1AZ", "ErGw2AZ", "ErGw3AZ"] = "ErGw1AZ"
    asn: int = Field(default=65_515, ge=64_512, le=65_534, description="our private BGP number; Azure's own unless a partner has it too")


class FlowLogs(Part):
    """Who spoke with whom, for each virtual network. `watcher: existing` where the subscription had a network before this stack."""

    enabled: bool = True
    retention_days: int = Field(default=90, ge=90, le=365)
    analytics: bool = True
    every_minutes: Literal[10, 60] = 60
    watcher: Literal["new", "existing"] = "new"
    further_regions: tuple[Region, ...] = Field(default=(), description="other regions in which workloads' flows are kept")

    @property
    def makes_watcher(self) -> bool:
        """Whether the connectivity subscription's watcher is made here, and not by Azure."""
        return self.enabled and self.watcher == "new"
