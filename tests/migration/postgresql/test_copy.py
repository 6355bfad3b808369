"""A database copied through a pipe: whole or not at all, once, and taken away again only where it is ours."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from migration.steps.model import Bench, Found, StepError
from migration.steps.postgresql.copy import copy, read_back, read_back_removed, remove
from migration.steps.postgresql.databases import comment
from migration.steps.postgresql.place import PostgresPlace

pytestmark = pytest.mark.xdist_group("postgresql")


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench("copy-database-hou-db")


def test_a_copy_has_its_name_and_mark_when_it_is_whole_and_undo_drops_it(move: Any, bench: Bench) -> None:
    assert read_back(bench, move.parameters).found is Found.NOT_DONE
    facts = copy(bench, move.parameters)
    assert facts["target"] == move.target.name
    assert facts["bytes"] > 1_000_000
    assert read_back(bench, move.parameters).found is Found.DONE
    assert move.databases() == {move.target.database}
    count = 'SELECT count(*) FROM "Häuser; DROP SCHEMA ""x"" --"."tenants of ""the"" %s {0} \\ house"'
    assert move.at("target", count) == move.at("source", count) == [(500,)]
    assert copy(bench, move.parameters)["already_there"]
    remove(bench, move.parameters)
    assert read_back_removed(bench, move.parameters).found is Found.UNDONE
    assert move.databases() == set()


def test_what_a_killed_attempt_left_is_dropped_and_the_copy_is_made_once(move: Any, bench: Bench) -> None:
    half = f"unless_{bench.token}_0badcafe"
    move.at("target", f"CREATE DATABASE {half}", "postgres")
    assert read_back(bench, move.parameters).reason.endswith("is half made")
    assert read_back_removed(bench, move.parameters).found is Found.DONE
    copy(bench, move.parameters)
    assert move.databases() == {move.target.database}


def test_a_database_of_the_same_name_that_is_not_ours_is_never_touched(move: Any, bench: Bench, make_bench: Any) -> None:
    name = '"' + move.target.database.replace('"', '""') + '"'
    move.at("target", f"CREATE DATABASE {name}", "postgres")
    move.at("target", f"COMMENT ON DATABASE {name} IS '{comment(make_bench('copy', 'another run'))}'", "postgres")
    with pytest.raises(StepError, match="a database of this name is there already, and this step did not make it"):
        copy(bench, move.parameters)
    assert remove(bench, move.parameters)["dropped"] == 0
    assert move.databases() == {move.target.database}


def test_settings_rights_and_owner_of_the_database_itself_are_carried(move: Any, bench: Bench) -> None:
    name = '"' + move.source.database.replace('"', '""') + '"'
    move.at("source", f"""ALTER DATABASE {name} SET search_path = "$user", 'Häuser; DROP SCHEMA "x" --', public""")
    move.at("source", f"ALTER DATABASE {name} SET work_mem = '7MB'")
    move.at("source", f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    move.at("source", f'GRANT CREATE ON DATABASE {name} TO "reader ""of"" things" WITH GRANT OPTION')
    move.at("source", f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
    move.at("source", f'ALTER DATABASE {name} OWNER TO "owner é"')
    copy(bench, move.parameters)
    shown = "SELECT current_setting('search_path'), current_setting('work_mem')"
    assert move.at("target", shown) == move.at("source", shown)
    rights = (
        "SELECT pg_get_userbyid(datdba), pg_get_userbyid(grantee), privilege_type, is_grantable FROM pg_database, aclexplode(datacl) "
        "WHERE datname = current_database() ORDER BY 2, 3"
    )
    assert move.at("target", rights) == move.at("source", rights)
    fresh = "SELECT count(*) FROM pg_db_role_setting, unnest(setconfig) c WHERE c LIKE 'default_transaction_read_only%'"
    assert move.at("target", fresh) == [(0,)]


def test_a_stop_by_hand_ends_both_programs_and_leaves_nothing(move: Any, bench: Bench) -> None:
    move.at("source", "CREATE TABLE big AS SELECT g, repeat(md5(g::text), 40) x FROM generate_series(1, 400000) g")
    threading.Timer(0.5, bench.stop.set).start()
    with pytest.raises(StepError, match="Stopped by hand in the middle of the database"):
        copy(bench, move.parameters)
    assert move.databases() == set()


def test_a_wrong_password_is_told_without_it(move: Any, make_bench: Any, caplog: pytest.LogCaptureFixture) -> None:
    environment = {**move.servers.environment, "SOURCE_PASSWORD": "hunter2-wrong"}
    with pytest.raises(StepError) as wrong:
        copy(make_bench("copy", environment=environment), move.parameters)
    said = "\n".join(wrong.value.faults)
    assert "password authentication failed" in said
    assert "the password in SOURCE_PASSWORD" in said
    assert "hunter2" not in said + caplog.text


def test_a_password_that_is_not_set_names_its_variable(move: Any, make_bench: Any) -> None:
    with pytest.raises(StepError, match="the variable SOURCE_PASSWORD is not set"):
        copy(make_bench("copy", environment={}), move.parameters)


def test_a_passfile_is_used_and_one_that_others_may_read_is_refused(move: Any, bench: Bench, tmp_path: Any) -> None:
    file = tmp_path / "pass"
    file.write_text(f"127.0.0.1:{move.source.port}:*:unless:{move.servers.source.password}\n")
    file.chmod(0o644)
    held = {n: v for n, v in move.source.model_dump().items() if n != "password_env"} | {"passfile": str(file)}
    parameters = move.parameters.model_copy(update={"source": PostgresPlace.model_validate(held)})
    with pytest.raises(StepError, match=r"others may read the passfile .*chmod 600"):
        copy(bench, parameters)
    file.chmod(0o600)
    assert copy(bench, parameters)["target"] == move.target.name


def test_a_certificate_of_somebody_else_is_refused(move: Any, bench: Bench) -> None:
    impostor = move.source.model_copy(update={"ca_file": move.target.ca_file})
    with pytest.raises(StepError, match=r"certificate verify failed.*holds who signed its certificate"):
        copy(bench, move.parameters.model_copy(update={"source": impostor}))
    with pytest.raises(StepError, match=r"the file of certificates /nowhere does not exist"):
        copy(bench, move.parameters.model_copy(update={"source": move.source.model_copy(update={"ca_file": "/nowhere"})}))


def test_what_pg_restore_may_not_do_is_told_and_nothing_is_left(move: Any, bench: Bench) -> None:
    name = '"' + move.source.database.replace('"', '""') + '"'
    for side in ("source", "target"):
        move.at(side, "CREATE ROLE mover LOGIN CREATEDB PASSWORD 'm'", "postgres")
    weak = move.target.model_copy(update={"user": "mover", "password_env": "MOVER"})
    held = replace(bench, environment={**move.servers.environment, "MOVER": "m"})
    try:
        with pytest.raises(StepError, match=r'mover may not do it: must be member of role "unless"'):
            copy(held, move.parameters.model_copy(update={"target": weak}))
        move.at("source", f"ALTER DATABASE {name} OWNER TO mover")
        with pytest.raises(StepError) as wrong:
            copy(held, move.parameters.model_copy(update={"target": weak}))
        assert "mover may not do it. Give it the right" in str(wrong.value)
        assert "pg_restore said:" in str(wrong.value)
        assert move.databases() == set()
    finally:
        move.at("source", f"ALTER DATABASE {name} OWNER TO unless")
        for side in ("source", "target"):
            move.at(side, "DROP ROLE mover", "postgres")
