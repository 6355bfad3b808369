"""What a copy has carried so far, one JSON line a file, so that a killed copy goes on where it was.

The ledger is only a memory: every line is held against the source (size and time) and the target (stamp) before it is
believed, and a torn last line is left out.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from migration.steps.ssh import Entry


@dataclass(frozen=True, slots=True)
class Carried:
    """One file at its target. `sha256` is of the content as it was read; `stamp` is the target's ETag."""

    path: str
    key: str
    size: int
    modified: int
    sha256: str
    stamp: str

    def is_of(self, entry: Entry) -> bool:
        """Whether this was carried from the file as it is now."""
        return (self.path, self.size, self.modified) == (entry.path, entry.size, entry.modified)


class Ledger:
    """The lines of one copy; safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        """Read what is there."""
        self.file = file
        self.carried: dict[str, Carried] = {}
        self._lock = threading.Lock()
        lines = file.read_bytes().split(b"\n") if file.is_file() else []
        for line in lines:
            try:
                held = Carried(**json.loads(line))
            except (ValueError, TypeError):
                continue
            self.carried[held.path] = held
        self._out = file.open("ab")
        if lines and lines[-1]:
            self._out.write(b"\n")

    def add(self, carried: Carried) -> None:
        """Remember a file. Not synced: losing a line costs one more read, never a file."""
        line = json.dumps(asdict(carried)).encode("ascii") + b"\n"
        with self._lock:
            self.carried[carried.path] = carried
            self._out.write(line)
            self._out.flush()

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()
