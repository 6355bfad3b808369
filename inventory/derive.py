"""The estate made of all rows that are held, and written where it differs from the one held before.

An estate may have a million records, so they are compared by digest, kind by kind, and none is held twice.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, cast

from sqlalchemy import Connection, Text, delete, insert, select
from sqlalchemy import cast as sql_cast

from inventory import tables
from inventory.database import EncodedJson
from inventory.model import Record
from inventory.reconcile import reconcile
from inventory.records import KINDS, costed_options, day, encode, encode_sources, record_id
from inventory.rows import Row, Value
from inventory.spreadsheets.layouts import layouts

_DATES = {"first-day", "last-day", "month"}
_AT_ONCE = 5000
_MOST_BOUND = 400
_MOST_HELD = 100_000
_SIZE = 16

Digests = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Change:
    """What one import did to a record; `files` are those that speak of it. `how`: added, changed, unchanged, removed."""

    kind: str
    how: str
    files: frozenset[str]


def derive(connection: Connection) -> Counter[Change]:
    """Make the estate of all rows, write what differs from the one held, and say to how many records that was done."""
    estate, faults = reconcile(_all_rows(connection))
    connection.execute(delete(tables.misfits))
    if faults:
        connection.execute(insert(tables.misfits), [{"number": n, "fault": asdict(f)} for n, f in enumerate(faults, 1)])
    made = Counter[Change]()
    for kind in KINDS:
        made += _update(connection, kind, cast("Iterable[Record]", getattr(estate, kind)))
    return made


def unchanged(connection: Connection) -> Counter[Change]:
    """All records that are held, none of them touched."""
    r = tables.records.c
    held = connection.execute(select(r.kind, r.sources).execution_options(yield_per=_AT_ONCE))
    return Counter(Change(kind, "unchanged", _files_of(sources)) for kind, sources in held)


def _all_rows(connection: Connection) -> Iterator[Row]:
    """Every row, file by file in the order of import. What many rows say alike is held once."""
    r, i = tables.rows.c, tables.imports.c
    columns = (r.layout, r.file, r.sheet, r.row, i.read_on, sql_cast(r["values"], Text), sql_cast(r["columns"], Text))
    held = connection.execute(
        select(*columns).join_from(tables.rows, tables.imports).order_by(i.sequence, r.id).execution_options(yield_per=_AT_ONCE)
    )
    known, once = layouts(), _Once()
    for layout, file, sheet, row, read_on, values, headings in held:
        if layout in known:
            yield Row(once(layout), once(file), once(sheet), row, read_on, _decoded(layout, values, once), _headings(headings))


class _Once:
    """Hands back the first of equal values, so that what many rows say is held once; of very many different ones only some."""

    def __init__(self) -> None:
        self._held: dict[tuple[type, object], Any] = {}

    def __call__(self, value: Any) -> Any:
        place = (value.__class__, value)
        if place not in self._held and len(self._held) < _MOST_HELD:
            self._held[place] = value
        return self._held.get(place, value)


@lru_cache(maxsize=10_000)
def _headings(text: str) -> Mapping[str, str]:
    return json.loads(text)


def _decoded(layout: str, text: str, once: _Once) -> dict[str, Value]:
    rules = layouts()[layout].fields
    made: dict[str, Value] = {}
    for field, value in cast("Mapping[str, Any]", json.loads(text)).items():
        if layout == "exceptions" and field == "options":
            made[field] = costed_options(value)
        elif isinstance(value, list):
            made[once(field)] = tuple(cast("list[str]", value))
        elif (field in rules and rules[field].type in _DATES) or field in ("approved_on", "expires_on"):
            made[once(field)] = day(value)
        else:
            made[once(field)] = once(value)
    return made


def _update(connection: Connection, kind: str, records: Iterable[Record]) -> Counter[Change]:
    """Make the records of one kind that are held those that are given."""
    old, made = _digests(connection, kind), Counter[Change]()
    left = iter({record_id(kind, r): r for r in records}.items())
    while some := list(islice(left, _AT_ONCE)):
        gone: list[str] = []
        fresh: list[dict[str, str]] = []
        for i, record in some:
            body, sources = encode(record), encode_sources(record.sources)
            texts = EncodedJson(json.dumps(body)), EncodedJson(json.dumps(sources))
            was, now = old.pop(i, None), _digest(*texts)
            made[Change(kind, _how(was, now), _files_of(sources))] += 1
            if was != now:
                fresh.append({"kind": kind, "id": i, "body": texts[0], "sources": texts[1]})
                gone.extend([] if was is None else [i])
        _delete(connection, kind, gone)
        if fresh:
            connection.execute(insert(tables.records), fresh)
    return made + _delete(connection, kind, list(old))


def _digests(connection: Connection, kind: str) -> Digests:
    r = tables.records.c
    wanted = select(r.id, sql_cast(r.body, Text), sql_cast(r.sources, Text)).where(r.kind == kind)
    return {i: _digest(body, sources) for i, body, sources in connection.execute(wanted.execution_options(yield_per=_AT_ONCE))}


def _digest(body: str, sources: str) -> bytes:
    """The digest of what a record says, and then that of where it comes from."""
    return b"".join(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest() for text in (body, sources))


def _how(was: bytes | None, now: bytes) -> str:
    return "added" if was is None else "unchanged" if was[:_SIZE] == now[:_SIZE] else "changed"


def _delete(connection: Connection, kind: str, ids: list[str]) -> Counter[Change]:
    """Delete these records, and say of which files they were."""
    made = Counter[Change]()
    r = tables.records.c
    for start in range(0, len(ids), _MOST_BOUND):
        these = (r.kind == kind) & r.id.in_(ids[start : start + _MOST_BOUND])
        made.update(Change(kind, "removed", _files_of(sources)) for (sources,) in connection.execute(select(r.sources).where(these)))
        connection.execute(delete(tables.records).where(these))
    return made


def _files_of(sources: Iterable[Any]) -> frozenset[str]:
    return _together(tuple(dict.fromkeys(source[1] for source in sources)))


@lru_cache(maxsize=10_000)
def _together(files: tuple[str, ...]) -> frozenset[str]:
    return frozenset(files)
