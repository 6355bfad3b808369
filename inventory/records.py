"""Records as JSON and back, their kinds and order, and the digest of an estate."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, cast

from inventory.model import (
    Classification,
    CostedOption,
    CostLine,
    Database,
    Dataset,
    Dependency,
    DependencyKind,
    Environment,
    Estate,
    ExceptionEntry,
    Freeze,
    Interface,
    Persona,
    Power,
    Record,
    Server,
    Share,
    Source,
    Sources,
    Strength,
    Utilisation,
    Workload,
)
from inventory.sources import RowSources, shared

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its class, and what tells its records apart and puts them in order."""

    record: Callable[..., Record]
    order: Callable[[Any], tuple[Any, ...]]


def _by_id(record: Any) -> tuple[Any, ...]:
    return (record.id,)


# By the name of the estate's tuple that holds them.
KINDS: Mapping[str, Kind] = {
    "servers": Kind(Server, _by_id),
    "utilisations": Kind(Utilisation, lambda u: (u.server_id, u.month)),
    "databases": Kind(Database, _by_id),
    "shares": Kind(Share, _by_id),
    "workloads": Kind(Workload, _by_id),
    "dependencies": Kind(Dependency, lambda d: (d.from_id, d.to_id, d.kind, d.port or 0)),
    "interfaces": Kind(Interface, _by_id),
    "datasets": Kind(Dataset, _by_id),
    "freezes": Kind(Freeze, _by_id),
    "cost_lines": Kind(CostLine, _by_id),
    "personas": Kind(Persona, _by_id),
    "exceptions": Kind(ExceptionEntry, _by_id),
}

_ENUMS: Mapping[str, type[StrEnum]] = {e.__name__: e for e in (Power, Environment, Classification, DependencyKind, Strength)}


@lru_cache(maxsize=1000)
def day(text: str) -> date:
    """The date that an ISO text is (few different ones come many times)."""
    return date.fromisoformat(text)


def costed_options(held: Iterable[Sequence[Any]]) -> tuple[CostedOption, ...]:
    """Costed options from their names and costs."""
    return tuple(CostedOption(*row) for row in held)


@lru_cache(maxsize=64)
def _decoders(record: object) -> dict[str, Callable[[Any], Any] | None]:
    made: dict[str, Callable[[Any], Any] | None] = {}
    for f in fields(cast("Any", record)):
        base = str(f.type).removesuffix(" | None")
        made[f.name] = _ENUMS.get(base) or {"date": day, "tuple[str, ...]": tuple, "tuple[CostedOption, ...]": costed_options}.get(base)
    del made["sources"]
    return made


def record_id(kind: str, record: Record) -> str:
    """The record's id, made of what tells it apart where it has none of its own."""
    return "/".join(str(part) for part in KINDS[kind].order(record))


def encode(record: Record) -> Body:
    """The record's fields as JSON types, without its sources."""
    return {f: plain(getattr(record, f)) for f in _decoders(type(record))}


def plain(value: object) -> object:
    """A field's value as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, CostedOption):
        return [value.name, value.five_year_cost_pence]
    return [plain(v) for v in cast("tuple[object, ...]", value)] if isinstance(value, tuple) else value


def decode(kind: str, body: Mapping[str, Any], sources: Iterable[Sequence[Any]]) -> Record:
    """The record that `encode` and `encode_sources` came from."""
    decoders = _decoders(KINDS[kind].record)
    values = {f: v if (read := decoders[f]) is None or v is None else read(v) for f, v in body.items() if f in decoders}
    return KINDS[kind].record(**values, sources=_decoded_sources(sources))


def _decoded_sources(held: Iterable[Sequence[Any]]) -> Sources:
    made = [RowSources(Source(layout, file, sheet, row, "", day(on)), shared(columns)) for layout, file, sheet, row, on, columns in held]
    return made[0] if len(made) == 1 else {field: source for of in made for field, source in of.items()}


def encode_sources(sources: Sources) -> list[list[Any]]:
    """Sources as JSON, one entry for each row that any field came from: layout, file, sheet, row, date, {field: column}."""
    if isinstance(sources, RowSources):
        row = sources.row
        return [[row.layout, row.file, row.sheet, row.row, row.read_on.isoformat(), sources.columns]] if sources else []
    made: dict[tuple[Any, ...], dict[str, str]] = {}
    for field, s in sources.items():
        made.setdefault((s.layout, s.file, s.sheet, s.row, s.read_on), {})[field] = s.column
    return [[*origin[:4], origin[4].isoformat(), columns] for origin, columns in made.items()]


def estate_of(records: Iterable[tuple[str, Record]]) -> Estate:
    """The estate of records given with their kinds, in any order."""
    held: dict[str, list[Record]] = {}
    for kind, record in records:
        held.setdefault(kind, []).append(record)
    return Estate(**{kind: tuple(sorted(of, key=KINDS[kind].order)) for kind, of in cast("dict[str, Any]", held).items()})


def records_of(estate: Estate) -> Iterable[tuple[str, Record]]:
    """Every record of the estate with its kind, in order."""
    return ((kind, record) for kind in KINDS for record in cast("tuple[Record, ...]", getattr(estate, kind)))


def estate_digest(estate: Estate) -> str:
    """`sha256:…` of what the estate says, wherever and whenever it was read: the same facts have the same digest."""
    made = hashlib.sha256()
    for kind, record in records_of(estate):
        made.update(json.dumps([kind, encode(record)], sort_keys=True, ensure_ascii=False).encode("utf-8", "replace"))
    return f"sha256:{made.hexdigest()}"
