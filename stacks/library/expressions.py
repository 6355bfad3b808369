"""The little of Azure's template language that sets use to hand parameters on to their definitions.

Read to find a scope before it is deployed, never to run anything. Source: Microsoft Learn, "ARM template functions", and the
expressions that stand in the library's sets. A function that is not here makes an `ExpressionError`: nobody guesses.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from stacks.library.model import key

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+)|(?P<name>[A-Za-z_]\w*)|(?P<mark>[()\[\],.]))")
_DEEPEST = 50


class ExpressionError(ValueError):
    """An expression that cannot be worked out; the message says which part."""


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """`of.name` or `of[index]`."""

    of: Any
    index: Any


def evaluate(value: Any, parameters: Mapping[str, Any]) -> Any:
    """The value of what a set writes: an expression in brackets, or itself. `parameters` by compared name.

    Raises ExpressionError.
    """
    if not isinstance(value, str) or not value.startswith("[") or not value.endswith("]"):
        return value
    if value.startswith("[["):
        return value[1:]
    return _value(_Parser(value[1:-1]).whole(), parameters)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def whole(self) -> Any:
        found = self._expression(0)
        if self._at != len(self._tokens):
            raise ExpressionError(f"what follows {self._tokens[self._at][1]!r} in {self._text} is not understood")
        return found

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise ExpressionError(f"{self._text} ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _has(self, mark: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("mark", mark):
            self._at += 1
            return True
        return False

    def _expression(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ExpressionError(f"{self._text[:60]}… is nested too deeply")
        kind, text = self._next()
        if kind == "text":
            found: Any = text[1:-1].replace("''", "'")
        elif kind == "number":
            found = int(text)
        elif kind == "name" and self._has("("):
            found = _Call(key(text), self._arguments(depth))
        else:
            raise ExpressionError(f"{text!r} in {self._text} is not understood")
        return self._parts(found, depth)

    def _arguments(self, depth: int) -> tuple[Any, ...]:
        if self._has(")"):
            return ()
        found = [self._expression(depth + 1)]
        while self._has(","):
            found.append(self._expression(depth + 1))
        if not self._has(")"):
            raise ExpressionError(f"a bracket is not closed in {self._text}")
        return tuple(found)

    def _parts(self, found: Any, depth: int) -> Any:
        while True:
            if self._has("."):
                found = _Part(found, self._next()[1])
            elif self._has("["):
                found = _Part(found, self._expression(depth + 1))
                if not self._has("]"):
                    raise ExpressionError(f"a bracket is not closed in {self._text}")
            else:
                return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"{text[at:].strip()[:20]!r} in {text} is not understood")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


def _value(node: Any, parameters: Mapping[str, Any]) -> Any:
    if isinstance(node, _Part):
        return _part(_value(node.of, parameters), _value(node.index, parameters))
    if not isinstance(node, _Call):
        return node
    if node.name == "if":
        condition, yes, no = _expect(node, 3)
        return _value(yes if _value(condition, parameters) else no, parameters)
    given = [_value(a, parameters) for a in node.arguments]
    if node.name == "parameters":
        return _parameter(str(_expect(node, 1)[0]), parameters)
    function = _FUNCTIONS.get(node.name)
    if function is None:
        raise ExpressionError(f"the function {node.name} is not one that is worked out here")
    try:
        return function(*given)
    except (TypeError, ValueError, IndexError, AttributeError) as wrong:
        raise ExpressionError(f"{node.name} cannot take {', '.join(map(repr, given))}") from wrong


def _expect(node: _Call, count: int) -> tuple[Any, ...]:
    if len(node.arguments) != count:
        raise ExpressionError(f"{node.name} takes {count} values, not {len(node.arguments)}")
    return node.arguments


def _parameter(name: str, parameters: Mapping[str, Any]) -> Any:
    if key(name) not in parameters:
        raise ExpressionError(f"the parameter {name} has no value")
    # A parameter may hold an expression of the assignment's; Azure takes that as text, and so do we.
    return parameters[key(name)]


def _part(of: Any, index: Any) -> Any:
    if isinstance(of, Mapping):
        held = {key(str(k)): v for k, v in cast("Mapping[Any, Any]", of).items()}
        if key(str(index)) in held:
            return held[key(str(index))]
    elif isinstance(of, Sequence) and not isinstance(of, str) and isinstance(index, int) and 0 <= index < len(cast("Sequence[Any]", of)):
        return cast("Sequence[Any]", of)[index]
    raise ExpressionError(f"there is no {index!r} in {str(cast('object', of))[:60]}")


def _format(text: str, *values: Any) -> str:
    return re.sub(r"\{(\d+)\}", lambda m: str(values[int(m[1])]), text)


def _equals(a: Any, b: Any) -> bool:
    return type(a) is type(b) and a == b


def _all(*values: Any) -> bool:
    return all(values)


def _any(*values: Any) -> bool:
    return any(values)


def _empty(value: Any) -> bool:
    return value in (None, "", [], {})


def _concat(*values: str) -> str:
    return "".join(values)


def _contains(held: Any, item: Any) -> bool:
    """Case counts for text and items, as in Azure, but not for an object's names."""
    if isinstance(held, Mapping):
        return key(str(item)) in {key(str(name)) for name in cast("Mapping[Any, Any]", held)}
    return item in held


def _first(values: Sequence[Any]) -> Any:
    return values[0]


def _last(values: Sequence[Any]) -> Any:
    return values[-1]


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "equals": _equals,
    "not": operator.not_,
    "and": _all,
    "or": _any,
    "empty": _empty,
    "concat": _concat,
    "contains": _contains,
    "format": _format,
    "tolower": str.lower,
    "toupper": str.upper,
    "replace": str.replace,
    "split": str.split,
    "first": _first,
    "last": _last,
    "length": len,
    "string": str,
}
