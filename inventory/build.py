"""From merged values to a record of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, cast

from inventory.merge import Merged
from inventory.model import Classification, DependencyKind, Environment, Power, Strength
from inventory.sources import Names, renamed

T = TypeVar("T")
_RENAMED = {
    "application": "workload_id",
    "server": "server_id",
    "servers": "server_ids",
    "from_application": "from_id",
    "to_application": "to_id",
}
_ENUMS: Mapping[str, type[StrEnum]] = {
    "Power": Power,
    "Environment": Environment,
    "Classification": Classification,
    "Strength": Strength,
    "DependencyKind": DependencyKind,
}


@lru_cache(maxsize=32)
def _types(record: object) -> dict[str, str]:
    return {f.name: str(f.type) for f in fields(cast("Any", record))}


def build(record: Callable[..., T], merged: Merged, **more: object) -> T:
    """The record of what was merged: each value under its field's name, references as `more` resolves them, and sources."""
    types = _types(record)
    values = {f: _ENUMS[types[f]](v) if types[f] in _ENUMS else v for f, v in merged.values.items() if f in types}
    names = _names(record)
    unread = {f: source for f, source in merged.unread.items() if f not in merged.values} if "unread" in types else {}
    if held := tuple(ours for ours, theirs in names if theirs in unread):
        values["unread"] = held
    return record(**{**values, **more}, sources=renamed({**unread, **merged.sources} if unread else merged.sources, names))


@lru_cache(maxsize=32)
def _names(record: object) -> Names:
    """Each field of the record, and what it is called in files."""
    written = {ours: theirs for theirs, ours in _RENAMED.items()}
    return tuple((f, written.get(f, f)) for f in _types(record))
