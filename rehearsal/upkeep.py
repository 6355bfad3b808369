"""What is done to a stack without its program: refresh and destroy, as Pulumi's commands of those names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rehearsal import checkpoint, cloud, pending, urns
from rehearsal.applied import settle
from rehearsal.checkpoint import Checkpoint
from rehearsal.drift import refreshed
from rehearsal.errors import ProgramError, RehearsalError
from rehearsal.lock import locked
from rehearsal.preview import Diagnostic, Preview
from rehearsal.project import read_project
from rehearsal.record import Record


def refresh(root: Path, state: Path, *, preview_only: bool = False) -> Preview:
    """See `rehearsal.refresh`."""
    started, at = time.monotonic(), datetime.now(UTC)
    project = read_project(root)
    _must_be_there(state)
    with locked(state):
        pending.recover(state)
        before = checkpoint.load(state)
        record, drift = refreshed(before, cloud.load(cloud.file_of(state)))
        found = [Diagnostic("info", d.told, d.urn) for d in drift]
        if not preview_only:
            found += settle(state, (), Checkpoint(record.resources, before.salt), at, most=None, keep=True)
    return _told(project.name, state, record, found, time.monotonic() - started)


def destroy(root: Path, state: Path, *, preview_only: bool = False, most: int | None = None) -> Preview:
    """See `rehearsal.destroy`."""
    started, at = time.monotonic(), datetime.now(UTC)
    project = read_project(root)
    _must_be_there(state)
    with locked(state):
        pending.recover(state)
        before = checkpoint.load(state)
        if faults := [*_protected(before)]:
            advice = "Take protect off in the program or its configuration, rehearse the stack, and then destroy it."
            raise RehearsalError(*faults, f"Nothing was destroyed. {advice}")
        record = destroyed(before)
        found = settle(state, record.steps, Checkpoint((), before.salt), at, most=most, keep=not preview_only)
    return _told(project.name, state, record, found, time.monotonic() - started)


def _must_be_there(state: Path) -> None:
    """Looked at before the lock, which would leave a file for a stack that there is not."""
    if not state.is_file():
        raise RehearsalError(f"The stack {state.stem} has not been rehearsed: there is no {state}. Run: unless rehearse {state.stem}")


def _protected(before: Checkpoint) -> Iterator[str]:
    yield from (f"{r.type} {urns.name_of(r.urn)} is protected." for r in before.resources if r.protect)


def destroyed(before: Checkpoint) -> Record:
    """The steps of a destroy, in the opposite order of making; nothing is left. What is external is only forgotten."""
    record = Record(before.salt)
    for old in reversed(before.resources):
        if not old.external:
            record.add("delete", old, None)
    return record


def _told(project: str, state: Path, record: Record, found: list[Diagnostic], seconds: float) -> Preview:
    preview = Preview(project, state.stem, record.steps, tuple(found), seconds=seconds)
    if preview.faults:
        raise ProgramError(preview)
    return preview
