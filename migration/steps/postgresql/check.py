"""Look before the move: everything that would stop it, all at once, while there is still time to mend it. Nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, LiteralString

from migration.steps.model import Bench, Facts, ReadBack, StepError
from migration.steps.names import shown
from migration.steps.postgresql.connect import Connected, connected, version
from migration.steps.postgresql.databases import form, standing
from migration.steps.postgresql.freeze import against
from migration.steps.postgresql.parameters import CheckParameters
from migration.steps.postgresql.place import PostgresTarget
from migration.steps.postgresql.programs import choose, installed
from migration.steps.ssh_check import looked

# The certificate asks for columns and functions of the catalogue that older servers do not all have, and no older one was tried.
LEAST_VERSION: Final = 12
_SHOWN: Final = 20

# Roles that own something in the database or have a right there. 1262 and the like are not written: every class of object counts.
ROLES: Final[LiteralString] = (
    "SELECT DISTINCT pg_get_userbyid(refobjid) FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND deptype IN ('o', 'a', 'r') "
    "AND (dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "OR (classid = 'pg_database'::regclass AND objid = (SELECT oid FROM pg_database WHERE datname = current_database()))) "
    "UNION SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database() ORDER BY 1"
)
# Without one, an UPDATE or DELETE of a published table fails at the source ("Replica Identity Error" at
# fivetran.com, read 2026-11-25; PostgreSQL 15 says the same when it is tried).
WITHOUT_IDENTITY: Final[LiteralString] = (
    "SELECT quote_ident(nspname) || '.' || quote_ident(relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE relkind = 'r' AND relpersistence = 'p' AND nspname <> 'information_schema' AND NOT starts_with(nspname::text, 'pg_') "
    "AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e') "
    "AND CASE relreplident WHEN 'f' THEN false WHEN 'n' THEN true "
    "WHEN 'i' THEN NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND indisreplident AND indisvalid) "
    "ELSE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND indisprimary AND indisvalid) END ORDER BY 1"
)


def check(bench: Bench, parameters: CheckParameters) -> Facts:
    """Raises StepError with everything that stands against the move of this database."""
    source, target = parameters.source, parameters.target
    faults: list[str] = []
    with (
        connected(source, bench.environment) as held,
        connected(target, bench.environment, target.maintenance) as there,
    ):
        faults += (f"{source.name}: {what}" for what in _of_source(held, parameters.way))
        faults += (f"{target.name}: {what}" for what in _of_both(held, there))
        faults += (f"{target.name}: {what}" for what in _of_target(there, bench, target))
        faults += _faults_of(lambda: choose(installed(bench.environment), version(held), version(there)))
        facts: Facts = {"source_version": version(held), "target_version": version(there), "way": parameters.way}
        row = held.execute("SELECT pg_database_size(current_database())").fetchone()
        facts["bytes"] = row[0] if row else 0
    if faults:
        raise StepError(*faults)
    return facts


def _faults_of(look: Callable[[], object]) -> tuple[str, ...]:
    try:
        look()
    except StepError as wrong:
        return wrong.faults
    return ()


def is_checked(bench: Bench, parameters: CheckParameters) -> ReadBack:
    """A look counts when its result is in the journal."""
    return looked(bench, parameters)


def _names(connection: Connected, query: LiteralString) -> list[str]:
    return [shown(str(row[0])) for row in connection.execute(query).fetchall()]


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _of_source(held: Connected, way: str) -> Iterator[str]:
    if version(held) < LEAST_VERSION:
        yield f"it is of PostgreSQL {version(held)}, of which no certificate can be written (from {LEAST_VERSION} on). Move it by hand."
    yield from against(held)
    row = held.execute(
        "SELECT rolsuper OR rolreplication, current_setting('wal_level'), has_database_privilege(current_database(), 'CREATE'), "
        "pg_has_role(datdba, 'USAGE'), rolname FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()"
    ).fetchone()
    may_replicate, level, may_create, is_owner, user = row or (False, "", False, False, "")
    if not is_owner:
        yield f"{shown(user)} does not own it, nor is in the role that does, so it could not freeze it. Grant it that role."
    unread = _names(held, _UNREAD)
    if unread:
        yield f"{shown(user)} may not read {_few(unread)}. Grant it SELECT there (or the role pg_read_all_data), and USAGE on the schemas."
    if way != "replicate":
        return
    if level != "logical":
        yield f"its server has wal_level {level}, and replication needs logical. Set it and restart the server, or move by dump."
    if not may_replicate:
        yield f"{shown(user)} may not replicate. Run there: ALTER ROLE … REPLICATION; or move by dump."
    if not may_create:
        yield f"{shown(user)} may not make a publication there. Grant it CREATE on the database, or move by dump."
    yield from not_replicable(held)


def not_replicable(held: Connected) -> Iterator[str]:
    """What in the database cannot be replicated, a sentence each."""
    without = _names(held, WITHOUT_IDENTITY)
    if without:
        yield (
            f"{len(without)} tables have neither a primary key nor a replica identity: {_few(without)}. Give each a key, or "
            "ALTER TABLE … REPLICA IDENTITY FULL, or move by dump."
        )
    unlogged = _names(held, _UNLOGGED)
    if unlogged:
        yield f"{_few(unlogged)} are unlogged tables, which are not replicated. ALTER TABLE … SET LOGGED, or move by dump."
    always = _names(held, _ALWAYS)
    if always:
        yield (
            f"the triggers {_few(always)} fire for replicated rows too, and would do their work twice. ALTER TABLE … ENABLE TRIGGER, or "
            "move by dump."
        )
    row = held.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchone()
    if row and row[0]:
        yield f"it holds {row[0]} large objects, which are not replicated. Move it by dump."


_UNLOGGED: Final[LiteralString] = (
    "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND relpersistence = 'u' "
    "ORDER BY 1"
)
_ALWAYS: Final[LiteralString] = (
    "SELECT tgrelid::regclass::text || '.' || quote_ident(tgname) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('A', 'R') "
    "ORDER BY 1"
)
_UNREAD: Final[LiteralString] = (
    "SELECT quote_ident(nspname) || '.' || quote_ident(relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE relkind IN ('r', 'S') AND relpersistence <> 't' AND nspname <> 'information_schema' AND NOT starts_with(nspname::text, 'pg_') "
    "AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')) ORDER BY 1"
)


def _of_both(held: Connected, there: Connected) -> Iterator[str]:
    if version(there) < version(held):
        yield f"its server is of PostgreSQL {version(there)}, older than the source's {version(held)}. Make a newer one."
    missing = sorted(set(_names(held, ROLES)) - set(_names(there, "SELECT rolname FROM pg_roles")))
    if missing:
        yield f"these roles own something at the source, or have rights there, and are not there: {_few(missing)}. Make them first."
    wanted = _names(held, "SELECT extname FROM pg_extension ORDER BY 1")
    offered = set(_names(there, "SELECT name FROM pg_available_extensions"))
    lacking = [w for w in wanted if w not in offered]
    if lacking:
        yield f"its server does not have the extensions {_few(lacking)}. Allow or install them."
    is_super = there.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    triggers = _names(held, "SELECT evtname FROM pg_event_trigger ORDER BY 1")
    if triggers and is_super and not is_super[0]:
        yield f"only a superuser can make the event triggers {_few(triggers)} there. Drop them at the source, or move by hand."
    like = form(held)
    known = {_plain(n) for n in _names(there, _LOCALES)}
    if like.provider == "c" and (lacking := {n for n in (like.collate, like.ctype) if _plain(n) not in known}):
        yield f"its server does not have the locale {_few(sorted(map(shown, lacking)))}. Install it there, or move by hand into another."


_LOCALES: Final[LiteralString] = (
    "SELECT collcollate FROM pg_collation WHERE collcollate IS NOT NULL UNION SELECT datcollate FROM pg_database UNION SELECT datctype "
    "FROM pg_database"
)


def _plain(locale: str) -> str:
    """en_GB.UTF-8 and en_GB.utf8 are one."""
    return locale.lower().replace("-", "")


def _of_target(there: Connected, bench: Bench, target: PostgresTarget) -> Iterator[str]:
    found = standing(there, bench, target)
    if found.is_theirs:
        yield "a database of this name is there already. Rename or drop it by hand, or give the target another name."
    row = there.execute("SELECT rolsuper OR rolcreatedb, rolname FROM pg_roles WHERE rolname = current_user").fetchone()
    if row and not row[0]:
        yield f"{shown(row[1])} may not make databases there. Run there: ALTER ROLE … CREATEDB."
