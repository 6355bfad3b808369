"""The moment between the two files of a run: what the cloud holds is written, and the state is not yet.

The state is first put beside its place. A run that finds it there ended in that moment, or before the cloud had anything of it.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from rehearsal import checkpoint, cloud
from rehearsal.checkpoint import Checkpoint


def _beside(state: Path) -> Path:
    return state.with_name(f".{state.name}.next")


def promise(state: Path, after: Checkpoint, version: str, at: datetime) -> None:
    """Put the state beside its place, before the cloud's file is written."""
    checkpoint.save(_beside(state), after, version, at)


def keep(state: Path) -> None:
    """Put what was promised in its place, once the cloud's file is written."""
    _beside(state).replace(state)


def recover(state: Path) -> None:
    """Finish what a killed run had begun where the cloud has anything of it, and else forget it. The caller holds the lock."""
    file = _beside(state)
    if not file.is_file():
        return
    at = str(json.loads(file.read_text("utf-8"))["deployment"]["manifest"]["time"])
    there = cloud.load(cloud.file_of(state)) if cloud.file_of(state).is_file() else cloud.Cloud()
    made = any(h.by == state.stem and h.at == at for h in there.held.values())
    gone = any(h.changed_by == state.stem and h.at == at for h in there.deleted.values())
    if made or gone:
        keep(state)
    else:
        file.unlink()
