"""SSH: connections whose host key is checked, commands, and the files of a share over SFTP."""

from __future__ import annotations

import base64
import hashlib
import logging
import posixpath
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from paramiko.pkey import UnknownKeyType
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_OPENDIR, CMD_READDIR
from paramiko.ssh_exception import NoValidConnectionsError

from migration.steps.endpoints import SharePlace, SshPlace
from migration.steps.model import StepError
from migration.steps.names import raw, shown, text

# Ours in the root of a share; never carried.
OUR_PREFIX = ".unless-"
SECONDS = 30


class _Pinned(paramiko.MissingHostKeyPolicy):
    """Accepts the one key whose fingerprint the runbook pins."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        found = "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode("ascii").rstrip("=")
        if found != self.wanted:
            raise paramiko.SSHException(f"its key is {found}, and the runbook pins {self.wanted}")


@contextmanager
def plainly(place: SshPlace, path: bytes = b"") -> Generator[None]:
    """Turn what SSH raises into a StepError that a person can act on. `path` is what is read or written on the server."""
    what = shown(text(path)) or "a file"
    try:
        yield
    except paramiko.BadHostKeyException as wrong:
        raise StepError(
            f"{place.name}: its host key is not the one in {place.known_hosts}. Somebody may be in between, or the server was rebuilt: "
            "find out which before you change the file."
        ) from wrong
    except paramiko.AuthenticationException as wrong:
        raise StepError(f"{place.name}: the key in {place.key_file} was turned away. Check the user and its authorised keys.") from wrong
    except paramiko.SSHException as wrong:
        raise StepError(f"{place.name}: SSH failed: {wrong}. Check the server and its host key.") from wrong
    except FileNotFoundError as wrong:
        raise StepError(f"{place.name}: {what} is not there. Check its path, and whether somebody moved or deleted it.") from wrong
    except PermissionError as wrong:
        raise StepError(
            f"{place.name}: the server refused {what}: {wrong.strerror or wrong}. Check what {place.user} may do there."
        ) from wrong
    except UnicodeError as wrong:
        raise StepError(
            f"{place.name}: what the server or this machine holds of it is not text: {wrong}. Check the host's name."
        ) from wrong
    except OSError as wrong:
        if path and _is_an_answer(wrong):
            raise StepError(f"{place.name}: the server could not do it with {what}: {wrong}. See what is there, then resume.") from wrong
        raise StepError(f"{place.name}: the connection failed: {wrong}. Check the network and the server.") from wrong
    except EOFError as wrong:
        raise StepError(f"{place.name}: the connection failed: {wrong or 'it was cut'}. Check the network and the server.") from wrong


def _is_an_answer(wrong: OSError) -> bool:
    """Whether SFTP's server said no, rather than the way to it: its refusals have words and no number."""
    is_of_the_way = isinstance(wrong, (TimeoutError, NoValidConnectionsError)) or str(wrong) == "Socket is closed"
    return wrong.errno is None and not is_of_the_way


def _private_key(place: SshPlace) -> paramiko.PKey:
    """The key of this machine, with its certificate where one lies beside it. Raises StepError saying what is wrong with the file."""
    try:
        return paramiko.PKey.from_path(Path(place.key_file).expanduser())
    except FileNotFoundError as wrong:
        raise StepError(f"{place.name}: the key file {place.key_file} does not exist on this machine.") from wrong
    except OSError as wrong:
        raise StepError(f"{place.name}: the key file {place.key_file} on this machine cannot be read: {wrong.strerror}.") from wrong
    except (TypeError, paramiko.PasswordRequiredException) as wrong:
        raise StepError(
            f"{place.name}: the key file {place.key_file} is locked with a passphrase, for which a run cannot ask. Name a key of its "
            "own for the run, without one, that only who runs it can read."
        ) from wrong
    except (ValueError, paramiko.SSHException, UnsupportedAlgorithm, UnknownKeyType) as wrong:
        raise StepError(
            f"{place.name}: the key file {place.key_file} holds no private key that can be used (RSA, ECDSA or Ed25519). Name the private "
            "key, not the public one."
        ) from wrong


def _load_known_hosts(client: paramiko.SSHClient, place: SshPlace) -> None:
    try:
        client.load_host_keys(str(Path(place.known_hosts).expanduser()))
    except OSError as wrong:
        raise StepError(f"{place.name}: the known_hosts file {place.known_hosts} on this machine: {wrong.strerror}.") from wrong
    except (ValueError, paramiko.SSHException) as wrong:
        raise StepError(
            f"{place.name}: the known_hosts file {place.known_hosts} on this machine is damaged. Write it again with ssh-keyscan, and "
            "compare the key with the server's."
        ) from wrong


