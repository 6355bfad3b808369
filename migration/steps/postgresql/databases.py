"""Databases of the target's server: which are of a step, made under a name that says so, renamed once they are whole, dropped only if ours.

A database is loaded as `unless_TOKEN_…`, TOKEN being the step's. Its comment names token and run, and the last act is to rename it: what
bears the wanted name is whole, and what bears the working name is ours, however the step was killed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from psycopg import sql

from migration.steps.model import Bench, StepError
from migration.steps.postgresql.connect import Connected, connected, version
from migration.steps.postgresql.place import PostgresTarget

_FORCE_SINCE: Final = 13
# The freeze's own setting, which must not freeze the new database too.
FROZEN_BY: Final = "default_transaction_read_only"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is at the target: `ours` (whole, of this step), `theirs` (of that name, not of this step), and what is half made."""

    is_ours: bool
    is_theirs: bool
    working: tuple[str, ...]

    @property
    def is_clear(self) -> bool:
        """Whether nothing of the step is there."""
        return not self.is_ours and not self.working


@dataclass(frozen=True, slots=True)
class Form:
    """What a database is like as a whole: `encoding`, `collate`, `ctype`, `provider` (c, i or b) and its `locale`, its owner, its rights
    as (role, right, may give it on), its settings.
    """

    encoding: str
    collate: str
    ctype: str
    provider: str
    locale: str
    owner: str
    rights: frozenset[tuple[str, str, bool]]
    settings: Mapping[str, str]


def comment(bench: Bench) -> str:
    """What marks a database as of this step."""
    return f"Made by cloud-unless, run {bench.run}, step {bench.step}, token {bench.token}"


def standing(connection: Connected, bench: Bench, target: PostgresTarget) -> Standing:
    """What is at the target. `connection` is to its maintenance database."""
    prefix = _prefix(bench)
    rows = connection.execute(
        "SELECT datname, pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database "
        "WHERE datname = %s OR pg_catalog.starts_with(datname::text, %s)",
        (target.database, prefix),
    ).fetchall()
    said = next((note or "" for name, note in rows if name == target.database), None)
    is_ours = said is not None and said.endswith(f"token {bench.token}")
    return Standing(is_ours, said is not None and not is_ours, tuple(sorted(n for n, _ in rows if str(n).startswith(prefix))))


def _prefix(bench: Bench) -> str:
    return f"unless_{bench.token}_"


def form(connection: Connected) -> Form:
    """Of the database that is connected to. Columns differ between versions: what one has not is as it always was then."""
    row = connection.execute(
        "SELECT to_jsonb(d) || jsonb_build_object('encoding', pg_encoding_to_char(encoding), 'owner', pg_get_userbyid(datdba)) "
        "FROM pg_database d WHERE datname = current_database()"
    ).fetchone()
    held: dict[str, Any] = row[0] if row else {}
    rights = connection.execute(
        "SELECT CASE grantee WHEN 0 THEN '' ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable "
        "FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE datname = current_database() AND grantee <> datdba"
    ).fetchall()
    lines = connection.execute(
        "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase "
        "WHERE s.setrole = 0 AND datname = current_database()"
    ).fetchall()
    settings = {name: value for name, _, value in (str(line).partition("=") for (line,) in lines) if name != FROZEN_BY}
    return Form(
        encoding=held["encoding"],
        collate=held["datcollate"],
        ctype=held["datctype"],
        provider=held.get("datlocprovider", "c"),
        locale=held.get("datlocale") or held.get("daticulocale") or "",
        owner=held["owner"],
        rights=frozenset((str(r[0]), str(r[1]), bool(r[2])) for r in rights),
        settings=settings,
    )


def make(connection: Connected, bench: Bench, like: Form) -> str:
    """Make an empty database of the wanted owner, into which nobody else gets, and give its name. `connection` is to the maintenance
    database. The owner comes first because its schema `public` is the database's owner's, and what is loaded there is given away at once.
    """
    working = _prefix(bench) + secrets.token_hex(4)
    options = [sql.SQL("TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(like.encoding, like.collate, like.ctype)]
    if like.provider == "i":
        options.append(sql.SQL("LOCALE_PROVIDER icu ICU_LOCALE {}").format(like.locale))
    elif like.provider == "b":
        options.append(sql.SQL("LOCALE_PROVIDER builtin BUILTIN_LOCALE {}").format(like.locale))
    made = sql.SQL("CREATE DATABASE {} OWNER {} {}")
    connection.execute(made.format(sql.Identifier(working), sql.Identifier(like.owner), sql.SQL(" ").join(options)))
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(working), comment(bench)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(working)))
    return working


def finish(connection: Connected, bench: Bench, target: PostgresTarget, working: str, like: Form) -> None:
    """Give the loaded database the source's settings and rights, and last of all its name."""
    name = sql.Identifier(working)
    for setting, value in like.settings.items():
        _set(bench, target, working, setting, value)
    for role, right, may_give in sorted(like.rights):
        whom = sql.Identifier(role) if role else sql.SQL("PUBLIC")
        more = sql.SQL(" WITH GRANT OPTION") if may_give else sql.SQL("")
        connection.execute(sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(sql.SQL(_RIGHTS[right]), name, whom, more))
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(name, sql.Identifier(target.database)))


_RIGHTS: Final[Mapping[str, LiteralString]] = {"CREATE": "CREATE", "TEMPORARY": "TEMPORARY", "CONNECT": "CONNECT"}


def _set(bench: Bench, target: PostgresTarget, working: str, setting: str, value: str) -> None:
    """One setting, by a session of its own: the server takes over what the session has, lists and quotes as they are."""
    with connected(target, bench.environment, target.maintenance) as session:
        session.execute("SELECT pg_catalog.set_config(%s, %s, false)", (setting, value))
        parts = sql.SQL(".").join(sql.Identifier(part) for part in setting.split("."))
        session.execute(sql.SQL("ALTER DATABASE {} SET {} FROM CURRENT").format(sql.Identifier(working), parts))


def drop(connection: Connected, name: str) -> None:
    """Drop a database that is ours, whoever is in it: a program of an attempt that was killed may be."""
    if version(connection) >= _FORCE_SINCE:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        return
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def refuse_theirs(found: Standing, target: PostgresTarget) -> None:
    """Raise StepError where a database of the wanted name is there that this step did not make."""
    if found.is_theirs:
        raise StepError(
            f"{target.name}: a database of this name is there already, and this step did not make it. Nothing of it was touched. Rename or "
            "drop it by hand, or give the target another name."
        )
