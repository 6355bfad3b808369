"""Where the estate is kept: what every file says, row by row, and the estate that it comes to.

Both layers are written in one transaction. The rows make it possible that a corrected file replaces exactly what it
said before; the records make loading quick.
"""

from __future__ import annotations

import hashlib
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache, partial
from importlib import resources
from types import TracebackType
from typing import Any, cast

from sqlalchemy import Column, Connection, Engine, delete, func, insert, select, tuple_

from inventory import tables
from inventory.database import open_engine, plainly, reading, writing
from inventory.errors import InventoryError
from inventory.model import Estate, Fault
from inventory.reconcile import reconcile
from inventory.records import Body, day, decode, encode, encode_sources, estate_of, record_id, records_of
from inventory.rows import FileReading, Row, Value
from inventory.spreadsheets.layouts import layouts

_READER = 2  # raise it when the same bytes would be read differently, so that files are read anew
_DATES = {"first-day", "last-day", "month"}
Key = tuple[str, str]
Held = tuple[Body, list[list[Any]]]


@dataclass(frozen=True, slots=True)
class Change:
    """What one import did to a record; `files` are those that speak of it. `how`: added, changed, unchanged, removed."""

    kind: str
    how: str
    files: frozenset[str]


class Taken(StrEnum):
    """What became of one file: the same bytes were held already, it was saved, or nothing of it was taken."""

    UNCHANGED = "unchanged"
    SAVED = "saved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Saved:
    """What an import did: to how many records, and to each file by name."""

    changes: Mapping[Change, int]
    files: Mapping[str, Taken]


def open_store(url: str) -> Store:
    """The store at a SQLAlchemy URL (`sqlite:///…/estate.sqlite`, `postgresql://…`), made or brought up to date.

    Raises InventoryError with what to do when it cannot be used.
    """
    return Store(open_engine(url))


class Store:
    """An open store; use it in a `with`, or close it."""

    def __init__(self, engine: Engine) -> None:
        """Keep the engine."""
        self._engine = engine

    def __enter__(self) -> Store:
        """The store itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def load(self) -> Estate:
        """The estate, with every field's source."""
        with reading(self._engine) as connection:
            held = connection.execute(select(tables.records.c.kind, tables.records.c.body, tables.records.c.sources))
            return estate_of((kind, decode(kind, body, sources)) for kind, body, sources in held)

    def faults(self) -> Mapping[str, tuple[Fault, ...]]:
        """The faults of every file, by file: of its cells, and of what does not fit the other files.

        Of a file of which nothing was taken the last time, they are those of that time.
        """
        with reading(self._engine) as connection:
            made = {file: [Fault(**f) for f in said] for file, said in _by_file(connection, tables.imports.c.faults)}
            for file, said in connection.execute(select(tables.refusals.c.file, tables.refusals.c.faults)):
                made[file] = [Fault(**f) for f in said]
            for (said,) in connection.execute(select(tables.misfits.c.fault).order_by(tables.misfits.c.number)):
                made.setdefault(said["file"], []).append(Fault(**said))
        return {file: tuple(sorted(of, key=lambda f: (f.sheet, f.row, f.column))) for file, of in made.items()}

    def files(self) -> Mapping[str, date]:
        """Every imported file with the date on which it was read, in the order of import."""
        with reading(self._engine) as connection:
            return dict(_by_file(connection, tables.imports.c.read_on))

    def save(self, readings: Iterable[FileReading]) -> Saved:
        """Replace what these files said, and make the estate anew: in one transaction, all of it or nothing.

        A file whose bytes are already held is left alone, dates and all. What was not read to its end, or holds no row, does
        not replace rows that are held. Raises InventoryError when the database fails.
        """
        with plainly(self._engine), writing(self._engine) as connection:
            connection.execute(delete(tables.refusals).where(tables.refusals.c.file.not_in(select(tables.imports.c.file))))
            taken = dict(map(partial(_take, connection), readings))
            changes = _derive(connection) if Taken.SAVED in taken.values() else _unchanged(connection)
            return Saved(changes, taken)

    def forget(self, file: str) -> Saved:
        """Take back all that `file` said. Raises InventoryError when no such file was imported."""
        with plainly(self._engine), writing(self._engine) as connection:
            found = [connection.execute(delete(of).where(of.c.file == file)).rowcount for of in (tables.imports, tables.refusals)]
            if not any(found):
                raise InventoryError(f"No file {file} was imported. Imported are: {', '.join(self.files()) or 'none'}.")
            return Saved(_derive(connection), {})


def _take(connection: Connection, read: FileReading) -> tuple[str, Taken]:
    if _holds(connection, read):
        taken = Taken.UNCHANGED
    elif read.is_readable and (read.is_whole or not _says_anything(connection, read.file)):
        _replace(connection, read)
        taken = Taken.SAVED
    else:
        taken = Taken.REFUSED
    connection.execute(delete(tables.refusals).where(tables.refusals.c.file == read.file))
    if taken is Taken.REFUSED:
        faults = [*read.faults, *_kept(connection, read.file)]
        connection.execute(insert(tables.refusals).values(file=read.file, faults=[asdict(f) for f in faults]))
    return read.file, taken


def _says_anything(connection: Connection, file: str) -> bool:
    return connection.execute(select(tables.rows.c.id).where(tables.rows.c.file == file).limit(1)).first() is not None


