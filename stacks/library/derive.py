"""From a library to what each management group gets: archetypes written out, names given a place, identities given roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from stacks.errors import StacksError
from stacks.library.architecture import Architecture, Assigned, DefinitionIn, GroupPlan, PolicyIn, RoleIn, SetIn
from stacks.library.grants import grants_of, permission_parameters
from stacks.library.model import Archetype, Assignment, Blueprint, Group, Library, find, is_set, key, last
from stacks.library.values import Values, filled

_REFERENCE_KEYS = ("policyDefinitionReferenceId", "parameters", "groupNames", "definitionVersion")


@dataclass(frozen=True)
class _Places:
    """Which group holds each definition of the library's own, and who stands above whom. Groups by our id."""

    definitions: Mapping[tuple[bool, str], tuple[str, ...]]
    parents: Mapping[str, str]

    def find(self, is_a_set: bool, name: str, group: str) -> str | None:
        """The nearest of `group` and those above it that holds the definition."""
        holders = self.definitions.get((is_a_set, key(name)), ())
        at: str | None = group
        while at is not None:
            if at in holders:
                return at
            at = self.parents.get(at)
        return None


@dataclass
class _Work:
    """What is wrong so far, and what it is worked out from."""

    library: Library
    values: Values
    places: _Places
    faults: list[str] = field(default_factory=list[str])


def blueprint_names(library: Library) -> tuple[str, ...]:
    """Architectures that a library holds and that make groups."""
    return tuple(sorted(b.name for b in library.blueprints.values() if not b.only_adds))


def architecture_of(library: Library, name: str = "", values: Values | None = None) -> Architecture:
    """What each management group of the architecture `name` gets.

    Without a name it is the last member's own that makes groups (slz's where slz stands on alz), or the last one's at all.
    Architectures whose groups all exist already lie on top of it (AMBA's). `values` fill the library's default values.
    Raises StacksError with every fault: an unknown name, a definition that stands in no group above, a value that is no parameter.
    """
    base = _blueprint(library, name)
    above = [b for b in library.blueprints.values() if b.only_adds and b is not base]
    groups = _with_ours(_joined(base, above))
    places = _places(library, groups)
    work = _Work(library, values or Values(), places)
    plans = tuple(_plan(work, g) for g in groups)
    work.faults += work.values.unknown(library)
    if work.faults:
        raise StacksError(*dict.fromkeys(work.faults))
    members = ", ".join(f"{m.path} {m.version}".strip() for m in library.members)
    return Architecture(f"{members}: {base.name}", plans)


def _blueprint(library: Library, name: str) -> Blueprint:
    if name:
        found = find(library.blueprints, name)
        if found is None:
            known = ", ".join(sorted(b.name for b in library.blueprints.values())) or "none"
            raise StacksError(f"There is no architecture {name} in the library; there are {known}.")
        return found
    held = list(library.blueprints.values())
    if not held:
        raise StacksError("No member of the library has an architecture; name a member that has one, such as platform/alz.")
    return next((b for b in reversed(held) if not b.only_adds), held[-1])


def _joined(base: Blueprint, above: Iterable[Blueprint]) -> tuple[Group, ...]:
    """The base's groups, parents first, with what lies on top added to the groups of the same name; any top is the top."""
    top = next(g.id for g in base.groups if not g.parent)
    extra: dict[str, tuple[str, ...]] = {}
    for blueprint in above:
        for group in blueprint.groups:
            at = key(group.id if group.parent else top)
            extra[at] = (*extra.get(at, ()), *group.archetypes)
    joined = [Group(g.id, g.display_name, g.parent, g.exists, (*g.archetypes, *extra.get(key(g.id), ()))) for g in base.groups]
    return _parents_first(joined)


def _parents_first(groups: list[Group]) -> tuple[Group, ...]:
    placed: dict[str, Group] = {}
    waiting = list(groups)
    while waiting:
        ready = [g for g in waiting if not g.parent or key(g.parent) in placed]
        placed |= {key(g.id): g for g in ready}
        waiting = [g for g in waiting if g not in ready]
    return tuple(placed.values())


