"""Why a rule came out as it did, in clauses for people: `networkAcls.defaultAction is "Allow"`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

from policies.azure_policy.decide import Selected, Setting, compare, count, decide, field_name, left_of
from policies.azure_policy.rules import AllOf, AnyOf, Condition, Count, Field, Not, Rule, Value
from policies.model import SECRET, UNKNOWN, UnknownValueError
from policies.schema.wording import shown

_MOST: Final = 3
# Every rule asks for these first: they say what the resource is, not what is the matter with it.
_PLAIN: Final = ("type", "kind", "id")


def because(rule: Rule, at: Setting) -> str:
    """The clauses for which a rule holds, joined: at most three of them. The rule must be known to hold."""
    clauses = list(dict.fromkeys(_why(rule, at, holds=True)))
    more = f" and {len(clauses) - _MOST} more" if len(clauses) > _MOST else ""
    return (", and ".join(clauses[:_MOST]) if len(clauses) <= _MOST else ", ".join(clauses[:_MOST])) + more or "it is of this type"


def _why(rule: Rule, at: Setting, *, holds: bool) -> Iterator[str]:
    match rule:
        case AllOf(parts) | AnyOf(parts):
            all_of_them = isinstance(rule, AllOf) is holds
            telling = [p for p in parts if _is(p, at, holds)]
            for part in telling if all_of_them else _tersest(telling, at, holds):
                yield from _why(part, at, holds=holds)
        case Not(part):
            yield from _why(part, at, holds=not holds)
        case Condition():
            yield from _condition(rule, at, holds)
        case _:
            return


def _tersest(parts: list[Rule], at: Setting, holds: bool) -> list[Rule]:
    """Of parts each of which is reason enough, one that says something."""
    return next(([p] for p in parts if any(_why(p, at, holds=holds))), parts[:1])


def _is(rule: Rule, at: Setting, holds: bool) -> bool:
    try:
        return decide(rule, at) is holds
    except UnknownValueError:
        return False


def _condition(rule: Condition, at: Setting, holds: bool) -> Iterator[str]:
    match rule.left:
        case Field(name):
            told = field_name(name, at)
            if told.casefold() not in _PLAIN:
                yield f"{_label(told)} {_values(left_of(rule.left, at), rule, at, holds)}"
        case Value(_, text):
            if "requestContext" not in text:
                yield f"{text if len(text) <= 60 else text[:59] + '…'} {_is_shown(left_of(rule.left, at).values[0], text)}"
        case Count(field, _, _, _):
            counted = count(rule.left, at)[0]
            yield f"{counted or 'none'} of {_label(field) if field else 'its values'} {'are' if counted > 1 else 'is'} as it describes"


def _values(found: Selected, rule: Condition, at: Setting, holds: bool) -> str:
    if not found.is_many:
        return _is_shown(found.values[0], found.path)
    if not found.values:
        return "has no members"
    telling = [v for v in found.values if holds or not compare(rule, v, found.path, at)] if holds else _failing(found, rule, at)
    return _is_shown(telling[0], found.path) if len(telling) == 1 else f"{_is_shown(telling[0], found.path)} among others"


def _failing(found: Selected, rule: Condition, at: Setting) -> list[Any]:
    failing: list[Any] = []
    for value in found.values:
        try:
            if not compare(rule, value, found.path, at):
                failing.append(value)
        except UnknownValueError:
            continue
    return failing or [*found.values]


def _label(field: str) -> str:
    return field.rpartition("/")[2] if not field.startswith("tags") else field


def _is_shown(value: Any, path: str) -> str:
    if value is None:
        return "is not set"
    if value is UNKNOWN or value is SECRET:
        return "is not shown"
    if isinstance(value, (list, dict)):
        return f"has {len(cast('list[Any]', value))} members"
    return f"is {shown(value, path)}"
