"""Machines of a request: single servers, sets of them, and those that carry desktops."""

from __future__ import annotations

from math import ceil

import pulumi
from pulumi_azure_native import compute

from stacks.components.machine_set import MachineSet, SetSpec
from stacks.components.virtual_desktop import DesktopSpec, VirtualDesktop
from stacks.components.virtual_machine import Machine, MachinePlace, VirtualMachine
from stacks.request import Server
from stacks.request_parts import Desktop
from stacks.workloads.data import image
from stacks.workloads.ground import Ground

_ZONES = 3


def build_machines(ground: Ground) -> None:
    """Every server of the request, and every set."""
    single = [s for s in ground.request.server if s.count == 1]
    for number, server in enumerate(single):
        machine = _machine(ground, server, _zone(ground, number), scheduled=ground.patched)
        made = VirtualMachine(machine, ground.site, _place(ground), ground.opts)
        ground.backups.stands(server.id, made.name, made.id)
    for server in ground.request.server:
        if server.count > 1:
            spec = SetSpec(_machine(ground, server, ""), server.count, server.ports, ground.spread)
            MachineSet(spec, ground.site, _place(ground), ground.group_id, ground.opts)


def build_desktops(ground: Ground) -> None:
    """The desktops of the request with the machines that carry them."""
    for asked in ground.request.desktop:
        spec = DesktopSpec(asked.id, asked.kind, asked.sessions_per_host, asked.group)
        pool = VirtualDesktop(spec, ground.site, ground.place, ground.opts)
        hosts = {name: _host(ground, asked, name, number) for number, name in enumerate(asked.host_ids)}
        for name, host in hosts.items():
            ground.backups.stands(name, host.name, host.id)
        pool.join(list(hosts.values()), list(hosts))


def _host(ground: Ground, asked: Desktop, name: str, number: int) -> VirtualMachine:
    machine = Machine(
        id=name,
        size=asked.size,
        windows=True,
        storage_gb=0,
        image=_image("desktop"),
        zone=_zone(ground, number),
        premium=ground.request.environment == "production",
        hybrid_benefit=False,
        desktop=True,
    )
    return VirtualMachine(machine, ground.site, _place(ground), ground.opts)


def _machine(ground: Ground, server: Server, zone: str, *, scheduled: pulumi.Input[bool] = False) -> Machine:
    return Machine(
        id=server.id,
        size=server.size,
        windows=server.system == "windows",
        storage_gb=ceil(server.storage_gb),
        image=_image(server.system),
        zone=zone,
        premium=server.disks == "premium-ssd" or (server.disks is None and ground.request.environment == "production"),
        hybrid_benefit=ground.settings.hybrid_benefit,
        scheduled=scheduled,
    )


def _zone(ground: Ground, number: int) -> str:
    return str(number % _ZONES + 1) if ground.spread else ""


def _image(kind: str) -> compute.ImageReferenceArgs:
    held = image(kind)
    return compute.ImageReferenceArgs(publisher=held.publisher, offer=held.offer, sku=held.sku, version=held.version)


def _place(ground: Ground) -> MachinePlace:
    return MachinePlace(
        ground.place.group,
        ground.subnet("servers"),
        ground.place.workspace,
        ground.settings.ssh_public_key or "",
        pulumi.Output.secret(ground.password()),
        ground.key.disk_set_id if ground.key else None,
    )
