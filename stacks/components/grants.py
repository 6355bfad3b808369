"""What components give to identities and groups: grants.toml, read for those who review access."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Granted:
    """A role (a built-in role's id) that `who` gets on `scope`; the name of its assignment ends with `ending`."""

    ending: str
    who: str
    title: str
    role: str
    scope: str
    why: str


@cache
def granted() -> tuple[Granted, ...]:
    """Every role that a component gives."""
    held = tomllib.loads(Path(__file__).with_name("grants.toml").read_text("utf-8"))
    return tuple(Granted(**g) for g in held["grant"])
