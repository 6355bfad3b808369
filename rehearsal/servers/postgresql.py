"""A PostgreSQL server on loopback, of the programs that this machine has, with passwords and TLS as a real one would have them."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal.errors import RehearsalError
from rehearsal.servers.certificate import loopback_certificate
from rehearsal.servers.process import LOOPBACK, free_port, stop, wait_for

SUPERUSER = "unless"
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "fsync": "off",
    "wal_level": "logical",
    "max_replication_slots": "10",
    "max_wal_senders": "10",
    "ssl": "on",
    "password_encryption": "scram-sha-256",
    "max_prepared_transactions": "4",
    "lc_messages": "C",
}


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """Where the server is, its superuser `unless` with its password, and the certificate to trust it by."""

    port: int
    password: str
    ca_file: Path
    folder: Path
    process: subprocess.Popen[bytes]
    host: str = LOOPBACK

    def url(self, database: str = "postgres") -> str:
        """As SQLAlchemy and psycopg take it, password and all."""
        return f"postgresql://{SUPERUSER}:{self.password}@{self.host}:{self.port}/{database}"


def postgresql_programs() -> tuple[Path | None, str]:
    """The folder of the newest server's programs, or None and how to get them."""
    if os.name != "posix":
        return None, "the server is started as Debian installs it"
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]) if p.parts[-3].isdigit() else 0)
    if found:
        return found[-1].parent, ""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent, ""
    return None, "no PostgreSQL server on this machine; on Debian: apt-get install postgresql"


def _ordinary_user() -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root. Raises RehearsalError where this is root and there is nobody else."""
    if os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return user.pw_uid, user.pw_gid
    raise RehearsalError("This is root, and there is no ordinary user to run PostgreSQL as. Make one named postgres.")


@contextmanager
def postgresql_server(programs: Path, settings: Mapping[str, str] | None = None) -> Generator[PostgresServer]:
    """A server of its own for the length of the block, with more `settings`. Raises RehearsalError when it cannot be started."""
    who, password, port = _ordinary_user(), secrets.token_urlsafe(12), free_port()
    # Not below a test's folder: the server's user must get in, and the path of a socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="unless-pg-"))
    try:
        certificate, key = loopback_certificate(folder)
        secret = folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(password, "ascii")
        for owned in (folder, certificate, key, secret):
            if who:
                os.chown(owned, *who)
        folder.chmod(0o755)
        _make(programs, folder, secret, who)
        held = _SETTINGS | {"ssl_cert_file": str(certificate), "ssl_key_file": str(key), "unix_socket_directories": str(folder)}
        process = _start(programs, folder, port, held | dict(settings or {}), who)
        try:
            wait_for(process, port, folder / "server.log", 30)
            yield PostgresServer(port, password, certificate, folder, process)
        finally:
            process.send_signal(signal.SIGINT)  # at once: with SIGTERM it would wait for whoever is connected
            stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as(who: tuple[int, int] | None) -> tuple[int | None, int | None, list[int] | None]:
    """User, group and further groups of a process; None is our own."""
    return (*who, []) if who else (None, None, None)


def _make(programs: Path, folder: Path, secret: Path, who: tuple[int, int] | None) -> None:
    command = [programs / "initdb", "-D", folder / "data", "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", secret]
    command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    user, group, groups = _as(who)
    made = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", user=user, group=group, extra_groups=groups)
    if made.returncode:
        raise RehearsalError(f"PostgreSQL cannot be set up here: {made.stderr.strip()[-300:]}")


def _start(programs: Path, folder: Path, port: int, settings: Mapping[str, str], who: tuple[int, int] | None) -> subprocess.Popen[bytes]:
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port), *options]
    user, group, groups = _as(who)
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C.UTF-8"}  # its user must not look into ours
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=groups,
        )
