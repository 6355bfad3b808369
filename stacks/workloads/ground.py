"""What the parts of one workload stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi

from stacks.components.own_key import OwnKey
from stacks.components.place import Place
from stacks.request import Request
from stacks.site import Site
from stacks.workloads.backups import Backups
from stacks.workloads.data import Care
from stacks.workloads.settings import WorkloadsSettings


@dataclass(frozen=True)
class Ground:
    """`subnet` gives the id of one by its name; `spread` is over zones; `password` gives a new one each time.

    `patched` is whether windows of the landing zone's patch its servers.
    """

    request: Request
    site: Site
    settings: WorkloadsSettings
    addresses: IPv4Network
    place: Place
    group_id: pulumi.Output[str]
    hub_network_id: pulumi.Input[str]
    vault_id: pulumi.Output[str]
    subnet: Callable[[str], pulumi.Output[str]]
    care: Care
    spread: bool
    password: Callable[[], str]
    backups: Backups
    key: OwnKey | None
    patched: pulumi.Input[bool]
    opts: pulumi.ResourceOptions
