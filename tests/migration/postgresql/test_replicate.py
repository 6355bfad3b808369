"""A database copied while it is written, followed, and caught up after the freeze: nothing missed, nothing doubled, nothing left behind."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from migration.steps.model import Bench, Found, StepError
from migration.steps.postgresql import replicate as module
from migration.steps.postgresql.catch_up import catch_up, is_caught_up
from migration.steps.postgresql.freeze import freeze
from migration.steps.postgresql.parameters import CatchUpParameters, FreezeParameters, ReplicateParameters, VerifyParameters
from migration.steps.postgresql.replicate import is_removed, is_replicating, remove, replicate
from migration.steps.postgresql.verify import certify

pytestmark = pytest.mark.xdist_group("postgresql")
TENANTS = '"Häuser; DROP SCHEMA ""x"" --"."tenants of ""the"" %s {0} \\ house"'


def named(query: str) -> str:
    return query.replace("@tenants", TENANTS)


WRITE = named('INSERT INTO @tenants ("na me", rent) SELECT $$new$$, g FROM generate_series(1, 50) g')


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench("replicate-database-hou-db")


@pytest.fixture
def moving(move: Any) -> Any:
    """A database without large objects, which are not replicated."""
    move.at("source", "SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
    return move


def parameters(move: Any) -> ReplicateParameters:
    return ReplicateParameters.model_validate(move.parameters.model_dump())


def ending(move: Any) -> CatchUpParameters:
    steps = {"replicate_step": "replicate-database-hou-db", "freeze_step": "freeze-database-hou-db"}
    return CatchUpParameters.model_validate({**move.parameters.model_dump(), **steps})


def left_at_source(move: Any) -> list[Any]:
    slots = move.at("source", "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()")
    return slots + move.at("source", "SELECT pubname FROM pg_publication")


def test_a_database_in_use_arrives_whole_with_its_sequences_and_nothing_is_left_behind(moving: Any, bench: Bench, make_bench: Any) -> None:
    enough = threading.Event()

    def write() -> None:
        while not enough.is_set():
            moving.at("source", WRITE)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        facts = replicate(bench, parameters(moving))
        assert is_replicating(bench, parameters(moving)).found is Found.DONE
    finally:
        enough.set()
        writer.join()
    moving.at("source", named("UPDATE @tenants SET rent = -1 WHERE t % 7 = 0"))
    moving.at("source", named("DELETE FROM @tenants WHERE t % 5 = 0"))
    freeze(make_bench("freeze-database-hou-db"), FreezeParameters(database="hou-db", source=moving.source))
    end = make_bench("catch-up-database-hou-db")
    assert is_caught_up(end, ending(moving)).found is Found.NOT_DONE
    caught = catch_up(end, ending(moving))
    assert is_caught_up(end, ending(moving)).found is Found.DONE
    assert left_at_source(moving) == []
    assert moving.at("target", "SELECT count(*) FROM pg_subscription", "postgres") == [(0,)]
    verify = VerifyParameters.model_validate({**moving.parameters.model_dump(), "move_step": "catch-up-database-hou-db"})
    certified = certify(make_bench("verify"), verify)
    assert certified["caught_up_seconds"] == caught["seconds"] < 10
    assert certified["rows"] > 550
    assert moving.servers.source.password not in json.dumps([facts, caught]) + "".join(f.read_text() for f in bench.folder.glob("*.json"))


def test_an_attempt_that_was_killed_in_the_dump_is_cleared_and_begun_again(moving: Any, bench: Bench) -> None:
    name = module.name_of(bench.token)
    moving.at("source", f"CREATE PUBLICATION {name}")
    moving.at("source", f"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')")
    moving.at("target", f"CREATE DATABASE unless_{bench.token}_0badcafe", "postgres")
    assert is_replicating(bench, parameters(moving)).found is Found.NOT_DONE
    replicate(bench, parameters(moving))
    assert is_replicating(bench, parameters(moving)).found is Found.DONE
    assert moving.databases() == {moving.target.database}


def test_an_attempt_that_was_killed_before_it_subscribed_goes_on_from_its_slot(moving: Any, bench: Bench, monkeypatch: Any) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(module, "_subscribe", _killed)
        with pytest.raises(KeyboardInterrupt):
            replicate(bench, parameters(moving))
    moving.at("source", WRITE)
    made = moving.at("target", "SELECT oid FROM pg_database WHERE datname = current_database()")
    replicate(bench, parameters(moving))
    assert moving.at("target", "SELECT oid FROM pg_database WHERE datname = current_database()") == made
    assert module.wait(bench, lambda: moving.at("target", named("SELECT count(*) FROM @tenants")) == [(550,)])


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_undo_takes_everything_of_ours_away_on_both_sides(moving: Any, bench: Bench) -> None:
    replicate(bench, parameters(moving))
    assert is_removed(bench, parameters(moving)).found is Found.DONE
    remove(bench, parameters(moving))
    assert is_removed(bench, parameters(moving)).found is Found.UNDONE
    assert (moving.databases(), left_at_source(moving)) == (set(), [])
    assert remove(bench, parameters(moving))["dropped"] == 0


def test_what_cannot_be_replicated_is_told_before_anything_is_made(move: Any, bench: Bench) -> None:
    move.at("source", 'CREATE TABLE public."no key" (x int); CREATE UNLOGGED TABLE public.lost (id int PRIMARY KEY)')
    move.at("source", named('ALTER TABLE @tenants ENABLE ALWAYS TRIGGER "touch it"'))
    with pytest.raises(StepError) as wrong:
        replicate(bench, parameters(move))
    said = "\n".join(wrong.value.faults)
    assert named('the triggers @tenants."touch it" fire for replicated rows too') in said
    assert '1 tables have neither a primary key nor a replica identity: public."no key"' in said
    assert "public.lost are unlogged tables" in said
    assert "it holds 2 large objects" in said
    assert (move.databases(), left_at_source(move)) == (set(), [])


def test_a_target_that_cannot_reach_the_source_is_told_without_the_password_and_the_slot_goes(moving: Any, bench: Bench) -> None:
    link = {"host": "127.0.0.1", "port": 1, "user": "unless", "password_env": "SOURCE_PASSWORD", "tls": "none"}
    lost = ReplicateParameters.model_validate({**moving.parameters.model_dump(), "link": link})
    with pytest.raises(StepError) as wrong:
        replicate(bench, lost)
    said = "\n".join(wrong.value.faults)
    assert "its server cannot subscribe to" in said
    assert moving.servers.source.password not in said
    remove(bench, lost)
    assert (moving.databases(), left_at_source(moving)) == (set(), [])


def test_a_slot_that_somebody_reads_is_named_when_it_cannot_be_dropped(moving: Any, bench: Bench, monkeypatch: Any) -> None:
    replicate(bench, parameters(moving))
    name = module.name_of(bench.token)
    monkeypatch.setattr(module, "_WAIT_SECONDS", 0.3)
    moving.at("source", "CREATE ROLE keeper LOGIN REPLICATION PASSWORD 'k'")
    try:
        weak = moving.source.model_copy(update={"user": "keeper", "password_env": "KEEPER"})
        with pytest.raises(StepError) as wrong:
            module.clear_source(replace(bench, environment={"KEEPER": "k"}), weak, name)
        assert f"SELECT pg_drop_replication_slot('{name}')" in str(wrong.value)
    finally:
        moving.at("source", "DROP ROLE keeper")
    assert is_replicating(bench, parameters(moving)).found is Found.DONE


def test_a_catching_up_wants_our_freeze_and_our_database(moving: Any, bench: Bench, make_bench: Any) -> None:
    end = make_bench("catch-up-database-hou-db")
    with pytest.raises(StepError, match=r"replication-replicate-database-hou-db\.json is missing"):
        catch_up(end, ending(moving))
    replicate(bench, parameters(moving))
    with pytest.raises(StepError, match="freeze-database-hou-db did not freeze it"):
        catch_up(end, ending(moving))
    remove(bench, parameters(moving))
    with pytest.raises(StepError, match="it is not the database that replicate-database-hou-db made"):
        catch_up(end, ending(moving))
