"""Where in a workload's network the subnets stand that a service has to itself: always at the same place, whatever else is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from stacks.addresses import halves
from stacks.request import Request
from stacks.workloads.data import RoomRule, room_rules

INSTANCE = "managed-instance"
# Places are counted in /28s of the last quarter of a /23, which has eight.
_UNIT_PREFIX = 28
_UNITS = 8


@dataclass(frozen=True)
class Room:
    """A subnet and the service that it is for."""

    name: str
    addresses: IPv4Network
    delegation: str


def asked_for(request: Request) -> tuple[str, ...]:
    """The names of the rooms that a request needs."""
    wanted = {
        INSTANCE: any(d.kind == "sql-managed-instance" for d in request.database),
        "containers": bool(request.container),
        "apis": bool(request.api),
        "web": bool(request.web),
        "volumes": bool(request.volume),
    }
    return tuple(name for name, needed in wanted.items() if needed)


def rooms(network: IPv4Network, names: Sequence[str]) -> tuple[Room, ...]:
    """The rooms of these names. Those that do not fit (see `faults`) may lie upon one another."""
    quarter = halves(network)[2]
    if tuple(names) == (INSTANCE,):
        return (Room(INSTANCE, quarter, room_rules()[INSTANCE].delegation),)
    return tuple(Room(name, _place(quarter, room_rules()[name]), room_rules()[name].delegation) for name in names)


def _place(quarter: IPv4Network, rule: RoomRule) -> IPv4Network:
    units = 2 ** max(_UNIT_PREFIX - quarter.prefixlen, 0)
    scale = max(units // _UNITS, 1)
    start, size = rule.start * scale % units, min(rule.size * scale, units)
    first = int(quarter.network_address) + start * 2 ** (32 - _UNIT_PREFIX)
    return IPv4Network((first, _UNIT_PREFIX + 1 - size.bit_length()))


def faults(network: IPv4Network, names: Sequence[str]) -> Iterator[str]:
    """Why the rooms do not fit, in a clause each."""
    placed = rooms(network, names)
    for room in placed:
        if room.addresses.num_addresses < room_rules()[room.name].size * 2 ** (32 - _UNIT_PREFIX):
            yield f"{room.addresses} is too small for the subnet {room.name}"
    clashing = [one.name for one in placed if any(one is not other and one.addresses.overlaps(other.addresses) for other in placed)]
    if clashing:
        yield f"the subnets {', '.join(clashing)} want the same addresses"
