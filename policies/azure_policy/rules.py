"""The `if` of a definition, read once into what `decide` works out. What cannot be read is a part that nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from policies.azure_policy.expressions import Literal, Node, read
from policies.azure_policy.operators import OPERATORS

_DEEPEST: Final = 64


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Rule


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part that is not understood."""

    why: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the resource; its name may be an expression."""

    name: Node


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is worked out; `text` is what the definition writes."""

    of: Node
    text: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many members of a list, of the resource's (`field`) or of another (`value`, called `name`), satisfy `where`."""

    field: str
    value: Node | None
    name: str
    where: Rule | None


@dataclass(frozen=True, slots=True)
class Condition:
    """What is compared, how (the operator in small letters) and with what."""

    left: Field | Value | Count
    operator: str
    right: Node


Rule = AllOf | AnyOf | Not | Condition | Unreadable


def read_rule(written: Any, depth: int = 0) -> Rule:
    """The rule that JSON describes."""
    if not isinstance(written, Mapping) or depth > _DEEPEST:
        return Unreadable("a part of the rule is no condition")
    held = {str(k).casefold(): v for k, v in cast("Mapping[Any, Any]", written).items()}
    if "allof" in held or "anyof" in held:
        parts: Any = held.get("allof", held.get("anyof"))
        if not isinstance(parts, list):
            return Unreadable("allOf or anyOf holds no list")
        read_parts = tuple(read_rule(p, depth + 1) for p in cast("list[Any]", parts))
        return AllOf(read_parts) if "allof" in held else AnyOf(read_parts)
    if "not" in held:
        return Not(read_rule(held["not"], depth + 1))
    return _condition(held, depth)


def _condition(held: Mapping[str, Any], depth: int) -> Rule:
    lefts = [k for k in ("field", "value", "count") if k in held]
    operators = [k for k in held if k in OPERATORS]
    strange = sorted(set(held) - set(lefts) - set(operators))
    if len(lefts) != 1 or len(operators) != 1 or strange:
        return Unreadable(f"a condition of {', '.join(sorted(held)) or 'nothing'} is not understood")
    left = _count(held["count"], depth) if lefts == ["count"] else _plain(lefts[0], held[lefts[0]])
    return left if isinstance(left, Unreadable) else Condition(left, operators[0], read(held[operators[0]]))


def _plain(kind: str, written: Any) -> Field | Value:
    return Field(read(written)) if kind == "field" else Value(read(written), str(written))


def _count(written: Any, depth: int) -> Count | Unreadable:
    if not isinstance(written, Mapping):
        return Unreadable("a count of nothing")
    held = {str(k).casefold(): v for k, v in cast("Mapping[Any, Any]", written).items()}
    where = read_rule(held["where"], depth + 1) if "where" in held else None
    field, name = held.get("field"), str(held.get("name", ""))
    if isinstance(field, str):
        named = read(field)
        return Count(field, None, name, where) if isinstance(named, Literal) else Unreadable("a count of a field whose name is worked out")
    return Count("", read(held["value"]), name, where) if "value" in held else Unreadable("a count of neither a field nor a value")
