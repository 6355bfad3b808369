"""The networks that a rehearsal gave to workloads, kept beside the requests so that none ever moves."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, cast

from inventory.whole import write_whole

if TYPE_CHECKING:
    from rehearsal import Preview

DEFAULT_REQUESTS = "stacks/requests"


def keep_networks(found: Preview, project: Path) -> Path | None:
    """Write the networks of a rehearsed workloads stack down, beside those that were given before.

    Returns the file where it gained a network, else None. Raises StacksError when what it holds cannot be read.
    """
    from stacks.workloads.networks import FILE, read_networks, text_of

    networks, config = (found.outputs or {}).get("networks"), found.config or {}
    if config.get(f"{found.project}:stack") != "workloads" or not isinstance(networks, dict):
        return None
    shown = config.get(f"{found.project}:requests", DEFAULT_REQUESTS)
    file = project / shown / FILE
    kept = read_networks(file.parent, shown)
    given = {w: IPv4Network(n) for w, n in cast("Mapping[str, str]", networks).items()}
    if {**kept, **given} == kept:
        return None
    write_whole(file, text_of({**kept, **given}))
    return file
