"""The program that `ssh_server` starts where OpenSSH is not installed: paramiko's server over one folder."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_OK

from rehearsal.servers.parent import end_with_parent

if TYPE_CHECKING:
    from typing_extensions import Buffer


class _Door(paramiko.ServerInterface):
    """Lets in whoever holds the one authorised key, for a session and no more."""

    def __init__(self, authorised: bytes) -> None:
        self.authorised = authorised

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL if key.asbytes() == self.authorised else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


class _OpenFile(paramiko.SFTPHandle):
    """One open file; reads and writes by position, so that requests may overlap."""

    def __init__(self, descriptor: int, flags: int) -> None:
        super().__init__(flags)
        self.descriptor = descriptor

    def read(self, offset: int, length: int) -> bytes | int:
        try:
            return os.pread(self.descriptor, length, offset)
        except OSError as wrong:
            return paramiko.SFTPServer.convert_errno(wrong.errno or 0)

    def write(self, offset: int, data: Buffer) -> int:
        try:
            os.pwrite(self.descriptor, data, offset)
        except OSError as wrong:
            return paramiko.SFTPServer.convert_errno(wrong.errno or 0)
        return SFTP_OK

    def stat(self) -> paramiko.SFTPAttributes | int:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.descriptor))

    def close(self) -> None:
        os.close(self.descriptor)


class _Folder(paramiko.SFTPServerInterface):
    """The files below one folder, under their real absolute paths; everything outside is forbidden."""

    def __init__(self, server: paramiko.ServerInterface, root: Path) -> None:
        super().__init__(server)
        self.root = root

    def _real(self, path: str) -> str:
        real = os.path.normpath(path if path.startswith("/") else f"{self.root}/{path}")
        if real != str(self.root) and not real.startswith(f"{self.root}{os.sep}"):
            raise PermissionError(13, "outside the share")
        return real

    def canonicalize(self, path: str) -> str:
        return os.path.normpath(path if path.startswith("/") else f"{self.root}/{path}")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        try:
            real = self._real(path)
            found: list[paramiko.SFTPAttributes] = []
            for name in os.listdir(real):  # noqa: PTH208 - names alone, as the protocol wants them
                found.append(paramiko.SFTPAttributes.from_stat(os.lstat(f"{real}/{name}"), name))
        except OSError as wrong:
            return paramiko.SFTPServer.convert_errno(wrong.errno or 0)
        return found

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._real(path)))  # noqa: PTH116
        except OSError as wrong:
            return paramiko.SFTPServer.convert_errno(wrong.errno or 0)

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(os.lstat(self._real(path)))
        except OSError as wrong:
            return paramiko.SFTPServer.convert_errno(wrong.errno or 0)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        try:
            return _OpenFile(os.open(self._real(path), flags, attr.st_mode or 0o644), flags)
        except OSError as wrong:
            return paramiko.SFTPServer.convert_errno(wrong.errno or 0)

    def _does(self, action: Callable[[], object]) -> int:
        try:
            action()
        except OSError as wrong:
            return paramiko.SFTPServer.convert_errno(wrong.errno or 0)
        return SFTP_OK

    def remove(self, path: str) -> int:
        return self._does(lambda: os.remove(self._real(path)))  # noqa: PTH107

    def rename(self, oldpath: str, newpath: str) -> int:
        return self._does(lambda: os.rename(self._real(oldpath), self._real(newpath)))  # noqa: PTH104

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        return self._does(lambda: os.replace(self._real(oldpath), self._real(newpath)))  # noqa: PTH105

    def chattr(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        mode = attr.st_mode
        return self._does(lambda: os.chmod(self._real(path), mode)) if mode is not None else SFTP_OK  # noqa: PTH101


def _session(connection: socket.socket, host_key: paramiko.PKey, authorised: bytes, root: Path) -> None:
    transport = paramiko.Transport(connection)
    transport.add_server_key(host_key)
    transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder, root)
    try:
        transport.start_server(server=_Door(authorised))
        while transport.is_active():
            transport.join(1)
    except (paramiko.SSHException, EOFError, OSError):
        transport.close()


def main(port: int, root: Path, folder: Path) -> None:
    """Serve until the process is ended."""
    import base64

    end_with_parent()
    host_key = paramiko.Ed25519Key.from_private_key_file(str(folder / "host_key"))
    authorised = base64.b64decode((folder / "authorized_keys").read_bytes().split()[1])
    with socket.create_server(("127.0.0.1", port), backlog=64) as listening:
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=_session, args=(connection, host_key, authorised, root), daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
