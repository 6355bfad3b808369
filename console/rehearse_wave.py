"""Rehearse a wave's runbook on this machine: a believable share, real servers on loopback, and every file checked by digest."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import tomlkit

from console.workspace import Workspace
from inventory.whole import write_whole
from migration import runbooks
from migration.errors import MigrationError
from migration.execution import runs
from migration.execution.interpreter import Hands
from migration.runbooks import file as runbook_file
from migration.runbooks import render
from migration.steps.model import Question, Reply
from rehearsal.servers import SshServer, azurite, azurite_program, make_share, s3_server, ssh_server

REPOSITORY = Path(__file__).parents[1]
MOST_FILES = 2000


@dataclass(frozen=True, slots=True)
class RunResult:
    """A rehearsed run: which share went where, how many files and bytes, how long the run and its check took.

    `remarks` are sentences, such as why Azure Blob was left out. `server` is `openssh` or `paramiko`.
    """

    run: str
    wave: str
    share: str
    server: str
    targets: tuple[str, ...]
    steps: int
    files: int
    bytes: int
    seconds: float
    remarks: tuple[str, ...] = ()


def share_to_move(plan: Mapping[str, Any], wave_id: str) -> dict[str, Any] | None:
    """The first share of the wave's first workload that has one, or None."""
    wave = next((w for w in plan["waves"] if w["id"] == wave_id), None)
    ids = cast("list[str]", wave["workload_ids"]) if wave else []
    shares = cast("list[dict[str, Any]]", plan["shares"])
    return next((s for i in ids for s in shares if s["workload_id"] == i), None)


def run_wave_demo(workspace: Workspace, plan: Mapping[str, Any], wave_id: str, say: Callable[[str], None]) -> RunResult:
    """Compile the wave and carry it out with nobody asked; its verify steps read every file back. `plan` is the JSON of plan.json.

    The share's files are made for the occasion, at most 2,000. The runbook, its readings and the run stay in the workspace;
    servers and files end with the call. Raises MigrationError when the wave has no share or the run does not finish.
    """
    share = share_to_move(plan, wave_id)
    if share is None:
        raise MigrationError(f"{wave_id} has no file share, so there is nothing to rehearse moving.")
    started = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="unless-wave-")))
        held = folder / "council" / "share"
        (folder / "council" / "published").mkdir(parents=True)
        make_share(held, min(share.get("files") or MOST_FILES, MOST_FILES))
        stack.callback(_writable_again, held)
        ssh = stack.enter_context(ssh_server(folder / "council", folder))
        environment, targets, remarks = _stores(stack, folder)
        say(f"Servers on loopback: SSH ({ssh.kind}), {' and '.join(str(t['kind']) for t in targets)}")
        places = workspace.path("runbooks", f"{wave_id}.rehearsal-targets.toml")
        _write_targets(places, share["id"], ssh, held, targets)
        runbook = runbooks.compile_runbook(plan, wave_id, runbooks.read_targets(places))
        _write_readings(workspace, runbook)
        run = f"{wave_id}-rehearsal-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        hands = Hands(lambda: datetime.now(UTC), {**os.environ, **environment}, _yes, say)
        outcome = runs.start(workspace.path("runs"), run, runbook, hands)
        if outcome.answer != "done":
            raise MigrationError(*outcome.faults)
        sure = _certificates(workspace.path("runs", run))
        files, size, names = sum(c["files"] for c in sure), sum(c["bytes"] for c in sure), tuple(str(c["target"]) for c in sure)
        seconds = time.monotonic() - started
        return RunResult(run, wave_id, share["id"], ssh.kind, names, len(runbook.steps), files, size, seconds, remarks)


def _certificates(folder: Path) -> list[dict[str, Any]]:
    """What the verify steps certified of each copy: every file read back from its target and compared by digest."""
    held = [json.loads(file.read_bytes()) for file in sorted(folder.glob("certificate-verify-*.json"))]
    return cast("list[dict[str, Any]]", held)


def _yes(question: Question) -> Reply:
    del question
    return Reply(is_yes=True, by="rehearsal", how="--yes")


def _stores(stack: ExitStack, folder: Path) -> tuple[dict[str, str], list[dict[str, str]], tuple[str, ...]]:
    """Start the object stores: their clients' environment, their entries of targets.toml, and what was left out."""
    s3 = stack.enter_context(s3_server(folder))
    s3.make_bucket("rehearsal")
    environment = dict(s3.environment)
    targets = [{"kind": "s3", "endpoint": s3.endpoint, "bucket": "rehearsal", "prefix": "share/"}]
    program, why = azurite_program(REPOSITORY)
    if program is None:
        return environment, targets, (why,)
    blob = stack.enter_context(azurite(folder, program))
    blob.make_container("rehearsal")
    # An emulator knows no Microsoft Entra: its published key it is.
    place = {"kind": "azure-blob", "endpoint": blob.endpoint, "container": "rehearsal", "prefix": "share/"}
    targets.append({**place, "key_env": "AZURE_STORAGE_KEY"})
    return {**environment, **blob.environment}, targets, ()


def _write_targets(file: Path, share_id: str, ssh: SshServer, held: Path, targets: list[dict[str, str]]) -> None:
    entry: dict[str, Any] = {
        "id": share_id,
        "host": ssh.host,
        "port": ssh.port,
        "user": ssh.user,
        "key_file": str(ssh.key_file),
        "fingerprint": ssh.fingerprint,
        "path": str(held.resolve()),
        "locator": f"{held.parent.resolve() / 'published'}/{share_id}.json",
        "target": targets,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, tomlkit.dumps({"format": "cloud-unless/targets/1", "share": [entry]}).encode("utf-8"))  # pyright: ignore[reportUnknownMemberType]


def _write_readings(workspace: Workspace, runbook: runbooks.Runbook) -> None:
    folder = workspace.path("runbooks")
    runbook_file.write(runbook, folder / f"{runbook.wave_id}.yaml")
    write_whole(folder / f"{runbook.wave_id}.md", render.as_markdown(runbook).encode("utf-8"))
    write_whole(folder / f"{runbook.wave_id}.html", render.as_html(runbook).encode("utf-8"))


def _writable_again(folder: Path) -> None:
    """The run left the share frozen; a frozen folder cannot be removed by anyone but root."""
    for inside in (folder, *folder.rglob("*")):
        if inside.is_dir():
            inside.chmod(0o755)
