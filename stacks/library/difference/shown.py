"""Values and names as sentences show them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from stacks.library.model import ABSENT, key

_LONGEST = 80
_MOST = 6


def shown(value: Any) -> str:
    """A value on one line, cut where it is long."""
    if value is ABSENT:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def listed(names: Iterable[str]) -> str:
    """Names in a sentence, the first few where they are many."""
    held = list(names)
    more = f" and {len(held) - _MOST} more" if len(held) > _MOST else ""
    return f"{', '.join(held[:_MOST])}{more}"


def named(group: str) -> str:
    """A group as people call it."""
    return group or "the top group"


def without_case(held: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """(name as written, value) by compared name."""
    return {key(n): (n, v) for n, v in held.items()}


def changed_values(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """A phrase for each value that came, went or changed."""
    old, new = without_case(before), without_case(after)
    phrases = [f"{new[n][0]} is now {shown(new[n][1])}" for n in new if n not in old]
    phrases += [f"{old[n][0]} is no longer given (it was {shown(old[n][1])})" for n in old if n not in new]
    phrases += [f"{new[n][0]} was {shown(old[n][1])}, is now {shown(new[n][1])}" for n in new if n in old and old[n][1] != new[n][1]]
    return phrases
