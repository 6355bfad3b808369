"""An SSH server on loopback with a file share: OpenSSH where it is installed, else paramiko's own server."""

from __future__ import annotations

import base64
import getpass
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal.errors import RehearsalError
from rehearsal.servers.process import LOOPBACK, free_port, running

OPENSSH = "openssh"
PARAMIKO = "paramiko"

_CONFIG = """\
ListenAddress {host}:{port}
HostKey {host_key}
PidFile {folder}/sshd.pid
AuthorizedKeysFile {authorized}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 64:30:128
MaxSessions 64
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True, slots=True)
class SshServer:
    """Where the server is, who may log in with which key, and how its own key is known."""

    host: str
    port: int
    user: str
    key_file: Path
    known_hosts: Path
    fingerprint: str
    kind: str
    path: str
    process: subprocess.Popen[bytes]


def fingerprint(key: bytes) -> str:
    """A public key's fingerprint as OpenSSH prints it: SHA256: and unpadded base64."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode("ascii").rstrip("=")


def sshd_program() -> str | None:
    """OpenSSH's server, which must be started by its whole path; None where it is not installed."""
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin"])
    return shutil.which("sshd", path=places) if os.name == "posix" else None


def _make_keys(folder: Path) -> tuple[Path, Path, bytes]:
    """A host key and a client key as files, the authorised client, and the host key's public bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    made: list[bytes] = []
    for name in ("host_key", "client_key"):
        key = Ed25519PrivateKey.generate()
        file = folder / name
        file.touch(mode=0o600)
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        made.append(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))
    (folder / "authorized_keys").write_bytes(made[1] + b"\n")
    return folder / "host_key", folder / "client_key", base64.b64decode(made[0].split()[1])


def _openssh(program: str, folder: Path, port: int) -> Sequence[str]:
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, parents=True, exist_ok=True)  # OpenSSH drops privileges into it and refuses to start without
    config = folder / "sshd_config"
    text = _CONFIG.format(host=LOOPBACK, port=port, folder=folder, host_key=folder / "host_key", authorized=folder / "authorized_keys")
    config.write_text(text, "utf-8")
    return [program, "-D", "-e", "-f", str(config)]


def _paramiko(share: Path, folder: Path, port: int) -> Sequence[str]:
    return [sys.executable, "-m", "rehearsal.servers.ssh_program", str(port), str(share), str(folder)]


def _lets_in(server: SshServer) -> bool:
    """Whether our key is accepted: an account that the system has locked is turned away by OpenSSH."""
    import paramiko

    with paramiko.SSHClient() as client:
        client.load_host_keys(str(server.known_hosts))
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            client.connect(
                server.host, server.port, server.user, key_filename=str(server.key_file), look_for_keys=False, allow_agent=False, timeout=10
            )
        except (paramiko.SSHException, OSError):
            return False
        return True


@contextmanager
def ssh_server(share: Path, folder: Path, kind: str = "", port: int = 0) -> Generator[SshServer]:
    """An SSH server that serves the folder `share` for the length of the block; its keys and log go to `folder`.

    `kind` is `openssh`, `paramiko` or "" for the first that works. Raises RehearsalError when none does.
    """
    folder = folder.resolve()
    host_key, client_key, public = _make_keys(folder)
    del host_key
    port = port or free_port()
    known = folder / "known_hosts"
    known.write_text(f"[{LOOPBACK}]:{port} ssh-ed25519 {base64.b64encode(public).decode('ascii')}\n", "utf-8")
    program = sshd_program()
    commands: dict[str, Sequence[str]] = {OPENSSH: _openssh(program, folder, port)} if program else {}
    commands[PARAMIKO] = _paramiko(share.resolve(), folder, port)
    for tried, command in commands.items():
        if kind not in ("", tried):
            continue
        with ExitStack() as stack:
            try:
                process = stack.enter_context(running(command, port, folder / "ssh.log", os.environ))
            except RehearsalError:
                continue
            server = SshServer(
                LOOPBACK, port, getpass.getuser(), client_key, known, fingerprint(public), tried, str(share.resolve()), process
            )
            if _lets_in(server):
                yield server
                return
    raise RehearsalError(f"No SSH server could be started on this machine: see {folder / 'ssh.log'}.")
