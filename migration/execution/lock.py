"""One process at a time for a run: an exclusive SQLite lock, which the operating system lets go of when its holder dies.

Works alike on Linux, macOS and Windows; on a network drive it is only as good as the drive's locking.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from inventory.whole import write_whole
from migration.errors import MigrationError


@contextmanager
def held(folder: Path, now: datetime) -> Generator[None]:
    """Hold the run's lock for the block. Raises MigrationError saying who holds it."""
    connection = take(folder)
    if connection is None:
        raise MigrationError(f"{folder.name} is being run already{_holder(folder)}. Wait for it to end, or stop it; then resume.")
    try:
        holder = {"pid": os.getpid(), "host": platform.node(), "since": now.isoformat()}
        write_whole(folder / "holder.json", json.dumps(holder).encode("ascii"))
        yield
    finally:
        connection.close()


def is_held(folder: Path) -> bool:
    """Whether some process is running the run now."""
    connection = take(folder) if folder.is_dir() else None
    if connection is None:
        return folder.is_dir()
    connection.close()
    return False


def take(folder: Path) -> sqlite3.Connection | None:
    """The lock of a folder that is there, until it is closed; None when another process has it."""
    connection = sqlite3.connect(folder / "lock.sqlite", timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        connection.close()
        return None
    return connection


def _holder(folder: Path) -> str:
    try:
        held = json.loads((folder / "holder.json").read_text("ascii"))
        return f" by process {held['pid']} on {held['host']} since {held['since']}"
    except (OSError, ValueError, KeyError):
        return ""
