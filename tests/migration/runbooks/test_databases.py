"""The databases that targets.toml places: which steps a wave's runbook gets for them, in which order, and by which way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from migration import runbooks
from migration.errors import MigrationError
from migration.runbooks import DatabasePlace, Phase, Runbook, read_databases
from migration.steps.kinds import KINDS
from migration.steps.model import checked

GOLDEN = Path(__file__).parents[2] / "cases" / "runbook-golden"
TEXT = """
format = "cloud-unless/targets/1"
[[database]]
id = "hou-db"
engine = "postgresql"
way = "WAY"
source = { host = "db.example.gov.uk", database = "Housing's; --", user = "mover", password_env = "OLD", ca_file = "council.pem" }
target = { host = "new.example.gov.uk", database = "housing", user = "mover", password_env = "NEW", ca_file = "azure.pem" }
[database.switch]
host = "app.example.gov.uk"
user = "mover"
key_file = "~/.ssh/mover"
fingerprint = "SHA256:twG1tGIqGv36ZGxt6teKrYQqP7Dt/Jq1cGCxsPhQIfc"
command = "sudo housing-database new"
check = "housing-database is new"
undo = "sudo housing-database old"
undo_check = "housing-database is old"
"""


def _plan(engine: str = "PostgreSQL") -> dict[str, Any]:
    plan: dict[str, Any] = json.loads((GOLDEN / "plan.json").read_text("utf-8"))
    plan["databases"][0] |= {"engine": engine, "version": "15"}
    return plan


def _places(folder: Path, way: str = "dump") -> tuple[DatabasePlace, ...]:
    file = folder / "targets.toml"
    file.write_text(TEXT.replace("WAY", way), "utf-8")
    return read_databases(file)


def _compiled(folder: Path, way: str = "dump") -> Runbook:
    return runbooks.compile(_plan(), "wave-1", {}, databases=_places(folder, way))


def _of_database(runbook: Runbook) -> list[tuple[str, str]]:
    return [(s.id.removesuffix("-hou-db"), s.kind) for s in runbook.steps if s.subject == "hou-db"]


def test_a_database_that_moves_by_dump_is_checked_frozen_copied_verified_switched_and_looked_at_again(tmp_path: Path) -> None:
    runbook = _compiled(tmp_path)
    assert _of_database(runbook) == [
        ("check-database", "postgresql-check"),
        ("freeze-database", "postgresql-freeze"),
        ("copy-database", "postgresql-copy"),
        ("verify-database", "postgresql-verify"),
        ("switch-database", "ssh-command"),
        ("untouched-database", "postgresql-verify"),
    ]
    after = {s.id: set(s.after) for s in runbook.steps}
    assert {"go", "stop-hou"} <= after["freeze-database-hou-db"]
    assert after["copy-database-hou-db"] == {"check-database-hou-db", "freeze-database-hou-db"}
    assert after["verify-database-hou-db"] == {"copy-database-hou-db"}
    assert "switch-database-hou-db" in after["open"]
    assert "untouched-database-hou-db" in after["release"]


def test_a_database_that_is_replicated_is_copied_before_the_go_and_caught_up_in_the_freeze(tmp_path: Path) -> None:
    runbook = _compiled(tmp_path, "replicate")
    assert _of_database(runbook)[:5] == [
        ("check-database", "postgresql-check"),
        ("replicate-database", "postgresql-replicate"),
        ("freeze-database", "postgresql-freeze"),
        ("catch-up-database", "postgresql-catch-up"),
        ("verify-database", "postgresql-verify"),
    ]
    by_id = {s.id: s for s in runbook.steps}
    assert by_id["replicate-database-hou-db"].phase is Phase.PRE_CHECKS
    assert by_id["catch-up-database-hou-db"].parameters["replicate_step"] == "replicate-database-hou-db"
    assert by_id["catch-up-database-hou-db"].parameters["freeze_step"] == "freeze-database-hou-db"
    assert by_id["verify-database-hou-db"].parameters["move_step"] == "catch-up-database-hou-db"


@pytest.mark.parametrize("way", ["dump", "replicate"])
def test_every_step_has_parameters_that_its_kind_takes_and_no_secret(way: str, tmp_path: Path) -> None:
    runbook = _compiled(tmp_path, way)
    for step in runbook.steps:
        checked(KINDS[step.kind].parameters, step.parameters)
    assert (
        runbooks.faults(
            runbook, {s.role for s in runbook.steps} | {r for s in runbook.steps for r in (s.accountable, *s.consulted, *s.informed)}
        )
        == ()
    )


def test_a_database_that_nobody_placed_is_moved_by_hand(tmp_path: Path) -> None:
    by_hand = runbooks.compile(_plan(), "wave-1", {})
    assert _of_database(by_hand) == [("move-database", "human-task")]
    assert not any(k == "human-task" for _, k in _of_database(_compiled(tmp_path)))


def test_a_place_for_an_unknown_database_or_one_of_another_engine_is_refused(tmp_path: Path) -> None:
    places = _places(tmp_path)
    with pytest.raises(MigrationError) as wrong:
        runbooks.compile(_plan(), "wave-1", {}, databases=(places[0].model_copy(update={"id": "nowhere"}), *places))
    assert wrong.value.faults == ("targets.toml: the plan has no database nowhere. Correct the id or remove the entry.",)
    with pytest.raises(MigrationError, match="the plan says that the database hou-db is SQL Server, not PostgreSQL"):
        runbooks.compile(_plan("SQL Server"), "wave-1", {}, databases=places)
