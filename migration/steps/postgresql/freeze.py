"""Freeze a database: every new session begins read only, and the sessions that were there are ended.

It stops programs, not people who mean to write: a session can ask to write all the same. What is written so is found by the certificate.
How it was before is kept in the run's folder, and that is the only way back.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

from psycopg import sql

from inventory.whole import write_whole
from migration.steps.model import Bench, Facts, Found, ReadBack, StepError
from migration.steps.names import shown
from migration.steps.postgresql.connect import Connected, connected
from migration.steps.postgresql.databases import FROZEN_BY
from migration.steps.postgresql.parameters import FreezeParameters
from migration.steps.postgresql.place import PostgresPlace

_WAIT_SECONDS: Final = 30.0
_OTHERS: Final = (
    "FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() "
    "AND backend_start < %s::timestamptz"
)

# Without the first, sessions of others show neither when they began nor what they are; the second ends them, superusers' excepted
# (postgresql.org, "Predefined Roles", PostgreSQL 15, read 2026-11-25, and a server of that version).
_LACKING: Final = (
    "SELECT role FROM unnest(ARRAY['pg_read_all_stats', 'pg_signal_backend']) WITH ORDINALITY AS r (role, at) "
    "WHERE NOT pg_has_role(role, 'USAGE') ORDER BY at"
)


def freeze(bench: Bench, parameters: FreezeParameters) -> Facts:
    """Keep how it was, set the database read only, end the sessions of before. Raises StepError saying what stands against it."""
    source = parameters.source
    with connected(source, bench.environment) as held:
        note = _note(bench)
        if note is None:
            faults = [f"{source.name}: {what}" for what in against(held)]
            if faults:
                raise StepError(*faults)
            note = {"database": source.name, "run": bench.run, "token": bench.token, "was": _setting(held), "since": ""}
            _write(bench, note)
        _alter(held, "on")
        if not note["since"]:
            note["since"] = _clock(held)
            _write(bench, note)
        ended = _end_sessions(bench, held, source, note["since"])
    return {"database": source.name, "since": note["since"], "sessions_ended": ended}


def against(held: Connected) -> list[str]:
    """What stands against a freeze, a sentence each."""
    found: list[str] = []
    if is_read_only(held):
        found.append("it is read only already, by somebody else. Find out who froze it and why, and undo that first.")
    lacking = [r for (r,) in held.execute(_LACKING).fetchall()]
    if lacking:
        found.append(f"{shown(held.info.user)} could not see and end the sessions of others. Grant it {' and '.join(lacking)} there.")
    roles = held.execute(
        "SELECT DISTINCT pg_get_userbyid(setrole) FROM pg_db_role_setting WHERE setrole <> 0 "
        "AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) "
        "AND EXISTS (SELECT FROM unnest(setconfig) c WHERE c LIKE %s) ORDER BY 1",
        (f"{FROZEN_BY}=%",),
    ).fetchall()
    found += (f"the role {shown(r[0])} has {FROZEN_BY} of its own, which would overrule the freeze. Reset it." for r in roles)
    prepared = held.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY 1").fetchall()
    found += (f"the prepared transaction {shown(p[0])} could still commit. Commit it or roll it back." for p in prepared)
    return found


def is_read_only(held: Connected) -> bool:
    """Whether the database itself says that sessions begin read only."""
    return _setting(held) == "on"


def _setting(held: Connected) -> str | None:
    """What the database itself says; None where it says nothing."""
    row = held.execute(
        "SELECT split_part(c, '=', 2) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c "
        "WHERE d.datname = current_database() AND s.setrole = 0 AND c LIKE %s",
        (f"{FROZEN_BY}=%",),
    ).fetchone()
    return str(row[0]) if row else None


def _alter(held: Connected, value: str | None) -> None:
    name = sql.Identifier(held.info.dbname)
    change = sql.SQL("RESET {}").format(sql.Identifier(FROZEN_BY))
    if value is not None:
        change = sql.SQL("SET {} = {}").format(sql.Identifier(FROZEN_BY), value)
    held.execute(sql.SQL("ALTER DATABASE {} {}").format(name, change))


def _clock(held: Connected) -> str:
    row = held.execute("SELECT clock_timestamp()").fetchone()
    return row[0].isoformat() if row else ""


def _end_sessions(bench: Bench, held: Connected, source: PostgresPlace, since: str) -> int:
    """End every session that began before the freeze, and wait until they are gone."""
    ended = 0
    until = time.monotonic() + _WAIT_SECONDS
    while left := _sessions(held, since):
        if time.monotonic() > until or bench.stop.is_set():
            few = "; ".join(left[:5])
            raise StepError(f"{source.name}: {len(left)} sessions of before the freeze are still there: {few}. End them, then resume.")
        ended = max(ended, len(left))
        held.execute(sql.SQL("SELECT pg_terminate_backend(pid) {}").format(sql.SQL(_OTHERS)), (since,))
        time.sleep(0.1)
    return ended


def _sessions(held: Connected, since: str) -> list[str]:
    rows = held.execute(
        sql.SQL("SELECT usename, application_name, host(client_addr), pid {} ORDER BY pid").format(sql.SQL(_OTHERS)), (since,)
    ).fetchall()
    return [
        shown(f"{user} with {program or 'a program'} from {address or 'the server itself'} (pid {pid})")
        for user, program, address, pid in rows
    ]


def is_frozen(bench: Bench, parameters: FreezeParameters) -> ReadBack:
    """Whether the database is read only by us, and no session of before is left."""
    note = _note(bench)
    if note is None or not note["since"]:
        return ReadBack(Found.NOT_DONE, f"{parameters.source.name} was not frozen by this run")
    with connected(parameters.source, bench.environment) as held:
        if _setting(held) != "on":
            return ReadBack(Found.NOT_DONE, f"{parameters.source.name} can be written")
        left = _sessions(held, note["since"])
    if left:
        return ReadBack(Found.NOT_DONE, f"{len(left)} sessions of before the freeze are still there, such as {left[0]}")
    return ReadBack(Found.DONE, f"{parameters.source.name} is read only", {"since": note["since"]})


def thaw(bench: Bench, parameters: FreezeParameters) -> Facts:
    """Give the database back what it said before. Sessions that were ended come back by themselves, as programs do."""
    note = _note(bench)
    if note is None:
        return {"restored": False}
    with connected(parameters.source, bench.environment) as held:
        _alter(held, note["was"])
        # A pool's session that began during the freeze would stay read only until its program is started again.
        _end_sessions(bench, held, parameters.source, _clock(held))
    return {"restored": True}


def is_thawed(bench: Bench, parameters: FreezeParameters) -> ReadBack:
    """Whether the database says what it said before."""
    note = _note(bench)
    if note is not None:
        with connected(parameters.source, bench.environment) as held:
            if _setting(held) != note["was"]:
                return ReadBack(Found.DONE, f"{parameters.source.name} is still read only")
    return ReadBack(Found.UNDONE, f"{parameters.source.name} can be written as before")


def kept_note(folder: Path, step: str) -> dict[str, Any] | None:
    """What a freeze kept: how the database was, and since when it is frozen by the source's clock; None where it did not begin."""
    file = folder / f"frozen-{step}.json"
    return json.loads(file.read_bytes()) if file.is_file() else None


def _note(bench: Bench) -> dict[str, Any] | None:
    note = kept_note(bench.folder, bench.step)
    return note if note and note.get("token") == bench.token else None


def _write(bench: Bench, note: dict[str, Any]) -> None:
    write_whole(bench.folder / f"frozen-{bench.step}.json", json.dumps(note).encode("ascii"))
