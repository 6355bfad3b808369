"""A PostgreSQL server on loopback, in a folder of its own, as Debian installs its programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.errors import RehearsalError
from rehearsal.servers.process import LOOPBACK, free_port, stop

SUPERUSER = "unless"
_WHERE = "/usr/lib/postgresql"


@dataclass(slots=True)
class PostgreSql:
    """Where the server is and its process; everybody on this machine is let in without a password."""

    port: int
    process: subprocess.Popen[bytes]
    url: str


def postgresql_programs() -> tuple[Path | None, str]:
    """The folder of the newest server's programs, or None and why not."""
    found = sorted(Path(_WHERE).glob("*/bin/initdb"), key=lambda f: int(f.parent.parent.name) if f.parent.parent.name.isdigit() else 0)
    if not found:
        return None, "PostgreSQL is not installed; on Debian: apt-get install postgresql."
    if _who() is None:
        return None, "This is root, and there is no ordinary user to run PostgreSQL as, which refuses root."
    return found[-1].parent, ""


def _who() -> Mapping[str, Any] | None:
    """Who the server runs as, for subprocess: never root; None where there is nobody else."""
    if os.name != "posix" or os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return None


@contextmanager
def postgresql(programs: Path, settings: Sequence[str] = (), *, port: int = 0) -> Generator[PostgreSql]:
    """An empty server for the length of the block; `settings` as `name=value`. Raises RehearsalError when it does not start.

    It keeps nothing safe from a power cut (fsync=off): it is for what is thrown away.
    """
    who = _who() or {}
    port = port or free_port()
    # Not below a test's own folder: sockets need a short path, and another user must be able to enter it.
    folder = Path(tempfile.mkdtemp(prefix="unless-pg-"))
    folder.chmod(0o755)
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        _made(programs, folder / "data", who)
        command: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder]
        for setting in (f"listen_addresses={LOOPBACK}", "fsync=off", *settings):
            command += ["-c", setting]
        with (folder / "postgresql.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                user=who.get("user"),
                group=who.get("group"),
                extra_groups=who.get("extra_groups"),
            )
        try:
            _await(programs, port, process, folder / "postgresql.log")
            yield PostgreSql(port, process, f"postgresql://{SUPERUSER}@{LOOPBACK}:{port}/postgres")
        finally:
            stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(programs: Path, data: Path, who: Mapping[str, Any]) -> None:
    command = [programs / "initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **who)
    if made.returncode:
        raise RehearsalError(f"PostgreSQL could not be set up: {made.stderr.strip()[-300:]}")


def _await(programs: Path, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < ends:
        if subprocess.run([programs / "pg_isready", "-q", "-h", LOOPBACK, "-p", str(port)], check=False).returncode == 0:
            return
        time.sleep(0.05)
    last = log.read_text("utf-8", errors="replace").strip().splitlines()[-3:]
    raise RehearsalError(f"PostgreSQL did not start: {' '.join(last) or 'it said nothing'}.")
