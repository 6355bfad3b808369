"""What stands against a move is said before it, all at once; what does not is let through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from migration.steps.model import Bench, Found, StepError
from migration.steps.postgresql.check import check, is_checked
from migration.steps.postgresql.parameters import CheckParameters

pytestmark = pytest.mark.xdist_group("postgresql")


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench("check-database-hou-db")


def parameters(move: Any, way: str = "dump", **other: Any) -> CheckParameters:
    return CheckParameters.model_validate({**move.parameters.model_dump(), "way": way, **other})


def test_a_sound_database_passes_and_nothing_is_changed(move: Any, bench: Bench) -> None:
    facts = check(bench, parameters(move))
    assert facts["source_version"] == facts["target_version"] >= 12
    assert is_checked(replace(bench, effect=facts), parameters(move)).found is Found.DONE
    assert move.databases() == set()


def test_everything_that_stands_against_a_move_is_said_at_once(move: Any, bench: Bench) -> None:
    name = '"' + move.target.database.replace('"', '""') + '"'
    source = '"' + move.source.database.replace('"', '""') + '"'
    move.at("target", f"CREATE DATABASE {name}", "postgres")
    move.at("target", "CREATE ROLE mover LOGIN PASSWORD 'm'", "postgres")
    move.at("source", "CREATE ROLE mover LOGIN PASSWORD 'm'")
    move.at("source", 'CREATE ROLE "only here"')
    move.at("source", 'CREATE SCHEMA theirs AUTHORIZATION "only here"')
    move.at("source", "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$")
    move.at("source", 'CREATE EVENT TRIGGER "on drop" ON sql_drop EXECUTE FUNCTION public.f()')
    move.at("source", "CREATE TABLE public.keyless (x int)")
    move.at("source", f"ALTER DATABASE {source} SET default_transaction_read_only = on")
    places = {side: getattr(move, side).model_copy(update={"user": "mover", "password_env": "M"}) for side in ("source", "target")}
    try:
        with pytest.raises(StepError) as wrong:
            check(replace(bench, environment={"M": "m", "PATH": "/usr/bin"}), parameters(move, "replicate", **places))
    finally:
        move.at("source", "DROP SCHEMA theirs")
        move.at("source", 'DROP ROLE "only here"')
        move.at("source", "DROP ROLE mover")
        move.at("target", "DROP ROLE mover", "postgres")
    said = "\n".join(wrong.value.faults)
    for words in (
        "it is read only already, by somebody else",
        "mover could not see and end the sessions of others. Grant it pg_read_all_stats and pg_signal_backend",
        "mover does not own it",
        "mover may not read",
        "mover may not replicate",
        "mover may not make a publication there",
        "1 tables have neither a primary key nor a replica identity: public.keyless",
        "it holds 2 large objects, which are not replicated",
        "these roles own something at the source, or have rights there, and are not there: only here",
        "only a superuser can make the event triggers on drop",
        "a database of this name is there already",
        "mover may not make databases there",
    ):
        assert words in said, said


def test_a_database_that_is_not_there_is_told(move: Any, bench: Bench) -> None:
    nowhere = move.source.model_copy(update={"database": "nowhere"})
    with pytest.raises(StepError, match=r'no connection: .*database "nowhere" does not exist'):
        check(bench, parameters(move, source=nowhere))
