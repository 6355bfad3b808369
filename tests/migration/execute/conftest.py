"""Real servers for runs: SSH with a share, S3 with an empty bucket, and a runbook between them."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from migration import runbooks
from migration.execution.interpreter import Hands, token
from migration.runbooks import Runbook
from migration.runbooks import file as runbook_file
from migration.steps.endpoints import S3Place
from migration.steps.model import Bench, Question, Reply
from migration.steps.store_s3 import S3Store
from rehearsal.servers import S3Server, SshServer, make_share, s3_server, ssh_server

_NUMBER = itertools.count()


@dataclass(frozen=True)
class Council:
    """A share on a real SSH server, a bucket on a real S3 server, and the runbook that moves one to the other."""

    folder: Path
    share: Path
    ssh: SshServer
    s3: S3Server
    bucket: str
    runbook: Runbook
    locator: Path

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @property
    def environment(self) -> Mapping[str, str]:
        return self.s3.environment

    def store(self) -> S3Store:
        return S3Store(S3Place(endpoint=self.s3.endpoint, bucket=self.bucket, prefix="docs/"), self.environment, 4)

    def hands(self, **other: Any) -> Hands:
        held: dict[str, Any] = {"ask": yes, "say": silent, "workers": 4} | other
        return Hands(now=lambda: datetime.now(UTC), environment=self.environment, **held)

    def files(self) -> dict[str, bytes]:
        """Every file of the share by path, ours left out."""
        found = {p.relative_to(self.share).as_posix(): p for p in self.share.rglob("*") if p.is_file() and not p.is_symlink()}
        return {name: path.read_bytes() for name, path in found.items() if not name.startswith(".unless-")}

    def contents(self) -> dict[str, bytes]:
        """Every object of the bucket's prefix by key."""
        store = self.store()
        return {key: b"".join(store.read(key)) for key in store.listing()}


def yes(question: Question) -> Reply:
    del question
    return Reply(is_yes=True, by="tester", how="--yes")


def silent(line: str) -> None:
    del line


def plan(files: int = 30) -> dict[str, Any]:
    """A plan with one workload that has one share and no server."""
    wave = {"id": "wave-1", "starts": "2027-01-01", "ends": "2027-01-14", "workload_ids": ["hou"]}
    share = {"id": "hou-docs", "name": "Housing documents", "workload_id": "hou", "path": "docs", "files": files}
    return {"workloads": [{"id": "hou", "name": "Housing", "disposition": "rehost"}], "waves": [wave], "shares": [share]}


def without_most_people(runbook: Runbook) -> Runbook:
    """The program's steps, the go/no-go and the opening: what people do by hand is all alike, and each step costs a test its time."""
    kept = [s for s in runbook.steps if s.kind != "human-task" or s.id == "open"]
    ids = {s.id for s in kept}
    return replace(runbook, steps=tuple(replace(s, after=tuple(a for a in s.after if a in ids)) for s in kept))


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Generator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@contextmanager
def councils(folder: Path, s3: S3Server) -> Generator[Callable[..., Council]]:
    """Makes councils below a folder, each with a share of so many files, behind `openssh` or `paramiko`; its servers end with it."""
    opened = ExitStack()

    def make(files: int = 30, kind: str = "", s3_place: S3Server = s3) -> Council:
        number = next(_NUMBER)
        place = folder / f"council-{number}"
        share = place / "served" / "share"
        (place / "served" / "published").mkdir(parents=True)
        make_share(share, files)
        ssh = opened.enter_context(ssh_server(place / "served", place, kind))
        bucket = f"bucket-{os.getpid()}-{number}"
        s3_place.make_bucket(bucket)
        locator = place / "served" / "published" / "hou-docs.json"
        places = runbooks.read_targets(_targets(place, share, ssh, s3_place, bucket, locator))
        runbook = without_most_people(runbooks.compile(plan(files), "wave-1", places))
        return Council(place, share, ssh, s3_place, bucket, runbook, locator)

    with opened:
        yield make


@pytest.fixture
def make_council(tmp_path: Path, s3: S3Server) -> Generator[Callable[..., Council]]:
    """Makes councils for one test."""
    with councils(tmp_path, s3) as make:
        yield make


def _targets(folder: Path, share: Path, ssh: SshServer, s3: S3Server, bucket: str, locator: Path) -> Path:
    file = folder / "targets.toml"
    text = f'''
format = "cloud-unless/targets/1"
[[share]]
id = "hou-docs"
host = "{ssh.host}"
port = {ssh.port}
user = "{ssh.user}"
key_file = "{ssh.key_file}"
fingerprint = "{ssh.fingerprint}"
path = "{share}"
locator = "{locator}"
target = [{{ kind = "s3", endpoint = "{s3.endpoint}", bucket = "{bucket}", prefix = "docs/" }}]
'''
    file.write_text(text, "utf-8")
    return file


@pytest.fixture
def council(make_council: Callable[..., Council]) -> Council:
    return make_council()


@pytest.fixture
def make_bench(council: Council) -> Callable[[str], Bench]:
    """What the run r1 of the council has at hand for a step."""

    def make(step: str) -> Bench:
        council.runs.mkdir(exist_ok=True)
        hands = council.hands()
        return Bench(
            folder=council.runs,
            run="r1",
            step=step,
            token=token("r1", step),
            role="storage-engineer",
            title="Copy",
            text="Copy",
            environment=hands.environment,
            now=hands.now,
            ask=hands.ask,
            say=hands.say,
            stop=hands.stop,
            workers=4,
        )

    return make


@pytest.fixture
def job() -> Generator[Callable[..., dict[str, Any]]]:
    """Runs one job in a real process of the driver and says how it ended."""
    command = [sys.executable, str(Path(__file__).with_name("driver.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def do(council: Any, verb: str, **when: Any) -> dict[str, Any]:
            assert process.stdin
            assert process.stdout
            runbook = council.folder / "wave-1.yaml"
            runbook_file.write(council.runbook, runbook)
            held = {"runs": str(council.runs), "run": "r1", "runbook": str(runbook), "verb": verb, "environment": dict(council.environment)}
            process.stdin.write(json.dumps(held | when) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield do
        assert process.stdin
        process.stdin.close()
