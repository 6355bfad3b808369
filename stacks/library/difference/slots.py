"""What changes of assignments where they stand: which begin to refuse, which end, and what their identities may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stacks.library.architecture import Assigned, Grant
from stacks.library.difference.effects import Effect, effects
from stacks.library.difference.model import Change, Kind, Point, Release, Verb
from stacks.library.difference.reach import reach
from stacks.library.difference.shown import changed_values, named
from stacks.library.model import key

_REPORTS, _CHANGES, _REFUSES = 1, 2, 3
_DOES = {0: "does nothing", _REPORTS: "reports", _CHANGES: "changes resources", _REFUSES: "refuses"}
_LEFT = "left to Azure"
_Slots = Mapping[tuple[str, str], Assigned]


def slot_changes(before: Release, after: Release) -> Iterator[Change]:
    """A change for each assignment at a group that came, went or is another, and for each role of its identity."""
    old, new = _slots(before), _slots(after)
    for (group, _), assigned in new.items():
        was = old.get((group, key(assigned.name)))
        points = _points(before, was, after, assigned) if was else (_added(after, assigned),)
        verb = Verb.CHANGED if was else Verb.ADDED
        if points:
            yield Change(Kind.ASSIGNMENT, verb, assigned.name, tuple(points), (group,), reach(after, (group,)))
    for (group, name), assigned in old.items():
        if (group, name) not in new:
            yield Change(Kind.ASSIGNMENT, Verb.REMOVED, assigned.name, (_removed(before, assigned),), (group,), reach(before, (group,)))
    yield from _identity_roles(before, after)


def _slots(release: Release) -> _Slots:
    return {(g.id, key(a.name)): a for g, a in release.architecture.slots}


def _strongest(release: Release, assigned: Assigned) -> int | None:
    """What the strongest of its effects does; one that does not enforce only reports. None where one cannot be told."""
    found = [e.strength for e in effects(release.library, assigned).values()]
    if not assigned.enforces:
        return min(_REPORTS, max((s for s in found if s is not None), default=_REPORTS))
    return None if None in found else max((s for s in found if s is not None), default=0)


def _of(assigned: Assigned) -> str:
    mode = "" if assigned.enforces else ", and its source does not enforce it"
    return f"{assigned.title.rstrip('.')} (assigns {assigned.definition.name}{mode})."


def _added(release: Release, assigned: Assigned) -> Point:
    strength = _strongest(release, assigned)
    if strength is None:
        return Point("assignment-added-unknown", f"{_of(assigned)} What it does cannot be told from the definitions at hand.")
    rule = {_REFUSES: "refuses", _CHANGES: "changes"}.get(strength, "reports")
    return Point(f"assignment-added-{rule}", f"{_of(assigned)} At most it {_DOES[strength]}.")


def _removed(release: Release, assigned: Assigned) -> Point:
    strength = _strongest(release, assigned)
    did = "what it did cannot be told" if strength is None else f"at most it {_DOES[strength]}"
    return Point("assignment-removed", f"{_of(assigned)} It is taken away; {did} today.")


def _points(before: Release, old: Assigned, after: Release, new: Assigned) -> tuple[Point, ...]:
    return (*_enforcement(old, new), *_definition(old, new), *_effects(before, old, after, new), *_rest(old, new))


def _enforcement(old: Assigned, new: Assigned) -> Iterator[Point]:
    if new.enforces and not old.enforces:
        yield Point("enforcement-begins", "It only reported and begins to enforce.")
    elif old.enforces and not new.enforces:
        yield Point("enforcement-ends", "It enforced and only reports from now on.")


def _definition(old: Assigned, new: Assigned) -> Iterator[Point]:
    if (key(old.definition.name), old.definition.is_set) != (key(new.definition.name), new.definition.is_set):
        yield Point("assignment-of-another-definition", f"It assigned {old.definition.name} and now assigns {new.definition.name}.")
    if old.version != new.version:
        yield Point("member-version", f"The version of its definition was {old.version or _LEFT}, is {new.version or _LEFT}.")


def _effects(before: Release, old: Assigned, after: Release, new: Assigned) -> Iterator[Point]:
    was, now = effects(before.library, old), effects(after.library, new)
    for name, effect in now.items():
        if name in was and key(was[name].effect) != key(effect.effect):
            yield _told(_effect(was[name], effect), new)
        elif name not in was and was:
            yield _told(Point(_came(effect), f"{effect.title} is new in it: {effect.effect or 'its effect cannot be told'}."), new)
    yield from (Point("effect-looser", f"{e.title} is no longer in it ({e.effect or 'unknown'}).") for n, e in was.items() if n not in now)


def _told(point: Point, new: Assigned) -> Point:
    """The point as it weighs there: an assignment that only reports refuses and changes nothing, whatever its effects."""
    return point if new.enforces or point.rule == "effect-looser" else Point("effect-other", point.says)


def _came(effect: Effect) -> str:
    if effect.strength is None:
        return "effect-unknown"
    return {_REFUSES: "effect-stricter", _CHANGES: "effect-acts"}.get(effect.strength, "effect-other")


def _effect(old: Effect, new: Effect) -> Point:
    says = f"{new.title}: {old.effect or 'unknown'} → {new.effect or 'unknown'}."
    if new.strength is None or old.strength is None:
        return Point("effect-unknown", says)
    if new.strength == old.strength:
        return Point("effect-other", says)
    if new.strength < old.strength and new.strength != _CHANGES:
        return Point("effect-looser", says)
    return Point(_came(new), says)


def _rest(old: Assigned, new: Assigned) -> Iterator[Point]:
    yield from (Point("values-changed", f"{phrase}.") for phrase in changed_values(old.parameters, new.parameters))
    if old.has_identity != new.has_identity:
        yield Point("identity-changed", "It gets an identity." if new.has_identity else "Its identity is taken away.")
    if (old.not_scopes, old.selectors, old.overrides) != (new.not_scopes, new.selectors, new.overrides):
        yield Point("scope-changed", "Which resources it looks at, or its overrides, changed.")
    texts = [n for n in ("title", "description", "messages", "metadata") if getattr(old, n) != getattr(new, n)]
    if texts:
        yield Point("text-changed", f"What is said of it changed ({', '.join(texts)}).")


def _identity_roles(before: Release, after: Release) -> Iterator[Change]:
    old, new = _grants(before), _grants(after)
    for verb, rule, does, ours, others, release in (
        (Verb.ADDED, "identity-role-gained", "gets", new, old, after),
        (Verb.REMOVED, "identity-role-lost", "loses", old, new, before),
    ):
        for slot, grant in ours.items():
            if slot not in others:
                group, assignment, role, scope = slot
                at = scope or named(group)
                says = f"The identity of {assignment} {does} the role {role} at {at}: {grant.why or 'no reason is given'}."
                yield Change(Kind.IDENTITY_ROLE, verb, assignment, (Point(rule, says),), (group,), reach(release, (group,)))


def _grants(release: Release) -> Mapping[tuple[str, str, str, str], Grant]:
    return {(g.id, a.name, grant.role, grant.scope.lower()): grant for g, a in release.architecture.slots for grant in a.grants}


def users(release: Release, name: str, is_set: bool) -> tuple[str, ...]:
    """The assignments that use a definition or set, by itself or in a set, with the group of each."""
    sets = {key(s.name) for s in release.library.sets.values() if not is_set and any(key(r.name) == key(name) for r in s.references)}
    held = [
        f"{a.name} at {named(g.id)}"
        for g, a in release.architecture.slots
        if (a.definition.is_set is is_set and key(a.definition.name) == key(name))
        or (a.definition.is_set and key(a.definition.name) in sets)
    ]
    return tuple(held)
