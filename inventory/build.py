"""From merged values to a record of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, cast

from inventory.merge import Merged
from inventory.model import Classification, DependencyKind, Environment, Power, Source, Strength

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
    unread = {_RENAMED.get(f, f): source for f, source in merged.unread.items() if f not in merged.values} if "unread" in types else {}
    if held := tuple(f for f in types if f in unread):
        values["unread"] = held
    return record(**{**values, **more}, sources=_sources(types, merged, unread))


def _sources(types: Mapping[str, str], merged: Merged, unread: Mapping[str, Source]) -> dict[str, Source]:
    held = {**unread, **{_RENAMED.get(f, f): source for f, source in merged.sources.items()}}
    return {f: held[f] for f in types if f in held}
