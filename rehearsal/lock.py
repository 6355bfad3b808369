"""One rehearsal of a stack at a time. The operating system drops the lock when its holder dies."""

from __future__ import annotations

import sys
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
