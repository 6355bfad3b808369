"""Start a program that listens on loopback, wait until it answers, and end it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rehearsal.errors import RehearsalError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as held:
        held.bind((LOOPBACK, 0))
        return int(held.getsockname()[1])


def answers(port: int, seconds: float = 0.5) -> bool:
    """Whether something accepts connections on the port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=seconds):
            return True
    except OSError:
        return False


def start(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the program with its output in `log`; it does not take signals meant for our terminal."""
    with log.open("ab") as out:
        return subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=dict(environment), start_new_session=True
        )


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path, seconds: float) -> None:
    """Wait until the program answers. Raises RehearsalError with its last words when it ends first or is too slow."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if process.poll() is not None:
            break
        if answers(port):
            return
        time.sleep(0.03)
    last = log.read_text("utf-8", errors="replace").strip().splitlines()[-3:]
    stop(process)
    raise RehearsalError(f"The local server {log.stem} did not start: {' '.join(last) or 'it said nothing'}.")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the program: politely, then firmly."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, environment: Mapping[str, str], seconds: float = 30
) -> Generator[subprocess.Popen[bytes]]:
    """The program, answering on `port`, for the length of the block."""
    process = start(command, log, environment)
    try:
        wait_for(process, port, log, seconds)
        yield process
    finally:
        stop(process)
