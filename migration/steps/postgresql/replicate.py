"""Copy a database while it is in use, then follow it: a slot goes on from the dump's own moment, so nothing is missed or doubled.

At the source a publication and a slot `unless_TOKEN`; at the target the database, poured in from a dump of the slot's own snapshot, and a
subscription of the same name that begins where the dump ends. What is not replicated (sequences, changes of structure) the end of the move
carries or finds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from inventory.whole import write_whole
from migration.steps.model import Bench, Facts, Found, ReadBack, StepError
from migration.steps.postgresql.check import not_replicable
from migration.steps.postgresql.connect import SSL, Connected, connected, credentials, said, version
from migration.steps.postgresql.contents import TABLES
from migration.steps.postgresql.copy import load
from migration.steps.postgresql.databases import drop, finish, form, make, refuse_theirs, standing
from migration.steps.postgresql.parameters import ReplicateParameters
from migration.steps.postgresql.place import PostgresPlace, PostgresTarget
from migration.steps.postgresql.programs import choose, installed

_WAIT_SECONDS: Final = 30.0
_IDLE_TIMEOUT_SINCE: Final = 14
_SLOT_OPTIONS: Final = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
_SUBSCRIPTION: Final[LiteralString] = (
    "SELECT s.subenabled FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database() "
    "AND s.subname = %s"
)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the target is behind: bytes of WAL that it has not confirmed, and whether somebody reads the slot now."""

    bytes: int
    is_followed: bool


def name_of(token: str) -> str:
    """Of publication, slot and subscription."""
    return f"unless_{token}"


def note_file(folder: Path, step: str) -> Path:
    """What a replication keeps of itself in the run's folder: its name on both sides, and its token."""
    return folder / f"replication-{step}.json"


def replicate(bench: Bench, parameters: ReplicateParameters) -> Facts:
    """Bring the database over while it is in use, and subscribe to it. Raises StepError; where it can be, nothing is left at the source."""
    source, target, name = parameters.source, parameters.target, name_of(bench.token)
    write_whole(note_file(bench.folder, bench.step), json.dumps({"name": name, "token": bench.token}).encode("ascii"))
    if not _is_copied(bench, parameters):
        _begin_again(bench, parameters)
        try:
            with _slot(bench, source, name) as snapshot:
                _pour(bench, parameters, snapshot)
        except StepError:
            with suppress(StepError):
                clear_source(bench, source, name)
            raise
    _subscribe(bench, parameters)
    _await_follower(bench, source, name)
    return {"target": target.name, "publication": name, "slot": name, "subscription": name}


def _is_copied(bench: Bench, parameters: ReplicateParameters) -> bool:
    """Whether an earlier attempt has brought the database whole, and its slot still holds what came after."""
    target = parameters.target
    with connected(target, bench.environment, target.maintenance) as there:
        found = standing(there, bench, target)
        refuse_theirs(found, target)
    with connected(parameters.source, bench.environment) as held:
        return found.is_ours and lag(held, name_of(bench.token)) is not None


def _begin_again(bench: Bench, parameters: ReplicateParameters) -> None:
    """Clear away what an earlier attempt left half made, see that all tables can be replicated, and publish them."""
    clear_target(bench, parameters.target)
    clear_source(bench, parameters.source, name_of(bench.token))
    with connected(parameters.source, bench.environment) as held:
        faults = [f"{parameters.source.name}: {what}" for what in not_replicable(held)]
        if faults:
            raise StepError(*faults)
        tables = [sql.Identifier(str(schema), str(table)) for schema, table, _ in held.execute(TABLES).fetchall()]
        publish = sql.SQL("CREATE PUBLICATION {}").format(sql.Identifier(name_of(bench.token)))
        held.execute(publish + (sql.SQL(" FOR TABLE ONLY ") + sql.SQL(", ONLY ").join(tables) if tables else sql.SQL("")))


@contextmanager
def _slot(bench: Bench, source: PostgresPlace, name: str) -> Generator[str]:
    """Make the slot and give the snapshot of its moment, which lasts as long as the block."""
    with connected(source, bench.environment, replication="database", options=_SLOT_OPTIONS) as held:
        if version(held) >= _IDLE_TIMEOUT_SINCE:
            psycopg.ClientCursor(held).execute("SET idle_session_timeout = 0")  # it waits as long as the dump takes
        query = sql.SQL("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput EXPORT_SNAPSHOT").format(sql.Identifier(name))
        row = psycopg.ClientCursor(held).execute(query).fetchone()
        yield str(row[2]) if row else ""


