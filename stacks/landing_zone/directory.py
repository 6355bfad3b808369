"""A replica of directory services for workloads that still need one: two servers in the identity subscription, in a spoke of their own.

What is built here are servers that wait to be promoted. Promotion asks for a domain administrator, and is a step of a runbook:
docs/guides/directory-replica.md. Until `directory.promoted` says so they are members of nothing and answer nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute, network

from stacks.components.backup import Backup, BackupPlan
from stacks.components.diagnostics import diagnose
from stacks.components.group import resource_group
from stacks.components.virtual_machine import Machine, MachinePlace, VirtualMachine
from stacks.landing_zone.directory_settings import Directory
from stacks.landing_zone.firewall import ZONES
from stacks.site import Site
from stacks.workloads.data import care, image


@dataclass(frozen=True)
class DirectoryPlace:
    """Where traffic leaves (the firewall's address), the log workspace, and whether a maintenance configuration patches servers."""

    firewall: pulumi.Input[str]
    workspace: pulumi.Input[str]
    patched: bool


class DirectoryReplica(pulumi.ComponentResource):
    """Network, two servers in different zones, backup of both. `network` is to be joined to the hub."""

    def __init__(
        self, settings: Directory, site: Site, place: DirectoryPlace, password: Callable[[], str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("cloud-unless:landing-zone:DirectoryReplica", "directory", None, opts)
        self._settings, self._site, self._place = settings, site, place
        self._child = pulumi.ResourceOptions(parent=self)
        self.group = resource_group("directory", site, self._child)
        self.network = self._network()
        self.backup = Backup("directory", _backup_plan(), site, self.group.name, place.workspace, self._child)
        self.machines = [self._server(i, address, password()) for i, address in enumerate(settings.addresses, 1)]
        diagnose("directory-network", self.network.id, place.workspace, self._child, logs=False)
        self.register_outputs({"network_id": self.network.id})

    def _network(self) -> network.VirtualNetwork:
        held = self._settings
        servers = held.addresses if held.promoted else [str(s) for s in held.dns_servers]
        subnet = network.SubnetArgs(
            name="servers",
            address_prefix=str(held.address_space),
            default_outbound_access=False,
            network_security_group=network.NetworkSecurityGroupArgs(id=self._guard().id),
            route_table=network.RouteTableArgs(id=self._routes().id),
            private_endpoint_network_policies=network.VirtualNetworkPrivateEndpointNetworkPolicies.ENABLED,
        )
        return network.VirtualNetwork(
            "directory-network",
            virtual_network_name=self._site.name("virtual-network", "directory"),
            resource_group_name=self.group.name,
            location=self._site.region,
            tags=self._site.tags,
            address_space=network.AddressSpaceArgs(address_prefixes=[str(held.address_space)]),
            dhcp_options=network.DhcpOptionsArgs(dns_servers=list(servers)),
            subnets=[subnet],
            opts=pulumi.ResourceOptions(parent=self, protect=self._site.protect),
        )

    def _guard(self) -> network.NetworkSecurityGroup:
        """Azure's own rules stand, and the internet is refused once more by name."""
        refuse = network.SecurityRuleArgs(
            name="refuse-the-internet",
            priority=4000,
            direction=network.SecurityRuleDirection.INBOUND,
            access=network.SecurityRuleAccess.DENY,
            protocol=network.SecurityRuleProtocol.ASTERISK,
            source_address_prefix="Internet",
            source_port_range="*",
            destination_address_prefix="*",
            destination_port_range="*",
        )
        return network.NetworkSecurityGroup(
            "directory-guard",
            network_security_group_name=self._site.name("network-security-group", "directory"),
            resource_group_name=self.group.name,
            location=self._site.region,
            tags=self._site.tags,
            security_rules=[refuse],
            opts=self._child,
        )

    def _routes(self) -> network.RouteTable:
        out = network.RouteArgs(
            name="everything-through-the-firewall",
            address_prefix="0.0.0.0/0",
            next_hop_type=network.RouteNextHopType.VIRTUAL_APPLIANCE,
            next_hop_ip_address=self._place.firewall,
        )
        return network.RouteTable(
            "directory-routes",
            route_table_name=self._site.name("route-table", "directory"),
            resource_group_name=self.group.name,
            location=self._site.region,
            tags=self._site.tags,
            disable_bgp_route_propagation=True,
            routes=[out],
            opts=self._child,
        )

    def _server(self, number: int, address: str, password: str) -> VirtualMachine:
        name = f"directory-{number}"
        zones = ZONES[self._site.region]
        windows = image("windows")
        machine = Machine(
            id=name,
            size=self._settings.size,
            windows=True,
            storage_gb=self._settings.storage_gb,
            image=compute.ImageReferenceArgs(publisher=windows.publisher, offer=windows.offer, sku=windows.sku, version=windows.version),
            zone=zones[(number - 1) % len(zones)] if zones else "",
            premium=True,
            hybrid_benefit=self._settings.hybrid_benefit,
            address=address,
            scheduled=self._place.patched,
        )
        subnet = self.network.id.apply(lambda network_id: f"{network_id}/subnets/servers")
        place = MachinePlace(self.group.name, subnet, self._place.workspace, "", pulumi.Output.secret(password))
        made = VirtualMachine(machine, self._site, place, self._child)
        self.backup.protect_machine(name, made.id, made.name)
        return made


def _backup_plan() -> BackupPlan:
    """As a critical workload is cared for: everything else signs in through it."""
    held = care("critical")
    return BackupPlan(None, held.days, held.weeks, held.months, held.second_region)
