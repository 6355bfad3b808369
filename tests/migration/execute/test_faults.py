"""Runs killed at random, there, back and there again, on real servers: every effect once, every file once, the chain whole.

Seeded, so that a campaign that fails can be run again. `UNLESS_CAMPAIGNS` says how many (2 in CI; docs/faults.md has the last larger
run), and `UNLESS_FAULTS_REPORT` names a file to which each adds a line of JSON: its kills by what had been written last.
"""

from __future__ import annotations

import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from migration import journal as journals
from migration import runbooks
from migration.execution.proof import prove
from migration.runbooks import Runbook
from migration.steps.names import key_for
from rehearsal.servers.ssh import sshd_program
from tests.migration.execute.conftest import plan, without_most_people
from tests.migration.execute.test_services import placed, written

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the driver forks"),
    pytest.mark.skipif(sshd_program() is None, reason="needs OpenSSH's server: apt-get install openssh-server"),
]
CAMPAIGNS = int(os.environ.get("UNLESS_CAMPAIGNS", "2"))
MOST_LIVES = 150
SERVICES = ("tomcat", "cron")


@dataclass
class Campaign:
    """One council, its runs, and the kills so far by what the journal held last."""

    council: Any
    runbook: Runbook
    served: Path
    job: Callable[..., dict[str, Any]]
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter[str])

    def life(self, run: str, verb: str, *, is_last: bool = False) -> dict[str, Any]:
        """One process's life with the run, ended at random unless it is to be the last."""
        death = {} if is_last else self._death()
        ended = self.job(replace(self.council, runbook=self.runbook), verb, run=run, **death)
        if ended["code"] == -signal.SIGKILL:
            self.kills[self._last(run)] += 1
        return ended

    def _death(self) -> dict[str, Any]:
        records = self.chance.choice(("after_records", "before_records"))
        return {
            records: self.chance.randint(1, 6),
            "after_put": self.chance.randint(1, 25),
            "after_seconds": self.chance.uniform(0.01, 0.5),
        }

    def _last(self, run: str) -> str:
        file = self.council.runs / run / "journal.jsonl"
        records = journals.read(file)[0] if file.is_file() else ()
        return records[-1].kind if records else "nothing"

    def until_it_ends(self, run: str, verb: str, lives: int = MOST_LIVES) -> str:
        """Lives, one after the other, until the run has ended or so many were lived; returns how it stands."""
        ended = self.life(run, verb)
        for _ in range(lives):
            if ended["code"] != -signal.SIGKILL:
                break
            # A process that was killed before it had opened its run has begun nothing: the same command begins it.
            begun = (self.council.runs / run / "journal.jsonl").is_file() and self._last(run) != "nothing"
            ended = self.life(run, "resume" if begun else verb)
        if ended["code"] == -signal.SIGKILL:
            return "killed"
        told = " ".join(ended["faults"])
        assert ended["answer"] == "done" or "there is nothing to resume" in told, ended
        return "ended"

    def log(self) -> list[str]:
        file = self.served / "log"
        return file.read_text().splitlines() if file.is_file() else []


@pytest.fixture
def campaign(make_council: Any, job: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Campaign:
    chance = random.Random(request.param)  # noqa: S311 - repeatable, not secret
    council = make_council(files=max(20, chance.randint(15, 60)))  # with fewer, a share has none of the odd names
    served = tmp_path / "services"
    served.mkdir()
    for name in SERVICES:
        (served / name).touch()
    services = runbooks.read_services(written(tmp_path, "".join(placed(council, served, n) for n in SERVICES)))
    whole = runbooks.compile(plan(), "wave-1", runbooks.read_targets(council.folder / "targets.toml"), None, services)
    return Campaign(council, without_most_people(whole), served, job, chance)


@pytest.mark.parametrize("campaign", range(CAMPAIGNS), indirect=True)
def test_runs_killed_at_random_there_back_and_there_again_do_everything_once(campaign: Campaign, request: pytest.FixtureRequest) -> None:
    council = campaign.council
    before, modes = council.files(), {p: p.stat().st_mode for p in council.share.rglob("*")}
    campaign.until_it_ends("r1", "start", lives=campaign.chance.randint(6, 22))
    state = campaign.life("r1", "undo")
    if "point of no return" not in " ".join(state.get("faults", ())):
        if state["code"] == -signal.SIGKILL:
            # Killed before the rollback was in the journal, it has not begun: the same command begins it.
            is_back = any(r.kind == "undo-opened" for r in journals.read(council.runs / "r1" / "journal.jsonl")[0])
            campaign.until_it_ends("r1", "resume" if is_back else "undo")
        _assert_as_it_was(campaign, before, modes)
        campaign.until_it_ends("r2", "start")
        _assert_moved_once(campaign, "r2")
    else:
        campaign.until_it_ends("r1", "resume")
        _assert_moved_once(campaign, "r1")
    _report(request.node.callspec.id, campaign)


def _assert_as_it_was(campaign: Campaign, before: dict[str, bytes], modes: dict[Path, int]) -> None:
    council, log = campaign.council, campaign.log()
    assert (council.contents(), council.files()) == ({}, before)
    assert {p: p.stat().st_mode for p in council.share.rglob("*")} == modes
    assert list(council.locator.parent.iterdir()) == []
    records, torn = journals.read(council.runs / "r1" / "journal.jsonl")
    assert torn == b""
    stopped = {r.step for r in records if r.kind == "receipt" and r.step.startswith("stop-service-")}
    for name in SERVICES:
        assert (campaign.served / name).exists(), f"{name} does not run again"
        there, back = log.count(f"stop {name}"), log.count(f"start {name}")
        assert (there, back) == (1, 1) if any(f"-{name}-" in s for s in stopped) else (there <= 1 and back <= 1), (name, log)
    _assert_once(records, "undo-receipt")


def _assert_moved_once(campaign: Campaign, run: str) -> None:
    council, log = campaign.council, campaign.log()
    assert council.contents() == {key_for(path, "docs/"): content for path, content in council.files().items()}
    assert json.loads(council.locator.read_bytes())["location"] == f"s3://{council.bucket}/docs/"
    records, torn = journals.read(council.runs / run / "journal.jsonl")
    assert torn == b""
    _assert_once(records, "receipt")
    assert {r.step for r in records if r.kind == "receipt"} == {s.id for s in campaign.runbook.steps}
    for name in SERVICES:
        assert not (campaign.served / name).exists()
        assert log.count(f"stop {name}") == 1 + log.count(f"start {name}"), log
    proof = prove(council.runs, run, council.hands())
    assert (proof.state, proof.differences, proof.cannot_tell) == ("finished", (), ())


def _assert_once(records: Any, kind: str) -> None:
    twice = [step for step, times in Counter(r.step for r in records if r.kind == kind).items() if times > 1]
    assert not twice, f"{kind} more than once: {twice}"


def _report(seed: str, campaign: Campaign) -> None:
    assert campaign.kills.total() > 5, "hardly anything was killed, so hardly anything is proved"
    file = os.environ.get("UNLESS_FAULTS_REPORT")
    if file:
        with Path(file).open("a", encoding="utf-8") as out:
            held = {"seed": seed, "files": len(campaign.council.files()), "kills": dict(campaign.kills)}
            out.write(json.dumps(held, sort_keys=True) + "\n")
