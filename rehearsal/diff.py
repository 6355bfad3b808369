"""What differs between the inputs that were recorded and the inputs now given.

Paths are written as Pulumi writes them: `tags.owner`, `rules[0].port`, `tags["a.b"]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from rehearsal.values import ARCHIVE, ASSET, signature

Path = tuple[str | int, ...]
_ABSENT = object()
_SIMPLE = re.compile(r"^[A-Za-z_$][\w$-]*$")
_PART = re.compile(r'\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^.\[\]]+)')


@dataclass(frozen=True, slots=True)
class Change:
    """One property that differs: `kind` is add, delete or update; `replaces` says that it cannot be changed in place."""

    path: Path
    kind: str
    replaces: bool = False

    @property
    def told(self) -> str:
        """The kind as a detailed diff names it."""
        return f"{self.kind}-replace" if self.replaces else self.kind


def written(path: Path) -> str:
    """The path as text."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _SIMPLE.match(part):
            text += f".{part}" if text else part
        else:
            escaped = part.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def parsed(text: str) -> Path:
    """The opposite of `written`; `*` stays a star, which matches any one part."""
    found: list[str | int] = []
    for index, quoted, name in _PART.findall(text):
        if index:
            found.append("*" if index == "*" else int(index))
        else:
            found.append(name or quoted.replace('\\"', '"').replace("\\\\", "\\"))
    return tuple(found)


def covers(pattern: Path, path: Path) -> bool:
    """Whether the path is the pattern's or lies below it."""
    return len(pattern) <= len(path) and all(p in ("*", at) for p, at in zip(pattern, path, strict=False))


def touches(fixed: Path, path: Path) -> bool:
    """Whether a change at `path` changes what `fixed` names: the same, below it, or something that contains it."""
    return covers(fixed, path) or covers(path, fixed)


def changes(old: Any, new: Any, at: Path = ()) -> Iterator[Change]:
    """Every difference, depth first. Signed objects (secrets, assets) are compared whole."""
    if old is _ABSENT:
        yield Change(at, "add")
    elif new is _ABSENT:
        yield Change(at, "delete")
    elif _is_open(old) and _is_open(new):
        held, given = cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", new)
        for key in [*held, *(k for k in given if k not in held)]:
            yield from changes(held.get(key, _ABSENT), given.get(key, _ABSENT), (*at, key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_changes(cast("list[Any]", old), cast("list[Any]", new), at)
    elif not same(old, new):
        yield Change(at, "update")


def same(old: Any, new: Any) -> bool:
    """Equality that tells true from 1, and knows an asset by what it holds."""
    if signature(old) in (ASSET, ARCHIVE) and signature(old) == signature(new) and old.get("hash"):
        return bool(old["hash"] == new.get("hash"))
    return old == new and isinstance(old, bool) == isinstance(new, bool)


def _is_open(value: Any) -> bool:
    return isinstance(value, Mapping) and not signature(cast("Mapping[str, Any]", value))


def _list_changes(old: list[Any], new: list[Any], at: Path) -> Iterator[Change]:
    for i in range(max(len(old), len(new))):
        yield from changes(old[i] if i < len(old) else _ABSENT, new[i] if i < len(new) else _ABSENT, (*at, i))


def with_ignored(old: Mapping[str, Any], new: Mapping[str, Any], ignored: Iterable[str]) -> dict[str, Any]:
    """The new inputs with the old value wherever `ignored` (paths, `*` allowed) says so."""
    result: Any = dict(new)
    for text in ignored:
        result = _restored(old, result, parsed(text))
    return cast("dict[str, Any]", result)


def _restored(old: Any, new: Any, path: Path) -> Any:
    if not path:
        return new if old is _ABSENT else old
    head, rest = path[0], path[1:]
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _restored_mapping(cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", new), head, rest)
    if isinstance(old, Sequence) and isinstance(new, list):
        held, given = cast("Sequence[Any]", old), cast("list[Any]", new)
        return [_restored(held[i], v, rest) if head in ("*", i) and i < len(held) else v for i, v in enumerate(given)]
    return new


def _restored_mapping(old: Mapping[str, Any], new: Mapping[str, Any], head: str | int, rest: Path) -> dict[str, Any]:
    result = dict(new)
    for key in [*old, *(k for k in new if k not in old)] if head == "*" else [str(head)]:
        if key in old:
            result[key] = _restored(old[key], new.get(key, {}), rest)
        elif not rest:
            result.pop(key, None)
    return result
