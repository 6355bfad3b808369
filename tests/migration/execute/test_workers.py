"""Runs that several machines carry out, on a real PostgreSQL: what is shared, who may write, and who goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration import journal as journals
from migration.errors import MigrationError
from migration.execution import runs
from migration.execution.proof import prove
from migration.execution.runs import Outcome
from migration.execution.shared import SharedRuns, conninfo
from migration.execution.shared.lease import LeaseLostError
from migration.execution.tenure import tenure
from migration.execution.worker import work
from migration.journal import Journal
from migration.steps.model import Question, Reply, StepWaitsError
from rehearsal.servers import postgresql_server
from rehearsal.servers.postgresql import SUPERUSER
from tests.parts import postgresql_or_skip

pytestmark = pytest.mark.xdist_group("workers")


@pytest.fixture(scope="module")
def server() -> Generator[str]:
    """The address of a database without its password, which is in the environment."""
    programs = postgresql_or_skip()
    with postgresql_server(programs) as held, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", held.password)
        yield f"postgresql://{SUPERUSER}@{held.host}:{held.port}/postgres"


@pytest.fixture
def shared(server: str, tmp_path: Path) -> SharedRuns:
    import psycopg

    name = f"runs_{abs(hash(tmp_path)):x}"
    with psycopg.connect(server, autocommit=True) as c:
        c.execute(f"CREATE DATABASE {name}".encode())
    made = SharedRuns(server.replace("/postgres", f"/{name}"), "first", lease_seconds=2)
    made.prepare()
    return made


def _told(shared: SharedRuns, folder: Path, hands: Any) -> tuple[list[Outcome], list[str]]:
    """What a worker says that carries out all that wants one."""
    told: list[Outcome] = []
    warned: list[str] = []
    work(shared, folder, replace(hands, shared=shared), is_once=True, tell=told.append, warn=warned.extend)
    return told, warned


def _nobody(question: Question) -> Reply:
    raise StepWaitsError(f"{question.title}: nobody is here")


def test_a_run_that_was_left_is_carried_out_by_a_worker_elsewhere(council: Any, shared: SharedRuns, tmp_path: Path) -> None:
    left = runs.start(tmp_path / "here", "r1", council.runbook, council.hands(shared=shared, leaves=True))
    assert (left.answer, left.status.done) == ("left", 0)
    told, warned = _told(replace(shared, holder="second"), tmp_path / "there", council.hands())
    assert ([(o.run, o.answer) for o in told], warned) == ([("r1", "done")], [])
    assert shared.wanted() == []
    shared.bring(tmp_path / "elsewhere")
    proof = prove(tmp_path / "elsewhere", "r1", council.hands())
    assert (proof.state, proof.differences, proof.cannot_tell) == ("finished", (), ())
    files = {
        f.name: f.read_bytes() for f in (tmp_path / "there" / "r1").iterdir() if not f.name.startswith(("engine", "lock", "holder", "."))
    }
    assert {name: (tmp_path / "elsewhere" / "r1" / name).read_bytes() for name in files} == files
    assert any(name.startswith("manifest-") for name in files)


def test_a_run_waits_for_people_and_goes_on_when_they_have_answered(council: Any, shared: SharedRuns, tmp_path: Path) -> None:
    runs.start(tmp_path / "here", "r1", council.runbook, council.hands(shared=shared, leaves=True))
    told, _ = _told(shared, tmp_path / "there", council.hands(ask=_nobody))
    assert [o.answer for o in told] == ["waiting"]
    assert shared.wanted() == []
    answered = 0
    while told[-1].answer == "waiting":
        by_hand = runs.answer(tmp_path / "here", "r1", council.hands(shared=shared, leaves=True))
        assert by_hand.answer == "left"
        answered += 1
        told, warned = _told(shared, tmp_path / "there", council.hands(ask=_nobody))
        assert warned == []
    assert (told[-1].answer, answered) == ("done", sum(s.kind in ("human-task", "go-no-go") for s in council.runbook.steps))
    with pytest.raises(MigrationError, match="is finished: there is nothing to resume"):
        runs.answer(tmp_path / "here", "r1", council.hands(shared=shared, leaves=True))


def test_a_step_that_is_no_persons_cannot_be_answered(council: Any, shared: SharedRuns, tmp_path: Path) -> None:
    machine = next(s.id for s in council.runbook.steps if s.kind not in ("human-task", "go-no-go"))
    first = replace(council.runbook, steps=tuple(s for s in council.runbook.steps if s.id == machine))
    runs.start(
        tmp_path / "here", "r1", replace(first, steps=(replace(first.steps[0], after=()),)), council.hands(shared=shared, leaves=True)
    )
    with pytest.raises(MigrationError, match=f"waits for no person: it is at {machine}"):
        runs.answer(tmp_path / "here", "r1", council.hands(shared=shared, leaves=True))


def test_a_rollback_is_left_to_workers_too(council: Any, shared: SharedRuns, tmp_path: Path) -> None:
    before = council.files()
    _stopped_before_opening(council, shared, tmp_path)
    left = runs.undo(tmp_path / "here", "r1", council.hands(shared=shared, leaves=True))
    assert left.answer == "left"
    told, warned = _told(shared, tmp_path / "there", council.hands())
    assert ([(o.answer, o.status.state) for o in told], warned) == ([("done", "rolled back")], [])
    assert (council.contents(), council.files()) == ({}, before)


def _stopped_before_opening(council: Any, shared: SharedRuns, tmp_path: Path) -> None:
    def all_but_opening(question: Question) -> Reply:
        if question.kind == "decision":
            return Reply(is_yes=True, by="tester", how="--yes")
        raise StepWaitsError("not yet")

    out = runs.start(tmp_path / "here", "r1", council.runbook, council.hands(shared=shared, ask=all_but_opening))
    assert out.answer == "waiting"


def test_nobody_carries_out_what_another_does_and_one_name_is_given_once(council: Any, shared: SharedRuns, tmp_path: Path) -> None:
    second = replace(shared, holder="second")
    with tenure(tmp_path / "here" / "r1", council.hands(shared=shared), is_new=True) as held:
        held.journal(lambda r: None).add("opened", body={"run": "r1"})
        assert shared.holders() == {"r1": "first"}
        with (
            pytest.raises(MigrationError, match="r1 is being run already by first"),
            tenure(tmp_path / "there" / "r1", council.hands(shared=second)),
        ):
            pass
        time.sleep(shared.lease_seconds * 1.5)  # the lease is renewed while its holder lives
        assert shared.holders() == {"r1": "first"}
    assert shared.holders() == {}
    with pytest.raises(MigrationError, match="The run r1 exists already"):
        runs.start(tmp_path / "there", "r1", council.runbook, council.hands(shared=second))
    with pytest.raises(MigrationError, match="There is no run 'r2'"):
        runs.resume(tmp_path / "there", "r2", council.hands(shared=second))


def test_who_lost_the_lease_writes_nothing_more(shared: SharedRuns, council: Any, tmp_path: Path) -> None:
    old, new = tmp_path / "old" / "r1", tmp_path / "new" / "r1"
    old.mkdir(parents=True)
    lease = shared.claim("r1", is_new=True)  # and not renewed: as of a process that hangs
    paused = Journal(old / "journal.jsonl", council.hands().now, lambda r: None, lambda n, line: lease.record(old, n, line))
    paused.add("opened", body={"run": "r1"})
    (old / "manifest-x.json").write_text("{}")
    time.sleep(shared.lease_seconds + 0.3)
    with tenure(new, council.hands(shared=replace(shared, holder="second"))) as held:
        going = held.journal(lambda r: None)
        going.add("resumed")
        with pytest.raises(LeaseLostError, match="taken over by another worker"):
            paused.add("intent", "copy")
        going.add("intent", "copy", {"token": "t"})
        lease.release(old, is_wanted=True)
    assert shared.holders() == {}
    assert shared.wanted() == []
    shared.bring(tmp_path / "elsewhere")
    records, _ = journals.read(tmp_path / "elsewhere" / "r1" / "journal.jsonl")
    assert [r.kind for r in records] == ["opened", "resumed", "intent"]
    assert not (tmp_path / "elsewhere" / "r1" / "manifest-x.json").exists()


def test_a_run_that_is_asked_to_stop_stops_and_no_worker_takes_it(shared: SharedRuns, council: Any, tmp_path: Path) -> None:
    asked = threading.Event()

    def slow(question: Question) -> Reply:
        asked.set()
        time.sleep(shared.lease_seconds)
        return Reply(is_yes=True, by="tester", how="--yes")

    runs.start(tmp_path / "here", "r1", council.runbook, council.hands(shared=shared, leaves=True))
    told: list[tuple[list[Outcome], list[str]]] = []
    worker = threading.Thread(target=lambda: told.append(_told(shared, tmp_path / "there", council.hands(ask=slow))))
    worker.start()
    assert asked.wait(60)
    assert shared.ask_to_stop("r1") == "first"
    worker.join(60)
    assert [(o.answer, o.faults) for o in told[0][0]] == [("stopped", ("Stopped by hand.",))]
    assert (shared.wanted(), shared.holders()) == ([], {})
    out = runs.resume(tmp_path / "here", "r1", council.hands(shared=shared))
    assert (out.answer, out.status.state) == ("done", "finished")


def test_a_worker_that_is_told_to_end_leaves_its_run_to_another(shared: SharedRuns, council: Any, tmp_path: Path) -> None:
    stop = threading.Event()

    def ending(question: Question) -> Reply:
        stop.set()
        return Reply(is_yes=True, by="tester", how="--yes")

    runs.start(tmp_path / "here", "r1", council.runbook, council.hands(shared=shared, leaves=True))
    told, _ = _told(shared, tmp_path / "there", council.hands(ask=ending, stop=stop))
    assert [o.answer for o in told] == ["stopped"]
    assert shared.wanted() == ["r1"]
    told, _ = _told(shared, tmp_path / "elsewhere", council.hands())
    assert [o.answer for o in told] == ["done"]


def test_a_worker_gets_a_run_through_while_connections_break(shared: SharedRuns, council: Any, tmp_path: Path) -> None:
    import psycopg

    over = threading.Event()

    def breaking() -> None:
        with psycopg.connect(shared.url, autocommit=True) as c:
            while not over.wait(0.4):
                c.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )

    runs.start(tmp_path / "here", "r1", council.runbook, council.hands(shared=shared, leaves=True))
    breaker = threading.Thread(target=breaking)
    breaker.start()
    threading.Timer(6, over.set).start()
    told: list[Outcome] = []
    try:
        while not any(o.answer == "done" for o in told):
            told += _told(shared, tmp_path / "there", council.hands())[0]
            assert not any(o.answer == "stopped" for o in told)
    finally:
        over.set()
        breaker.join()
    shared.bring(tmp_path / "here")
    records, _ = journals.read(tmp_path / "here" / "r1" / "journal.jsonl")
    receipts = [r.step for r in records if r.kind == "receipt"]
    assert sorted(receipts) == sorted(s.id for s in council.runbook.steps)


def test_a_name_that_leads_out_of_the_folder_is_refused(shared: SharedRuns, council: Any, tmp_path: Path) -> None:
    runs.start(tmp_path / "here", "r1", council.runbook, council.hands(shared=shared, leaves=True))
    for name in ("../../away", "/etc/away", "a/../../away", "c:away", "a\\away"):
        shared.put("r1", name, b"!")
        with pytest.raises(MigrationError, match="leads out of the run's folder"):
            shared.bring(tmp_path / "there")
        with shared.asking() as c:
            c.execute("DELETE FROM unless_runs.part WHERE name = %s", (name,))
    assert not list(tmp_path.rglob("away"))


def test_an_unfit_address_is_told_with_every_fault() -> None:
    with pytest.raises(MigrationError) as wrong:
        conninfo("mysql://me:secret@db.example.gov.uk?sslmode=require")
    told = str(wrong.value)
    assert len(wrong.value.faults) == 4
    assert "secret" not in told
    assert conninfo("postgresql://me@db.example.gov.uk/runs").query["sslmode"] == "verify-full"
    assert "sslmode" not in conninfo("postgresql://me@localhost/runs").query
    assert "sslmode" not in conninfo("postgresql:///runs?host=/run/postgresql").query


def test_a_database_that_is_not_there_is_a_plain_sentence(server: str) -> None:
    absent = SharedRuns(server.replace("/postgres", "/nothing"), "me")
    with pytest.raises(MigrationError, match=r'database "nothing" does not exist\. Check it and your password'):
        absent.prepare()


def test_tables_of_a_later_version_are_left_alone(shared: SharedRuns) -> None:
    shared.prepare()
    with shared.asking() as c:
        c.execute("INSERT INTO unless_runs.format VALUES (2)")
    with pytest.raises(MigrationError, match="of format 2, and this version knows 1"):
        shared.prepare()


def test_leaving_a_run_needs_a_database(council: Any) -> None:
    with pytest.raises(MigrationError, match="settings name no \\[runs\\] database"):
        runs.start(council.runs, "r1", council.runbook, council.hands(leaves=True))
    assert not (council.runs / "r1" / "journal.jsonl").exists()


def test_a_worker_waits_for_a_database_that_is_away_and_says_so_once(server: str, council: Any, tmp_path: Path) -> None:
    stop = threading.Event()
    warned: list[str] = []
    absent = SharedRuns(server.replace("/postgres", "/nothing"), "me")
    worker = threading.Thread(
        target=lambda: work(absent, tmp_path, council.hands(shared=absent, stop=stop), tell=lambda o: None, warn=warned.extend)
    )
    worker.start()
    time.sleep(2.5)
    stop.set()
    worker.join(30)
    assert len(warned) == 1
