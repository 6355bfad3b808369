"""What web applications and functions may be written in: facts, from the TOML beside this file. Needs no Pulumi to read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Runtime:
    """A language at a version. Texts are "" where there is no such thing (see web_runtimes.toml)."""

    ends_on: date
    linux: str = ""
    windows: str = ""
    worker: str = ""
    function_linux: str = ""

    def runs(self, kind: str, system: str) -> bool:
        """Whether a `kind` (web, function) of thing can run on `system` (windows, linux)."""
        return bool(self.windows if system == "windows" else self.linux) and (kind == "web" or bool(self.worker))


@cache
def runtimes() -> dict[str, Runtime]:
    """Every runtime by the name that requests give it."""
    held = tomllib.loads(Path(__file__).with_name("web_runtimes.toml").read_text("utf-8"))
    return {name: Runtime(**fields) for name, fields in held["runtime"].items()}
