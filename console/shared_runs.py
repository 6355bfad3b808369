"""The workspace's runs: in its own folder, or shared with other machines through a database (docs/guides/workers.md)."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from console.workspace import Workspace

if TYPE_CHECKING:
    from migration.execution.shared import SharedRuns


def shared_of(held: Workspace) -> SharedRuns | None:
    """The database that the settings name, with its tables; None where they name none. Raises MigrationError when it does not answer."""
    url = held.settings.runs.database
    return _prepared(url) if url else None


@cache
def _prepared(url: str) -> SharedRuns:
    """Looked at once for a command, which asks in several places."""
    from migration.execution.shared import SharedRuns

    shared = SharedRuns(url, f"process {os.getpid()} on {platform.node()}")
    shared.prepare()
    return shared


def runs_of(held: Workspace, run: str = "") -> Path:
    """The folder of runs, in which those that are shared (or this one) are as the database has them."""
    folder, shared = held.path("runs"), shared_of(held)
    if shared is not None:
        shared.bring(folder, run)
    return folder