def _kept(connection: Connection, file: str) -> list[Fault]:
    """What to say of a file whose rows stay because those that came could not take their place."""
    held = connection.execute(select(tables.imports.c.read_on).where(tables.imports.c.file == file)).scalar()
    if held is None:
        return []
    what = f"Nothing was taken from it this time; what it said on {held.isoformat()} was kept."
    return [Fault(file, what, f"Mend it and import it again; if its rows are to go, run: unless inventory forget {shlex.quote(file)}")]


def _by_file(connection: Connection, column: Column[Any]) -> list[tuple[str, Any]]:
    """Each file with one column of its import, in the order of import."""
    held = connection.execute(select(tables.imports.c.file, column).order_by(tables.imports.c.sequence))
    return [(str(file), value) for file, value in held]


@lru_cache(maxsize=1)
def _reader() -> str:
    known = resources.files("inventory").joinpath("headings.toml").read_bytes()
    return f"{_READER}-{hashlib.sha256(known).hexdigest()[:16]}"


def _holds(connection: Connection, read: FileReading) -> bool:
    held = connection.execute(select(tables.imports.c.digest, tables.imports.c.reader).where(tables.imports.c.file == read.file)).first()
    return held is not None and tuple(held) == (read.digest, _reader())


def _replace(connection: Connection, read: FileReading) -> None:
    sequence = (connection.execute(select(func.max(tables.imports.c.sequence))).scalar() or 0) + 1
    connection.execute(delete(tables.imports).where(tables.imports.c.file == read.file))
    connection.execute(
        insert(tables.imports).values(
            file=read.file,
            digest=read.digest,
            reader=_reader(),
            read_on=read.read_on,
            sequence=sequence,
            sheets=[asdict(s) for s in read.sheets],
            faults=[asdict(f) for f in read.faults],
        )
    )
    for start in range(0, len(read.rows), 5000):
        connection.execute(insert(tables.rows), [_encoded(r) for r in read.rows[start : start + 5000]])


def _encoded(row: Row) -> Body:
    values = {f: v.isoformat() if isinstance(v, date) else list(v) if isinstance(v, tuple) else v for f, v in row.values.items()}
    return {"file": row.file, "sheet": row.sheet, "row": row.row, "layout": row.layout, "values": values, "columns": dict(row.columns)}


def _decoded(layout: str, values: Mapping[str, Any]) -> dict[str, Value]:
    rules = layouts()[layout].fields
    return {
        f: day(v)
        if (f in rules and rules[f].type in _DATES) or f in ("approved_on", "expires_on")
        else tuple(v)
        if isinstance(v, list)
        else v
        for f, v in cast("Mapping[str, Value]", values).items()
    }


def _all_rows(connection: Connection) -> list[Row]:
    r, i = tables.rows.c, tables.imports.c
    columns = (r.layout, r.file, r.sheet, r.row, i.read_on, r["values"], r["columns"])
    held = connection.execute(select(*columns).join_from(tables.rows, tables.imports).order_by(i.sequence, r.id))
    known = layouts()
    return [Row(a, b, c, d, e, _decoded(a, values), headings) for a, b, c, d, e, values, headings in held if a in known]


def _derive(connection: Connection) -> Counter[Change]:
    """Make the estate of all rows, write what differs from the one held, and say what it was."""
    estate, faults = reconcile(_all_rows(connection))
    connection.execute(delete(tables.misfits))
    if faults:
        connection.execute(insert(tables.misfits), [{"number": n, "fault": asdict(f)} for n, f in enumerate(faults, 1)])
    old = _held(connection)
    new = {(kind, record_id(kind, r)): (encode(r), encode_sources(r.sources)) for kind, r in records_of(estate)}
    _write(connection, old, new)
    return _changes(old, new)


def _held(connection: Connection) -> dict[Key, Held]:
    r = tables.records.c
    return {(kind, i): (body, sources) for kind, i, body, sources in connection.execute(select(r.kind, r.id, r.body, r.sources))}


def _write(connection: Connection, old: Mapping[Key, Held], new: Mapping[Key, Held]) -> None:
    gone = [k for k, held in old.items() if new.get(k) != held]
    for start in range(0, len(gone), 400):
        chunk = gone[start : start + 400]
        connection.execute(delete(tables.records).where(tuple_(tables.records.c.kind, tables.records.c.id).in_(chunk)))
    fresh = [{"kind": k[0], "id": k[1], "body": v[0], "sources": v[1]} for k, v in new.items() if old.get(k) != v]
    for start in range(0, len(fresh), 5000):
        connection.execute(insert(tables.records), fresh[start : start + 5000])


def _changes(old: Mapping[Key, Held], new: Mapping[Key, Held]) -> Counter[Change]:
    made = Counter(Change(k[0], _how(old.get(k), v), _files_of(v)) for k, v in new.items())
    return made + Counter(Change(k[0], "removed", _files_of(v)) for k, v in old.items() if k not in new)


def _how(old: Held | None, new: Held) -> str:
    return "added" if old is None else "unchanged" if old[0] == new[0] else "changed"


def _files_of(held: Held) -> frozenset[str]:
    return frozenset(source[1] for source in held[1])


def _unchanged(connection: Connection) -> Counter[Change]:
    return Counter(Change(k[0], "unchanged", _files_of(v)) for k, v in _held(connection).items())
