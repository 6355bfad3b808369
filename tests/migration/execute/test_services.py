"""Services that a runbook stops and starts over SSH, on a real server, there and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration import runbooks
from migration.errors import MigrationError
from migration.execution import runs
from migration.runbooks import Runbook, ServicePlace
from migration.steps.model import Question, Reply
from rehearsal.servers.ssh import sshd_program
from tests.migration.execute.conftest import plan


def placed(council: Any, folder: Path, name: str = "tomcat") -> str:
    """A service that is a file: there when it runs."""
    ssh = council.ssh
    return f"""
[[service]]
workload = "hou"
service = "{name}"
host = "{ssh.host}"
port = {ssh.port}
user = "{ssh.user}"
key_file = "{ssh.key_file}"
fingerprint = "{ssh.fingerprint}"
stop = "rm {folder}/{name}; echo stop {name} >>{folder}/log"
start = "touch {folder}/{name}; echo start {name} >>{folder}/log"
stopped = "test ! -e {folder}/{name}"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "services.toml"
    file.write_text('format = "cloud-unless/targets/1"\n' + text, "utf-8")
    return file


def compiled(services: tuple[ServicePlace, ...]) -> Runbook:
    return runbooks.compile(plan(), "wave-1", {}, None, services)


def test_a_workload_of_which_services_are_named_is_not_stopped_by_hand(council: Any, tmp_path: Path) -> None:
    services = runbooks.read_services(written(tmp_path, placed(council, tmp_path) + placed(council, tmp_path, "cron")))
    with_them, without = ({s.id: s for s in compiled(given).steps} for given in (services, ()))
    mine = [i for i in with_them if i.startswith("stop")]
    assert mine == ["stop-service-hou-tomcat-127.0.0.1", "stop-service-hou-cron-127.0.0.1"]
    assert [i for i in without if i.startswith("stop")] == ["stop-hou"]
    assert set(mine) <= set(with_them["copy-by-hand-hou-docs"].after)


@pytest.mark.skipif(sshd_program() is None, reason="needs OpenSSH's server: apt-get install openssh-server")
def test_they_are_stopped_once_and_started_again_on_the_way_back(council: Any, tmp_path: Path) -> None:
    for name in ("tomcat", "cron"):
        (tmp_path / name).touch()
    services = runbooks.read_services(written(tmp_path, placed(council, tmp_path) + placed(council, tmp_path, "cron")))
    kept = [s for s in compiled(services).steps if s.kind == "ssh-command" or s.id in ("go", "test-hou")]
    ids = {s.id for s in kept}
    runbook = replace(compiled(services), steps=tuple(replace(s, after=tuple(a for a in s.after if a in ids)) for s in kept))

    def no_at_the_test(question: Question) -> Reply:
        return Reply(is_yes=question.kind == "decision", by="Ada Lovelace", how="typed")

    outcome = runs.start(council.runs, "r1", runbook, council.hands(ask=no_at_the_test))
    assert (outcome.answer, outcome.status.at_step) == ("stopped", "test-hou"), outcome.faults
    assert not (tmp_path / "tomcat").exists()
    assert runs.undo(council.runs, "r1", council.hands()).status.state == "rolled back"
    assert (tmp_path / "log").read_text().splitlines() == ["stop tomcat", "stop cron", "start cron", "start tomcat"]
    assert (tmp_path / "tomcat").exists()


def test_what_is_wrong_is_said(council: Any, tmp_path: Path) -> None:
    twice = written(tmp_path, placed(council, tmp_path) * 2)
    with pytest.raises(MigrationError, match=r"the service hou/tomcat@127\.0\.0\.1 is there more than once"):
        runbooks.read_services(twice)
    other = runbooks.read_services(written(tmp_path, placed(council, tmp_path).replace('"hou"', '"nobody"')))
    with pytest.raises(MigrationError, match="the plan has no workload nobody"):
        compiled(other)
    with pytest.raises(MigrationError, match=r"key service\.0\.service"):
        runbooks.read_services(written(tmp_path, placed(council, tmp_path).replace('"tomcat"', '"to; cat"')))
