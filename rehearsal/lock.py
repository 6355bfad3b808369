"""One rehearsal of a stack at a time, one change of the pretend cloud at a time. The system drops a lock when its holder dies."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rehearsal.errors import RehearsalError

if sys.platform == "win32":
    import msvcrt

    def _take(held: IO[bytes]) -> None:
        msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(held: IO[bytes]) -> None:
        fcntl.flock(held.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(state: Path) -> Generator[None]:
    """Hold the lock of the state file. Raises RehearsalError at once when another rehearsal holds it."""
    state.parent.mkdir(parents=True, exist_ok=True)
    file = state.with_name(f".{state.name}.lock")
    with file.open("ab") as held:
        try:
            _take(held)
        except OSError as wrong:
            raise RehearsalError(f"{state.stem} is being rehearsed by another process ({state} is locked). Wait for it to end.") from wrong
        yield


@contextmanager
def waiting(file: Path, seconds: float = 60) -> Generator[None]:
    """Hold the lock of a file that is held for moments only. Raises RehearsalError when it is not free after `seconds`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(f".{file.name}.lock").open("ab") as held:
        deadline = time.monotonic() + seconds
        while not _taken(held):
            if time.monotonic() > deadline:
                raise RehearsalError(f"{file} is locked by another process. End it, or wait for it to end.")
            time.sleep(0.02)
        yield


def _taken(held: IO[bytes]) -> bool:
    try:
        _take(held)
    except OSError:
        return False
    return True
