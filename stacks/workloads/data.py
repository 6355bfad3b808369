"""Facts of the application landing zones, from the TOML beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Care:
    """What a degree of criticality gets. Days, weeks and months that backups are kept.

    `instances` of what is easily multiplied (web applications, containers); `slot` to try a release beside the one that runs.
    """

    days: int
    instances: int
    weeks: int = 0
    months: int = 0
    second_region: bool = False
    spread: bool = False
    slot: bool = False


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


def shares_are_vaulted(held: Care, rpo_hours: float | None) -> bool:
    """Whether copies of shares leave their account: daily ones do, and only where there is a second region (share_backup.py)."""
    return held.second_region and hours_between_backups(rpo_hours) is None


def must_return_soon(rto_hours: float | None) -> bool:
    """Whether a lost zone cannot be waited for or restored in time; so too where nobody has said how long it may take."""
    return rto_hours is None or rto_hours < _read("care.toml")["spread_below_rto_hours"]


@dataclass(frozen=True, slots=True)
class RoomRule:
    """A subnet that a service has to itself: the service, and where in the last quarter of a network of /23, in /28s."""

    delegation: str
    start: int
    size: int


@cache
def room_rules() -> dict[str, RoomRule]:
    """Every subnet of its own kind that a network may have, by name."""
    return {name: RoomRule(**rule) for name, rule in _read("rooms.toml")["room"].items()}


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
