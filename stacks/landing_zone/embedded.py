"""Our own architecture: what the TOML beside this file says, as the same model that the library becomes."""

from __future__ import annotations

from typing import Any

from stacks.landing_zone.data import Assignment, Group, allowed_regions, assignments, groups
from stacks.library.architecture import Architecture, Assigned, DefinitionIn, Grant, GroupPlan

_ASKED = "its definition asks for it"


def embedded(mandatory_tags: tuple[str, ...]) -> Architecture:
    """The council's architecture, which needs no download."""
    held = assignments(mandatory_tags)
    return Architecture("embedded", tuple(_group(g, held) for g in groups()))


def united_kingdom(mandatory_tags: tuple[str, ...]) -> dict[str, tuple[Assigned, ...]]:
    """Assignments that stand on every source, by group: the UK's initiatives and regions, the tags of the golden rules."""
    ours = tuple(a for a in assignments(mandatory_tags) if a.uk)
    return {g.id: found for g in groups() if (found := _at(g, ours))}


def _group(group: Group, held: tuple[Assignment, ...]) -> GroupPlan:
    return GroupPlan(group.id, group.parent, group.name, assignments=_at(group, held))


def _at(group: Group, held: tuple[Assignment, ...]) -> tuple[Assigned, ...]:
    return tuple(_assigned(a) for a in held if group.id in a.scopes)


def _assigned(held: Assignment) -> Assigned:
    return Assigned(
        held.id,
        held.title,
        DefinitionIn(held.set or held.policy, bool(held.set)),
        version=held.version,
        parameters=_parameters(held),
        messages=({"message": held.message},) if held.message else (),
        has_identity=bool(held.roles),
        grants=tuple(Grant(role, why=_ASKED) for role in held.roles),
    )


def _parameters(held: Assignment) -> dict[str, Any]:
    from_settings = {"allowed-regions": list(allowed_regions())}
    return {**held.parameters, **{k: from_settings[v] for k, v in held.from_settings.items()}}
