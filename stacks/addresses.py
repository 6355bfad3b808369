"""Which network each workload gets: the same for the same requests, never one in use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Final

from stacks.errors import StacksError

# Ranges that nobody on the internet has: RFC 1918 and RFC 6598.
INSIDE: Final = tuple(IPv4Network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))


def is_inside(network: IPv4Network, public: Iterable[IPv4Network] = ()) -> bool:
    """Whether a range is one that nobody on the internet has, or one of the `public` ones that the council says are its own."""
    return any(network.subnet_of(n) for n in (*INSIDE, *public))


def allocate(
    workloads: Sequence[str],
    space: IPv4Network | Sequence[IPv4Network],
    prefix: int,
    pinned: Mapping[str, IPv4Network],
    taken: Iterable[IPv4Network],
) -> dict[str, IPv4Network]:
    """A network of `prefix` length within `space`, a range or several, for each workload that has none in `pinned`.

    A workload looks first where a digest of its id points, then onwards and in the next range, so that another's coming or going
    seldom moves it; earlier waves choose first, and `pinned` fixes a network for good. Raises StacksError, naming all that do not fit.
    """
    spaces = (space,) if isinstance(space, IPv4Network) else tuple(space)
    given = {w: n for w, n in pinned.items() if w in workloads}
    used = [*taken, *pinned.values()]
    homeless: list[str] = []
    for workload in (w for w in workloads if w not in given):
        candidates = (n for s in spaces for n in _candidates(workload, s, prefix))
        free = next((n for n in candidates if not any(n.overlaps(u) for u in used)), None)
        if free is None:
            homeless.append(workload)
        else:
            given[workload] = free
            used.append(free)
    if homeless:
        full = " and ".join(str(s) for s in spaces)
        has = "have" if len(spaces) > 1 else "has"
        raise StacksError(f"{full} {has} no free /{prefix} left for {', '.join(homeless)}; give workloads a larger range.")
    return given


def _candidates(workload: str, space: IPv4Network, prefix: int) -> Iterator[IPv4Network]:
    """Every network of `prefix` length in `space`, from where the workload looks first."""
    size = 2 ** (32 - prefix)
    slots = space.num_addresses // size
    first = int.from_bytes(hashlib.sha256(workload.encode()).digest()[:8]) % max(slots, 1)
    return (IPv4Network((int(space.network_address) + (first + i) % slots * size, prefix)) for i in range(slots))


def halves(network: IPv4Network) -> tuple[IPv4Network, IPv4Network, IPv4Network]:
    """A workload's network in three: a half for servers, a quarter for private endpoints, a quarter for a managed instance."""
    servers, rest = network.subnets()
    endpoints, instance = rest.subnets()
    return servers, endpoints, instance
