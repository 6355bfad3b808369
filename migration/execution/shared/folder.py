"""A run's folder as files by name: what of it is shared, and a journal laid down from its lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from inventory.whole import write_whole

JOURNAL = "journal.jsonl"
_OWN = ("lock.sqlite", "engine.sqlite", "holder.json", "journal.head", ".")
"""How names begin that are of this machine only: the lock, the engine's database, half-written files."""


def kept(folder: Path) -> list[str]:
    """The names of the folder's files that a run needs wherever it is carried out, but for its head."""
    found = (f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())
    return sorted(name for name in found if not name.rsplit("/", 1)[-1].startswith(_OWN))


def write_journal(folder: Path, lines: Sequence[bytes]) -> None:
    """Lay down a journal and its head. Its chain is checked by whoever reads it, as of any journal."""
    write_whole(folder / JOURNAL, b"".join(line + b"\n" for line in lines))
    if lines:
        last = json.loads(lines[-1])
        write_whole(folder / "journal.head", f"{last['number']:012} {last['digest']}\n")
