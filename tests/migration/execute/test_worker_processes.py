"""Two workers as they run in earnest, each a process of its own: one is killed in the middle of a copy, the other finishes its run."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration import journal as journals
from migration.execution import runs
from migration.execution.proof import prove
from migration.execution.shared import SharedRuns
from migration.runbooks import Runbook
from migration.steps.names import key_for
from rehearsal.servers import postgresql_server
from rehearsal.servers.postgresql import SUPERUSER
from tests.parts import postgresql_or_skip

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("workers")]
REPOSITORY = Path(__file__).parents[3]
MOST_SECONDS = 30
Worker = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def shared() -> Generator[SharedRuns]:
    programs = postgresql_or_skip()
    with postgresql_server(programs) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", server.password)
        made = SharedRuns(f"postgresql://{SUPERUSER}@{server.host}:{server.port}/postgres", "the test")
        made.prepare()
        yield made


@pytest.fixture
def worker(shared: SharedRuns, tmp_path: Path, s3: Any) -> Generator[Worker]:
    """Starts `unless worker` in a workspace of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str) -> subprocess.Popen[bytes]:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "unless.toml").write_text(f'[runs]\ndatabase = "{shared.url}"\n', "utf-8")
        environment = {**os.environ, **s3.environment, "PYTHONPATH": str(REPOSITORY)}
        command = [sys.executable, "-m", "console", "worker", "--workers", "2", "-w", str(folder)]
        with (folder / "worker.log").open("wb") as log:
            started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.wait(30)


def _without_people(runbook: Runbook) -> Runbook:
    kept = [s for s in runbook.steps if s.kind not in ("human-task", "go-no-go")]
    ids = {s.id for s in kept}
    return replace(runbook, steps=tuple(replace(s, after=tuple(a for a in s.after if a in ids)) for s in kept))


def _until(what: Callable[[], Any], seconds: float) -> Any:
    ends = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.05)
    return found


def test_one_of_two_workers_is_killed_and_the_other_finishes_its_run(
    make_council: Any, shared: SharedRuns, worker: Worker, tmp_path: Path
) -> None:
    council = make_council(files=600)
    runbook = _without_people(council.runbook)
    workers = {p.pid: p for p in (worker("first"), worker("second"))}
    runs.start(tmp_path / "here", "r1", runbook, council.hands(shared=shared, leaves=True))
    _until(lambda: len(council.contents()) > 60, 60)
    holder = shared.holders()["r1"]
    killed = int(re.findall(r"process (\d+) on", holder)[0])
    workers[killed].send_signal(signal.SIGKILL)
    at = time.monotonic()
    assert len(council.contents()) < len(council.files()), "it was killed too late to prove anything"
    _until(lambda: shared.holders().get("r1", holder) != holder, MOST_SECONDS)
    _until(lambda: "r1" not in shared.holders(), MOST_SECONDS)
    took = time.monotonic() - at
    shared.bring(tmp_path / "here")
    records, torn = journals.read(tmp_path / "here" / "r1" / "journal.jsonl")
    assert [r.kind for r in records].count("resumed") == 2
    assert (sorted(r.step for r in records if r.kind == "receipt"), torn) == (sorted(s.id for s in runbook.steps), b"")
    assert council.contents() == {key_for(path, "docs/"): content for path, content in council.files().items()}
    proof = prove(tmp_path / "here", "r1", council.hands())
    assert (proof.state, proof.differences, proof.cannot_tell) == ("finished", (), ())
    assert took < MOST_SECONDS


def test_a_worker_that_is_told_to_end_ends_and_says_where_it_was(shared: SharedRuns, worker: Worker, tmp_path: Path) -> None:
    process = worker("first")
    log = tmp_path / "first" / "worker.log"
    _until(lambda: b"Waiting for runs" in log.read_bytes(), 60)
    process.terminate()
    assert process.wait(30) == 0
    assert b"Traceback" not in log.read_bytes()
    del shared
