"""Whom a change at a group bears on: the group and all that stand beneath it."""

from __future__ import annotations

from collections.abc import Sequence

from stacks.library.difference.model import Release


def reach(release: Release, groups: Sequence[str]) -> tuple[str, ...]:
    """The groups and those beneath them, parents first."""
    held = dict.fromkeys(groups)
    for group in release.architecture.groups:
        if group.id and group.parent in held:
            held[group.id] = None
    return tuple(g.id for g in release.architecture.groups if g.id in held)


def depth(release: Release, group: str) -> int:
    """How many groups stand above one."""
    parents = {g.id: g.parent for g in release.architecture.groups if g.id}
    found = 0
    while group in parents:
        group, found = parents[group], found + 1
    return found
