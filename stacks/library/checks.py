"""What must fit together in a library once it is read: every name that one file gives another."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stacks.library.model import Archetype, Blueprint, Library, find, is_set, key, last
from stacks.library.values import parameters_of


def faults_of(library: Library) -> list[str]:
    """Every name that leads nowhere."""
    of_archetypes = (f for a in library.archetypes.values() for f in _archetype(library, a))
    of_blueprints = (f for b in library.blueprints.values() for f in _blueprint(library, b))
    return [*of_archetypes, *of_blueprints, *_sets(library), *_assignments(library), *_defaults(library)]


def _missing(file: Path, where: str, what: str, name: str, held: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(key(name), held, n=1)
    hint = f"did you mean {held[near[0]].name}?" if near else "add its file, or take the name out."
    return f"{file}, key {where}: there is no {what} {name}; {hint}"


def _archetype(library: Library, archetype: Archetype) -> Iterator[str]:
    kinds: tuple[tuple[str, str, tuple[str, ...], Mapping[str, Any]], ...] = (
        ("policy_assignments", "policy assignment", archetype.assignments, library.assignments),
        ("policy_definitions", "policy definition", archetype.definitions, library.definitions),
        ("policy_set_definitions", "policy set definition", archetype.sets, library.sets),
        ("role_definitions", "role definition", archetype.roles, library.roles),
    )
    for where, what, names, held in kinds:
        yield from (_missing(archetype.file, where, what, n, held) for n in names if key(n) not in held)


def _blueprint(library: Library, blueprint: Blueprint) -> Iterator[str]:
    ids = {key(g.id) for g in blueprint.groups}
    tops = [g.id for g in blueprint.groups if not g.parent]
    if len(tops) != 1:
        said = ", ".join(tops) or "none"
        yield f"{blueprint.file}: exactly one management group must stand at the top, with parent_id null; there are {said}."
    named = [key(g.id) for g in blueprint.groups]
    twice = sorted({g for g in named if named.count(g) > 1})
    yield from (f"{blueprint.file}: management group {g} stands there more than once." for g in twice)
    for i, group in enumerate(blueprint.groups):
        where = f"management_groups[{i}]"
        if group.parent and key(group.parent) not in ids:
            there = ", ".join(sorted(ids))
            yield f"{blueprint.file}, key {where}.parent_id: there is no management group {group.parent}; there are {there}."
        for name in group.archetypes:
            if key(name) not in library.archetypes:
                yield _missing(blueprint.file, f"{where}.archetypes", "archetype", name, library.archetypes)
    if not twice:
        yield from _circle(blueprint)


def _circle(blueprint: Blueprint) -> Iterator[str]:
    parents = {key(g.id): key(g.parent) for g in blueprint.groups}
    for start in parents:
        seen: list[str] = []
        at = start
        while at and at in parents and at not in seen:
            seen.append(at)
            at = parents[at]
        # Every group of a circle finds it; the first of them by name says so.
        if at == start and start == min(seen):
            yield f"{blueprint.file}: management group {start} stands beneath itself ({' → '.join((*seen, at))}); correct parent_id."


def _is_of_azure(definition_id: str) -> bool:
    return definition_id.lower().startswith("/providers/microsoft.authorization/")


def _lacks(library: Library, definition_id: str) -> bool:
    """Whether an id leads nowhere. Copies of Azure's own definitions may be partial: what needs one says so when it does."""
    held = library.sets if is_set(definition_id) else library.definitions
    return not _is_of_azure(definition_id) and find(held, last(definition_id)) is None


def _sets(library: Library) -> Iterator[str]:
    for held in library.sets.values():
        for i, reference in enumerate(held.references):
            where = f"properties.policyDefinitions[{i}].policyDefinitionId"
            if _lacks(library, reference.definition_id):
                yield _missing(held.file, where, "policy definition", reference.name, library.definitions)


def _assignments(library: Library) -> Iterator[str]:
    for held in library.assignments.values():
        name, a_set = last(held.definition_id), is_set(held.definition_id)
        if _lacks(library, held.definition_id):
            kind = "policy set definition" if a_set else "policy definition"
            known = library.sets if a_set else library.definitions
            yield _missing(held.file, "properties.policyDefinitionId", kind, name, known)
        elif (known := parameters_of(library, held)) is not None:
            yield from _parameters(held.file, held.values, known, name)


def _parameters(file: Path, given: Mapping[str, Any], known: Mapping[str, Any], definition: str) -> Iterator[str]:
    for name in given:
        if key(name) not in known:
            yield _missing(file, f"properties.parameters.{name}", f"parameter of {definition} called", name, known)


def _defaults(library: Library) -> Iterator[str]:
    """A default for an assignment that another member holds is no fault: one file of defaults serves many."""
    for default in library.defaults.values():
        for name, parameter in default.targets:
            assignment = find(library.assignments, name)
            known = parameters_of(library, assignment) if assignment else None
            if assignment and known is not None and key(parameter) not in known:
                there = ", ".join(sorted(p.name for p in known.values()))
                yield f"Default value {default.name}: {assignment.name} has no parameter {parameter}; its definition has {there}."
