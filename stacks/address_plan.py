"""The address plan: which ranges the cloud takes, out of those that the council sets aside, and never one that is in use.

Addresses are proposed once (`unless inventory networks --from RANGE`), written into the settings by a person, and from then on only
checked: a range worked out anew at every run would move the hub when somebody enters an old server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network
from pathlib import Path
from typing import Literal

from pydantic import Field

from stacks.errors import StacksError
from stacks.own_files import read_file
from stacks.settings import Cidr, Part

FORMAT = "cloud-unless/on-premise/1"
FILE = "stacks/requests/on-premise.toml"


@dataclass(frozen=True, slots=True)
class Want:
    """A range that the platform needs: the setting that holds it, how long its prefix is, and what for."""

    key: str
    prefix: int
    purpose: str


# Largest first, so that none leaves a gap that another would have needed.
WANTS: Sequence[Want] = (
    Want("hub.spokes", 16, "workloads get their networks from it, 512 of /25"),
    Want("hub.address_space", 23, "the hub network, or the shared services beside a virtual hub"),
    Want("hub.virtual_hub", 23, "the virtual hub, where the network is a virtual WAN"),
    Want("directory.address_space", 26, "the directory's servers, where there is a replica"),
)


class InUse(Part):
    """A network that somebody has already: `inferred` from servers' addresses, or `stated` by a person who knows."""

    range: Cidr
    kind: Literal["inferred", "stated"]
    servers: int = Field(default=0, ge=0)
    example: str = ""
    source: str = ""
    note: str = ""

    @property
    def whose(self) -> str:
        """Who has it, in words."""
        if self.kind == "stated":
            return self.note or self.source or "stated by hand"
        return f"{self.servers} servers such as {self.example}" if self.servers != 1 else self.example


class OnPremise(Part):
    """The reviewed file of networks in use."""

    format: Literal["cloud-unless/on-premise/1"]
    on: date
    network: tuple[InUse, ...] = ()


def read_on_premise(folder: Path, shown: str) -> OnPremise | None:
    """The file, or None where the settings name none and there is none at its usual place.

    Raises StacksError with every fault.
    """
    named = shown or FILE
    if not shown and not (folder / named).is_file():
        return None
    return read_file(folder / named, named, OnPremise, "hub.on_premise_file")


def overlaps(ours: Mapping[str, IPv4Network | None], in_use: Sequence[InUse], shown: str) -> Iterator[tuple[str, str]]:
    """For each of our ranges (by its setting's key) that is in use already: the key, and whose it is."""
    for key, network in ours.items():
        for i, held in enumerate(in_use):
            if network is not None and network.overlaps(held.range):
                yield (
                    key,
                    f"{network} overlaps {held.range}, in use by {held.whose} ({shown}, network[{i}]); choose a range that nobody has.",
                )


def propose(ranges: Sequence[IPv4Network], taken: Iterable[IPv4Network], wants: Sequence[Want] = WANTS) -> dict[str, IPv4Network]:
    """A range for each want out of `ranges`, the first that is free, none overlapping another or one that is taken.

    Raises StacksError naming every want for which there is no room.
    """
    used = list(taken)
    given: dict[str, IPv4Network] = {}
    homeless: list[str] = []
    for want in wants:
        free = next((n for r in ranges for n in _blocks(r, want.prefix, used)), None)
        if free is None:
            homeless.append(f"/{want.prefix} for {want.key}")
        else:
            given[want.key] = free
            used.append(free)
    if homeless:
        asked = ", ".join(str(r) for r in ranges)
        raise StacksError(f"{asked} has no free {', no free '.join(homeless)}; set a larger range aside.")
    return given


def _blocks(space: IPv4Network, prefix: int, used: Sequence[IPv4Network]) -> Iterator[IPv4Network]:
    """Blocks of `prefix` in `space` that nothing in `used` overlaps, jumping over whatever is larger than a block."""
    size = 2 ** (32 - prefix)
    at, end = int(space.network_address), int(space.broadcast_address)
    while prefix >= space.prefixlen and at + size - 1 <= end:
        block = IPv4Network((at, prefix))
        clash = next((u for u in used if u.overlaps(block)), None)
        if clash is None:
            yield block
            at += size
        else:
            after = int(clash.broadcast_address) + 1
            at = max(at + size, -(-after // size) * size)