def _with_ours(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """The same groups under our ids: the top is "". One that exists keeps its own id in Azure."""
    top = next(g.id for g in groups if not g.parent)

    def ours(group_id: str) -> str:
        return "" if key(group_id) == key(top) else group_id

    return tuple(
        Group(ours(g.id), g.display_name, ours(g.parent) if g.parent else "", g.exists, g.archetypes, g.id if g.exists else "")
        for g in groups
    )


def _places(library: Library, groups: tuple[Group, ...]) -> _Places:
    held: dict[tuple[bool, str], tuple[str, ...]] = {}
    for group in groups:
        for archetype in _archetypes(library, group):
            for is_a_set, names in ((False, archetype.definitions), (True, archetype.sets)):
                for name in names:
                    held[is_a_set, key(name)] = (*held.get((is_a_set, key(name)), ()), group.id)
    return _Places(held, {g.id: g.parent for g in groups if g.id})


def _archetypes(library: Library, group: Group) -> tuple[Archetype, ...]:
    return tuple(library.archetypes[key(name)] for name in group.archetypes)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    """Names once each, whatever their case, in order."""
    return tuple({key(n): n for n in names}.values())


def _plan(work: _Work, group: Group) -> GroupPlan:
    held = _archetypes(work.library, group)
    library = work.library
    return GroupPlan(
        group.id,
        group.parent,
        group.display_name,
        group.existing_id,
        tuple(_policy(library, n) for n in _once(n for a in held for n in a.definitions)),
        tuple(_set(work, n, group.id) for n in _once(n for a in held for n in a.sets)),
        tuple(_role(library, n) for n in _once(n for a in held for n in a.roles)),
        tuple(_assigned(work, n, group.id) for n in _once(n for a in held for n in a.assignments)),
    )


def _policy(library: Library, name: str) -> PolicyIn:
    held = library.definitions[key(name)]
    return PolicyIn(held.name, held.properties)


def _role(library: Library, name: str) -> RoleIn:
    held = library.roles[key(name)]
    return RoleIn(held.id, held.name, held.properties)


def _set(work: _Work, name: str, group: str) -> SetIn:
    held = work.library.sets[key(name)]
    said = held.properties["policyDefinitions"]
    members = tuple(
        (_placed(work, r.definition_id, group, str(held.file)), {k: raw[k] for k in _REFERENCE_KEYS if raw.get(k)})
        for r, raw in zip(held.references, said, strict=True)
    )
    return SetIn(held.name, held.properties, members)


def _placed(work: _Work, definition_id: str, group: str, file: str) -> DefinitionIn:
    """A definition where it stands: of Azure's, or at this group or one above."""
    name, a_set = last(definition_id), is_set(definition_id)
    own = find(work.library.sets if a_set else work.library.definitions, name)
    if own is None:
        return DefinitionIn(name, a_set)
    at = work.places.find(a_set, name, group)
    if at is None:
        work.faults.append(
            f"{file}: {own.name} is in no archetype of {group or 'the top group'} or of a group above it; add it to one, as Azure "
            "finds only what stands above."
        )
    return DefinitionIn(own.name, a_set, at or "")


def _assigned(work: _Work, name: str, group: str) -> Assigned:
    held = work.library.assignments[key(name)]
    parameters, unfilled = filled(work.library, held, work.values)
    said = held.properties
    assigned = Assigned(
        name=held.name,
        title=str(said.get("displayName", held.name)),
        definition=_placed(work, held.definition_id, group, str(held.file)),
        description=str(said.get("description", "")),
        version=str(said.get("definitionVersion", "")),
        enforces=held.enforces,
        parameters=parameters,
        unfilled=unfilled,
        messages=tuple(said.get("nonComplianceMessages") or ()),
        has_identity=key(held.identity) == "systemassigned",
        not_scopes=tuple(said.get("notScopes") or ()),
        overrides=tuple(said.get("overrides") or ()),
        selectors=tuple(said.get("resourceSelectors") or ()),
        metadata=said.get("metadata") or {},
    )
    return _with_grants(work, held, assigned) if assigned.has_identity else assigned


def _with_grants(work: _Work, held: Assignment, assigned: Assigned) -> Assigned:
    marked, faults = permission_parameters(work.library, held, assigned.parameters)
    grants, more = grants_of(work.library, held, marked)
    work.faults += faults + more
    return assigned.granted(grants, marked)
