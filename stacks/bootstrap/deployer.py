"""What the pipeline's two identities may do in the council's management group: deploy.toml, and the roles that the stacks give."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from stacks.components.grants import granted
from stacks.errors import StacksError
from stacks.landing_zone.embedded import embedded
from stacks.landing_zone.people_data import GIVES_RIGHTS, jobs
from stacks.workloads.data import roles


@dataclass(frozen=True, slots=True)
class May:
    """Something that whoever deploys `stacks` may do. `actions` are Azure's patterns (* is anything)."""

    why: str
    stacks: tuple[str, ...]
    actions: tuple[str, ...]

    def __post_init__(self) -> None:
        """A pattern that is everything, or everything of one kind of verb that changes, is no list."""
        if wide := [a for a in self.actions if a.startswith("*") and a not in ("*/read", "*/register/action")]:
            raise StacksError(f"deploy.toml, {self.why}: {', '.join(wide)} is wider than what a stack makes; name the types.")


@dataclass(frozen=True, slots=True)
class Beyond:
    """A resource type that stands outside the management group, and why no role there reaches it."""

    type: str
    why: str


@cache
def held() -> dict[str, Any]:
    """The file as it stands."""
    return tomllib.loads(Path(__file__).with_name("deploy.toml").read_text("utf-8"))


@cache
def all_of() -> tuple[May, ...]:
    """Everything that whoever deploys may do."""
    return tuple(May(m["why"], tuple(m["stacks"]), (*m.get("actions", ()), *(f"{t}/*" for t in m.get("types", ())))) for m in held()["may"])


def beyond() -> tuple[Beyond, ...]:
    """What a role at the management group cannot give."""
    return tuple(Beyond(**b) for b in held()["beyond"])


def actions(stacks: Iterable[str]) -> tuple[str, ...]:
    """The actions of whoever deploys these stacks, in order."""
    wanted = set(stacks)
    return tuple(sorted({a for m in all_of() if wanted & set(m.stacks) for a in m.actions}))


def not_actions() -> tuple[str, ...]:
    """What is taken out of them again."""
    return tuple(held()["up"]["not_actions"])


def covers(action: str, stacks: Iterable[str]) -> bool:
    """Whether the role for these stacks allows an action, as Azure would judge it: names in any case, * for anything."""
    wanted = action.casefold()

    def matches(patterns: Iterable[str]) -> bool:
        return any(fnmatchcase(wanted, p.casefold()) for p in patterns)

    return matches(actions(stacks)) and not matches(not_actions())


@cache
def roles_given() -> tuple[str, ...]:
    """Ids of the roles that the stacks give standing, upon our own architecture: whoever deploys must be able to give these."""
    return tuple(sorted(set(_roles_given())))


def _roles_given() -> Iterator[str]:
    yield from (g.role for g in granted())
    yield from (r.role for r in roles() if not r.eligible)
    yield from (r.role for job in jobs() for r in job.roles if not r.most)
    yield from (grant.role for _, assigned in embedded(("*",)).slots for grant in assigned.grants)


def gives_rights(ids: Iterable[str]) -> tuple[str, ...]:
    """Those of them with which somebody can give themselves every other role."""
    return tuple(i for i in ids if i in GIVES_RIGHTS)
