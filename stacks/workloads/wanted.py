"""What the workloads stack is to build: settings, requests and networks, all of them checked together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from stacks.addresses import allocate, halves
from stacks.config import StackConfig
from stacks.errors import StacksError
from stacks.request import Request, read_requests
from stacks.settings import parse
from stacks.workloads import rooms, vending
from stacks.workloads.networks import FILE, clashes, read_networks
from stacks.workloads.settings import WorkloadsSettings

# Azure keeps five addresses of every subnet. Source: Microsoft Learn, "Azure Virtual Network FAQ".
_KEPT_BY_AZURE = 5


@dataclass(frozen=True)
class Wanted:
    """Everything is known to be right: one network for each request. `new` are those that nothing fixes yet."""

    settings: WorkloadsSettings
    requests: tuple[Request, ...]
    networks: dict[str, IPv4Network]
    new: tuple[str, ...]


def wanted(config: StackConfig) -> Wanted:
    """Read and check the configuration and every request.

    Raises StacksError with all faults: those of the settings first, then those of requests.
    """
    settings = parse(config, WorkloadsSettings)
    folder = config.folder / settings.requests
    # The last workload to leave was deployed, and so has a network: that everybody else is gone is told by order.py.
    requests = read_requests(folder, settings.requests, may_be_none=(folder / FILE).is_file())
    held = settings.addresses
    kept = read_networks(folder, settings.requests)
    if clashing := clashes(kept, held):
        raise StacksError(*(f"{settings.requests}/{FILE}: {c}. Change the settings back, or plan the workload's move." for c in clashing))
    fixed = {**kept, **held.networks}
    faults = [*vending.faults(settings, requests, fixed), *(config.fault(key, what) for key, what in _mismatches(settings, requests))]
    networks = _allocated(settings, [r for r in requests if vending.is_known(r, settings)], fixed)
    placed = [(r, networks[r.id]) for r in requests if r.id in networks]
    faults += [config.fault("addresses", what) for r, network in placed for what in (*_too_many(r, network), *_crowded(r, network))]
    if faults:
        raise StacksError(*faults)
    return Wanted(settings, requests, networks, tuple(r.id for r in requests if r.id not in fixed))


def _allocated(settings: WorkloadsSettings, requests: Sequence[Request], fixed: Mapping[str, IPv4Network]) -> dict[str, IPv4Network]:
    """A network for each request out of the ranges of its council, in the order of the requests."""
    held = settings.addresses
    askers = {r.id: vending.asker(r, settings).id for r in requests}
    given: dict[str, IPv4Network] = {}
    for council in dict.fromkeys(askers.values()):
        ids = [i for i, whose in askers.items() if whose == council]
        given |= allocate(ids, held.of(council), held.prefix, fixed, held.reserved)
    return {r.id: given[r.id] for r in requests}


def _mismatches(settings: WorkloadsSettings, requests: tuple[Request, ...]) -> Iterator[tuple[str, str]]:
    ids = {r.id for r in requests}
    for key, named in (("access", settings.access), ("addresses.networks", settings.addresses.networks)):
        yield from (
            (f"{key}.{w}", f"no request in {settings.requests} has this id; correct it or remove it.") for w in named if w not in ids
        )
    linux = next((s.id for r in requests for s in r.server if s.system == "linux"), None)
    if linux and not settings.ssh_public_key:
        yield "ssh_public_key", f"server {linux} runs Linux and is reached by key; add the public key of its administrators."
    database = next((d.id for r in requests for d in r.database), None)
    if database and not settings.database_administrators:
        yield "database_administrators", f"database {database} has no passwords; add the Entra group (group, id) that administers it."
    mysql = next((d.id for r in requests for d in r.database if d.kind == "mysql"), None)
    if mysql and not settings.mysql_password:
        yield "mysql_password", f"Azure makes no MySQL server without one, such as {mysql}. Run: pulumi config set --secret mysql_password"


def _too_many(request: Request, network: IPv4Network) -> Iterator[str]:
    room = halves(network)[0].num_addresses - _KEPT_BY_AZURE
    hosts = sum(s.count for s in request.server) + sum(d.hosts for d in request.desktop)
    hosts += sum(1 for s in request.server if s.ports)  # a load balancer's own address
    if hosts > room:
        asked = f"{request.id} asks for {hosts} servers"
        yield f"{asked} and its network {network} has room for {room}; give it a larger one in networks."


def _crowded(request: Request, network: IPv4Network) -> Iterator[str]:
    names = rooms.asked_for(request)
    for what in rooms.faults(network, names):
        yield f"{request.id}, network {network}: {what}; give it a /23 in networks, which holds them all."
