"""What a workload draws where it stands now: its running servers, and their disks.

A measured draw goes before everything else: the server's own, or its share of what its host was measured to draw, by vCPUs. Where nobody
measured it, a physical server counts as one of the whole servers of carbon.toml, and a vCPU of a virtual one as a thread of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from inventory.model import Estate, Power, Server
from inventory.text import slug
from migration.carbon.busy import Busy, busy_of
from migration.carbon.model import Draw, End, Range, range_of
from migration.disposition import is_off
from migration.knowledge.carbon_model import CarbonFacts, Place, Processor
from migration.sizing import believable, vcpus_of
from migration.terms import Terms

MEASURED = "measured"
"""Why a figure that somebody measured is what it is."""
_GB_PER_TB = 1000


def is_running(server: Server) -> bool:
    """Whether a server draws anything: neither a template, nor off, nor suspended. One of which nobody knows runs."""
    return not is_off(server) and server.power is not Power.SUSPENDED


def draws_now(servers: Iterable[Server], hosts: Hosts, estate: Estate, terms: Terms) -> Iterator[Draw | str]:
    """A draw for each part of each server that runs and is no host of others, or a sentence on what nobody knows of it."""
    for server in servers:
        if is_running(server) and not hosts.is_host(server):
            yield from _of(server, hosts, estate, terms)


def busy(server: Server, estate: Estate, terms: Terms) -> Busy:
    """How busy a server is."""
    return busy_of(believable(estate.utilisations_by_server.get(server.id, ()), terms))


def per_vcpu(place: Place, use: Busy, facts: CarbonFacts) -> Range:
    """What one vCPU draws at a place, from the thriftiest processor at its least use to the thirstiest at its most."""
    there = [p for p in facts.processors if place in p.places]
    return _between(there, use, Processor.watts)


def per_server(use: Busy, facts: CarbonFacts) -> Range:
    """What a whole physical server draws, likewise."""
    return _between([p for p in facts.processors if p.server_idle_watts], use, Processor.server_watts)


def _between(held: Sequence[Processor], use: Busy, watts: Callable[[Processor, float], float]) -> Range:
    least = range_of(held, lambda p: watts(p, use.low), lambda p: p.id)
    most = range_of(held, lambda p: watts(p, use.high), lambda p: p.id)
    return Range(least.low, most.high)


def terabytes(gigabytes: float, facts: CarbonFacts, *kinds: str) -> Range:
    """What one copy of so many decimal gigabytes draws on storage of these kinds; of every kind where none is named."""
    held = [s for s in facts.storage if s.id in kinds or not kinds]
    return range_of(held, lambda s: s.watts_per_tb, lambda s: s.id).scaled(gigabytes / _GB_PER_TB)


def _of(server: Server, hosts: Hosts, estate: Estate, terms: Terms) -> Iterator[Draw | str]:
    facts = terms.knowledge.carbon
    vcpus, measured = vcpus_of(server, terms), hosts.watts(server)
    if measured is not None:
        what = "its measured power" if server.power_watts is not None else f"its share of the measured power of {server.host}"
        yield Draw(server.id, what, Range(End(measured, (MEASURED,)), End(measured, (MEASURED,))))
    elif server.kind == "physical":
        use = busy(server, estate, terms)
        yield Draw(server.id, f"a physical server, {use.words}", per_server(use, facts))
    elif vcpus <= 0:
        yield f"{server.id}: its cores are not recorded, and its power was not measured"
    else:
        use = busy(server, estate, terms)
        yield Draw(server.id, f"{vcpus} vCPUs, {use.words}", per_vcpu("on-premises", use, facts).scaled(vcpus))
    stored = server.storage_gb or server.storage_used_gb
    if measured is not None and server.kind == "physical":
        return  # what is in its case was measured with it
    if stored is None:
        yield f"{server.id}: its storage is not recorded"
    else:
        yield Draw(server.id, f"{stored:g} GB of disks", terabytes(stored, facts))


class Hosts:
    """The physical servers of an estate that its virtual ones name as their host, and how their measured power is divided."""

    def __init__(self, estate: Estate, terms: Terms) -> None:
        """Index once."""
        physical = {name: s for s in estate.servers if s.kind == "physical" for name in _names(s.name)}
        self._host_of: dict[str, Server] = {}
        self._vcpus: dict[str, list[int]] = {}
        for guest in estate.servers:
            host = next((physical[n] for n in _names(guest.host) if n in physical), None) if guest.host else None
            if host and host.id != guest.id:
                self._host_of[guest.id] = host
                if is_running(guest):
                    self._vcpus.setdefault(host.id, []).append(vcpus_of(guest, terms))
        self._terms = terms

    def is_host(self, server: Server) -> bool:
        """Whether other servers run on it, which then carry what it draws."""
        return server.id in self._vcpus

    def watts(self, server: Server) -> float | None:
        """What was measured of a server, or of its host for its share of the vCPUs; None where neither was or nobody can divide it."""
        if server.power_watts is not None:
            return server.power_watts
        host = self._host_of.get(server.id)
        shared = self._vcpus.get(host.id, []) if host else []
        if host is None or host.power_watts is None or not shared or min(shared) <= 0:
            return None
        return host.power_watts * vcpus_of(server, self._terms) / sum(shared)


def _names(name: str) -> tuple[str, ...]:
    """A host's name as exports write it, and without its domain."""
    return (slug(name), slug(name.partition(".")[0]))
