"""Facts that a group of assessors asks of a workload, by name, and whether anybody has said them.

`owner` is a field of the workload, `server.operating_system` a field of each of its servers, and `servers` asks that it names
servers and the inventory has every one. A list that is empty, of ties or of links, says that there are none, so lists are no facts.
"""

from __future__ import annotations

from dataclasses import fields
from enum import Enum

from inventory.model import Estate, Server, Workload

_SERVERS = "servers"
_OF_SERVER = "server."


def is_fact(name: str) -> bool:
    """Whether there is such a fact."""
    kind, field = (Server, name.removeprefix(_OF_SERVER)) if name.startswith(_OF_SERVER) else (Workload, name)
    return name == _SERVERS or field in {f.name for f in fields(kind) if "tuple" not in str(f.type) and f.name != "sources"}


def is_said(name: str, workload: Workload, estate: Estate) -> bool:
    """Whether somebody has said the fact, of every server where it is one of servers."""
    if name == _SERVERS:
        return bool(workload.server_ids) and len(estate.servers_of(workload)) == len(workload.server_ids)
    if name.startswith(_OF_SERVER):
        return all(_holds(getattr(s, name.removeprefix(_OF_SERVER))) for s in estate.servers_of(workload))
    return _holds(getattr(workload, name))


def named(name: str) -> str:
    """The fact as a person says it."""
    if name == _SERVERS:
        return "servers that the inventory has"
    field = name.removeprefix(_OF_SERVER).removesuffix("_ms").removesuffix("_gb").replace("_", " ")
    return f"the {field} of every server" if name.startswith(_OF_SERVER) else f"its {field}"


def _holds(value: object) -> bool:
    if isinstance(value, Enum):
        return value.value != "unknown"
    return value is not None and (not isinstance(value, str) or bool(value.strip()))