def _pour(bench: Bench, parameters: ReplicateParameters, snapshot: str) -> None:
    source, target = parameters.source, parameters.target
    with connected(source, bench.environment) as held:
        like, of = form(held), version(held)
    with connected(target, bench.environment, target.maintenance) as there:
        programs = choose(installed(bench.environment), of, version(there))
        working = make(there, bench, like)
    load(bench, parameters, programs, working, f"--snapshot={snapshot}")
    with connected(target, bench.environment, target.maintenance) as there:
        finish(there, bench, target, working, like)


def address(bench: Bench, parameters: ReplicateParameters) -> str:
    """How the target's server reaches the source, password and all: it goes into the server's catalogue, and nowhere else."""
    source, link = parameters.source, parameters.link
    if link is None:
        held = {
            "host": source.host,
            "port": str(source.port),
            "user": source.user,
            "sslmode": SSL[source.tls],
            "sslrootcert": source.ca_file,
        }
        held |= credentials(source, bench.environment)
    else:
        password = bench.environment.get(link.password_env, "")
        if not password:
            raise StepError(f"{source.name}: the variable {link.password_env} is not set. Set it to the password of {link.user}.")
        held = {"host": link.host, "port": str(link.port), "user": link.user, "sslmode": SSL[link.tls], "sslrootcert": link.ca_file}
        held["password"] = password
    return make_conninfo(dbname=source.database, connect_timeout="20", **{k: v for k, v in held.items() if v})


def _subscribe(bench: Bench, parameters: ReplicateParameters) -> None:
    """Subscribe from the slot on, unless it is done."""
    target, name = parameters.target, name_of(bench.token)
    with connected(target, bench.environment) as there:
        if has_subscription(there, name):
            there.execute(sql.SQL("ALTER SUBSCRIPTION {} ENABLE").format(sql.Identifier(name)))
            return
        query = sql.SQL(
            "CREATE SUBSCRIPTION {n} CONNECTION {a} PUBLICATION {n} WITH (create_slot = false, slot_name = {s}, copy_data = false)"
        )
        filled = query.format(n=sql.Identifier(name), a=address(bench, parameters), s=name)
        try:
            there.execute(filled)
        except StepError as wrong:
            raise StepError(
                f"{target.name}: its server cannot subscribe to {parameters.source.name}: {_without_address(bench, parameters, wrong)}. "
                "See that it reaches the source (a [database.link] says how) and may subscribe, then resume."
            ) from None


def _without_address(bench: Bench, parameters: ReplicateParameters, wrong: StepError) -> str:
    """The server's words, unless they repeat the password."""
    words = said(wrong.__cause__)
    variable = parameters.link.password_env if parameters.link else parameters.source.password_env
    password = bench.environment.get(variable, "")
    return "it says so in its log" if password and password in words else words


def has_subscription(there: Connected, name: str) -> bool:
    """Whether the database that is connected to has this subscription."""
    return there.execute(_SUBSCRIPTION, (name,)).fetchone() is not None


def lag(held: Connected, slot: str) -> Lag | None:
    """How far behind the slot's reader is; None where there is no such slot. `held` is to the source."""
    row = held.execute(
        "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint, active FROM pg_replication_slots WHERE slot_name = %s",
        (slot,),
    ).fetchone()
    return Lag(max(0, int(row[0] or 0)), bool(row[1])) if row else None


def lag_of(source: PostgresPlace, environment: Mapping[str, str], slot: str) -> Lag | None:
    """The same, with a connection of its own. Raises StepError where the source cannot be asked."""
    with connected(source, environment) as held:
        return lag(held, slot)


def _await_follower(bench: Bench, source: PostgresPlace, slot: str) -> None:
    """The subscription's worker has begun to read."""
    with connected(source, bench.environment) as held:
        if not wait(bench, lambda: (found := lag(held, slot)) is not None and found.is_followed):
            raise StepError(
                f"{source.name}: nobody reads the slot {slot} after {_WAIT_SECONDS:g} seconds. The target's log says why its subscription "
                "does not get here (network, pg_hba.conf, password, certificate). Mend that, then resume."
            )


