"""Azure's template expressions as they stand in policies: `[if(equals(parameters('a'), 'b'), field('x'), '')]`.

Text in brackets is an expression; `[[` is a bracket that is meant as one. What cannot be read is a `Broken` node, which
nobody can tell the value of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

_TOKEN: Final = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<mark>[()\[\],.]))")
_DEEPEST: Final = 64
_WORDS: Final = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands for itself."""

    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A function by its name in small letters, and what it is given."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """`of.name` or `of[index]`."""

    of: Node
    index: Node


@dataclass(frozen=True, slots=True)
class Broken:
    """Text that is no expression, and what is wrong with it."""

    why: str


@dataclass(frozen=True, slots=True)
class Together:
    """A list or an object with expressions in it, as parameters of a set and values of operations may be."""

    held: Any


Node = Literal | Call | Part | Broken | Together


class _UnreadableError(ValueError):
    """What is wrong with an expression; it never leaves this module."""


def read(value: Any) -> Node:
    """What a definition writes where a value may stand: an expression in brackets, or the value itself."""
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, (list, dict)):
        return Together(value) if _has_expression(value) else Literal(value)
    return Literal(value)


def _has_expression(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith("[")
    if isinstance(value, dict):
        return any(_has_expression(v) for v in cast("dict[str, Any]", value).values())
    return isinstance(value, list) and any(_has_expression(v) for v in cast("list[Any]", value))


@lru_cache(maxsize=65_536)
def _read_text(text: str) -> Node:
    if not text.startswith("[") or not text.endswith("]"):
        return Literal(text)
    if text.startswith("[["):
        return Literal(text[1:])
    try:
        return _Parser(text[1:-1]).whole()
    except _UnreadableError as wrong:
        return Broken(str(wrong))


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def whole(self) -> Node:
        found = self._expression(0)
        if self._at != len(self._tokens):
            raise _UnreadableError(f"what follows {self._tokens[self._at][1]!r} in {self._text[:60]} is not understood")
        return found

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise _UnreadableError(f"{self._text[:60]} ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _has(self, mark: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("mark", mark):
            self._at += 1
            return True
        return False

    def _expression(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise _UnreadableError(f"{self._text[:60]} is nested too deeply")
        return self._parts(self._first(depth), depth)

    def _first(self, depth: int) -> Node:
        kind, text = self._next()
        if kind == "text":
            return Literal(text[1:-1].replace("''", "'"))
        if kind == "number":
            return Literal(float(text) if "." in text else int(text))
        if kind == "name" and self._has("("):
            return Call(text.casefold(), self._arguments(depth))
        if kind == "name" and text.casefold() in _WORDS:
            return Literal(_WORDS[text.casefold()])
        if (kind, text) == ("mark", "("):
            found = self._expression(depth + 1)
            self._close(")")
            return found
        raise _UnreadableError(f"{text!r} in {self._text[:60]} is not understood")

    def _close(self, mark: str) -> None:
        if not self._has(mark):
            raise _UnreadableError(f"a bracket is not closed in {self._text[:60]}")

    def _arguments(self, depth: int) -> tuple[Node, ...]:
        if self._has(")"):
            return ()
        found = [self._expression(depth + 1)]
        while self._has(","):
            found.append(self._expression(depth + 1))
        self._close(")")
        return tuple(found)

    def _parts(self, found: Node, depth: int) -> Node:
        while True:
            if self._has("."):
                found = Part(found, Literal(self._next()[1]))
            elif self._has("["):
                found = Part(found, self._expression(depth + 1))
                self._close("]")
            else:
                return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _UnreadableError(f"{text[at:].strip()[:20]!r} in {text[:60]} is not understood")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found
