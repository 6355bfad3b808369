"""The state file: Pulumi's deployment, version 3, as `pulumi stack export` prints it.

No secret is ever written: see `seals`.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from rehearsal import state as states
from rehearsal.errors import RehearsalError
from rehearsal.seals import new_salt, provider_state
from rehearsal.state import State

_SALT_KEY = "rehearsal_salt"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Resources in the order in which they were made (a resource stands after what it needs), and the seal's salt."""

    resources: tuple[State, ...] = ()
    salt: str = ""


def load(file: Path) -> Checkpoint:
    """The checkpoint in `file`; an empty one with a new salt when there is none yet.

    Raises RehearsalError when the file is not such a checkpoint.
    """
    if not file.exists():
        return Checkpoint(salt=new_salt())
    try:
        held = json.loads(file.read_text("utf-8"))
        if not isinstance(held, dict):
            raise ValueError("it holds no JSON object")
        return _parse(cast("dict[str, Any]", held))
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise RehearsalError(
            f"{file} is not a rehearsal state that can be read ({wrong}). "
            "Mend it, or remove it to rehearse from nothing, with azure.jsonl beside it."
        ) from wrong


def _parse(held: dict[str, Any]) -> Checkpoint:
    if held.get("version") != 3:
        raise ValueError(f"its version is {held.get('version')!r}, not 3")
    deployment = cast("dict[str, Any]", held["deployment"])
    resources = tuple(states.from_json(r) for r in deployment.get("resources") or ())
    provider = cast("dict[str, Any]", deployment.get("secrets_providers") or {})
    salt = cast("dict[str, Any]", provider.get("state") or {}).get(_SALT_KEY) or new_salt()
    return Checkpoint(resources, str(salt))


def to_json(checkpoint: Checkpoint, version: str, at: datetime) -> dict[str, Any]:
    """The checkpoint in the shape of `pulumi stack export`; `version` is the SDK's, `at` an aware time."""
    name = f"v{version}"
    return {
        "version": 3,
        "deployment": {
            "manifest": {"time": at.isoformat(), "magic": hashlib.sha256(name.encode()).hexdigest(), "version": name},
            "secrets_providers": {"type": "passphrase", "state": {**provider_state(), _SALT_KEY: checkpoint.salt}},
            "resources": [r.to_json() for r in checkpoint.resources],
            "metadata": {},
        },
    }


def save(file: Path, checkpoint: Checkpoint, version: str, at: datetime) -> None:
    """Write the checkpoint whole or not at all."""
    write_json(file, to_json(checkpoint, version, at))


def write_json(file: Path, value: object) -> None:
    """Write JSON whole or not at all."""
    write_text(file, json.dumps(value, indent=4, ensure_ascii=False) + "\n")


def write_text(file: Path, text: str) -> None:
    """Write the text to a new file beside `file`, then put it in its place. The folder is made if need be."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, prefix=f".{file.name}.", delete=False) as fresh:
        try:
            fresh.write(text)
            fresh.flush()
            os.fsync(fresh.fileno())
        except BaseException:
            Path(fresh.name).unlink(missing_ok=True)
            raise
    Path(fresh.name).replace(file)
