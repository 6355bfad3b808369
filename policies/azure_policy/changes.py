"""What Append and Modify do to a request before anything refuses it (concepts/effect-append.md and effect-modify.md, both 2025-03-04)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from policies.azure_policy.aliases import EACH, KIND, Place
from policies.azure_policy.arm_form import Resource
from policies.azure_policy.decide import Setting, field_name, work_out
from policies.azure_policy.expressions import read
from policies.azure_policy.fields import ResourceFields
from policies.azure_policy.operators import equals
from policies.model import UNKNOWN, UnknownValueError

_ADDS: Final = ("add", "append")


@dataclass(frozen=True, slots=True)
class Change:
    """What an operation does to a field: its name, its place in the body and the new value. `conflicts` says that it may not."""

    field: str
    place: Place
    value: Any
    conflicts: bool = False


def changes_by(effect: str, details: Any, fields: ResourceFields, at: Setting) -> Iterator[Change]:
    """What a rule that holds changes; nothing where the resource already is so. Raises UnknownValueError."""
    for operation in _operations(effect, details):
        kind = str(operation.get("operation", "append")).casefold()
        condition = operation.get("condition")
        if condition is not None and not equals(work_out(read(condition), at), True):
            continue
        name = field_name(read(operation.get("field", "")), at)
        place = fields.place(name)
        if not isinstance(place, Place):
            raise UnknownValueError("", f"it changes {name}, whose place is not known")
        wanted = None if kind == "remove" else work_out(read(operation.get("value")), at)
        change = _change(kind, name, place, wanted, fields, effect)
        if change is not None:
            yield change


def _operations(effect: str, details: Any) -> list[Mapping[str, Any]]:
    """Raises UnknownValueError when they are of no form that is understood."""
    held: Any = details
    if effect == "modify" and isinstance(details, Mapping):
        held = cast("Mapping[str, Any]", details).get("operations")
    if not isinstance(held, list) or not all(isinstance(o, Mapping) for o in cast("list[Any]", held)):
        raise UnknownValueError("", "what it would change is of no form that is understood")
    return cast("list[Mapping[str, Any]]", held)


def _change(kind: str, name: str, place: Place, wanted: Any, fields: ResourceFields, effect: str) -> Change | None:
    if EACH in place.steps or any(s.startswith(KIND) for s in place.steps):
        return Change(name, place, UNKNOWN)
    found = fields.select(name, {})
    now = found.values[0] if found.values else None
    if now is UNKNOWN:
        raise UnknownValueError(found.path)
    if (now is None and wanted is None) or (now is not None and equals(now, wanted)):
        return None
    if kind in _ADDS and now is not None:
        return Change(name, place, now, conflicts=True) if effect == "append" else None
    return Change(name, place, wanted)


def changed(resource: Resource, changes: list[Change]) -> Resource:
    """The resource after these changes; a field that two of them set otherwise is unknown, as is a list that one adds to."""
    said: dict[tuple[str, ...], Any] = {}
    for change in changes:
        steps = _known_part(change.place.steps)
        value = change.value if steps == change.place.steps else UNKNOWN
        said[steps] = UNKNOWN if steps in said and not _same(said[steps], value) else value
    body: Any = resource.body
    for steps, value in said.items():
        body = _with(body, steps, value)
    return replace(resource, body=body)


def _known_part(steps: tuple[str, ...]) -> tuple[str, ...]:
    ends = [n for n, s in enumerate(steps) if s == EACH or s.startswith(KIND)]
    return steps[: ends[0]] if ends else steps


def _same(a: Any, b: Any) -> bool:
    return a is b if a is UNKNOWN or b is UNKNOWN else equals(a, b)


def _with(held: Any, steps: tuple[str, ...], value: Any) -> Any:
    if not steps:
        return value
    if held is UNKNOWN:
        return UNKNOWN
    old: dict[str, Any] = {**cast("Mapping[str, Any]", held)} if isinstance(held, Mapping) else {}
    name = next((k for k in old if k.casefold() == steps[0].casefold()), steps[0])
    return {**old, name: _with(old.get(name), steps[1:], value)}
