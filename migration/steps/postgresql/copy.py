"""Copy a database: a dump poured into a database that the step makes, renamed once it is whole, taken away only where the step made it."""

from __future__ import annotations

import time
from contextlib import suppress

from migration.steps.model import Bench, Facts, Found, ReadBack, StepError
from migration.steps.postgresql.connect import connected, version
from migration.steps.postgresql.databases import drop, finish, form, make, refuse_theirs, standing
from migration.steps.postgresql.parameters import MoveParameters
from migration.steps.postgresql.pipe import pour
from migration.steps.postgresql.programs import Programs, choose, installed


def copy(bench: Bench, parameters: MoveParameters) -> Facts:
    """Bring the database to the target. Raises StepError; what was half made is dropped then, now or at the next attempt."""
    began = time.monotonic()
    source, target = parameters.source, parameters.target
    with connected(source, bench.environment) as held:
        like, of = form(held), version(held)
        size = held.execute("SELECT pg_database_size(current_database())").fetchone()
    with connected(target, bench.environment, target.maintenance) as there:
        found = standing(there, bench, target)
        refuse_theirs(found, target)
        programs = choose(installed(bench.environment), of, version(there))
        facts: Facts = {"target": target.name, "bytes": size[0] if size else 0, "program": programs.version}
        if found.is_ours:
            return {**facts, "already_there": True}
        for name in found.working:
            drop(there, name)
        working = make(there, bench, like)
    load(bench, parameters, programs, working)
    with connected(target, bench.environment, target.maintenance) as there:
        finish(there, bench, target, working, like)
    return {**facts, "already_there": False, "seconds": round(time.monotonic() - began, 2)}


def load(bench: Bench, parameters: MoveParameters, programs: Programs, working: str, *options: str) -> None:
    """Fill the working database and gather its statistics. Raises StepError; the working database is dropped then, where it can be."""
    target = parameters.target

    def size() -> str:
        with suppress(StepError), connected(target, bench.environment, target.maintenance) as there:
            row = there.execute("SELECT pg_size_pretty(pg_database_size(%s))", (working,)).fetchone()
            return f"{row[0]} at {target.server}" if row else ""
        return ""

    try:
        pour(bench, programs, parameters.source, target, working, options=options, size=size)
        with connected(parameters.source, bench.environment) as held:
            has_public = bool(held.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'public'").fetchone())
        with connected(target, bench.environment, working) as there:
            if not has_public:
                there.execute("DROP SCHEMA IF EXISTS public")
            there.execute("ANALYZE")
    except StepError:
        with suppress(StepError), connected(target, bench.environment, target.maintenance) as there:
            drop(there, working)
        raise


def read_back(bench: Bench, parameters: MoveParameters) -> ReadBack:
    """Whether the database is whole at the target: it has its name and our mark, which it gets last."""
    target = parameters.target
    with connected(target, bench.environment, target.maintenance) as there:
        found = standing(there, bench, target)
        if found.is_ours:
            row = there.execute("SELECT pg_database_size(%s)", (target.database,)).fetchone()
            return ReadBack(Found.DONE, f"{target.name} is there, whole and of this run", {"bytes": row[0] if row else 0})
    if found.is_theirs:
        return ReadBack(Found.NOT_DONE, f"{target.name} is there, but not of this run")
    return ReadBack(Found.NOT_DONE, f"{target.name} is {'half made' if found.working else 'not there'}")


def remove(bench: Bench, parameters: MoveParameters) -> Facts:
    """Drop what the step made; a database of the same name that it did not make stays."""
    target = parameters.target
    with connected(target, bench.environment, target.maintenance) as there:
        found = standing(there, bench, target)
        names = [*found.working, *((target.database,) if found.is_ours else ())]
        for name in names:
            drop(there, name)
    return {"dropped": len(names), "target": target.name}


def read_back_removed(bench: Bench, parameters: MoveParameters) -> ReadBack:
    """Whether nothing that the step made is left at the target."""
    target = parameters.target
    with connected(target, bench.environment, target.maintenance) as there:
        if standing(there, bench, target).is_clear:
            return ReadBack(Found.UNDONE, f"nothing of the move is left at {target.server}")
    return ReadBack(Found.DONE, f"what the move made is still at {target.server}")
