"""What azure-native takes for an object of Azure's types: the fields by azure-native's names, where each stands, and which are required.

Where a type has kinds, its discriminator in the value says which fields there are; while it does not, those of every kind may be
there, and nothing is said of what they hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from policies.model import SECRET, UNKNOWN
from policies.schema.azure_native import Differences, camel, differences
from policies.schema.type_files import READ_ONLY, REQUIRED, Type, Types

V = TypeVar("V")
_UNTOLD: Final = object()
_OBJECTS: Final = ("ObjectType", "DiscriminatedObjectType")
_OF_THE_BODY: Final = frozenset({"id", "name", "type", "apiVersion"})


@dataclass(frozen=True, slots=True)
class Field:
    """An input: Azure's name of it, what may stand there (None: anything), and whether only Azure writes it or it must be given.

    `within` are Azure's names of the parts that it stands in and azure-native's input does not: `properties` of most.
    """

    arm_name: str
    type: Type | None
    read_only: bool
    required: bool
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A discriminator that is missing or names none of the kinds: its input and the kinds there are."""

    name: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object's fields by azure-native's name; `others` is what any further key holds, `beside` the keys that nothing is known of."""

    fields: Mapping[str, Field]
    others: Type | None
    beside: frozenset[str]
    required: tuple[str, ...]
    open_choices: tuple[Choice, ...]


@dataclass(slots=True)
class _Gathered:
    """A shape in the making."""

    fields: dict[str, Field] = field(default_factory=dict[str, Field])
    others: Type | None = None
    choosers: list[str] = field(default_factory=list[str])
    open_choices: list[Choice] = field(default_factory=list[Choice])
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """One object that is put into a shape: as which of its kinds, and its own fields."""

    name: str
    fields: Mapping[str, Mapping[str, Any]]
    others: Mapping[str, str] | None


class Shapes:
    """Shapes by type and by what the discriminators say, each made once. `Types` must outlive it: types are known by identity."""

    def __init__(self) -> None:
        """Nothing is made yet."""
        self._differences: Differences = differences()
        self._made: dict[tuple[object, ...], Shape] = {}
        self._choosers: dict[int, tuple[str, ...]] = {}

    def of(self, types: Types, wanted: Type, value: Mapping[str, Any]) -> Shape:
        """The shape of an object type, for the kind that `value` says it is."""
        key: tuple[object, ...] = (id(wanted), *(_chosen(value, c) for c in self._choosers.get(id(wanted), ())))
        if id(wanted) not in self._choosers or key not in self._made:
            gathered = _Gathered()
            name = self._gather(types, wanted, value, gathered, top="")
            # A kind may have kinds of its own, which are met only when it is first chosen.
            known = self._choosers.get(id(wanted), ())
            self._choosers[id(wanted)] = tuple(dict.fromkeys((*known, *gathered.choosers)))
            key = (id(wanted), *(_chosen(value, c) for c in self._choosers[id(wanted)]))
            self._made[key] = self._finished(name, gathered)
        return self._made[key]

    def of_resource(self, types: Types, body: Type, value: Mapping[str, Any]) -> Shape:
        """The shape of a resource's body: without what Azure knows from the resource's path."""
        whole = self.of(types, body, value)
        kept = {k: f for k, f in whole.fields.items() if not (k in _OF_THE_BODY and (f.read_only or k == "name"))}
        return Shape(kept, whole.others, whole.beside, whole.required, whole.open_choices)

    def _gather(self, types: Types, wanted: Type, value: Mapping[str, Any], into: _Gathered, top: str, within: tuple[str, ...] = ()) -> str:
        """Put an object's fields and those of its lifted parts into a shape; the object's name, as `top` for its parts."""
        part = self._part(types, wanted, value, into)
        name = top or part.name
        names = {a: n for n, a in _of(self._differences.renamed, types, name, {}).items()}
        if part.others is not None and into.others is None:
            into.others = types.at(part.others)
        for arm_name, told in part.fields.items():
            inner = [o for o in _objects(types, types.at(told["type"])) if _has_fields(o)] if "type" in told else []
            is_lifted = self._is_lifted(arm_name, name, part.name, is_top=not top)
            for each in inner if is_lifted else ():
                self._gather(types, each, value, into, name, (*within, arm_name))
            if not (inner and is_lifted):
                flags = told["flags"] & ~REQUIRED if is_lifted else told["flags"]
                self._put(into, names.get(arm_name) or camel(arm_name), arm_name, types, {**told, "flags": flags}, within)
        return name

    def _put(self, into: _Gathered, name: str, arm_name: str, types: Types, told: Mapping[str, Any], within: tuple[str, ...]) -> None:
        """A field that can be written goes before one of the same name that cannot."""
        held = into.fields.get(name)
        if held is None or held.read_only:
            flags = told["flags"]
            held_type = types.at(told["type"]) if "type" in told else None
            into.fields[name] = Field(arm_name, held_type, bool(flags & READ_ONLY), bool(flags & REQUIRED), within)

    def _is_lifted(self, arm_name: str, name: str, own_name: str, *, is_top: bool) -> bool:
        rules = self._differences
        if arm_name == "properties":
            return is_top and name not in rules.kept
        if arm_name in rules.always_lifted:
            return name not in rules.kept
        return arm_name in rules.lifted.get(name, ()) or arm_name in rules.lifted.get(own_name, ())

    def _part(self, types: Types, wanted: Type, value: Mapping[str, Any], into: _Gathered) -> _Part:
        if wanted["$type"] == "ObjectType":
            return _Part(wanted["name"], wanted["properties"], wanted.get("additionalProperties"))
        discriminator, kinds = wanted["discriminator"], wanted["elements"]
        name = camel(discriminator)
        into.choosers.append(name)
        chosen = _chosen(value, name)
        element = next((e for k, e in kinds.items() if isinstance(chosen, str) and k.casefold() == chosen.casefold()), None)
        said = {discriminator: {"flags": REQUIRED}}
        if element is not None:
            kind = types.at(element)
            return _Part(kind["name"], {**wanted["baseProperties"], **kind["properties"], **said}, kind.get("additionalProperties"))
        into.is_partial = True
        if chosen is not _UNTOLD and chosen not in self._differences.beside.get(wanted["name"], ()):
            into.open_choices.append(Choice(name, tuple(kinds)))
        every = {n: {"flags": 0} for k in kinds.values() for n in types.at(k)["properties"]}
        return _Part(wanted["name"], {**every, **wanted["baseProperties"], **said}, None)

    def _finished(self, name: str, gathered: _Gathered) -> Shape:
        rules = self._differences
        writable = rules.writable.get(name, frozenset()) | rules.always_writable
        choices = {c.name for c in gathered.open_choices}
        fields = {n: replace(f, read_only=n not in writable) if f.read_only else f for n, f in gathered.fields.items()}
        needed = [n for n, f in fields.items() if f.required and not f.read_only and n not in rules.never_required]
        required = () if gathered.is_partial else tuple(n for n in needed if n not in choices)
        return Shape(fields, gathered.others, rules.beside.get(name, frozenset()), required, tuple(gathered.open_choices))


def is_secret(value: object) -> bool:
    """Whether a value is a secret, or the text that `pulumi preview --json` writes in its place (pkg/backend/display/json.go)."""
    return isinstance(value, str) and value == SECRET


def _of(table: Mapping[str, V], types: Types, name: str, otherwise: V) -> V:
    """What a table says of an object, as that of its namespace or as that of any."""
    found = table.get(f"{types.namespace}:{name}")
    return table.get(name, otherwise) if found is None else found


def _has_fields(wanted: Type) -> bool:
    return bool(wanted.get("properties") or wanted.get("baseProperties") or wanted.get("elements"))


def _chosen(value: Mapping[str, Any], name: str) -> object:
    """What a discriminator says: a text, _UNTOLD when that is unknown or secret, or "" for what is missing or is no text."""
    held = value.get(name)
    if held is UNKNOWN or is_secret(held):
        return _UNTOLD
    return held if isinstance(held, str) else ""


def _objects(types: Types, wanted: Type) -> Iterator[Type]:
    if wanted["$type"] in _OBJECTS:
        yield wanted
    elif wanted["$type"] == "UnionType":
        for each in wanted["elements"]:
            yield from _objects(types, types.at(each))
