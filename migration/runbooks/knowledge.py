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
    accountable: str = ""
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    precondition: str = ""
    evidence: str = ""
    tell: str = ""
    undo_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Role:
    """One `[[role]]` of roles.toml."""

    id: str
    title: str
    does: str


def templates(file: Path = HERE / "steps.toml") -> tuple[Template, ...]:
    """The step templates in their order, phase by phase. What one does not say of accountability and evidence is the file's default."""
    read = tomllib.loads(file.read_text("utf-8"))
    made = [_template(h, read) for h in cast("list[dict[str, Any]]", read["step"])]
    order = list(Phase)
    return tuple(sorted(made, key=lambda t: order.index(t.phase)))


def kept_days(file: Path = HERE / "steps.toml") -> int:
    """For how many days after a wave's window the old places are kept whole."""
    return int(tomllib.loads(file.read_text("utf-8"))["kept_days"])


def _template(held: dict[str, Any], read: dict[str, Any]) -> Template:
    typed: dict[str, Any] = {k: tuple(held.get(k, ())) for k in ("after", "dispositions", "consulted", "informed")}
    default: dict[str, Any] = {
        "accountable": read["accountable"][held["phase"]],
        "evidence": read["evidence"][held["kind"]],
        "undo_minutes": held.get("minutes", 5) if held.get("undo") else 0,
    }
    typed["phase"] = Phase(held["phase"])
    return Template(**{**default, **held, **typed})


def roles(file: Path = HERE / "roles.toml") -> dict[str, Role]:
    """The roles by id."""
    return {r["id"]: Role(**r) for r in cast("list[dict[str, Any]]", tomllib.loads(file.read_text("utf-8"))["role"])}
