"""Where the public data is that `unless library sync` brings."""

from __future__ import annotations

import os
from pathlib import Path


def cached_library() -> Path:
    """Where public data is kept when nobody says otherwise: in the user's cache, as each system has it."""
    home = Path.home()
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "cloud-unless" / "library"


def library_folder(given: Path | None, workspace: Path) -> Path:
    """The folder that was named, else that of the workspace's settings where there is one, else the cache."""
    from console.workspace import open_workspace

    held = open_workspace(workspace).library if given is None and (workspace / "unless.toml").is_file() else None
    return given or held or cached_library()
