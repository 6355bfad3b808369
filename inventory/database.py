"""The database below the store: SQLite in a file, or PostgreSQL by URL, with its tables as this version wants them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError, SQLAlchemyError

from inventory.errors import InventoryError

HEAD = "0002"
_LOCK = 7_205_123  # one number for this project among PostgreSQL's advisory locks
_BUSY_SECONDS = 30


class EncodedJson(str):
    """Text that is JSON already: it goes into a column of JSON as it is."""

    __slots__ = ()


def _json(value: object) -> str:
    return value if isinstance(value, EncodedJson) else json.dumps(value)


def open_engine(url: str) -> Engine:
    """An engine whose tables are up to date. Raises InventoryError with what to do."""
    parsed = _parsed(url)
    shown = parsed.render_as_string(hide_password=True)
    try:
        engine = create_engine(parsed, json_serializer=_json, **_options(parsed))
        if parsed.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
        with writing(engine) if _is_behind(engine) else engine.connect() as connection:
            _upgrade(connection, shown)
    except ModuleNotFoundError as wrong:
        raise InventoryError(f'{shown} needs the package psycopg. Install it: pip install "cloud-unless[postgresql]"') from wrong
    except SQLAlchemyError as wrong:
        raise InventoryError(_sentence(parsed, shown, wrong)) from wrong
    return engine


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as wrong:
        raise InventoryError(
            "The estate's url is not one that is understood. Write sqlite:///folder/estate.sqlite or postgresql://user@host/database."
        ) from wrong
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise InventoryError(f"The estate cannot be kept in {parsed.get_backend_name()}. Use SQLite or PostgreSQL.")
    if parsed.get_backend_name() == "sqlite" and parsed.database and not Path(parsed.database).parent.is_dir():
        raise InventoryError(f"The folder {Path(parsed.database).parent} does not exist. Make it, or correct the estate's url.")
    return parsed


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": _BUSY_SECONDS}}
    return {"connect_args": {"connect_timeout": 10}, "pool_pre_ping": True}


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Readers never wait for a writer, references hold, and transactions begin where we say (not where sqlite3 guesses)."""
    connection.isolation_level = None
    for setting in (f"busy_timeout={_BUSY_SECONDS * 1000}", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {setting}")
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """Switch a new file to the write-ahead log. SQLite does not wait by itself when two processes do so at the same moment."""
    ends = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as wrong:
            if "locked" not in str(wrong) or time.monotonic() > ends:
                raise
            time.sleep(0.02)


def _sentence(url: URL, shown: str, wrong: SQLAlchemyError) -> str:
    if url.get_backend_name() == "sqlite":
        if isinstance(wrong, OperationalError):
            return f"The estate {url.database} cannot be opened: {_reason(wrong)}. Check the disk and who may write there."
        return f"{url.database} is not an estate: it is damaged or another kind of file. Move it away and import the files again."
    if isinstance(wrong, NoSuchModuleError):
        return f'{shown} needs the package psycopg. Install it: pip install "cloud-unless[postgresql]"'
    return f"The database {shown} does not answer: {_reason(wrong)}. Check its address, its name and your password."


def _reason(wrong: SQLAlchemyError) -> str:
    cause = wrong.orig if isinstance(wrong, DatabaseError) else wrong
    return " ".join(str(cause).split()).rstrip(".")[:300]


@contextmanager
def plainly(engine: Engine) -> Generator[None]:
    """Turn the database's errors into an InventoryError that says what to do. A failed write leaves everything as it was."""
    try:
        yield
    except SQLAlchemyError as wrong:
        shown = engine.url.render_as_string(hide_password=True)
        if engine.dialect.name == "sqlite" and not isinstance(wrong, OperationalError):
            raise InventoryError(_sentence(engine.url, shown, wrong)) from wrong
        what = f"The estate {engine.url.database} cannot be read or written, and is as it was: {_reason(wrong)}."
        raise InventoryError(f"{what} Check the disk or the database server, and try again.") from wrong


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """One consistent look at the database."""
    with plainly(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Generator[Connection]:
    """One transaction, alone among writers from its first statement: what it reads cannot change below it."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        try:
            yield connection
        except BaseException:
            _roll_back(connection)
            raise
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
        connection.commit()


def _roll_back(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("ROLLBACK")
    connection.rollback()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _is_behind(engine: Engine) -> bool:
    with engine.connect() as connection:
        return _revision(connection) != HEAD


def _upgrade(connection: Connection, shown: str) -> None:
    """Run the migrations that this database has not had. Another process may have run them while we waited."""
    revision = _revision(connection)
    if revision == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "inventory:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as wrong:
        raise InventoryError(f"The estate {shown} was made by a newer version ({revision}). Update cloud-unless.") from wrong
