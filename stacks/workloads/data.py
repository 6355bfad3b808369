"""Facts of the application landing zones, from the TOML beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Care:
    """What a degree of criticality gets. Days, weeks and months that backups are kept."""

    days: int
    weeks: int = 0
    months: int = 0
    second_region: bool = False
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """A marketplace image."""

    publisher: str
    offer: str
    sku: str
    version: str


@dataclass(frozen=True, slots=True)
class Placement:
    """A management group that workloads' own subscriptions may stand in, and for which data; `joined` to the hub or cut off."""

    id: str
    environments: tuple[str, ...]
    classifications: tuple[str, ...]
    joined: bool


@dataclass(frozen=True, slots=True)
class Role:
    """A role (a built-in role's id) that a workload's `people` have on its resource group, standing or eligible; `needs` a part."""

    id: str
    title: str
    role: str
    people: str
    why: str
    eligible: bool = False
    needs: str = ""


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


def care(degree: str) -> Care:
    """What `degree` (low, medium, high, critical) gets."""
    return Care(**_read("care.toml")["care"][degree])


def image(system: str) -> Image:
    """The image of `system` (windows, linux)."""
    return Image(**_read("images.toml")[system])


def placement(group: str) -> Placement:
    """Who may stand in the management group `group` (corp, online, sandbox)."""
    held = _read("placement.toml")["group"][group]
    return Placement(group, tuple(held["environments"]), tuple(held["classifications"]), held["joined"])


@cache
def roles() -> tuple[Role, ...]:
    """What a workload's people may do."""
    return tuple(Role(**r) for r in _read("roles.toml")["role"])


def eligible_for() -> str:
    """How long somebody stays eligible, as an ISO 8601 duration."""
    return _read("roles.toml")["eligible_for"]


def alerts() -> dict[str, Any]:
    """Alerts as written."""
    return _read("alerts.toml")


def hours_between_backups(rpo_hours: float | None) -> int | None:
    """The longest interval that Azure has within `rpo_hours`; None where one a day is enough. The shortest where none is short enough."""
    if rpo_hours is None or rpo_hours >= 24:
        return None
    intervals: list[int] = _read("care.toml")["hours_between_backups"]
    return max((i for i in intervals if i <= rpo_hours), default=min(intervals))
