"""The conditions of Azure's policy language on known values: what `equals`, `like`, `match`, `less` and the others say.

Everything compares without regard to case, but `match` and `notMatch`. Null stands for a value that the resource does not have.
Source: concepts/definition-structure-policy-rule.md, "Conditions" (see the package).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, cast

from policies.azure_policy.functions import as_text
from policies.model import UnknownValueError

Test = Callable[[Any, Any], bool]
_PATTERN: Final = {"#": r"\d", "?": "[A-Za-z]", ".": "."}


def equals(value: Any, wanted: Any) -> bool:
    """Whether two values are the same text: true and "True", 3 and "3" are. Nothing but null equals what is not there."""
    if value is None or wanted is None:
        return value is wanted
    if isinstance(value, (list, dict)) or isinstance(wanted, (list, dict)):
        return value == wanted
    return as_text(value).casefold() == as_text(wanted).casefold()


def like(value: Any, wanted: Any) -> bool:
    """Whether a text fits one with a wildcard `*` for any characters, none included."""
    if value is None or isinstance(value, (list, dict)):
        return False
    return _wild(as_text(wanted).casefold()).fullmatch(as_text(value).casefold()) is not None


@lru_cache(maxsize=4_096)
def _wild(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(p) for p in text.split("*")), re.DOTALL)


def match(value: Any, wanted: Any) -> bool:
    """Whether a text fits a pattern of `#` for a digit, `?` for a letter and `.` for any character. Case counts."""
    return _matches(value, wanted, 0)


def match_insensitively(value: Any, wanted: Any) -> bool:
    """As `match`, in any case."""
    return _matches(value, wanted, re.IGNORECASE)


def _matches(value: Any, wanted: Any, flags: int) -> bool:
    if value is None or isinstance(value, (list, dict)):
        return False
    pattern = "".join(_PATTERN.get(c, re.escape(c)) for c in as_text(wanted))
    return re.fullmatch(pattern, as_text(value), flags | re.DOTALL | re.ASCII) is not None


def contains(value: Any, wanted: Any) -> bool:
    """Whether a text has another in it, or a list a member."""
    if isinstance(value, list):
        return any(equals(v, wanted) for v in cast("list[Any]", value))
    if value is None or isinstance(value, dict):
        return False
    return as_text(wanted).casefold() in as_text(value).casefold()


def is_in(value: Any, wanted: Any) -> bool:
    """Whether a value is one of a list. Raises TypeError when there is no list."""
    if not isinstance(wanted, list):
        raise TypeError(wanted)
    return any(equals(value, w) for w in cast("list[Any]", wanted))


def contains_key(value: Any, wanted: Any) -> bool:
    """Whether an object has a name."""
    return isinstance(value, Mapping) and as_text(wanted).casefold() in {str(k).casefold() for k in cast("Mapping[Any, Any]", value)}


def exists(value: Any, wanted: Any) -> bool:
    """Whether there is a value, where `true` is wanted; whether there is none, where `false` is."""
    return (value is not None) is (as_text(wanted).casefold() == "true")


def _ordered(compare: Callable[[Any, Any], bool]) -> Test:
    def test(value: Any, wanted: Any) -> bool:
        if value is None:
            raise UnknownValueError("", "it is not asked for, and Azure's documentation does not say how nothing compares")
        if _is_number(value) and _is_number(wanted):
            return compare(value, wanted)
        if isinstance(value, str) and isinstance(wanted, str):
            return compare(value.casefold(), wanted.casefold())
        raise TypeError(value)

    return test


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _not(test: Test) -> Test:
    return lambda value, wanted: not test(value, wanted)


OPERATORS: Final[Mapping[str, Test]] = {
    "equals": equals,
    "notequals": _not(equals),
    "like": like,
    "notlike": _not(like),
    "match": match,
    "notmatch": _not(match),
    "matchinsensitively": match_insensitively,
    "notmatchinsensitively": _not(match_insensitively),
    "contains": contains,
    "notcontains": _not(contains),
    "in": is_in,
    "notin": _not(is_in),
    "containskey": contains_key,
    "notcontainskey": _not(contains_key),
    "less": _ordered(lambda a, b: a < b),
    "lessorequals": _ordered(lambda a, b: a <= b),
    "greater": _ordered(lambda a, b: a > b),
    "greaterorequals": _ordered(lambda a, b: a >= b),
    "exists": exists,
}
