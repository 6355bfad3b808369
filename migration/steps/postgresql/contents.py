"""What is in a database: rows of every table by count and digest, sequences, large objects.

A digest is the sum, over the rows of a table, of `hashtextextended` of the row's text: 64 bits each, the order of rows left out. It finds
what goes wrong by itself (a lost, doubled or changed row); it is no seal against somebody who forges rows on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, LiteralString

from psycopg import sql

from migration.steps.model import Bench, StepError
from migration.steps.names import shown
from migration.steps.postgresql.connect import Connected, connected
from migration.steps.postgresql.place import PostgresPlace

TABLES: Final[LiteralString] = (
    "SELECT n.nspname, c.relname, c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^(pg_|information_schema$)' AND NOT EXISTS (SELECT FROM "
    "pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e') ORDER BY 3"
)
SEQUENCES: Final[LiteralString] = (
    "SELECT n.nspname, c.relname, c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname !~ '^(pg_|information_schema$)' AND NOT EXISTS (SELECT FROM "
    "pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e') ORDER BY 3"
)
# Materialised views are made anew at the target, foreign tables hold nothing here, tables of an extension are its own.
NOT_COMPARED: Final[LiteralString] = (
    "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ "
    "'^(pg_|information_schema$)' AND (c.relkind IN ('m', 'f') OR (c.relkind = 'r' AND EXISTS (SELECT FROM pg_depend e "
    "WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'))) ORDER BY 1"
)
_LARGE_OBJECTS: Final[LiteralString] = (
    "SELECT count(*), coalesce(sum(hashtextextended(md5(lo_get(m.oid)) || pg_get_userbyid(lomowner), m.oid::bigint)::numeric), 0)::text "
    "FROM pg_largeobject_metadata m"
)


@dataclass(frozen=True, slots=True)
class Contents:
    """Of each table its rows and digest, of each sequence its last value and whether it was used, of all large objects count and digest."""

    tables: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    sequences: dict[str, tuple[int, bool]] = field(default_factory=dict[str, tuple[int, bool]])
    large_objects: tuple[int, str] = (0, "0")

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(count for count, _ in self.tables.values())

    def as_data(self) -> dict[str, object]:
        """As JSON has it."""
        return asdict(self)


def of_data(held: Mapping[str, Any]) -> Contents:
    """The reverse of `Contents.as_data` after JSON, which knows no tuples."""
    return Contents(
        {name: (rows, digest) for name, (rows, digest) in held["tables"].items()},
        {name: (last, is_called) for name, (last, is_called) in held["sequences"].items()},
        (held["large_objects"][0], held["large_objects"][1]),
    )


def contents(bench: Bench, place: PostgresPlace) -> Contents:
    """Read a database through, in one view of it. Raises StepError, also when a person stops the run."""
    with connected(place, bench.environment) as held:
        held.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        tables: dict[str, tuple[int, str]] = {}
        names = held.execute(TABLES).fetchall()
        for at, (schema, table, shown_name) in enumerate(names, start=1):
            if bench.stop.is_set():
                raise StepError(f"{place.name}: stopped by hand after {at - 1} of {len(names)} tables; resume reads them again.")
            tables[shown(str(shown_name))] = _digest(held, str(schema), str(table))
            if at % 100 == 0:
                bench.say(f"{at} of {len(names)} tables of {place.name} read")
        row = held.execute(_LARGE_OBJECTS).fetchone()
        large = (int(row[0]), str(row[1])) if row else (0, "0")
        found = Contents(tables, sequences(held), large)
        held.execute("COMMIT")
    return found


def _digest(held: Connected, schema: str, table: str) -> tuple[int, str]:
    """Rows of one table, not of those that inherit from it, and the sum of their digests."""
    query = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended((unless.*)::text, 0)::numeric), 0)::text FROM ONLY {} AS unless")
    row = held.execute(query.format(sql.Identifier(schema, table))).fetchone()
    return (int(row[0]), str(row[1])) if row else (0, "0")


def sequences(held: Connected) -> dict[str, tuple[int, bool]]:
    """Last value of every sequence, and whether it was given out."""
    found: dict[str, tuple[int, bool]] = {}
    for schema, name, shown_name in held.execute(SEQUENCES).fetchall():
        row = held.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(str(schema), str(name)))).fetchone()
        if row:
            found[shown(str(shown_name))] = (int(row[0]), bool(row[1]))
    return found
