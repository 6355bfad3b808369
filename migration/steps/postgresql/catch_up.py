"""End a replication: wait until the target has what the frozen source wrote last, carry the sequences, take the replication away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import sql

from inventory.whole import write_whole
from migration.steps.model import Bench, Facts, Found, ReadBack, StepError
from migration.steps.names import shown
from migration.steps.postgresql.connect import Connected, connected
from migration.steps.postgresql.contents import SEQUENCES, sequences
from migration.steps.postgresql.databases import standing
from migration.steps.postgresql.freeze import is_read_only, kept_note
from migration.steps.postgresql.parameters import CatchUpParameters
from migration.steps.postgresql.place import PostgresPlace
from migration.steps.postgresql.replicate import clear_source, drop_subscription, has_subscription, lag, left_at_source, note_file, wait

_WAIT_SECONDS: Final = 900.0
_SHOWN: Final = 5


def catch_up(bench: Bench, parameters: CatchUpParameters) -> Facts:
    """Raises StepError where this run did not freeze the source, the target does not get there, or something of ours cannot be dropped."""
    name, since = _name(bench, parameters), _since(bench, parameters)
    file = kept_file(bench.folder, bench.step)
    with connected(parameters.source, bench.environment) as held:
        if not is_read_only(held):
            raise StepError(
                f"{parameters.source.name}: it can be written again, so there is no last change to wait for. Freeze it, then resume."
            )
        if not file.is_file():
            seconds = _await(bench, parameters.source, held, name, since)
            carried = _carry_sequences(bench, parameters, held)
            write_whole(file, json.dumps({"seconds": seconds, "since": since, "sequences": carried}).encode("ascii"))
    drop_subscription(bench, parameters.target, name)
    clear_source(bench, parameters.source, name)
    kept = json.loads(file.read_bytes())
    return {"target": parameters.target.name, "seconds": kept["seconds"], "sequences": len(kept["sequences"])}


def kept_file(folder: Path, step: str) -> Path:
    """What is kept of a catching up: the seconds since the freeze, and every sequence with its value."""
    return folder / f"caught-up-{step}.json"


def _note(bench: Bench, parameters: CatchUpParameters) -> dict[str, Any]:
    file = note_file(bench.folder, parameters.replicate_step)
    if not file.is_file():
        raise StepError(
            f"{parameters.database}: {file.name} is missing, so nothing says what replicates it. Undo the run, and start a new one."
        )
    return json.loads(file.read_bytes())


def _name(bench: Bench, parameters: CatchUpParameters) -> str:
    """The replication's name, after a look whether the database at the target is the one that it made."""
    note, target = _note(bench, parameters), parameters.target
    with connected(target, bench.environment, target.maintenance) as there:
        if not standing(there, replace(bench, token=note["token"]), target).is_ours:
            raise StepError(f"{target.name}: it is not the database that {parameters.replicate_step} made. Find out what happened to it.")
    return str(note["name"])


def _since(bench: Bench, parameters: CatchUpParameters) -> str:
    note = kept_note(bench.folder, parameters.freeze_step)
    if not note or not note["since"]:
        raise StepError(f"{parameters.source.name}: {parameters.freeze_step} did not freeze it, so there is no last change to wait for.")
    return str(note["since"])


def _await(bench: Bench, source: PostgresPlace, held: Connected, name: str, since: str) -> float:
    """Wait until the target has confirmed everything up to now, and give the seconds since the freeze by the source's clock."""
    row = held.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
    last = str(row[0]) if row else ""

    def has_all() -> bool:
        found = held.execute(
            "SELECT confirmed_flush_lsn >= %s::pg_lsn FROM pg_replication_slots WHERE slot_name = %s", (last, name)
        ).fetchone()
        if found is None:
            raise StepError(f"{source.name}: the slot {name} is gone, so the target misses changes. Undo the run, and start a new one.")
        return bool(found[0])

    if not wait(bench, has_all, _WAIT_SECONDS):
        behind = lag(held, name)
        state = "is still read" if behind and behind.is_followed else "is read by nobody: the target's log says why"
        raise StepError(
            f"{source.name}: after {_WAIT_SECONDS:g} seconds the target is {behind.bytes if behind else '?'} bytes behind; the slot {name} "
            f"{state}. Resume goes on waiting."
        )
    now = held.execute("SELECT clock_timestamp()").fetchone()
    return round((now[0] - datetime.fromisoformat(since)).total_seconds(), 3) if now else 0.0


def _carry_sequences(bench: Bench, parameters: CatchUpParameters, held: Connected) -> dict[str, tuple[int, bool]]:
    """Set every sequence of the target to the source's value. Raises StepError naming those that the target does not have."""
    wanted = sequences(held)
    with connected(parameters.target, bench.environment) as there:
        known = {shown(str(whole)): (str(schema), str(name)) for schema, name, whole in there.execute(SEQUENCES).fetchall()}
        missing = [name for name in wanted if name not in known]
        if missing:
            few = ", ".join(missing[:_SHOWN])
            raise StepError(
                f"{parameters.target.name}: {len(missing)} sequences are not there: {few}. Somebody changed the source's structure while "
                "it was replicated, which is not carried: make the same change at the target, then resume."
            )
        for name, (value, is_called) in wanted.items():
            whole = sql.Identifier(*known[name]).as_string(there)
            there.execute("SELECT setval(%s::regclass, %s, %s)", (whole, value, is_called))
    return wanted


def is_caught_up(bench: Bench, parameters: CatchUpParameters) -> ReadBack:
    """Whether the sequences agree, and nothing of the replication is left on either side."""
    file, note = kept_file(bench.folder, bench.step), note_file(bench.folder, parameters.replicate_step)
    if not file.is_file() or not note.is_file():
        return ReadBack(Found.NOT_DONE, f"{parameters.target.name} has not caught up yet")
    name = str(json.loads(note.read_bytes())["name"])
    with connected(parameters.source, bench.environment) as held, connected(parameters.target, bench.environment) as there:
        if has_subscription(there, name):
            return ReadBack(Found.NOT_DONE, f"the subscription {name} is still at {parameters.target.name}")
        if sequences(held) != sequences(there):
            return ReadBack(Found.NOT_DONE, "the sequences do not agree")
    left = left_at_source(bench, parameters.source, name)
    if left:
        return ReadBack(Found.NOT_DONE, f"{left} {name} is still at {parameters.source.name}")
    seconds = json.loads(file.read_bytes())["seconds"]
    return ReadBack(Found.DONE, f"{parameters.target.name} had everything {seconds} seconds after the freeze", {"seconds": seconds})
