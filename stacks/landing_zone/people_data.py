"""The platform's jobs and accounts for emergencies: people.toml, checked as it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from stacks.errors import StacksError

# Roles with which somebody can give themselves every other one (Owner, User Access Administrator, Role Based Access Control Administrator).
GIVES_RIGHTS = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
)


def _any_covers(actions: Iterable[str]) -> bool:
    """Whether one of Azure's patterns (* is anything) covers the giving of roles."""
    return any(fnmatchcase("microsoft.authorization/roleassignments/write", a.casefold()) for a in actions)


@dataclass(frozen=True, slots=True)
class CustomRole:
    """A role of the council's own. Actions are Azure's, with * for any."""

    id: str
    title: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    why: str

    def __post_init__(self) -> None:
        """A role that can give roles, whatever else it may do, is Owner by another name."""
        if _any_covers(self.actions) and not _any_covers(self.not_actions):
            raise StacksError(f"people.toml, custom role {self.id}: it is Owner by another name; take Microsoft.Authorization/*/Write out.")


@dataclass(frozen=True, slots=True)
class JobRole:
    """A built-in role's id, or a `custom` one's, at management `groups` ("" the council's own); eligible for `most`, standing without."""

    id: str
    title: str
    groups: tuple[str, ...]
    why: str
    role: str = ""
    custom: str = ""
    most: str = ""
    approval: bool = False

    def __post_init__(self) -> None:
        """A standing role that gives rights to others is a mistake in our data; so is approval of what nobody asks for."""
        if not self.most and (self.role in GIVES_RIGHTS or self.approval):
            raise StacksError(f"people.toml, role {self.id} ({self.title}): give it `most`; nobody has such a role all the time.")
        if bool(self.role) == bool(self.custom):
            raise StacksError(f"people.toml, role {self.id} ({self.title}): give either role or custom.")
        if self.most and len(self.groups) != 1:
            raise StacksError(f"people.toml, role {self.id} ({self.title}): Azure has rules of activation for each group; name one.")


@dataclass(frozen=True, slots=True)
class Job:
    """A job on the platform: one Entra group. A `protected` one is made by hand."""

    id: str
    title: str
    why: str
    roles: tuple[JobRole, ...]
    protected: bool = False

    def __post_init__(self) -> None:
        """A group that every Groups Administrator can join must not lead to every right."""
        if not self.protected and any(r.role in GIVES_RIGHTS for r in self.roles):
            raise StacksError(f"people.toml, job {self.id}: it leads to every other right; make it protected.")


@dataclass(frozen=True, slots=True)
class Emergency:
    """The accounts for emergencies: how many at `least`, and the Entra role that people give them by hand."""

    title: str
    least: int
    why: str


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("people.toml").read_text("utf-8"))


@cache
def jobs() -> tuple[Job, ...]:
    """Every job."""
    return tuple(_job(held) for held in _read()["job"])


def _job(held: dict[str, Any]) -> Job:
    roles = tuple(_role(r) for r in held["role"])
    return Job(held["id"], held["title"], held["why"], roles, held.get("protected", False))


def _role(held: dict[str, Any]) -> JobRole:
    groups: dict[str, Any] = {"groups": tuple(held["groups"])}
    return JobRole(**{**held, **groups})


@cache
def custom_roles() -> tuple[CustomRole, ...]:
    """Roles of the council's own."""
    return tuple(_custom(held) for held in _read()["custom_role"])


def _custom(held: dict[str, Any]) -> CustomRole:
    return CustomRole(held["id"], held["title"], tuple(held["actions"]), tuple(held["not_actions"]), held["why"])


def eligible_roles() -> Iterator[tuple[Job, JobRole]]:
    """Every role that has to be asked for, with its job."""
    return ((job, role) for job in jobs() for role in job.roles if role.most)


def emergency() -> Emergency:
    """The accounts for emergencies."""
    return Emergency(**{k: v for k, v in _read()["emergency"].items() if k != "source"})


def eligible_for() -> str:
    """How long a group stays eligible, as an ISO 8601 duration."""
    return str(_read()["eligible_for"])


def standing_why() -> str:
    """Why what stands may stand."""
    return str(_read()["standing_why"])
