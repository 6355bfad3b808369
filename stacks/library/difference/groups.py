"""What changes of management groups, archetypes and default values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stacks.library.architecture import GroupPlan
from stacks.library.difference.model import Change, Kind, Point, Release, Verb
from stacks.library.difference.reach import depth, reach
from stacks.library.difference.shown import listed, named
from stacks.library.model import Archetype, DefaultValue, key

_LISTS = (("assignments", "assigns"), ("definitions", "holds"), ("sets", "holds the set"), ("roles", "holds the role"))


def group_changes(before: Release, after: Release) -> Iterator[Change]:
    """Groups that came, went, moved or are called otherwise."""
    old, new = ({key(g.id): g for g in r.architecture.groups} for r in (before, after))
    for name, group in new.items():
        if name not in old:
            says = f"{group.name} stands beneath {named(group.parent)}, and assigns {len(group.assignments)} of its own."
            yield Change(Kind.GROUP, Verb.ADDED, named(group.id), (Point("group-added", says),), (group.id,), reach(after, (group.id,)))
        elif points := tuple(_group(before, old[name], after, group)):
            yield Change(Kind.GROUP, Verb.CHANGED, named(group.id), points, (group.id,), reach(after, (group.id,)))
    for name, group in old.items():
        if name not in new:
            point = Point("group-removed", f"{group.name} stood beneath {named(group.parent)} and is taken away.")
            yield Change(Kind.GROUP, Verb.REMOVED, named(group.id), (point,), (group.id,), reach(before, (group.id,)))


def _group(before: Release, old: GroupPlan, after: Release, new: GroupPlan) -> Iterator[Point]:
    if key(old.parent) != key(new.parent):
        yield Point("group-moved", f"It stood beneath {named(old.parent)} and stands beneath {named(new.parent)}.")
        if depth(before, old.id) != depth(after, new.id):
            yield Point("group-moved-deeper", "It stands at another depth of the tree.")
    if bool(old.existing_id) != bool(new.existing_id):
        yield Point("group-handed-over", "It is now somebody else's to make." if new.existing_id else "It is now made by this stack.")
    if old.name != new.name:
        yield Point("group-renamed", f"It was called {old.name} and is called {new.name}.")


def archetype_changes(before: Release, after: Release) -> Iterator[Change]:
    """Archetypes that came, went or hold other things. What that does to groups is told of the things themselves."""
    old, new = before.library.archetypes, after.library.archetypes
    for name, archetype in new.items():
        groups = _groups_of(after, archetype)
        if name not in old:
            yield Change(Kind.ARCHETYPE, Verb.ADDED, archetype.name, (Point("archetype-added", _of(groups)),), groups)
        elif points := tuple(_archetype(old[name], archetype)):
            yield Change(Kind.ARCHETYPE, Verb.CHANGED, archetype.name, points, groups)
    for name, archetype in old.items():
        if name not in new:
            groups = _groups_of(before, archetype)
            yield Change(Kind.ARCHETYPE, Verb.REMOVED, archetype.name, (Point("archetype-removed", _of(groups)),), groups)


def _of(groups: tuple[str, ...]) -> str:
    return f"It is that of {listed(map(named, groups))}." if groups else "No group of this architecture has it."


def _groups_of(release: Release, archetype: Archetype) -> tuple[str, ...]:
    """Groups of the architecture that hold all that the archetype does, as its blueprint names them."""
    ids = {key(g.existing_id or g.id): g.id for g in release.architecture.groups}
    found = [
        ids.get(key(g.id), "")
        for b in release.library.blueprints.values()
        for g in b.groups
        if key(archetype.name) in map(key, g.archetypes)
    ]
    return tuple(dict.fromkeys(found))


def _archetype(old: Archetype, new: Archetype) -> Iterator[Point]:
    for kind, does in _LISTS:
        was, now = ({key(n): n for n in getattr(a, kind)} for a in (old, new))
        if came := [n for k, n in now.items() if k not in was]:
            yield Point("archetype-changed", f"It now {does} {listed(came)}.")
        if went := [n for k, n in was.items() if k not in now]:
            yield Point("archetype-changed", f"It no longer {does} {listed(went)}.")


def default_changes(before: Release, after: Release) -> Iterator[Change]:
    """Default values that came, went or fill other parameters."""
    old, new = before.library.defaults, after.library.defaults
    for name, held in new.items():
        if name not in old:
            yield _default(held, Verb.ADDED, "default-added", f"It fills {listed(_targets(held).values())}.")
        elif _targets(old[name]).keys() != _targets(held).keys():
            yield _default(held, Verb.CHANGED, "default-changed", _moved(_targets(old[name]), _targets(held)))
    for name, held in old.items():
        if name not in new:
            yield _default(held, Verb.REMOVED, "default-removed", f"It filled {listed(_targets(held).values())}.")


def _default(held: DefaultValue, verb: Verb, rule: str, says: str) -> Change:
    return Change(Kind.DEFAULT, verb, held.name, (Point(rule, says),))


def _targets(held: DefaultValue) -> Mapping[str, str]:
    """What it fills, by compared name."""
    said = (f"{parameter} of {assignment}" for assignment, parameter in held.targets)
    return {key(target): target for target in sorted(said)}


def _moved(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    came, went = [t for n, t in new.items() if n not in old], [t for n, t in old.items() if n not in new]
    said = [f"It also fills {listed(came)}."] if came else []
    said += [f"It no longer fills {listed(went)}."] if went else []
    return " ".join(said)
