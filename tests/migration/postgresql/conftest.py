"""Two real PostgreSQL servers with passwords and TLS, and databases on them for each test."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from migration.execution.interpreter import token
from migration.steps.model import Bench, Question, Reply
from migration.steps.postgresql.parameters import MoveParameters
from migration.steps.postgresql.place import PostgresPlace, PostgresTarget
from rehearsal.servers import PostgresServer, postgresql_server
from tests.parts import postgresql_or_skip

HOSTILE = Path(__file__).parents[2] / "cases" / "postgresql-databases" / "hostile.sql"
ROLES = ('reader "of" things', "owner é")
NAME = 'Housing\'s "live" dâta; --'
_NUMBER = itertools.count()


@dataclass(frozen=True)
class Servers:
    """Where databases come from, and where they go."""

    source: PostgresServer
    target: PostgresServer

    @property
    def environment(self) -> dict[str, str]:
        return {"SOURCE_PASSWORD": self.source.password, "TARGET_PASSWORD": self.target.password, "PATH": "/usr/bin:/bin"}


@dataclass(frozen=True)
class Move:
    """One database of a test, and its places."""

    servers: Servers
    source: PostgresPlace
    target: PostgresTarget

    @property
    def parameters(self) -> MoveParameters:
        return MoveParameters(database="hou-db", source=self.source, target=self.target)

    def at(self, side: str, query: str, database: str = "") -> list[tuple[Any, ...]]:
        """What a superuser reads or does on a side."""
        return run(getattr(self.servers, side), database or getattr(self, side).database, query)

    def databases(self) -> set[str]:
        """Databases of the target's server that are not the server's own."""
        return {str(r[0]) for r in self.at("target", "SELECT datname FROM pg_database WHERE NOT datistemplate", "postgres")} - {"postgres"}


def run(server: PostgresServer, database: str, query: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(
        host=server.host, port=server.port, user="unless", password=server.password, dbname=database, autocommit=True,
        options="-c default_transaction_read_only=off",
    ) as held:  # fmt: skip
        answer = held.execute(query.encode())
        return answer.fetchall() if answer.description else []


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    programs = postgresql_or_skip()
    with ExitStack() as opened:
        held = Servers(*(opened.enter_context(postgresql_server(programs, {"wal_retrieve_retry_interval": "100ms"})) for _ in range(2)))
        for server in (held.source, held.target):
            for role in ROLES:
                run(server, "postgres", f"CREATE ROLE {quoted(role)}")
        run(held.source, "postgres", "CREATE DATABASE hostile_template")
        run(held.source, "hostile_template", HOSTILE.read_text("utf-8"))
        run(held.source, "hostile_template", "SELECT lo_from_bytea(4242, 'a large object'::bytea), lo_create(4243)")
        yield held


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture
def move(servers: Servers) -> Generator[Move]:
    """A database with everything in it, and a place for it."""
    number = next(_NUMBER)
    name, wanted = f"{NAME} {number}", f"New {NAME} {number}"
    run(servers.source, "postgres", f"CREATE DATABASE {quoted(name)} TEMPLATE hostile_template")
    source = {"host": "127.0.0.1", "user": "unless", "ca_file": str(servers.source.ca_file), "port": servers.source.port}
    target = {"host": "127.0.0.1", "user": "unless", "ca_file": str(servers.target.ca_file), "port": servers.target.port}
    held = Move(
        servers,
        PostgresPlace.model_validate({**source, "database": name, "password_env": "SOURCE_PASSWORD"}),
        PostgresTarget.model_validate({**target, "database": wanted, "password_env": "TARGET_PASSWORD"}),
    )
    yield held
    for server in (servers.target, servers.source):
        for (left,) in run(server, "postgres", "SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'hostile_template')"):
            if not str(left).startswith("template"):
                _clear(server, str(left))


def _clear(server: PostgresServer, database: str) -> None:
    for (subscription,) in run(
        server, database, "SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = subdbid WHERE datname = current_database()"
    ):
        name = quoted(str(subscription))
        run(server, database, f"ALTER SUBSCRIPTION {name} DISABLE")
        run(server, database, f"ALTER SUBSCRIPTION {name} SET (slot_name = NONE)")
        run(server, database, f"DROP SUBSCRIPTION {name}")
    for slot, of, pid in run(server, "postgres", "SELECT slot_name, database, active_pid FROM pg_replication_slots"):
        if of == database:
            run(server, "postgres", f"SELECT pg_terminate_backend({pid or 0}, 5000)")
            run(server, "postgres", f"SELECT pg_drop_replication_slot('{slot}')")
    run(server, "postgres", f"DROP DATABASE {quoted(database)} WITH (FORCE)")


@pytest.fixture
def make_bench(servers: Servers, tmp_path: Path) -> Callable[..., Bench]:
    """What a run has at hand for a step."""

    def yes(question: Question) -> Reply:
        del question
        return Reply(is_yes=True, by="tester", how="--yes")

    def make(step: str, run: str = "r1", said: list[str] | None = None, **other: Any) -> Bench:
        held: dict[str, Any] = {
            "folder": tmp_path,
            "run": run,
            "step": step,
            "token": token(run, step),
            "role": "database-engineer",
            "title": step,
            "text": step,
            "environment": servers.environment,
            "now": lambda: datetime.now(UTC),
            "ask": yes,
            "say": (said if said is not None else []).append,
            "stop": threading.Event(),
        }
        return Bench(**(held | other))

    return make
