"""Whole runs with the least rights that the guide names: killed and resumed, rehearsed on stand-ins, undone; the database there once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from migration import runbooks
from migration.execution import runs
from migration.execution.interpreter import Hands
from migration.execution.lag import lags
from migration.execution.rehearsal import stand_ins
from migration.runbooks import DatabasePlace, Runbook
from migration.runbooks import file as runbook_file
from migration.steps.model import Question, Reply

pytestmark = pytest.mark.xdist_group("postgresql")
GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "move-postgresql.md"
DRIVER = Path(__file__).parents[1] / "execute" / "driver.py"
PLAN: dict[str, Any] = {
    "workloads": [{"id": "hou", "name": "Housing", "disposition": "replatform", "targets": [{"subject": "hou-db", "kind": "postgresql"}]}],
    "waves": [{"id": "wave-1", "starts": "2027-01-01", "ends": "2027-01-14", "workload_ids": ["hou"]}],
    "databases": [{"id": "hou-db", "name": "HOUSING", "workload_id": "hou", "engine": "PostgreSQL", "version": "15"}],
}


def yes(question: Question) -> Reply:
    del question
    return Reply(is_yes=True, by="tester", how="--yes")


def granted(side: str) -> list[str]:
    """The statements of the guide for a side, as an operator would type them."""
    blocks = re.findall(r"```sql\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
    text = re.sub(r"--.*", "", blocks[("source", "target").index(side)]).replace("'…'", "'m'")
    return [line.strip() for line in text.split(";") if line.strip()]


@pytest.fixture
def council(servers: Any, move: Any, tmp_path: Path) -> Generator[Any]:
    """A database that a program's own role owns, and `mover` with the rights of the guide on both sides."""
    for side in ("source", "target"):
        move.at(side, "CREATE ROLE housing_owner", "postgres")
        for statement in granted(side):
            move.at(side, statement, "postgres")
    move.at("source", "CREATE DATABASE housing OWNER housing_owner", "postgres")
    # Loading takes its time, so that a kill finds it half made: a row in ten waits, but only in a database that is being loaded.
    waits = (
        "SELECT CASE WHEN starts_with(current_database()::text, 'unless_') AND id % 10 = 0 THEN pg_sleep(0.01) IS NOT NULL ELSE true END"
    )
    setup = (
        "SET ROLE housing_owner",
        "CREATE EXTENSION pgcrypto",
        f"CREATE FUNCTION public.waits(id int) RETURNS boolean LANGUAGE sql AS $$ {waits} $$",
        "CREATE TABLE public.tenants (id serial PRIMARY KEY, name text, CHECK (public.waits(id)))",
        "INSERT INTO public.tenants (name) SELECT repeat(md5(g::text), 20) FROM generate_series(1, 2000) g",
        "RESET ROLE",
    )
    move.at("source", ";".join(["GRANT CREATE ON SCHEMA public TO housing_owner", *setup]), "housing")
    yield _Council(move, tmp_path)
    for side in ("target", "source"):
        for name in ("housing", "rehearsed"):
            move.at(side, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", "postgres")
        for role in ("mover", "housing_owner"):
            move.at(side, f"DROP ROLE {role}", "postgres")


class _Council:
    def __init__(self, move: Any, folder: Path) -> None:
        self.move, self.folder, self.runs = move, folder, folder / "runs"
        self.environment = {"M": "m", "PATH": "/usr/bin:/bin"}

    def place(self, way: str = "dump", **other: str) -> DatabasePlace:
        mover = {"user": "mover", "password_env": "M", "database": "housing"}
        source, target = (getattr(self.move, side).model_dump() | mover for side in ("source", "target"))
        return DatabasePlace.model_validate(
            {"id": "hou-db", "engine": "postgresql", "way": way, "source": source, "target": target | other}
        )

    def runbook(self, place: DatabasePlace) -> Runbook:
        """The program's steps, the go/no-go and the opening."""
        compiled = runbooks.compile(PLAN, "wave-1", {}, databases=(place,))
        kept = [s for s in compiled.steps if s.kind != "human-task" or s.id == "open"]
        ids = {s.id for s in kept}
        return replace(compiled, steps=tuple(replace(s, after=tuple(a for a in s.after if a in ids)) for s in kept))

    def hands(self) -> Hands:
        return Hands(lambda: datetime.now(UTC), self.environment, yes, lambda line: None)

    def drive(self, *jobs: dict[str, Any]) -> list[dict[str, Any]]:
        """Run jobs in processes that can be killed."""
        with subprocess.Popen([sys.executable, str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin
            assert process.stdout
            answers: list[dict[str, Any]] = []
            for job in jobs:
                held = {"runs": str(self.runs), "run": "r1", "runbook": str(self.folder / "wave-1.yaml"), "environment": self.environment}
                process.stdin.write(json.dumps(held | job) + "\n")
                process.stdin.flush()
                answers.append(json.loads(process.stdout.readline()))
            process.stdin.close()
        return answers


@pytest.mark.skipif(os.name == "nt", reason="the driver forks")
def test_a_run_killed_in_the_middle_of_the_copy_ends_with_the_database_whole_and_once(council: Any) -> None:
    runbook_file.write(council.runbook(council.place()), council.folder / "wave-1.yaml")
    (died,) = council.drive({"verb": "start", "after_seconds": 1.0})
    assert died["code"] == -signal.SIGKILL
    (half,) = council.move.databases()
    assert half.startswith("unless_")
    (ended,) = council.drive({"verb": "resume"})
    assert (ended["answer"], ended["faults"]) == ("done", [])
    assert council.move.databases() == {"housing"}
    assert council.move.at("target", "SELECT count(*), count(DISTINCT id) FROM public.tenants", "housing") == [(2000, 2000)]
    journal = (council.runs / "r1" / "journal.jsonl").read_text("ascii")
    kinds = [json.loads(line) for line in journal.splitlines()]
    assert sum(r["kind"] == "receipt" and r["step"] == "copy-database-hou-db" for r in kinds) == 1
    assert '"M"' not in journal
    assert council.move.servers.source.password not in journal


def test_a_rehearsal_on_stand_ins_goes_there_and_back_and_leaves_the_source_as_it_was(council: Any) -> None:
    real = council.runbook(council.place())
    other = council.place(database="rehearsed")
    standing = council.runbook(
        other.model_copy(update={"source": other.source.model_copy(update={"host": "localhost", "tls": "verify-ca"})})
    )
    found = stand_ins(real, standing)
    outcome = runs.start(council.runs, "r1", real, council.hands(), stand_ins=found)
    assert (outcome.faults, outcome.status.state) == ((), "rolled back")
    assert council.move.databases() == set()
    frozen = "SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase WHERE datname = 'housing'"
    assert council.move.at("source", frozen) == [(0,)]


def test_a_replicated_database_says_its_lag_and_arrives(council: Any, tmp_path: Path) -> None:
    council.move.at("source", "ALTER ROLE mover REPLICATION", "postgres")
    council.move.at("source", "GRANT CREATE ON DATABASE housing TO mover", "postgres")
    council.move.at("target", "ALTER ROLE mover SUPERUSER", "postgres")  # up to PostgreSQL 15
    runbook = council.runbook(council.place("replicate"))
    until = [s.id for s in runbook.steps].index("freeze-database-hou-db")
    first = runs.start(council.runs, "r1", runbook, replace(council.hands(), stop=_StopsAt(until)))
    assert first.status.at_step == "freeze-database-hou-db", first.faults
    found, cannot = lags(council.runs, "r1", council.environment)
    assert cannot == ()
    assert [(f.database, f.is_followed) for f in found] == [("hou-db", True)]
    (tmp_path / "unless.toml").write_text("", "utf-8")
    command = [sys.executable, "-c", "from console.cli import main; main()", "runbook", "lag", "r1", "--json", "-w", str(tmp_path)]
    environment = {**os.environ, **council.environment}
    shown = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=environment)
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)[0]["database"] == "hou-db"
    rows, blind = lags(council.runs, "r1", {})
    assert (rows, [b.partition(": ")[2] for b in blind]) == ((), ["the variable M is not set. Set it to the password of mover."])
    second = runs.resume(council.runs, "r1", council.hands())
    assert (second.answer, second.faults) == ("done", ())
    assert lags(council.runs, "r1", council.environment) == ((), ())
    assert council.move.at("target", "SELECT count(*) FROM public.tenants", "housing") == [(2000,)]
    certificate = json.loads((council.runs / "r1" / "certificate-verify-database-hou-db.json").read_bytes())
    assert 0 <= certificate["caught_up_seconds"] < 30


class _StopsAt:
    """A stop that is set once so many steps have begun."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0

    def wait(self, seconds: float = 0) -> bool:
        return threading.Event().wait(seconds)
