"""The step templates and the roles, as written in `steps.toml` and `roles.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from migration.runbooks.model import Phase

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Template:
    """One `[[step]]` of steps.toml; its texts are Jinja2. `after` names templates."""

    each: str
    id: str
    phase: Phase
    role: str
    kind: str
    title: str
    do: str
    verify: str
    undo: str = ""
    no_undo_because: str = ""
    after: tuple[str, ...] = ()
    minutes: int = 5
    dispositions: tuple[str, ...] = ()
    sides: str = ""
    is_point_of_no_return: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """One `[[role]]` of roles.toml."""

    id: str
    title: str
    does: str


def templates(file: Path = HERE / "steps.toml") -> tuple[Template, ...]:
    """The step templates in their order, phase by phase."""
    held = cast("list[dict[str, Any]]", tomllib.loads(file.read_text("utf-8"))["step"])
    made = [_template(h) for h in held]
    order = list(Phase)
    return tuple(sorted(made, key=lambda t: order.index(t.phase)))


def kept_days(file: Path = HERE / "steps.toml") -> int:
    """For how many days after a wave's window the old places are kept whole."""
    return int(tomllib.loads(file.read_text("utf-8"))["kept_days"])


def _template(held: dict[str, Any]) -> Template:
    typed: dict[str, Any] = {"phase": Phase(held["phase"]), "after": tuple(held.get("after", ()))}
    typed["dispositions"] = tuple(held.get("dispositions", ()))
    return Template(**{**held, **typed})


def roles(file: Path = HERE / "roles.toml") -> dict[str, Role]:
    """The roles by id."""
    return {r["id"]: Role(**r) for r in cast("list[dict[str, Any]]", tomllib.loads(file.read_text("utf-8"))["role"])}
