"""Where a policy's alias stands in a resource, found in Azure's own types: no table of Microsoft's is needed.

An alias is a resource type, a slash and a path (`Microsoft.Network/virtualNetworks/subnets[*].id`). The path leaves `properties` out
wherever an object has one, and names the kind of an object that has kinds (`linkedservices/AzureStorage.typeProperties.sasUri`, a dot
in a kind's name as a hyphen or as it is). Older aliases name the namespace and the type's last part alone
(`Microsoft.Sql/auditingSettings.state`); those that follow no rule are facts of `aliases.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from policies.schema.type_files import READ_ONLY, Type, Types

EACH: Final = "[*]"
KIND: Final = "?"
_NAME: Final = re.compile(r"\[\*\]|\['((?:[^']|'')*)'\]|\[([^\]]*)\]|([^.\[\]]+)")
# What Azure knows of a resource from its path: a path of the same name below `properties` is meant before these.
_OF_THE_PATH: Final = frozenset({"id", "name", "type", "apiversion"})
_DEEPEST: Final = 40


@dataclass(frozen=True, slots=True)
class Place:
    """Azure's names from the top of a resource's body to a field, `[*]` for each member of a list, `?name=kind` for a kind.

    `is_written_by_azure` says that nobody can ask for it.
    """

    steps: tuple[str, ...]
    is_written_by_azure: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The alias is of another type of resource, which has no value here."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Nobody can tell what the alias means here, and why."""

    why: str


@cache
def _facts() -> Mapping[tuple[str, str], str]:
    """The path of an alias that follows no rule, by type and alias in small letters."""
    held = tomllib.loads(files(__package__ or "policies.azure_policy").joinpath("aliases.toml").read_text("utf-8"))
    return {(a["type"].casefold(), n.casefold()): p["path"] for a in held["alias"] for p in a["paths"] for n in p["names"]}


@lru_cache(maxsize=16_384)
def names_of(path: str) -> tuple[str, ...]:
    """`subnets`, `[*]`, `id` of `subnets[*].id`; what stands in brackets and quotes is one name."""
    return tuple(EACH if m[0] == EACH else (m[1] or m[2] or m[3] or "").replace("''", "'") for m in _NAME.finditer(path))


class Aliases:
    """Places of aliases, each found once. The types must outlive it: they are known by identity."""

    def __init__(self) -> None:
        """Nothing is found yet."""
        self._found: dict[tuple[int, str, str], Place | Elsewhere | Unresolved] = {}

    def place(self, alias: str, arm_type: str, types: Types, body: Type) -> Place | Elsewhere | Unresolved:
        """Where an alias stands in a resource of a type, whose body Azure's types describe so."""
        key = (id(body), arm_type.casefold(), alias.casefold())
        if key not in self._found:
            self._found[key] = _place(alias, arm_type, types, body)
        return self._found[key]


def _place(alias: str, arm_type: str, types: Types, body: Type) -> Place | Elsewhere | Unresolved:
    named, _, path = alias.rpartition("/")
    names = names_of(path)
    mine = arm_type.casefold()
    known = _facts().get((mine, alias.casefold()))
    if known is not None:
        names = names_of(known)
    elif named.casefold() != mine:
        own, _, last = mine.rpartition("/")
        is_short = bool(names) and names[0].casefold() == last and named.casefold() in (own, mine.partition("/")[0])
        if not is_short:
            return _of_another_type(alias, named, mine)
        names = names[1:]
    found = min(_walks(types, body, names, is_top=True), key=lambda p: p.is_written_by_azure, default=None)
    return found or Unresolved(f"Azure's types of {arm_type} ({types.name}) have no {path}, for which the alias {alias} stands")


def _of_another_type(alias: str, named: str, mine: str) -> Elsewhere | Unresolved:
    """An alias of a namespace alone may be of any of its types, and only Microsoft knows of which."""
    if "/" not in named and named.casefold() == mine.partition("/")[0]:
        return Unresolved(f"the alias {alias} names no type of resource, and what it stands for is in no public file")
    return Elsewhere()


def _walks(types: Types, wanted: Type, names: tuple[str, ...], *, is_top: bool = False, depth: int = 0) -> Iterator[Place]:
    """Every place that the names lead to, the likeliest first."""
    if not names:
        yield Place(())
        return
    kind = wanted["$type"]
    if depth > _DEEPEST:
        return
    if kind == "AnyType":
        yield Place(names)
    elif kind == "UnionType":
        for each in wanted["elements"]:
            yield from _walks(types, types.at(each), names, is_top=is_top, depth=depth + 1)
    elif kind == "ArrayType" and names[0] == EACH:
        for place in _walks(types, types.at(wanted["itemType"]), names[1:], depth=depth + 1):
            yield Place((EACH, *place.steps), place.is_written_by_azure)
    elif kind in ("ObjectType", "DiscriminatedObjectType"):
        yield from _in_object(types, wanted, names, is_top=is_top, depth=depth)


def _in_object(types: Types, wanted: Type, names: tuple[str, ...], *, is_top: bool, depth: int) -> Iterator[Place]:
    direct = [*_by_name(types, wanted, names, depth), *_by_kind(types, wanted, names, depth)]
    inner = [] if names[0].casefold() == "properties" else list(_by_name(types, wanted, ("properties", *names), depth))
    yield from (*inner, *direct) if is_top and names[0].casefold() in _OF_THE_PATH else (*direct, *inner)
    others = wanted.get("additionalProperties")
    if not direct and not inner and others is not None and names[0] != EACH:
        for place in _walks(types, types.at(others), names[1:], depth=depth + 1):
            yield Place((names[0], *place.steps), place.is_written_by_azure)


def _by_name(types: Types, wanted: Type, names: tuple[str, ...], depth: int) -> Iterator[Place]:
    for fields in _fields(types, wanted):
        for name, told in fields.items():
            if name.casefold() != names[0].casefold():
                continue
            is_closed = bool(told["flags"] & READ_ONLY)
            for place in _walks(types, types.at(told["type"]), names[1:], depth=depth + 1):
                yield Place((name, *place.steps), is_closed or place.is_written_by_azure)


def _by_kind(types: Types, wanted: Type, names: tuple[str, ...], depth: int) -> Iterator[Place]:
    """What the names lead to when the first of them are the kind of an object."""
    for kind, element in wanted.get("elements", {}).items() if wanted["$type"] == "DiscriminatedObjectType" else ():
        for spelt in {(kind.replace(".", "-"),), tuple(kind.split("."))}:
            if tuple(n.casefold() for n in names[: len(spelt)]) != tuple(s.casefold() for s in spelt):
                continue
            rest = names[len(spelt) :]
            base = {"$type": "ObjectType", "properties": wanted["baseProperties"]}
            for place in (*_walks(types, types.at(element), rest, depth=depth + 1), *_walks(types, base, rest, depth=depth + 1)):
                yield Place((f"{KIND}{wanted['discriminator']}={kind}", *place.steps), place.is_written_by_azure)


def _fields(types: Types, wanted: Type) -> Iterator[Mapping[str, Any]]:
    if wanted["$type"] == "ObjectType":
        yield wanted["properties"]
        return
    yield wanted["baseProperties"]
    for each in wanted["elements"].values():
        yield types.at(each)["properties"]
