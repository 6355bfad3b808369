"""Plain data that nobody can change: what a control is given is what the next one is given.

Dictionaries and lists stay such (`isinstance` holds, JSON writes them), and refuse every change. What holds itself, or is nested
deeper than any cloud takes, becomes UNKNOWN there: it can be judged by nobody, and an unknown is never a pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn, cast

DEEPEST: Final = 200
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


class FrozenDict(dict[str, Any]):
    """A dictionary that cannot be changed. Made by `frozen`, so that what it holds cannot be either."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("what is judged cannot be changed")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse  # pyright: ignore[reportAssignmentType]


class FrozenList(list[Any]):
    """A list that cannot be changed."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("what is judged cannot be changed")

    __setitem__ = __delitem__ = __iadd__ = __imul__ = append = clear = extend = insert = pop = remove = reverse = sort = _refuse  # pyright: ignore[reportAssignmentType]


def frozen(value: object, unknown: object, above: tuple[int, ...] = ()) -> Any:
    """The value with every dictionary and list in it frozen; `unknown` stands for what cannot be judged."""
    if type(value) in _PLAIN or isinstance(value, (FrozenDict, FrozenList)):
        return value
    if isinstance(value, (Mapping, list, tuple)):
        if id(cast("object", value)) in above or len(above) >= DEEPEST:
            return unknown
        above = (*above, id(cast("object", value)))
        if isinstance(value, Mapping):
            return FrozenDict({str(k): frozen(v, unknown, above) for k, v in cast("Mapping[Any, Any]", value).items()})
        return FrozenList([frozen(v, unknown, above) for v in cast("list[Any]", value)])
    return value
