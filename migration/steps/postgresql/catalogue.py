"""What a database is made of, as lines that can be compared, and what no move carries; the questions are in `catalogue.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final, LiteralString

from migration.steps.postgresql.connect import Connected

_FILE: Final = Path(__file__).with_suffix(".toml")
INVALID_INDEXES: Final = "invalid index"
_OF_EXTENSIONS: Final[LiteralString] = "SELECT classid::regclass::text, objid FROM pg_depend WHERE deptype = 'e'"
_CRON_JOBS: Final[LiteralString] = "SELECT jobid::text FROM cron.job WHERE database = current_database() ORDER BY jobid"


@cache
def _questions() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


def structure(connection: Connected, *, is_one_version: bool) -> dict[tuple[str, str], str]:
    """What the database is made of: by kind and name, what must be the same on the other side; without what belongs to extensions."""
    theirs = {(str(c).removeprefix("pg_catalog."), o) for c, o in connection.execute(_OF_EXTENSIONS).fetchall()}
    found: dict[tuple[str, str], str] = {}
    for question in _questions()["structure"]:
        if question.get("is_of_one_version", False) and not is_one_version:
            continue
        rows = connection.execute(question["query"].encode("utf-8")).fetchall()
        found |= {(question["kind"], str(name)): str(what or "") for name, what, class_, number in rows if (class_, number) not in theirs}
    return found


def not_carried(connection: Connected) -> list[str]:
    """What the source has and no move carries, a line each: `what: name`."""
    found = [
        f"{q['what']}: {row[0]}" for q in _questions()["not_carried"] for row in connection.execute(q["query"].encode("utf-8")).fetchall()
    ]
    has_cron = connection.execute("SELECT to_regclass('cron.job') IS NOT NULL").fetchone()
    if has_cron and has_cron[0]:
        found += (f"job of pg_cron: {row[0]}" for row in connection.execute(_CRON_JOBS).fetchall())
    return found


def invalid_indexes(connection: Connected) -> tuple[str, ...]:
    """Indexes that are there and cannot be used."""
    query = next(q["query"] for q in _questions()["not_carried"] if q["what"] == INVALID_INDEXES)
    return tuple(str(row[0]) for row in connection.execute(query.encode("utf-8")).fetchall())


def extensions(connection: Connected) -> dict[str, str]:
    """Version of each extension by name."""
    return {str(n): str(v) for n, v in connection.execute("SELECT extname, extversion FROM pg_extension").fetchall()}