def wait(bench: Bench, is_so: Callable[[], bool], seconds: float = _WAIT_SECONDS) -> bool:
    """Whether it comes to be so in time. Raises StepError when a person stops the run."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        if bench.stop.wait(0.05):
            raise StepError("Stopped by hand while waiting for the replication; resume goes on waiting.")
    return True


def is_replicating(bench: Bench, parameters: ReplicateParameters) -> ReadBack:
    """Whether the database is whole at the target, follows the source, and how far it is behind."""
    target, name = parameters.target, name_of(bench.token)
    with connected(target, bench.environment, target.maintenance) as there:
        if not standing(there, bench, target).is_ours:
            return ReadBack(Found.NOT_DONE, f"{target.name} is not there whole")
    with connected(target, bench.environment) as there:
        row = there.execute(_SUBSCRIPTION, (name,)).fetchone()
    if not row or not row[0]:
        return ReadBack(Found.NOT_DONE, f"{target.name} does not follow the source")
    with connected(parameters.source, bench.environment) as held:
        found = lag(held, name)
    if found is None or not found.is_followed:
        return ReadBack(Found.NOT_DONE, f"nobody reads the slot {name} at {parameters.source.name}")
    return ReadBack(Found.DONE, f"{target.name} follows the source, {found.bytes} bytes behind", {"bytes_behind": found.bytes})


def remove(bench: Bench, parameters: ReplicateParameters) -> Facts:
    """Drop subscription and database at the target, slot and publication at the source: those of this step and no others."""
    dropped = clear_target(bench, parameters.target)
    clear_source(bench, parameters.source, name_of(bench.token))
    return {"dropped": dropped, "target": parameters.target.name}


def clear_target(bench: Bench, target: PostgresTarget) -> int:
    """Drop what the step made at the target, its subscription first: a database that has one cannot be dropped."""
    with connected(target, bench.environment, target.maintenance) as there:
        found = standing(there, bench, target)
        if found.is_ours:
            drop_subscription(bench, target, name_of(bench.token))
        names = [*found.working, *((target.database,) if found.is_ours else ())]
        for name in names:
            drop(there, name)
    return len(names)


def drop_subscription(bench: Bench, target: PostgresTarget, name: str) -> None:
    """Drop the subscription without asking the source, where its slot is dropped apart: the two must not hold each other up."""
    with connected(target, bench.environment) as there:
        if has_subscription(there, name):
            for change in ("ALTER SUBSCRIPTION {} DISABLE", "ALTER SUBSCRIPTION {} SET (slot_name = NONE)", "DROP SUBSCRIPTION {}"):
                there.execute(sql.SQL(change).format(sql.Identifier(name)))


def clear_source(bench: Bench, source: PostgresPlace, name: str) -> None:
    """Drop slot and publication at the source. Raises StepError where the slot stays: it would fill the server's disk with WAL."""
    with connected(source, bench.environment) as held:
        until = time.monotonic() + _WAIT_SECONDS
        while (found := lag(held, name)) is not None:
            try:
                if found.is_followed:
                    held.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s", (name,))
                held.execute(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active", (name,)
                )
            except StepError as wrong:
                if time.monotonic() > until:
                    raise StepError(_left_behind(source, name)) from wrong
            if time.monotonic() > until:
                raise StepError(_left_behind(source, name))
            time.sleep(0.05)
        held.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(sql.Identifier(name)))


def _left_behind(source: PostgresPlace, name: str) -> str:
    return (
        f"{source.name}: the slot {name} could not be dropped, and keeps the server's WAL until its disk is full. Somebody reads it: end "
        f"that, then resume, or drop it by hand: SELECT pg_drop_replication_slot('{name}')"
    )


def is_removed(bench: Bench, parameters: ReplicateParameters) -> ReadBack:
    """Whether nothing of the step is left on either side."""
    target, name = parameters.target, name_of(bench.token)
    with connected(target, bench.environment, target.maintenance) as there:
        if not standing(there, bench, target).is_clear:
            return ReadBack(Found.DONE, f"what the move made is still at {target.server}")
    left = left_at_source(bench, parameters.source, name)
    if left:
        return ReadBack(Found.DONE, f"{left} {name} is still at {parameters.source.name}")
    return ReadBack(Found.UNDONE, "nothing of the replication is left on either side")


def left_at_source(bench: Bench, source: PostgresPlace, name: str) -> str:
    """`the slot` or `the publication`, whichever is still there; "" when neither is."""
    with connected(source, bench.environment) as held:
        if lag(held, name) is not None:
            return "the slot"
        return "the publication" if held.execute("SELECT 1 FROM pg_publication WHERE pubname = %s", (name,)).fetchone() else ""
