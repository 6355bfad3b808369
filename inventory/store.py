"""Where the estate is kept: what every file says, row by row, and the estate that it comes to.

Both layers are written in one transaction. The rows make it possible that a corrected file replaces exactly what it
said before; the records make loading quick.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache, partial
from importlib import resources
from types import TracebackType
from typing import Any

from sqlalchemy import Column, Connection, Engine, delete, func, insert, select

from inventory import tables
from inventory.database import EncodedJson, open_engine, plainly, reading, writing
from inventory.derive import Change, derive, unchanged
from inventory.errors import InventoryError
from inventory.model import Estate, Fault
from inventory.records import Body, decode, estate_of, plain
from inventory.rows import FileReading, Row
from inventory.spreadsheets.layouts import layouts

_READER = 2  # raise it when the same bytes would be read differently, so that files are read anew


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

    def faults_in(self, kind: str) -> tuple[Fault, ...]:
        """Those of them that stand in sheets of one kind of record (`freeze`): what such sheets say is then not known whole."""
        with reading(self._engine) as connection:
            sheets = {
                (file, sheet["sheet"])
                for file, held in _by_file(connection, tables.imports.c.sheets)
                for sheet in held
                if sheet["layout"] and layouts()[sheet["layout"]].kind == kind
            }
        return tuple(f for of in self.faults().values() for f in of if (f.file, f.sheet) in sheets)

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
            changes = derive(connection) if Taken.SAVED in taken.values() else unchanged(connection)
            return Saved(changes, taken)

    def forget(self, file: str) -> Saved:
        """Take back all that `file` said. Raises InventoryError when no such file was imported."""
        with plainly(self._engine), writing(self._engine) as connection:
            found = [connection.execute(delete(of).where(of.c.file == file)).rowcount for of in (tables.imports, tables.refusals)]
            if not any(found):
                raise InventoryError(f"No file {file} was imported. Imported are: {', '.join(self.files()) or 'none'}.")
            return Saved(derive(connection), {})


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
    return {
        "file": row.file,
        "sheet": row.sheet,
        "row": row.row,
        "layout": row.layout,
        "values": {f: plain(v) for f, v in row.values.items()},
        "columns": _headings(tuple(row.columns.items())),
    }


@lru_cache(maxsize=10_000)
def _headings(columns: tuple[tuple[str, str], ...]) -> EncodedJson:
    """The headings of the many rows that state the same fields, written once."""
    return EncodedJson(json.dumps(dict(columns)))
