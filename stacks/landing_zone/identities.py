"""The roles of policy assignments' identities: what a council changes of them, and all of them as a list to review."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from stacks.landing_zone.architecture_settings import RoleChange
from stacks.landing_zone.enforcement import slot, unknown
from stacks.library.architecture import SCOPE, Architecture, Assigned, Grant, GroupPlan
from stacks.library.model import key


@dataclass(frozen=True, slots=True)
class IdentityRole:
    """One role of one assignment's identity: `group` and `scope` as Azure has them, `role_name` where it is worth knowing by name."""

    group: str
    assignment: str
    role: str
    role_name: str
    scope: str
    why: str

    def as_text(self) -> dict[str, str]:
        """For an output or a file."""
        return asdict(self)


@cache
def _names() -> Mapping[str, str]:
    held = tomllib.loads(Path(__file__).with_name("role_names.toml").read_text("utf-8"))
    return held["name"]


def identity_roles(architecture: Architecture, prefix: str) -> tuple[IdentityRole, ...]:
    """Every role that policies' identities get in an architecture built under `prefix`, before anything is deployed."""
    return tuple(_line(architecture, prefix, g, a, grant) for g, a in architecture.slots for grant in a.grants)


def _line(architecture: Architecture, prefix: str, group: GroupPlan, assigned: Assigned, grant: Grant) -> IdentityRole:
    at = architecture.full_id(prefix, group.id)
    return IdentityRole(at, assigned.name, grant.role, _names().get(grant.role, ""), grant.scope or f"{SCOPE}{at}", grant.why)


def with_changes(architecture: Architecture, changes: Mapping[str, RoleChange]) -> Architecture:
    """The architecture with the council's changes of roles; one for a group and name wins over one for the name."""
    said = {key(n): c for n, c in changes.items()}

    def changed(group: GroupPlan, assigned: Assigned) -> Assigned:
        change = said.get(slot(group, assigned)) or said.get(key(assigned.name))
        return _changed(assigned, change) if change else assigned

    return architecture.replaced(changed)


def _changed(assigned: Assigned, change: RoleChange) -> Assigned:
    kept = tuple(g for g in assigned.grants if g.role not in change.drop)
    held = {g.role for g in kept if not g.scope}
    added = tuple(Grant(role, why=f"added: {change.reason}") for role in change.add if role not in held)
    return assigned.granted((*kept, *added), assigned.marked)


def change_faults(changes: Mapping[str, RoleChange], architecture: Architecture) -> list[tuple[str, str]]:
    """(key, what is wrong) for each change that changes nothing."""
    faults: list[tuple[str, str]] = []
    for name, change in changes.items():
        if what := unknown(name, architecture):
            faults.append((f"policy_roles.{name}", f"it names {name}, {what}"))
            continue
        held = [a for g, a in architecture.slots if key(name) in (slot(g, a), key(a.name))]
        if not any(a.has_identity for a in held):
            faults.append((f"policy_roles.{name}", "it changes nothing in Azure, so it has no identity and no roles; take this out."))
            continue
        roles = {g.role for a in held for g in a.grants}
        faults += [
            (f"policy_roles.{name}", f"it has no role {r} to drop; it has {', '.join(sorted(roles))}.")
            for r in change.drop
            if r not in roles
        ]
    return faults
