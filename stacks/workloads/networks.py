"""Networks that workloads have been given, in a reviewed file beside the requests: who has one keeps it, whoever comes or goes.

Where a new workload's network stands follows from its id and from what is taken already (`stacks.addresses`), so without the
file one workload's coming could move another's. `unless rehearse` writes the file; Pulumi only reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, cast

from stacks.errors import StacksError
from stacks.workloads.settings import Addresses

FILE = "networks.json"
FORMAT = "cloud-unless/networks/1"


def read_networks(folder: Path, shown: str) -> dict[str, IPv4Network]:
    """Workload id to the network that it was given; nothing where there is no file. `shown` is the folder as people name it.

    Raises StacksError with every fault.
    """
    file = folder / FILE
    if not file.is_file():
        return {}
    given = _given(file, f"{shown}/{FILE}")
    networks: dict[str, IPv4Network] = {}
    faults: list[str] = []
    for workload, text in given.items():
        try:
            networks[workload] = IPv4Network(text)
        except ValueError as wrong:
            faults.append(f"{shown}/{FILE}, {workload}: {wrong}. Restore the line as it was in git.")
    if faults:
        raise StacksError(*faults)
    return networks


def _given(file: Path, shown: str) -> dict[str, str]:
    try:
        held: Any = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise StacksError(f"{shown} is not readable as JSON: {wrong}. Restore it from git.") from wrong
    fields = cast("dict[str, Any]", held) if isinstance(held, dict) else {}
    given = fields.get("networks")
    if fields.get("format") != FORMAT or not isinstance(given, dict):
        raise StacksError(f"{shown}: its format must be {FORMAT}, with a group called networks. Restore it from git.")
    return {str(k): str(v) for k, v in cast("dict[str, Any]", given).items()}


def text_of(networks: Mapping[str, IPv4Network]) -> str:
    """The file that holds these networks, one line for each."""
    lines = {workload: str(network) for workload, network in sorted(networks.items())}
    return json.dumps({"format": FORMAT, "networks": lines}, indent=2) + "\n"


def clashes(given: Mapping[str, IPv4Network], addresses: Addresses) -> list[str]:
    """Why networks that were given, and are not fixed in the settings, cannot stand beside the settings of today."""
    faults: list[str] = []
    ours = {w: n for w, n in given.items() if w not in addresses.networks}
    others = [*((f"networks.{w}", n) for w, n in addresses.networks.items()), *(("reserved", n) for n in addresses.reserved)]
    for workload, network in sorted(ours.items()):
        if not addresses.holds(network):
            faults.append(f"{workload} has {network}, which is not within range {addresses.shown}")
        faults += [f"{workload} has {network}, which overlaps {name} {other}" for name, other in others if network.overlaps(other)]
        faults += [f"{workload} and {w} both have {n}" for w, n in ours.items() if w > workload and n.overlaps(network)]
    return faults
