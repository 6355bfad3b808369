"""What a stack describes and no provider of today can build. It is listed, never pretended; needs no Pulumi to read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

STACKS_THAT_WAIT = ("microsoft365", "dynamics")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of thing that is described as data and not built: what, how a person makes it meanwhile, what it waits for."""

    id: str
    stack: str
    what: str
    meanwhile: str
    waits_for: str


def waiting(stack: str = "") -> tuple[Waiting, ...]:
    """Everything that waits, or one stack's part of it."""
    return tuple(w for name in STACKS_THAT_WAIT if stack in ("", name) for w in _read(name))


def _read(stack: str) -> tuple[Waiting, ...]:
    held = tomllib.loads((Path(__file__).parent / stack / "waiting.toml").read_text("utf-8"))
    return tuple(Waiting(stack=stack, **w) for w in held["waiting"])