def connect(place: SshPlace) -> paramiko.SSHClient:
    """A connection, its host key verified. Raises StepError."""
    key = _private_key(place)
    logger = logging.getLogger("paramiko")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # else Python prints its tracebacks where we have said it in a sentence
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(_Pinned(place.fingerprint) if place.fingerprint else paramiko.RejectPolicy())
    if place.known_hosts and not place.fingerprint:
        _load_known_hosts(client, place)
    with plainly(place):
        client.connect(
            place.host,
            place.port,
            place.user,
            pkey=key,
            allow_agent=False,
            look_for_keys=False,
            timeout=SECONDS,
            banner_timeout=SECONDS,
            auth_timeout=SECONDS,
        )
    return client


@contextmanager
def sftp(place: SshPlace, about: str = "") -> Generator[paramiko.SFTPClient]:
    """An SFTP session for the length of the block; its errors come out as StepError. `about` is the path that it is opened for."""
    with connect(place) as client, plainly(place, raw(about)):
        session = client.open_sftp()
        channel = session.get_channel()
        if channel is not None:
            channel.settimeout(SECONDS * 2)
        yield session


@dataclass(frozen=True, slots=True)
class Ran:
    """A remote command's exit code and output, cut to a million characters."""

    code: int
    out: bytes
    err: str


def run(place: SshPlace, command: str, seconds: float = 600) -> Ran:
    """Run a command on the server. Raises StepError when it cannot be run at all, or takes too long."""
    with connect(place) as client, plainly(place):
        _, out, err = client.exec_command(command, timeout=seconds)
        content = out.read()
        return Ran(out.channel.recv_exit_status(), content, err.read(1_000_000).decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One thing in a share, its path relative to the share; `modified` is seconds since 1970 as the server says."""

    path: str
    size: int
    modified: int
    mode: int
    uid: int
    gid: int


@dataclass(slots=True)
class Listing:
    """What a share holds: files, folders, and what is neither (links, devices), each sorted by path."""

    files: list[Entry] = field(default_factory=list[Entry])
    folders: list[Entry] = field(default_factory=list[Entry])
    others: list[Entry] = field(default_factory=list[Entry])


def children(session: paramiko.SFTPClient, folder: bytes) -> Iterator[tuple[bytes, paramiko.SFTPAttributes]]:
    """A folder's children by their raw names: paramiko's own listing fails on a name that is not UTF-8."""
    request = cast("Callable[..., tuple[int, Any]]", session._request)  # type: ignore[attr-defined]
    parse = cast("Callable[..., paramiko.SFTPAttributes]", paramiko.SFTPAttributes._from_msg)  # type: ignore[attr-defined]
    kind, message = request(CMD_OPENDIR, folder)
    if kind != CMD_HANDLE:
        raise OSError("it could not be opened as a folder")
    handle = message.get_binary()
    try:
        while True:
            try:
                _, message = request(CMD_READDIR, handle)
            except EOFError:
                return
            for _ in range(message.get_int()):
                name, long_name = message.get_binary(), message.get_binary()
                attributes = parse(message, name, long_name)
                if name not in (b".", b".."):
                    yield name, attributes
    finally:
        request(CMD_CLOSE, handle)


def list_share(place: SharePlace) -> Listing:
    """Everything in the share, links not followed. Raises StepError."""
    found = Listing()
    with sftp(place) as session:
        with plainly(place, raw(place.path)):
            root = session.stat(place.path)
        found.folders.append(_entry("", root))
        waiting = [b""]
        while waiting:
            here = waiting.pop()
            folder = posixpath.join(raw(place.path), here)
            with plainly(place, folder):
                within = list(children(session, folder))
            for name, attributes in within:
                if not here and name.startswith(OUR_PREFIX.encode()):
                    continue
                path = posixpath.join(here, name)
                _sort_in(found, _entry(text(path), attributes))
                if stat.S_ISDIR(attributes.st_mode or 0):
                    waiting.append(path)
    for entries in (found.files, found.folders, found.others):
        entries.sort()
    return found


def _entry(path: str, a: paramiko.SFTPAttributes) -> Entry:
    return Entry(path, a.st_size or 0, a.st_mtime or 0, a.st_mode or 0, a.st_uid or 0, a.st_gid or 0)


def _sort_in(listing: Listing, entry: Entry) -> None:
    if stat.S_ISREG(entry.mode):
        listing.files.append(entry)
    elif stat.S_ISDIR(entry.mode):
        listing.folders.append(entry)
    else:
        listing.others.append(entry)
