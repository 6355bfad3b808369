"""Networks in use, as far as servers' addresses tell. The estate holds addresses and no masks, so every network here is inferred."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from inventory.addresses import private_addresses
from inventory.model import Server

# Nobody writes masks down beside servers. A /24 is the commonest network of a data centre; it is said that it is a guess.
USUAL_PREFIX = 24


@dataclass(frozen=True, slots=True)
class NetworkInUse:
    """A range with the servers whose addresses lie in it; `source` is where the example's address was read."""

    range: IPv4Network
    server_ids: tuple[str, ...]
    example: str
    source: str


def networks_in_use(servers: tuple[Server, ...], prefix: int = USUAL_PREFIX) -> tuple[NetworkInUse, ...]:
    """The networks of `prefix` length in which servers have private addresses, in order; whatever a server's power."""
    held: dict[IPv4Network, list[tuple[IPv4Address, Server]]] = {}
    for server in servers:
        for address in private_addresses(server.ip_address):
            held.setdefault(IPv4Network((int(address), prefix), strict=False), []).append((address, server))
    return tuple(_network(r, sorted(held[r], key=lambda pair: (pair[0], pair[1].id))) for r in sorted(held))


def _network(network: IPv4Network, held: list[tuple[IPv4Address, Server]]) -> NetworkInUse:
    address, server = held[0]
    ids = tuple(dict.fromkeys(s.id for _, s in held))
    return NetworkInUse(network, ids, f"{server.name or server.id} ({address})", str(server.sources.get("ip_address", "")))
