"""The library read whole: members in order, a council's own folder on top, built-in definitions beside, and all of it checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stacks.errors import StacksError
from stacks.library.built_ins import read_built_ins
from stacks.library.checks import faults_of
from stacks.library.files import Asset
from stacks.library.layers import Layer, every, laid, read_layer
from stacks.library.members import Member, ordered
from stacks.library.model import Archetype, Library, Metadata, find, key
from stacks.library.shapes import Override

__all__ = ["Member", "read_library"]


def read_library(root: Path, members: Sequence[Member], own: Path | None = None, built_ins: Path | None = None) -> Library:
    """Read `members` of the library at `root`, and what they depend on.

    `own` is a council's folder of the same kinds of file, which may add names and take names over. `built_ins` is a copy of
    Azure/azure-policy, or of its folder built-in-policies; without it, only what the library itself defines is known.
    Raises StacksError with every fault: what cannot be read first, and when all can be read, what does not fit together.
    """
    found, faults = ordered(root, members)
    faults += [f"{f} does not exist; correct the setting, or bring the folder." for f in (own, built_ins) if f and not f.is_dir()]
    layers = [read_layer(root / m.path) for m in found]
    if own and own.is_dir():
        layers.append(read_layer(own, is_own=True))
    definitions, sets, wrong = read_built_ins(built_ins) if built_ins else ({}, {}, [])
    whole, twice, replaced = laid(layers)
    archetypes, misfits = _archetypes(whole, layers)
    faults += every(layers) + wrong + twice
    if faults:
        raise StacksError(*faults)
    library = replace(_library(found, whole, archetypes, replaced), built_in_definitions=definitions, built_in_sets=sets)
    if misfits := misfits + faults_of(library):
        raise StacksError(*misfits)
    return library


def _library(
    found: tuple[Metadata, ...], whole: Mapping[Asset, Mapping[str, Any]], archetypes: Mapping[str, Archetype], replaced: tuple[str, ...]
) -> Library:
    return Library(
        found,
        whole[Asset.DEFINITION],
        whole[Asset.SET],
        whole[Asset.ASSIGNMENT],
        whole[Asset.ROLE],
        archetypes,
        whole[Asset.ARCHITECTURE],
        whole[Asset.DEFAULTS],
        replaced=replaced,
    )


def _archetypes(whole: Mapping[Asset, Mapping[str, Any]], layers: Sequence[Layer]) -> tuple[dict[str, Archetype], list[str]]:
    """Archetypes as written, and those that overrides make of them; an override may stand on another one of a layer before it."""
    archetypes: dict[str, Archetype] = dict(whole[Asset.ARCHETYPE])
    faults: list[str] = []
    for layer in layers:
        for override in layer.held[Asset.OVERRIDE].values():
            made, wrong = _overridden(override, archetypes)
            faults += wrong
            if made is not None:
                archetypes[key(made.name)] = made
    return archetypes, faults


def _overridden(override: Override, archetypes: Mapping[str, Archetype]) -> tuple[Archetype | None, list[str]]:
    said, file = override.said, override.file
    base = find(archetypes, said.base_archetype)
    if base is None:
        return None, [f"{file}, key base_archetype: there is no archetype {said.base_archetype}; there are {_names(archetypes)}."]
    if key(said.name) in archetypes:
        return None, [f"{file}, key name: {said.name} is an archetype already; give the override a name of its own."]
    faults: list[str] = []
    lists: list[tuple[str, ...]] = []
    for kind, held in _lists_of(base):
        add, remove = getattr(said, f"{kind}_to_add"), getattr(said, f"{kind}_to_remove")
        have = {key(n) for n in held}
        faults += [
            f"{file}, key {kind}_to_remove: {base.name} has no {n}; it has {', '.join(held) or 'none'}."
            for n in remove
            if key(n) not in have
        ]
        gone = {key(n) for n in remove}
        kept = {key(n): n for n in (*held, *add) if key(n) not in gone or n in add}
        lists.append(tuple(kept.values()))
    return Archetype(said.name, *lists, file=file), faults


def _lists_of(archetype: Archetype) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        ("policy_assignments", archetype.assignments),
        ("policy_definitions", archetype.definitions),
        ("policy_set_definitions", archetype.sets),
        ("role_definitions", archetype.roles),
    )


def _names(held: Mapping[str, Archetype]) -> str:
    return ", ".join(sorted(a.name for a in held.values())) or "none"
