"""Stop writing to a share: a notice with the modes as they were, then no write bits. Undone from the notice itself.

Root and owners can still write through their rights; what they change is noticed by the verification. An access
control list is left alone.
"""

from __future__ import annotations

import json
import stat
from typing import Any

import paramiko

from migration.steps.endpoints import SharePlace
from migration.steps.model import Bench, Facts, Found, Kind, Parameters, ReadBack, StepError
from migration.steps.names import raw
from migration.steps.ssh import Listing, list_share, sftp

NOTICE = ".unless-frozen.json"
WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class FreezeParameters(Parameters):
    """A share to freeze."""

    share: str
    source: SharePlace


def _notice(source: SharePlace) -> str:
    return f"{source.path.rstrip('/')}/{NOTICE}"


def _read_notice(session: paramiko.SFTPClient, source: SharePlace) -> dict[str, Any] | None:
    try:
        with session.open(_notice(source), "rb") as file:
            return json.loads(file.read())
    except FileNotFoundError:
        return None
    except ValueError as wrong:
        raise StepError(
            f"{source.name}: the notice {_notice(source)} is damaged. Restore the modes from the survey, then remove it."
        ) from wrong


def _write_notice(session: paramiko.SFTPClient, source: SharePlace, notice: dict[str, Any]) -> None:
    """Whole or not at all: the modes in it are the only way back."""
    half = f"{_notice(source)}.part"
    with session.open(half, "wb") as file:
        file.write(json.dumps(notice).encode("ascii"))
    session.posix_rename(half, _notice(source))


def freeze(bench: Bench, parameters: FreezeParameters) -> Facts:
    """Put the notice, then take away every write bit of files and folders. Raises StepError when another run froze it."""
    source = parameters.source
    listing = list_share(source)
    with sftp(source) as session:
        notice = _read_notice(session, source)
        if notice and notice.get("run") != bench.run:
            raise StepError(f"{parameters.share} is frozen already, by run {notice.get('run')}. Undo or finish that run first.")
        if notice is None:
            notice = {"run": bench.run, "token": bench.token, "modes": _modes(listing)}
            _write_notice(session, source, notice)
        changed = _without_write_bits(session, source, listing) if source.freeze == "write-bits" else 0
    return {"frozen": len(listing.files) + len(listing.folders), "modes_changed": changed, "how": source.freeze}


def _modes(listing: Listing) -> dict[str, int]:
    return {e.path: stat.S_IMODE(e.mode) for e in (*listing.files, *listing.folders)}


def _without_write_bits(session: paramiko.SFTPClient, source: SharePlace, listing: Listing) -> int:
    """Deepest first, so that a folder stays ours to change until its children are done."""
    writable = [e for e in (*listing.files, *listing.folders) if e.mode & WRITE_BITS]
    for entry in sorted(writable, key=lambda e: e.path, reverse=True):
        session.chmod(raw(f"{source.path.rstrip('/')}/{entry.path}".rstrip("/")), stat.S_IMODE(entry.mode) & ~WRITE_BITS)
    return len(writable)


def is_frozen(bench: Bench, parameters: FreezeParameters) -> ReadBack:
    """Whether our notice is there and no write bit is left."""
    with sftp(parameters.source) as session:
        notice = _read_notice(session, parameters.source)
    if not notice or notice.get("run") != bench.run:
        return ReadBack(Found.NOT_DONE, f"{parameters.share} has no notice of this run")
    listing = list_share(parameters.source)
    writable = [e for e in (*listing.files, *listing.folders) if e.mode & WRITE_BITS]
    if writable and parameters.source.freeze == "write-bits":
        return ReadBack(Found.NOT_DONE, f"{len(writable)} files or folders of {parameters.share} can still be written")
    return ReadBack(Found.DONE, f"{parameters.share} is frozen", {"frozen": len(listing.files) + len(listing.folders)})


def thaw(bench: Bench, parameters: FreezeParameters) -> Facts:
    """Give every mode back as the notice holds it, then take the notice away."""
    source = parameters.source
    listing = list_share(source)
    with sftp(source) as session:
        notice = _read_notice(session, source)
        if notice is None:
            return {"restored": 0}
        if notice.get("run") != bench.run:
            raise StepError(f"{parameters.share} was frozen by run {notice.get('run')}, not by this one: undo that run.")
        modes: dict[str, int] = notice["modes"]
        entries = sorted((*listing.folders, *listing.files))
        moved = [e for e in entries if e.path in modes and stat.S_IMODE(e.mode) != modes[e.path]]
        for entry in moved:
            session.chmod(raw(f"{source.path.rstrip('/')}/{entry.path}".rstrip("/")), modes[entry.path])
        session.remove(_notice(source))
    return {"restored": len(moved)}


def is_thawed(bench: Bench, parameters: FreezeParameters) -> ReadBack:
    """Whether our notice is gone, which is the last thing that thawing does."""
    with sftp(parameters.source) as session:
        notice = _read_notice(session, parameters.source)
    if notice and notice.get("run") == bench.run:
        return ReadBack(Found.DONE, f"{parameters.share} is still frozen")
    return ReadBack(Found.UNDONE, f"{parameters.share} can be written as before")


FREEZE_SHARE = Kind("freeze-share", True, FreezeParameters, freeze, is_frozen, thaw, is_thawed)
