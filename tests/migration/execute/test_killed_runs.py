"""A run that is killed, anywhere, ends with every file at its target once, verified."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Callable
from typing import Any

import pytest

from migration import journal
from migration.execution.proof import prove
from migration.steps.names import key_for

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="the driver forks")]

# A life that makes no headway must fail the test, not hang it.
MOST_DEATHS = 120
Job = Callable[..., dict[str, Any]]


def _finish(job: Job, council: Any, verb: str = "resume") -> None:
    ended = job(council, verb)
    assert (ended["answer"], ended["faults"]) == ("done", [])


def _assert_moved_once(council: Any) -> None:
    """Every file at its key with its bytes, nothing else there, the locator switched, and one receipt for each step."""
    assert council.contents() == {key_for(path, "docs/"): content for path, content in council.files().items()}
    assert json.loads(council.locator.read_bytes())["location"] == f"s3://{council.bucket}/docs/"
    records, torn = journal.read(council.runs / "r1" / "journal.jsonl")
    receipts = [r.step for r in records if r.kind == "receipt"]
    assert sorted(receipts) == sorted(s.id for s in council.runbook.steps)
    assert torn == b""
    proof = prove(council.runs, "r1", council.hands())
    assert (proof.state, proof.differences, proof.cannot_tell) == ("finished", (), ())


def test_a_run_killed_after_each_record_of_its_journal_ends_right(council: Any, job: Job) -> None:
    deaths = 0
    ended = job(council, "start", after_records=2)
    while ended["code"] == -signal.SIGKILL and deaths < MOST_DEATHS:
        deaths += 1
        # Each life writes `resumed` and one or two records more, so that death comes after every kind of record.
        ended = job(council, "resume", after_records=2 + deaths % 2)
    assert deaths > len(council.runbook.steps)
    assert ended["answer"] == "done" or ended["faults"] == ["The run r1 is finished: there is nothing to resume."], ended
    _assert_moved_once(council)


@pytest.mark.parametrize("puts", [1, 12])
def test_a_run_killed_between_an_upload_and_its_record_ends_right(council: Any, job: Job, puts: int) -> None:
    assert job(council, "start", after_put=puts)["code"] == -signal.SIGKILL
    # Workers may have put a few more than were counted when the first life ended; one more is always left to put.
    assert job(council, "resume", after_put=1)["code"] == -signal.SIGKILL
    _finish(job, council)
    _assert_moved_once(council)


@pytest.mark.parametrize("seed", range(2))
def test_a_run_killed_at_random_inside_the_copy_ends_right(make_council: Any, job: Job, seed: int) -> None:
    council = make_council(files=150)
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    ended = job(council, "start", after_seconds=chance.uniform(0.1, 0.8))
    for _ in range(4):
        if ended["code"] != -signal.SIGKILL:
            break
        ended = job(council, "resume", after_seconds=chance.uniform(0.1, 0.8))
    if ended["code"] == -signal.SIGKILL:
        _finish(job, council)
    _assert_moved_once(council)


def test_a_rollback_killed_after_each_record_ends_with_everything_as_it_was(council: Any, job: Job) -> None:
    before = council.files()
    modes = {p: p.stat().st_mode for p in council.share.rglob("*")}
    # Up to the switch of the locator, which is the last step before the people's.
    ended = job(council, "start", after_records=_records_until(council, "open"))
    assert ended["code"] == -signal.SIGKILL
    ended, deaths = job(council, "undo", after_records=2), 0
    while ended["code"] == -signal.SIGKILL and deaths < MOST_DEATHS:
        deaths += 1
        ended = job(council, "resume", after_records=2 + deaths % 2)
    assert ended["answer"] == "done" or ended["faults"] == ["The run r1 is rolled back: there is nothing to resume."], ended
    assert deaths > 5
    assert council.contents() == {}
    assert council.files() == before
    assert {p: p.stat().st_mode for p in council.share.rglob("*")} == modes
    assert list(council.locator.parent.iterdir()) == []


def _records_until(council: Any, step: str) -> int:
    """How many records a run has once this step's intent is written: one to open, four for each step before."""
    return 1 + 4 * [s.id for s in council.runbook.steps].index(step) + 1
