"""The architecture that a landing zone is built from: its source, the United Kingdom's part, and what the settings change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from stacks.config import StackConfig
from stacks.errors import StacksError
from stacks.landing_zone.architecture_settings import LibrarySource
from stacks.landing_zone.council_settings import with_councils
from stacks.landing_zone.embedded import embedded, united_kingdom
from stacks.landing_zone.enforcement import stage_faults
from stacks.landing_zone.identities import change_faults, with_changes
from stacks.landing_zone.places import default_values
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.library.architecture import Architecture
from stacks.library.derive import architecture_of
from stacks.library.members import Member, keys_of_faults
from stacks.library.model import Library, key
from stacks.library.read import read_library
from stacks.library.values import Values

_LIBRARY = "architecture.library"
_Fault = tuple[str, str]


def chosen(config: StackConfig, settings: LandingZoneSettings) -> Architecture:
    """The architecture with everything that the settings say of it.

    Raises StacksError with every fault: of the library first, and when that can be read, of what does not fit the settings.
    """
    source = settings.architecture.library
    held = _of_library(config, settings, source) if source else embedded(settings.mandatory_tags)
    architecture = with_councils(held, settings.councils)
    faults = [*_placement_faults(settings, architecture), *_group_faults(settings, architecture)]
    faults += [*stage_faults(settings, architecture), *change_faults(settings.policy_roles, architecture)]
    if source:
        faults += _left_open(source, architecture)
    if faults:
        raise StacksError(*dict.fromkeys(config.fault(key_, what) for key_, what in faults))
    return with_changes(architecture, settings.policy_roles)


def _of_library(config: StackConfig, settings: LandingZoneSettings, source: LibrarySource) -> Architecture:
    members = [Member(m.reference, m.version, m.digest) for m in (source, *source.also)]
    own = config.folder / source.own if source.own else None
    library = _read(config, source, members, own)
    try:
        held = architecture_of(library, source.architecture, _values(settings, source, library))
    except StacksError as wrong:
        raise StacksError(*(config.fault(_LIBRARY, f) if not f.startswith(str(config.folder)) else f for f in wrong.faults)) from None
    return _without(config, held, source).with_more(united_kingdom(settings.mandatory_tags))


def _read(config: StackConfig, source: LibrarySource, members: list[Member], own: Path | None) -> Library:
    """The library; a fault of what the settings name says which key, and one of the library's own files says which file."""
    root, built_ins = config.folder / source.path, config.folder / source.built_ins
    if not root.is_dir():
        raise StacksError(
            config.fault(f"{_LIBRARY}.path", f"{source.path} is no folder; correct it, or bring the library (unless library sync).")
        )
    try:
        return read_library(root, members, own, built_ins)
    except StacksError as wrong:
        of_members = {f: f"{f'also[{i - 1}].' if i else ''}{k}" for f, (i, k) in keys_of_faults(root, members).items()}
        of_folders = {f"{folder} ": k for k, folder in (("own", own), ("built_ins", built_ins)) if folder}
        keys = [of_members.get(f) or next((k for start, k in of_folders.items() if f.startswith(start)), "") for f in wrong.faults]
        raise StacksError(*(config.fault(f"{_LIBRARY}.{k}", f) if k else f for k, f in zip(keys, wrong.faults, strict=True))) from None


def _values(settings: LandingZoneSettings, source: LibrarySource, library: Library) -> Values:
    """The stack's own values for what this library asks, and the settings' over them."""
    ours = {name: value for name, value in default_values(settings).items() if key(name) in library.defaults}
    return Values(settings.region, {**ours, **source.values}, source.parameters)


def _without(config: StackConfig, held: Architecture, source: LibrarySource) -> Architecture:
    out = {key(name) for name in source.leave_out}
    there = {key(name) for name in held.assignment_names}
    if strange := [name for name in source.leave_out if key(name) not in there]:
        known = ", ".join(held.assignment_names)
        raise StacksError(
            *(config.fault(f"{_LIBRARY}.leave_out.{n}", f"no assignment is called this; there are {known}.") for n in strange)
        )
    return held.replaced(lambda _, a: None if key(a.name) in out else a)


def _left_open(source: LibrarySource, architecture: Architecture) -> Iterator[_Fault]:
    """Every value that an assignment still wants, each said once however many assignments want it."""
    wanted: dict[str, list[str]] = {}
    for _, assigned in architecture.slots:
        for unfilled in assigned.unfilled:
            wanted.setdefault(unfilled.default or f"{assigned.name}.{unfilled.parameter}", []).append(assigned.name)
    for name, assignments in wanted.items():
        by = ", ".join(dict.fromkeys(assignments))
        assignment, _, parameter = name.partition(".")
        if parameter:
            yield (
                f"{_LIBRARY}.parameters.{name}",
                f"{assignment} wants a value for {parameter}; give it here, or leave {assignment} out (leave_out).",
            )
        else:
            yield f"{_LIBRARY}.values.{name}", f"a value is wanted by {by}; give it here, or leave out what wants it (leave_out)."


def _placement_faults(settings: LandingZoneSettings, architecture: Architecture) -> Iterator[_Fault]:
    ids = {g.id for g in architecture.groups}
    known = ", ".join(sorted(i for i in ids if i))
    for group, subscription in settings.placements():
        if group not in ids:
            yield "subscriptions", f"{subscription} is to stand in {group}, which the architecture has not; it has {known}."
    for group, subscription in settings.twin_placements():
        if group not in ids:
            yield "twin.subscriptions", f"{subscription} is to stand in {group}, which the architecture has not; it has {known}."
    if settings.twin and settings.twin.id == settings.council.id:
        yield "twin.id", f"{settings.twin.id} is the council's own id; choose another."


def _group_faults(settings: LandingZoneSettings, architecture: Architecture) -> Iterator[_Fault]:
    """Group ids that would be one in Azure, and assignments that would be one at a group."""
    ids_here = {g.id for g in architecture.groups}
    for group in architecture.groups:
        if group.parent not in ids_here:
            yield (
                "councils",
                f"{group.id} stands beneath {group.parent}, which the architecture has not; give it that group.",
            )
        twice = _twice(key(a.name) for a in group.assignments)
        yield from (("architecture", f"{group.id or 'the top group'} has two assignments called {n}; rename one.") for n in twice)
    prefixes = {settings.council.id, *([settings.twin.id] if settings.twin else [])}
    ids = [architecture.full_id(p, g.id) for p in prefixes for g in architecture.groups]
    yield from (("architecture", f"management group {i} would be made twice; choose another id.") for i in _twice(ids))
    yield from (
        ("architecture", f"management group {i} has a name longer than Azure's 90 characters; shorten it.") for i in ids if len(i) > 90
    )


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(n for n, count in Counter(names).items() if count > 1)
