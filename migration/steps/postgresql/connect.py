"""Connections to PostgreSQL, and what its errors mean to a person. Nothing here says a password."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.abc import Params, QueryNoTemplate

from migration.steps.model import StepError
from migration.steps.names import shown
from migration.steps.postgresql.place import PostgresPlace

SECONDS: Final = 20
_SAID: Final = 400
# Our own sessions write although the database is frozen, see every row or none, and print values alike on both sides.
_OPTIONS: Final = (
    "-c default_transaction_read_only=off -c row_security=off -c search_path= -c datestyle=ISO,YMD -c intervalstyle=postgres "
    "-c timezone=UTC -c extra_float_digits=3 -c bytea_output=hex -c lc_monetary=C -c lock_timeout=60s -c statement_timeout=0 "
    "-c idle_in_transaction_session_timeout=0"
)
SSL: Final = {"verify-full": "verify-full", "verify-ca": "verify-ca", "none": "disable"}


def said(wrong: object) -> str:
    """What a server or a program said, on one line and cut."""
    return shown(" ".join(str(wrong).split()))[:_SAID].rstrip(". ") or type(wrong).__name__


@contextmanager
def plainly(place: PostgresPlace) -> Generator[None]:
    """Turn what psycopg raises into a StepError that a person can act on."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as wrong:
        raise StepError(
            f"{place.name}: {place.user} may not do it: {said(wrong)}. Give it the right (docs/guides/move-postgresql.md), then resume."
        ) from wrong
    except psycopg.errors.DiskFull as wrong:
        raise StepError(f"{place.name}: the server's disk is full: {said(wrong)}. Make room, then resume.") from wrong
    except psycopg.errors.LockNotAvailable as wrong:
        raise StepError(f"{place.name}: somebody holds a lock for over a minute: {said(wrong)}. See who, then resume.") from wrong
    except psycopg.OperationalError as wrong:
        if wrong.sqlstate is None:
            raise StepError(_no_connection(place, said(wrong))) from wrong
        raise StepError(f"{place.name}: the server refused: {said(wrong)}. Mend what it names, then resume.") from wrong
    except psycopg.Error as wrong:
        raise StepError(f"{place.name}: the server refused: {said(wrong)}. Mend what it names, then resume.") from wrong
    except UnicodeError as wrong:
        raise StepError(f"{place.name}: a name or a value there is not text in its encoding: {said(wrong)}. Mend it by hand.") from wrong


def _no_connection(place: PostgresPlace, why: str) -> str:
    held = f"the password in {place.password_env}" if place.password_env else f"the password in {place.passfile}"
    trust = "" if place.tls == "none" else f", and that {place.ca_file} holds who signed its certificate"
    return f"{place.name}: no connection: {why}. Check the network, the server, {place.user} and {held}{trust}."


def credentials(place: PostgresPlace, environment: Mapping[str, str]) -> dict[str, str]:
    """`password` or `passfile`. Raises StepError where the variable is not set or the file cannot be used."""
    if place.password_env:
        password = environment.get(place.password_env, "")
        if not password:
            raise StepError(f"{place.name}: the variable {place.password_env} is not set. Set it to the password of {place.user}.")
        return {"password": password}
    file = Path(place.passfile).expanduser()
    try:
        mode = file.stat().st_mode
    except OSError as wrong:
        raise StepError(f"{place.name}: the passfile {place.passfile} on this machine cannot be read: {wrong.strerror}.") from wrong
    if os.name == "posix" and mode & 0o077:
        raise StepError(f"{place.name}: others may read the passfile {place.passfile}, so it is not used. Run: chmod 600 {place.passfile}")
    return {"passfile": str(file)}


def trust(place: PostgresPlace) -> dict[str, str]:
    """`sslmode` and `sslrootcert`. Raises StepError where the file of certificates is not there."""
    if place.tls == "none":
        return {"sslmode": SSL[place.tls]}
    file = Path(place.ca_file).expanduser()
    if not file.is_file():
        raise StepError(f"{place.name}: the file of certificates {place.ca_file} does not exist on this machine.")
    return {"sslmode": SSL[place.tls], "sslrootcert": str(file)}


def settings(place: PostgresPlace, environment: Mapping[str, str]) -> dict[str, str]:
    """What libpq needs to connect, without the database."""
    return {
        "host": place.host,
        "port": str(place.port),
        "user": place.user,
        "connect_timeout": str(SECONDS),
        "application_name": "cloud-unless",
        **trust(place),
        **credentials(place, environment),
    }


class Connected(psycopg.Connection[tuple[Any, ...]]):
    """A connection that says of each error which database it is of: a step holds two at once."""

    place: PostgresPlace | None = None

    def execute(  # pyright: ignore[reportIncompatibleMethodOverride] - no template strings here
        self, query: QueryNoTemplate, params: Params | None = None, *, prepare: bool | None = None, binary: bool = False
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        """As psycopg's. Raises StepError."""
        with plainly(self.place) if self.place else nullcontext():
            return super().execute(query, params, prepare=prepare, binary=binary)


@contextmanager
def connected(place: PostgresPlace, environment: Mapping[str, str], database: str = "", **other: str) -> Generator[Connected]:
    """A connection that commits each statement by itself, to `database` or the place's own; its errors come out as StepError."""
    held = settings(place, environment) | {"dbname": database or place.database, "options": _OPTIONS, "client_encoding": "UTF8"} | other
    with plainly(place):
        connection = Connected.connect(**held, autocommit=True)  # pyright: ignore[reportArgumentType]
        connection.place = place
        with connection:
            yield connection


def version(connection: Connected) -> int:
    """The server's major version."""
    return connection.info.server_version // 10000


def variables(place: PostgresPlace, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a client program: these and no others, so that nothing of ours leads it elsewhere."""
    held = settings(place, environment)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "connect_timeout": "PGCONNECT_TIMEOUT", "sslmode": "PGSSLMODE"}
    names |= {"sslrootcert": "PGSSLROOTCERT", "password": "PGPASSWORD", "passfile": "PGPASSFILE", "application_name": "PGAPPNAME"}
    kept = {n: environment[n] for n in ("HOME", "PATH", "TMPDIR", "SYSTEMROOT") if n in environment}
    return {**kept, "LC_ALL": "C.UTF-8", "PGCLIENTENCODING": "UTF8", **{names[k]: v for k, v in held.items()}}
