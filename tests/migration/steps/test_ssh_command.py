"""Commands that must run once, on a real OpenSSH server: dropped, killed, joined, failed, lost, undone."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from migration.steps.endpoints import SshPlace
from migration.steps.model import Bench, Found, Question, Reply, StepError
from migration.steps.ssh import run
from migration.steps.ssh_command import SSH_COMMAND, SshCommandParameters
from rehearsal.servers import ssh_server
from rehearsal.servers.ssh import sshd_program

pytestmark = pytest.mark.skipif(sshd_program() is None, reason="needs OpenSSH's server: apt-get install openssh-server")


@dataclass
class Server:
    place: SshPlace
    folder: Path


@pytest.fixture
def server(tmp_path: Path) -> Generator[Server]:
    (tmp_path / "share").mkdir()
    with ssh_server(tmp_path / "share", tmp_path, "openssh") as ssh:
        place = SshPlace(host=ssh.host, port=ssh.port, user=ssh.user, key_file=str(ssh.key_file), fingerprint=ssh.fingerprint)
        yield Server(place, tmp_path)


def nobody(question: Question) -> Reply:
    raise AssertionError(question)


@pytest.fixture
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Generator[Bench]:
    token = f"test-{os.getpid()}-{time.monotonic_ns()}"
    yield Bench(
        folder=tmp_path,
        run="r1",
        step="s1",
        token=token,
        role="platform-engineer",
        title="Run it",
        text="Run it",
        environment={},
        now=lambda: datetime.now(UTC),
        ask=nobody,
        say=print,
        stop=threading.Event(),
    )
    subprocess.run(["sh", "-c", f"rm -rf ~/.unless/steps/{token}*"], check=True)


def parameters(server: Server, command: str, **other: Any) -> SshCommandParameters:
    return SshCommandParameters(server=server.place, command=command, **other)


def test_it_runs_once_however_often_it_is_asked_for(server: Server, bench: Bench) -> None:
    count = server.folder / "count"
    asked = parameters(server, f"echo once >>{count}; echo 'said \"this\"'; sleep 0.3")
    assert SSH_COMMAND.verify(bench, asked).found is Found.NOT_DONE
    facts = SSH_COMMAND.do(bench, asked)
    assert (facts["code"], 'said "this"' in facts["output"]) == (0, True)
    assert SSH_COMMAND.do(bench, asked)["code"] == 0
    assert count.read_text() == "once\n"
    found = SSH_COMMAND.verify(bench, asked)
    assert (found.found, found.reason) == (Found.DONE, "the command ended with code 0")


def test_many_at_once_run_it_once(server: Server, bench: Bench) -> None:
    count = server.folder / "count"
    asked = parameters(server, f"echo once >>{count}; sleep 1")
    ended: list[Any] = []
    threads = [threading.Thread(target=lambda: ended.append(SSH_COMMAND.do(bench, asked)["code"])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [0, 0, 0, 0]
    assert count.read_text() == "once\n"


def test_a_connection_that_drops_leaves_it_running_and_the_next_one_joins_it(server: Server, bench: Bench) -> None:
    count = server.folder / "count"
    asked = parameters(server, f"echo begun >>{count}; sleep 2; echo ended >>{count}")
    failed: list[StepError] = []
    first = threading.Thread(target=lambda: failed.extend(fault_of(bench, asked)))
    first.start()
    wait_until(count.exists)
    bench.stop.set()
    first.join()
    assert "stopped by hand while the command runs on" in str(failed[0])
    bench.stop.clear()
    # Every session of the server dies, as when the network goes.
    subprocess.run(["pkill", "-KILL", "-f", r"sshd-session|sshd: .*@notty"], check=False)
    assert SSH_COMMAND.do(bench, asked)["code"] == 0
    assert count.read_text() == "begun\nended\n"


def fault_of(bench: Bench, asked: SshCommandParameters) -> list[StepError]:
    try:
        SSH_COMMAND.do(bench, asked)
    except StepError as wrong:
        return [wrong]
    return []


def wait_until(so: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_failure_says_what_the_command_said_and_resume_runs_it_again(server: Server, bench: Bench) -> None:
    flag = server.folder / "flag"
    asked = parameters(server, f"test -e {flag} || {{ echo 'no flag here' >&2; exit 7; }}")
    with pytest.raises(StepError, match="ended with code 7: no flag here"):
        SSH_COMMAND.do(bench, asked)
    assert SSH_COMMAND.verify(bench, asked).reason == "the command ended with code 7"
    flag.touch()
    assert SSH_COMMAND.do(bench, asked)["code"] == 0
    assert SSH_COMMAND.verify(bench, asked).found is Found.DONE


def test_what_was_killed_half_way_is_never_run_again_blindly(server: Server, bench: Bench) -> None:
    asked = parameters(server, f"echo $$ >{server.folder}/pid; sleep 60")
    failed: list[StepError] = []
    started = threading.Thread(target=lambda: failed.extend(fault_of(bench, asked)))
    started.start()
    wait_until((server.folder / "pid").exists)
    wait_until(lambda: bool((server.folder / "pid").read_text().strip()))
    folder = Path.home() / ".unless" / "steps" / bench.token
    os.kill(int((folder / "pid").read_text()), signal.SIGKILL)
    os.kill(int((server.folder / "pid").read_text()), signal.SIGKILL)
    started.join()
    assert "the command is gone without an end (lost)" in str(failed[0])
    assert SSH_COMMAND.verify(bench, asked).found is Found.CANNOT_TELL
    with pytest.raises(StepError, match="does not know how it ended"):
        SSH_COMMAND.do(bench, asked)
    (folder / "rc").write_text("0\n")
    assert SSH_COMMAND.verify(bench, asked).found is Found.DONE


def test_a_process_of_before_a_restart_counts_as_lost(server: Server, bench: Bench) -> None:
    folder = Path.home() / ".unless" / "steps" / bench.token
    folder.mkdir(parents=True)
    (folder / "pid").write_text(f"{os.getpid()}\n")
    (folder / "boot").write_text("another boot\n")
    assert SSH_COMMAND.verify(bench, parameters(server, "true")).found is Found.CANNOT_TELL


def test_a_command_that_takes_too_long_runs_on(server: Server, bench: Bench) -> None:
    asked = parameters(server, "sleep 2", seconds=0.2)
    with pytest.raises(StepError, match=r"still runs after 0\.2 seconds"):
        SSH_COMMAND.do(bench, asked)
    assert SSH_COMMAND.do(bench, parameters(server, "sleep 2"))["code"] == 0


@pytest.mark.parametrize(("code", "found"), [(0, Found.DONE), (1, Found.NOT_DONE), (2, Found.CANNOT_TELL)])
def test_a_check_decides_where_there_is_one(server: Server, bench: Bench, code: int, found: Found) -> None:
    assert SSH_COMMAND.verify(bench, parameters(server, "true", check=f"exit {code}")).found is found


def test_the_way_back_runs_once_too_and_its_check_decides(server: Server, bench: Bench) -> None:
    flag, count = server.folder / "flag", server.folder / "count"
    asked = parameters(server, f"touch {flag}", undo=f"rm {flag}; echo once >>{count}", undo_check=f"test ! -e {flag}")
    assert SSH_COMMAND.undo is not None
    assert SSH_COMMAND.verify_undone is not None
    SSH_COMMAND.do(bench, asked)
    assert SSH_COMMAND.verify_undone(bench, asked).found is Found.DONE
    for _ in range(2):
        SSH_COMMAND.undo(bench, asked)
    assert SSH_COMMAND.verify_undone(bench, asked).found is Found.UNDONE
    assert count.read_text() == "once\n"


def test_an_undo_without_a_check_is_refused(server: Server) -> None:
    with pytest.raises(ValidationError, match="give undo_check too"):
        parameters(server, "true", undo="true")


def test_a_home_that_cannot_be_written_is_a_fault(server: Server, bench: Bench) -> None:
    blocked = Path.home() / ".unless" / "steps" / bench.token
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file in the way")
    with pytest.raises(StepError, match="the command is gone without an end"):
        SSH_COMMAND.do(bench, parameters(server, "true"))
    blocked.unlink()


def test_hostile_text_in_a_command_is_its_own_affair(server: Server, bench: Bench) -> None:
    asked = parameters(server, 'printf \'%s\' "it\'s \\"quoted\\" $((1+1)) `echo x`"')
    assert SSH_COMMAND.do(bench, asked)["output"] == 'it\'s "quoted" 2 x'
    assert run(server.place, f"cat ~/.unless/steps/{bench.token}/command").out.decode().strip() == asked.command
