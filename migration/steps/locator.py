"""Cut over: switch the small published file that says where a share is. The one before is kept beside it for the way back."""

from __future__ import annotations

import json
from typing import Any

import paramiko
from pydantic import Field

from migration.steps.endpoints import SshPlace
from migration.steps.model import Bench, Facts, Found, Kind, Parameters, ReadBack, StepError
from migration.steps.ssh import sftp


class LocatorParameters(Parameters):
    """The locator file on a server, and the location that it must say."""

    share: str
    server: SshPlace
    file: str = Field(pattern=r"^/")
    location: str


def _read(session: paramiko.SFTPClient, file: str) -> bytes | None:
    try:
        with session.open(file, "rb") as held:
            return held.read(1_000_000)
    except FileNotFoundError:
        return None


def _write(session: paramiko.SFTPClient, file: str, content: bytes) -> None:
    with session.open(f"{file}.part", "wb") as out:
        out.write(content)
    session.posix_rename(f"{file}.part", file)


def _before(bench: Bench, parameters: LocatorParameters) -> str:
    return f"{parameters.file}.before-{bench.token}"


def _ours(bench: Bench, parameters: LocatorParameters) -> bytes:
    return json.dumps({"share": parameters.share, "location": parameters.location, "run": bench.run, "token": bench.token}).encode()


def _token(content: bytes | None) -> str:
    try:
        held: Any = json.loads(content or b"{}")
    except ValueError:
        return ""
    return str(held.get("token", "")) if isinstance(held, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def switch(bench: Bench, parameters: LocatorParameters) -> Facts:
    """Keep the old locator, then put ours in its place in one rename."""
    with sftp(parameters.server, parameters.file) as session:
        now = _read(session, parameters.file)
        if now != _ours(bench, parameters):
            if _read(session, _before(bench, parameters)) is None:
                kept = json.dumps({"was": None if now is None else now.decode("utf-8", "surrogateescape")}).encode("ascii")
                _write(session, _before(bench, parameters), kept)
            _write(session, parameters.file, _ours(bench, parameters))
    return {"file": parameters.file, "location": parameters.location}


def is_switched(bench: Bench, parameters: LocatorParameters) -> ReadBack:
    """Whether the locator is ours, byte for byte."""
    with sftp(parameters.server, parameters.file) as session:
        now = _read(session, parameters.file)
    if now == _ours(bench, parameters):
        return ReadBack(Found.DONE, f"{parameters.file} says {parameters.location}")
    return ReadBack(Found.NOT_DONE, f"{parameters.file} does not say {parameters.location}")


def switch_back(bench: Bench, parameters: LocatorParameters) -> Facts:
    """Put the kept locator back, or remove ours where there was none. Raises StepError when somebody else changed it since."""
    with sftp(parameters.server, parameters.file) as session:
        now, kept = _read(session, parameters.file), _read(session, _before(bench, parameters))
        if kept is None:
            return {"restored": False}
        was: str | None = json.loads(kept)["was"]
        old = None if was is None else was.encode("utf-8", "surrogateescape")
        if now not in (old, _ours(bench, parameters)):
            raise StepError(
                f"{parameters.file} was changed by somebody since the cut over. Look at it, put it right by hand, then undo again."
            )
        if old is not None:
            _write(session, parameters.file, old)
        elif now is not None:
            session.remove(parameters.file)
        session.remove(_before(bench, parameters))
    return {"restored": True}


def is_switched_back(bench: Bench, parameters: LocatorParameters) -> ReadBack:
    """Whether nothing of our switch is left."""
    with sftp(parameters.server, parameters.file) as session:
        now, kept = _read(session, parameters.file), _read(session, _before(bench, parameters))
    if kept is None and _token(now) != bench.token:
        return ReadBack(Found.UNDONE, f"{parameters.file} is as it was")
    return ReadBack(Found.DONE, f"{parameters.file} is still ours")


SWITCH_LOCATOR = Kind("switch-locator", True, LocatorParameters, switch, is_switched, switch_back, is_switched_back)
