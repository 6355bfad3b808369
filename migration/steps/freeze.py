"""Stop writing to a share: a notice with the modes as they were, then no write bits. Undone from the notice itself.

Root and owners can still write through their rights; what they change is noticed by the verification. An access
control list is left alone.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko

from inventory.whole import write_whole
from migration.steps.endpoints import SharePlace
from migration.steps.model import Bench, Facts, Found, Kind, Parameters, ReadBack, StepError
from migration.steps.names import raw, shown
from migration.steps.ssh import Entry, Listing, list_share, plainly, sftp

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
    with sftp(source, _notice(source)) as session:
        notice = _read_notice(session, source)
        if notice and notice.get("token") != bench.token:
            raise StepError(f"{parameters.share} is frozen already, by {_whose(notice, bench)}. Undo or finish that run first.")
        known: dict[str, int] = notice["modes"] if notice else {}
        modes = {**_modes(listing), **known}
        if notice is None or modes != known:
            # What appeared since an earlier attempt too, before its write bits go: the notice is the only way back.
            with _open_root(session, source, known.get("")):
                _write_notice(session, source, {"run": bench.run, "token": bench.token, "modes": modes})
        changed = _without_write_bits(session, source, listing) if source.freeze == "write-bits" else 0
    return {"frozen": len(listing.files) + len(listing.folders), "modes_changed": changed, "how": source.freeze}


@contextmanager
def _open_root(session: paramiko.SFTPClient, source: SharePlace, mode: int | None) -> Generator[None]:
    """Let the notice be written again into a root that an earlier attempt closed; `mode` is the root's own, None where none did."""
    if mode is None or source.freeze != "write-bits":
        yield
        return
    session.chmod(source.path, mode)
    yield
    session.chmod(source.path, mode & ~WRITE_BITS)


def _whose(notice: dict[str, Any], bench: Bench) -> str:
    name = notice.get("run")
    return f"an earlier run of the name {name}" if name == bench.run else f"run {name}"


def _modes(listing: Listing) -> dict[str, int]:
    return {e.path: stat.S_IMODE(e.mode) for e in (*listing.files, *listing.folders)}


def _without_write_bits(session: paramiko.SFTPClient, source: SharePlace, listing: Listing) -> int:
    """Deepest first, so that a folder stays ours to change until its children are done."""
    writable = [e for e in (*listing.files, *listing.folders) if e.mode & WRITE_BITS]
    for entry in sorted(writable, key=lambda e: e.path, reverse=True):
        _chmod(session, source, entry, stat.S_IMODE(entry.mode) & ~WRITE_BITS)
    return len(writable)


def _chmod(session: paramiko.SFTPClient, source: SharePlace, entry: Entry, mode: int) -> None:
    path = raw(f"{source.path.rstrip('/')}/{entry.path}".rstrip("/"))
    with plainly(source, path):
        session.chmod(path, mode)


def is_frozen(bench: Bench, parameters: FreezeParameters) -> ReadBack:
    """Whether our notice is there and no write bit is left."""
    with sftp(parameters.source, _notice(parameters.source)) as session:
        notice = _read_notice(session, parameters.source)
    if not notice or notice.get("token") != bench.token:
        return ReadBack(Found.NOT_DONE, f"{parameters.share} has no notice of this run")
    listing = list_share(parameters.source)
    writable = [e for e in (*listing.files, *listing.folders) if e.mode & WRITE_BITS]
    if writable and parameters.source.freeze == "write-bits":
        return ReadBack(Found.NOT_DONE, f"{len(writable)} files or folders of {parameters.share} can still be written")
    return ReadBack(Found.DONE, f"{parameters.share} is frozen", {"frozen": len(listing.files) + len(listing.folders)})


def thaw(bench: Bench, parameters: FreezeParameters) -> Facts:
    """Give every mode back as the notice holds it, keep the notice in the run's folder, then take it away from the share."""
    source = parameters.source
    listing = list_share(source)
    with sftp(source, _notice(source)) as session:
        notice = _read_notice(session, source)
        if notice and notice.get("token") != bench.token:
            raise StepError(f"{parameters.share} was frozen by {_whose(notice, bench)}, not by this one: undo that run.")
        if notice:
            write_whole(_kept(bench), json.dumps(notice).encode("ascii"))
        modes = _kept_modes(bench)
        moved = [e for e in sorted((*listing.folders, *listing.files)) if stat.S_IMODE(e.mode) != modes.get(e.path, stat.S_IMODE(e.mode))]
        for entry in moved:
            _chmod(session, source, entry, modes[entry.path])
        if notice:
            session.remove(_notice(source))
    return {"restored": len(moved)}


def _kept(bench: Bench) -> Path:
    return bench.folder / f"frozen-{bench.step}.json"


def _kept_modes(bench: Bench) -> dict[str, int]:
    """The modes as they were before the freeze; none where no notice of this run was ever found at thawing."""
    return json.loads(_kept(bench).read_bytes())["modes"] if _kept(bench).is_file() else {}


def is_thawed(bench: Bench, parameters: FreezeParameters) -> ReadBack:
    """Whether our notice is gone, and everything that could be written before the freeze can be written again."""
    with sftp(parameters.source, _notice(parameters.source)) as session:
        notice = _read_notice(session, parameters.source)
    if notice and notice.get("token") == bench.token:
        return ReadBack(Found.DONE, f"{parameters.share} is still frozen")
    modes, listing = _kept_modes(bench), list_share(parameters.source)
    shut = [e.path for e in (*listing.files, *listing.folders) if modes.get(e.path, 0) & ~e.mode & WRITE_BITS]
    if shut:
        return ReadBack(
            Found.DONE, f"{len(shut)} files or folders of {parameters.share} cannot be written as before, such as {shown(shut[0])}"
        )
    return ReadBack(Found.UNDONE, f"{parameters.share} can be written as before")


FREEZE_SHARE = Kind("freeze-share", True, FreezeParameters, freeze, is_frozen, thaw, is_thawed)
