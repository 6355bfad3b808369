"""Makes the council's machines out of its registers: where each runs, how large it is, how full and how busy.

Whatever the registers do not say is drawn by a generator seeded with the machine's own name, so a new machine
changes no other.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from inventory.reference.registers import Application, Entry, ServerSpec, entries, load, spec

SEED = "Exampleborough 2026-11-22"
_LARGEST_DISK_GB = 4096


@dataclass(frozen=True, slots=True)
class Disk:
    """One volume with its size and what is on it, in MiB."""

    letter: str
    capacity_mib: int
    consumed_mib: int


@dataclass(frozen=True, slots=True)
class Machine:
    """One server as the council's tools see it."""

    name: str
    spec: ServerSpec
    code: str
    note: str
    is_template: bool
    system: str
    network: str
    ip_address: str
    cluster: str
    host: str
    datacentre: str
    disks: tuple[Disk, ...]

    @property
    def is_physical(self) -> bool:
        """Not on the virtual platform."""
        return self.spec.kind == "p"

    @property
    def is_on(self) -> bool:
        """Switched on when the estate was drawn up."""
        return self.spec.kind != "off"

    @property
    def environment(self) -> str:
        """As the council's list of servers writes it."""
        return "Test" if self.spec.kind == "t" else "Production"


def drawn(name: str, what: str) -> random.Random:
    """The generator of one machine for one purpose."""
    return random.Random(f"{SEED}|{name}|{what}")  # noqa: S311 - a repeatable estate, no secret


def machines(applications: Sequence[Application]) -> list[Machine]:
    """Every machine of the estate, in the order of the registers."""
    register = load("machines.toml")
    addresses = _Addresses(cast("Mapping[str, Sequence[str]]", register["networks"]))
    wanted = [w for application in applications for w in _wanted(application)]
    wanted += [_loose(entry) for entry in entries(register, "loose")]
    return [_machine(register, w, addresses) for w in wanted]


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    spec: ServerSpec
    code: str = ""
    note: str = ""
    is_template: bool = False


def _wanted(application: Application) -> Iterator[_Wanted]:
    for one in application.specs:
        for name in one.names(application.code):
            yield _Wanted(name, one, application.code, application.name)


def _loose(entry: Entry) -> _Wanted:
    return _Wanted(str(entry["name"]), spec(str(entry["server"])), "", str(entry["note"]), bool(entry.get("template")))


class _Addresses:
    """Gives out addresses of each network in turn."""

    def __init__(self, networks: Mapping[str, Sequence[str]]) -> None:
        self._networks = networks
        self._next = dict.fromkeys(networks, 11)

    def give(self, network: str) -> tuple[str, str]:
        """The network's name and its next free address."""
        label, prefix = self._networks[network]
        last = self._next[network]
        self._next[network] += 1
        return label, f"{prefix}.{last}"


def _network(register: Entry, wanted: _Wanted) -> str:
    codes = cast("Mapping[str, Sequence[str]]", register["codes"])
    roles = cast("Mapping[str, Sequence[str]]", register["roles"])
    if wanted.spec.kind == "t":
        return "test"
    by_code = next((network for network, held in codes.items() if wanted.code in held), "")
    return by_code or next((network for network, held in roles.items() if wanted.spec.role in held), "app")


def _machine(register: Entry, wanted: _Wanted, addresses: _Addresses) -> Machine:
    systems = cast("Mapping[str, Sequence[str]]", register["systems"])
    is_physical = wanted.spec.kind == "p"
    network, address = addresses.give(_network(register, wanted))
    cluster, host, datacentre = _place(register, wanted, is_physical=is_physical)
    return Machine(
        name=wanted.name,
        spec=wanted.spec,
        code=wanted.code,
        note=wanted.note,
        is_template=wanted.is_template,
        system=systems[wanted.spec.system][1 if is_physical else 0],
        network=network,
        ip_address=address,
        cluster=cluster,
        host=host,
        datacentre=datacentre,
        disks=_disks(wanted.name, wanted.spec),
    )


def _place(register: Entry, wanted: _Wanted, *, is_physical: bool) -> tuple[str, str, str]:
    clusters = entries(register, "cluster")
    pick = drawn(wanted.name, "place")
    chosen = clusters[2] if wanted.spec.kind == "t" else pick.choice(clusters[:2])
    if is_physical:
        return "", "", str(chosen["datacentre"])
    name = str(chosen["name"])
    return name, host_name(name, pick.randint(1, int(str(chosen["hosts"])))), str(chosen["datacentre"])


def host_name(cluster: str, number: int) -> str:
    """A host's full name, such as exvmh-canal-prod-03.exampleborough.internal."""
    return f"exvmh-{cluster.rsplit('-', 1)[0].lower()}-{number:02}.exampleborough.internal"


def _disks(name: str, made: ServerSpec) -> tuple[Disk, ...]:
    """The system's volume of at most 100 GB, and as many for data as the rest needs."""
    pick = drawn(name, "disks")
    sizes = [min(made.storage_gb, 100)]
    left = made.storage_gb - sizes[0]
    while left > 0:
        sizes.append(min(left, _LARGEST_DISK_GB))
        left -= sizes[-1]
    windows = made.system.startswith(("20", "win"))
    letters = [f"{c}:\\" for c in "CDEFGHIJKLMNOPQRSTUVWXYZ"] if windows else ["/", *(f"/data{n}" for n in range(1, 30))]
    return tuple(Disk(letters[n], gb * 1024, int(gb * 1024 * pick.uniform(0.28, 0.86))) for n, gb in enumerate(sizes))
