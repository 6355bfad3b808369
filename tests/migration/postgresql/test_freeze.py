"""A database frozen and thawed: nobody writes by default, nobody of before is left, and everything is as it was afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from migration.steps.model import Bench, Found, StepError
from migration.steps.postgresql.freeze import freeze, is_frozen, is_thawed, thaw
from migration.steps.postgresql.parameters import FreezeParameters

pytestmark = pytest.mark.xdist_group("postgresql")


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench("freeze-database-hou-db")


def parameters(move: Any) -> FreezeParameters:
    return FreezeParameters(database="hou-db", source=move.source)


def session(move: Any) -> psycopg.Connection[Any]:
    server = move.servers.source
    return psycopg.connect(
        host=server.host, port=server.port, user="unless", password=server.password, dbname=move.source.database, autocommit=True,
        application_name="the housing program",
    )  # fmt: skip


def setting(move: Any) -> list[Any]:
    return move.at(
        "source", "SELECT setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()"
    )


def test_a_freeze_ends_sessions_of_before_and_new_ones_cannot_write(move: Any, bench: Bench) -> None:
    with session(move) as before:
        before.execute("SELECT 1")
        facts = freeze(bench, parameters(move))
        assert facts["sessions_ended"] == 1
        with pytest.raises(psycopg.OperationalError):
            before.execute("SELECT 1")
    assert is_frozen(bench, parameters(move)).found is Found.DONE
    with session(move) as after, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        after.execute("CREATE TABLE written (id int)")
    assert freeze(bench, parameters(move))["since"] == facts["since"]
    thaw(bench, parameters(move))
    assert is_thawed(bench, parameters(move)).found is Found.UNDONE
    assert setting(move) == []
    with session(move) as again:
        again.execute("CREATE TABLE written (id int)")


def test_a_setting_of_before_is_given_back(move: Any, bench: Bench) -> None:
    name = '"' + move.source.database.replace('"', '""') + '"'
    move.at("source", f"ALTER DATABASE {name} SET default_transaction_read_only = off")
    freeze(bench, parameters(move))
    thaw(bench, parameters(move))
    assert setting(move) == [(["default_transaction_read_only=off"],)]


def test_a_freeze_that_was_killed_after_its_note_is_taken_up(move: Any, bench: Bench) -> None:
    freeze(bench, parameters(move))
    note = bench.folder / "frozen-freeze-database-hou-db.json"
    since = is_frozen(bench, parameters(move)).facts["since"]
    note.write_text(note.read_text().replace(since, ""))
    assert is_frozen(bench, parameters(move)).found is Found.NOT_DONE
    assert freeze(bench, parameters(move))["since"] > since
    thaw(bench, parameters(move))
    assert setting(move) == []


def test_a_database_that_somebody_else_froze_is_not_ours_to_freeze_or_thaw(move: Any, bench: Bench, make_bench: Any) -> None:
    freeze(bench, parameters(move))
    with pytest.raises(StepError, match="it is read only already, by somebody else"):
        freeze(make_bench("freeze-database-hou-db", "another run"), parameters(move))
    other = make_bench("freeze-database-hou-db", "another run")
    assert thaw(other, parameters(move)) == {"restored": False}
    assert is_frozen(bench, parameters(move)).found is Found.DONE


def test_what_would_get_round_a_freeze_is_told_all_at_once_and_nothing_is_changed(move: Any, bench: Bench) -> None:
    move.at("source", 'ALTER ROLE "owner é" SET default_transaction_read_only = off')
    with session(move) as held:
        held.autocommit = False
        held.execute("CREATE TABLE half (id int)")
        held.execute("PREPARE TRANSACTION 'half done'")
    try:
        with pytest.raises(StepError) as wrong:
            freeze(bench, parameters(move))
        assert [f.partition(": ")[2].split(",")[0] for f in wrong.value.faults] == [
            "the role owner é has default_transaction_read_only of its own",
            "the prepared transaction half done could still commit. Commit it or roll it back.",
        ]
        assert setting(move) == []
    finally:
        move.at("source", "ROLLBACK PREPARED 'half done'")
        move.at("source", 'ALTER ROLE "owner é" RESET default_transaction_read_only')


def test_a_session_that_may_not_be_ended_is_told(move: Any, bench: Bench) -> None:
    name = '"' + move.source.database.replace('"', '""') + '"'
    move.at("source", "CREATE ROLE keeper LOGIN PASSWORD 'k'")
    move.at("source", f"ALTER DATABASE {name} OWNER TO keeper")
    weak = move.source.model_copy(update={"user": "keeper", "password_env": "KEEPER"})
    held = replace(bench, environment={"KEEPER": "k"})
    try:
        with pytest.raises(StepError, match=r"see and end the sessions of others\. Grant it pg_read_all_stats and pg_signal_backend there"):
            freeze(held, FreezeParameters(database="hou-db", source=weak))
        move.at("source", "GRANT pg_read_all_stats, pg_signal_backend TO keeper")
        with session(move), pytest.raises(StepError, match="keeper may not do it: must be a superuser to terminate superuser process"):
            freeze(held, FreezeParameters(database="hou-db", source=weak))
        assert freeze(held, FreezeParameters(database="hou-db", source=weak))["sessions_ended"] == 0
    finally:
        move.at("source", f"ALTER DATABASE {name} OWNER TO unless")
        move.at("source", "DROP ROLE keeper")
