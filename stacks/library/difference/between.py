"""Two releases compared: every change with its weight, worst first, and the resources that it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stacks.library.difference.definitions import definition_points, role_points, set_points
from stacks.library.difference.groups import archetype_changes, default_changes, group_changes
from stacks.library.difference.model import Change, Difference, Kind, Point, Release, Verb
from stacks.library.difference.reach import reach
from stacks.library.difference.resources import counts
from stacks.library.difference.shown import listed, named
from stacks.library.difference.slots import slot_changes, users
from stacks.library.model import key

_FIELDS = {Kind.DEFINITION: "definitions", Kind.SET: "sets", Kind.ROLE: "roles"}
_POINTS: Mapping[Kind, Callable[[Any, Any], tuple[Point, ...]]] = {
    Kind.DEFINITION: definition_points,
    Kind.SET: set_points,
    Kind.ROLE: role_points,
}


def difference(before: Release, after: Release) -> Difference:
    """What changes from `before` to `after`, to whom, and how much it matters.

    Both are read with one copy of Azure's own definitions, so that what Microsoft changed in those is not told here.
    """
    found = [*group_changes(before, after), *archetype_changes(before, after), *slot_changes(before, after)]
    for kind in _FIELDS:
        found += _asset_changes(kind, before, after)
    found += [*_unused(before, after), *default_changes(before, after)]
    kinds = list(Kind)
    found.sort(key=lambda c: (c.weight.rank, kinds.index(c.kind), c.verb, key(c.name), c.groups))
    return Difference(before.architecture.source, after.architecture.source, tuple(found), counts(before, after))


def _asset_changes(kind: Kind, before: Release, after: Release) -> Iterator[Change]:
    """A change for each definition, set or role, with the groups that hold it."""
    old, new = _held(kind, before), _held(kind, after)
    olds, news = (getattr(r.library, _FIELDS[kind]) for r in (before, after))
    for name in {**old, **new}:
        release, groups = (after, new[name]) if name in new else (before, old[name])
        shown: str = (news if name in new else olds)[name].name
        used = () if kind is Kind.ROLE else users(release, shown, kind is Kind.SET)
        if name not in old:
            verb, points = Verb.ADDED, (Point(f"{_word(kind)}-added", _held_by(groups)),)
        elif name not in new:
            verb, points = Verb.REMOVED, (_removed(kind, after, olds[name], used),)
        else:
            verb, points = Verb.CHANGED, (*_moved(old[name], new[name]), *_POINTS[kind](olds[name], news[name]))
        if points:
            yield Change(kind, verb, shown, points, groups, reach(release, groups), used)


def _word(kind: Kind) -> str:
    return "role" if kind is Kind.ROLE else "definition"


def _held(kind: Kind, release: Release) -> Mapping[str, tuple[str, ...]]:
    """Groups that hold each, by compared name."""
    found: dict[str, tuple[str, ...]] = {}
    for group in release.architecture.groups:
        for each in getattr(group, _FIELDS[kind]):
            found[key(each.name)] = (*found.get(key(each.name), ()), group.id)
    return found


def _held_by(groups: tuple[str, ...]) -> str:
    return f"It is held by {listed(map(named, groups))}."


def _moved(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[Point, ...]:
    if old == new:
        return ()
    return (Point("member-changed", f"It was held by {listed(map(named, old))} and is held by {listed(map(named, new))}."),)


def _removed(kind: Kind, after: Release, held: Any, used: tuple[str, ...]) -> Point:
    if kind is Kind.ROLE:
        return Point("role-removed", "The role is taken away.")
    instead = _instead(after, held.properties)
    if used:
        return Point("definition-removed-in-use", f"Assignments used it.{instead}")
    return Point("definition-removed", f"No assignment of the architecture uses it.{instead}")


def _instead(after: Release, properties: Mapping[str, Any]) -> str:
    """What a definition names as its heirs, each by the name that people read where it is at hand."""
    about: Mapping[str, Any] = properties.get("metadata") or {}
    heirs = [name.strip() for name in str(about.get("supersededBy") or "").split(",") if name.strip()]
    shown: list[str] = []
    for name in heirs:
        found = after.library.definition(name) or after.library.set_definition(name)
        title = str(found.properties.get("displayName") or "") if found else ""
        shown.append(f"{name} ({title})" if title else name)
    return f" Use {' and '.join(shown)} instead." if shown else ""


def _unused(before: Release, after: Release) -> Iterator[Change]:
    """Assignments that the library holds and no group of the architecture has: they matter to a council's own archetypes."""
    old, new = before.library.assignments, after.library.assignments
    taken = {key(a.name) for r in (before, after) for _, a in r.architecture.slots}
    for name in {**old, **new}:
        if name in taken:
            continue
        if name not in new:
            point = Point("unused-removed", "The library no longer holds it; no group of the architecture had it.")
            yield Change(Kind.ASSIGNMENT, Verb.REMOVED, old[name].name, (point,))
        elif name not in old:
            point = Point("unused-added", "The library holds it for those who want it; no group of the architecture has it.")
            yield Change(Kind.ASSIGNMENT, Verb.ADDED, new[name].name, (point,))
        elif old[name].properties != new[name].properties:
            point = Point("unused-changed", "It changed; no group of the architecture has it.")
            yield Change(Kind.ASSIGNMENT, Verb.CHANGED, new[name].name, (point,))
