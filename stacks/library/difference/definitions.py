"""What changes of policy definitions, sets and roles: what a definition asks, what a set holds, what a role allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from stacks.library.difference.model import Point
from stacks.library.difference.shown import changed_values, listed, shown
from stacks.library.model import Definition, Parameter, Role, SetDefinition, key

_TEXTS = ("displayName", "description")


def definition_points(before: Definition, after: Definition) -> tuple[Point, ...]:
    """What changes of a policy definition."""
    said = before.properties, after.properties
    return (*_rule(before, after), *_parameters(before.parameters, after.parameters), *_metadata(*said))


def _rule(before: Definition, after: Definition) -> Iterator[Point]:
    old, new = before.properties, after.properties
    if before.effect != after.effect:
        yield Point("rule-changed", f"Its effect was {before.effect} and is {after.effect}.")
    elif old["policyRule"] != new["policyRule"]:
        yield Point("rule-changed", "Its rule is another.")
    if old.get("mode", "All") != new.get("mode", "All"):
        yield Point("mode-changed", f"Its mode was {old.get('mode', 'All')} and is {new.get('mode', 'All')}.")
    if before.roles != after.roles:
        yield Point(
            "needs-other-roles", f"Its identity needed {listed(before.roles) or 'no role'}; now it needs {listed(after.roles) or 'none'}."
        )


def set_points(before: SetDefinition, after: SetDefinition) -> tuple[Point, ...]:
    """What changes of a set."""
    said = before.properties, after.properties
    return (*_members(before, after), *_parameters(before.parameters, after.parameters), *_metadata(*said))


def _members(before: SetDefinition, after: SetDefinition) -> Iterator[Point]:
    old, new = _by_reference(before), _by_reference(after)
    for name, said in new.items():
        if name not in old:
            yield Point("member-added", f"It now holds {_called(said)}.")
        elif old[name] != said:
            yield from _member(old[name], said)
    yield from (Point("member-removed", f"It no longer holds {_called(said)}.") for name, said in old.items() if name not in new)


def _by_reference(held: SetDefinition) -> Mapping[str, Mapping[str, Any]]:
    said = cast("Sequence[Mapping[str, Any]]", held.properties["policyDefinitions"])
    return {key(str(m.get("policyDefinitionReferenceId") or m["policyDefinitionId"])): m for m in said}


def _called(member: Mapping[str, Any]) -> str:
    return str(member.get("policyDefinitionReferenceId") or str(member["policyDefinitionId"]).rsplit("/", 1)[-1])


def _member(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Point]:
    name = _called(new)
    if key(old["policyDefinitionId"]) != key(new["policyDefinitionId"]):
        yield Point("member-changed", f"{name} is another definition: it was {old['policyDefinitionId']}, is {new['policyDefinitionId']}.")
    if old.get("definitionVersion") != new.get("definitionVersion"):
        yield Point("member-version", f"{name}: its version was {_version(old)} and is {_version(new)}.")
    given = changed_values(_given(old), _given(new))
    yield from (Point("member-changed", f"{name}: {phrase}.") for phrase in given)
    if sorted(old.get("groupNames") or ()) != sorted(new.get("groupNames") or ()):
        yield Point("text-changed", f"{name} stands in other groups of the set.")


def _version(member: Mapping[str, Any]) -> str:
    return str(member.get("definitionVersion") or "left to Azure")


def _given(member: Mapping[str, Any]) -> Mapping[str, Any]:
    held = cast("Mapping[str, Mapping[str, Any]]", member.get("parameters") or {})
    return {name: said.get("value") for name, said in held.items()}


def _parameters(before: Mapping[str, Parameter], after: Mapping[str, Parameter]) -> Iterator[Point]:
    for name, parameter in after.items():
        if name in before:
            yield from _parameter(before[name], parameter)
        elif parameter.is_optional:
            yield Point("parameter-added", f"New parameter {parameter.name}; without a value it is {shown(parameter.default)}.")
        else:
            yield Point("parameter-added-without-default", f"New parameter {parameter.name}, and it must be given: it has no default.")
    for name, parameter in before.items():
        if name not in after:
            yield Point("parameter-removed", f"The parameter {parameter.name} is gone.")


def _parameter(old: Parameter, new: Parameter) -> Iterator[Point]:
    if old.is_optional and not new.is_optional:
        yield Point("parameter-added-without-default", f"The parameter {new.name} must now be given: its default is gone.")
    elif old.default != new.default:
        yield Point("parameter-changed", f"The parameter {new.name} was {shown(old.default)} without a value, and is {shown(new.default)}.")
    if old.type != new.type:
        yield Point("parameter-values-narrowed", f"The parameter {new.name} was of type {old.type} and is {new.type}.")
    gone = [v for v in old.allowed if v not in new.allowed] if new.allowed else []
    if gone or (new.allowed and not old.allowed):
        what = f"no longer takes {listed(map(str, gone))}" if gone else f"takes only {listed(map(str, new.allowed))}"
        yield Point("parameter-values-narrowed", f"The parameter {new.name} {what}.")
    elif old.allowed != new.allowed:
        yield Point("parameter-added", f"The parameter {new.name} takes more values than before.")
    if old.assigns_permissions != new.assigns_permissions:
        yield Point("needs-other-roles", f"Its identity {'now' if new.assigns_permissions else 'no longer'} needs roles at {new.name}.")


def _metadata(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Point]:
    before, after = (cast("Mapping[str, Any]", p.get("metadata") or {}) for p in (old, new))
    if before.get("version") != after.get("version"):
        yield Point("version-changed", f"Version {before.get('version', 'unknown')} → {after.get('version', 'unknown')}.")
    rest = [n for n in _TEXTS if old.get(n) != new.get(n)]
    if rest or {**before, "version": ""} != {**after, "version": ""}:
        yield Point("text-changed", f"What is said of it changed ({', '.join(rest) or 'metadata'}).")


def role_points(before: Role, after: Role) -> tuple[Point, ...]:
    """What changes of a role definition."""
    points: list[Point] = []
    if key(before.id) != key(after.id):
        points.append(Point("role-made-anew", f"Its id was {before.id} and is {after.id}."))
    old, new = (cast("Sequence[Mapping[str, Any]]", r.properties.get("permissions") or ()) for r in (before, after))
    for kind in ("actions", "notActions", "dataActions", "notDataActions"):
        was, now = ({str(a) for p in held for a in p.get(kind) or ()} for held in (old, new))
        if came := sorted(now - was):
            points.append(Point("role-permissions-changed", f"{kind} gained {listed(came)}."))
        if went := sorted(was - now):
            points.append(Point("role-permissions-changed", f"{kind} lost {listed(went)}."))
    if before.properties.get("description") != after.properties.get("description"):
        points.append(Point("text-changed", "Its description changed."))
    return tuple(points)
