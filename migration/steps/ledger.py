"""What a copy has carried so far, one JSON line a file, so that a killed copy goes on where it was.

The ledger is only a memory: every line is held against the source (size and time) and the target (stamp) before it is
believed, and a torn last line is left out.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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
    """The lines of one copy; safe to use from several threads. `uploads` are those in parts that were begun and not seen to end."""

    def __init__(self, file: Path) -> None:
        """Read what is there."""
        self.file = file
        self.carried: dict[str, Carried] = {}
        self.uploads: dict[str, str] = {}
        self._lock = threading.Lock()
        lines = file.read_bytes().split(b"\n") if file.is_file() else []
        for line in lines:
            try:
                self._remember(json.loads(line))
            except (ValueError, TypeError):
                continue
        self._out = file.open("ab")
        if lines and lines[-1]:
            self._out.write(b"\n")

    def _remember(self, held: dict[str, Any]) -> None:
        if set(held) == {"upload", "key"}:
            self.uploads[held["upload"]] = held["key"]
        elif set(held) == {"ended"}:
            self.uploads.pop(held["ended"], None)
        else:
            carried = Carried(**held)
            self.carried[carried.path] = carried

    def begun(self, key: str, upload: str) -> None:
        """Remember an upload in parts, so that a later attempt can clear it away: it and no other."""
        with self._lock:
            self.uploads[upload] = key
            self._write({"upload": upload, "key": key})

    def ended(self, key: str) -> None:
        """The uploads for this key are over, well or abandoned."""
        with self._lock:
            for upload in [u for u, k in self.uploads.items() if k == key]:
                del self.uploads[upload]
                self._write({"ended": upload})

    def add(self, carried: Carried) -> None:
        """Remember a file. Not synced: losing a line costs one more read, never a file."""
        with self._lock:
            self.carried[carried.path] = carried
            self._write(asdict(carried))

    def _write(self, held: Mapping[str, object]) -> None:
        self._out.write(json.dumps(held).encode("ascii") + b"\n")
        self._out.flush()

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()
