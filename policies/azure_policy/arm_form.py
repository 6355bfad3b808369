"""A planned resource in the form in which Azure would be asked for it: azure-native's inputs under Azure's own names, in their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast

from policies.model import SECRET, UNKNOWN, Subject
from policies.schema.azure_native import Kind, differences, kind_of
from policies.schema.shapes import Shapes, is_secret
from policies.schema.type_files import Type, TypeFiles, Types

GROUP: Final = "Microsoft.Resources/subscriptions/resourceGroups"
_GROUP_IN_TYPES: Final = "microsoft.resources/resourcegroups"
# What is known of a resource whose type no file has: the parts that azure-native takes by Azure's own names wherever there are any.
_SHAPELESS: Final[Type] = {"$type": "ObjectType", "name": "", "properties": {}}
_PLAIN: Final = ("kind", "location", "tags", "zones")
_OBJECTS: Final = ("ObjectType", "DiscriminatedObjectType")


@dataclass(frozen=True)
class Resource:
    """One resource as Azure sees it: its type, its id ("" when it is not known yet) and its body, with UNKNOWN and SECRET in it.

    `lies_in` is the scope that is known of a resource whose id is not. `types` and `shape` describe the body. `inputs` gives
    azure-native's name of a part of the body, by Azure's names of where it stands.
    """

    subject: Subject
    type: str
    api_version: str
    id: str
    names: tuple[Any, ...]
    body: Mapping[str, Any]
    types: Types
    shape: Type
    inputs: Mapping[tuple[str, ...], str]
    lies_in: str = ""

    @property
    def name(self) -> Any:
        """The resource's own name, or UNKNOWN."""
        return self.names[-1] if self.names else UNKNOWN

    @property
    def full_name(self) -> Any:
        """The names of what it is inside and its own, with slashes between them, or UNKNOWN."""
        if not self.names or any(n is UNKNOWN for n in self.names):
            return UNKNOWN
        return "/".join(self.names)

    @cached_property
    def scope(self) -> str:
        """Its id in small letters, "" when it is not known yet."""
        return self.id.casefold()

    @cached_property
    def group(self) -> str:
        """The id of its resource group in small letters; "" when it is in none."""
        parts = (self.scope or self.lies_in.casefold()).split("/")
        return "/".join(parts[:5]) if len(parts) > 4 and parts[3] == "resourcegroups" else ""

    @cached_property
    def subscription(self) -> str:
        """The id of its subscription in small letters; "" when it is in none."""
        parts = (self.scope or self.lies_in.casefold()).split("/")
        return "/".join(parts[:3]) if len(parts) > 2 and parts[1] == "subscriptions" else ""

    @cached_property
    def is_indexed(self) -> bool:
        """Whether its type has tags and a location, which policies of the mode Indexed ask for."""
        if self.shape is _SHAPELESS:
            return "location" in self.body
        own: Mapping[str, Any] = self.shape.get("properties") or self.shape.get("baseProperties") or {}
        return self.type != GROUP and "tags" in own and "location" in own


class Forms:
    """Resources in Azure's form, with what is learnt of their types kept between them."""

    def __init__(self, files: TypeFiles) -> None:
        """Read types from these files."""
        self._files = files
        self._shapes = Shapes()
        self._versions: dict[str, list[str]] = {}

    def of(self, subject: Subject, own: str = "", lies_in: str = "") -> Resource | str:
        """The resource that a subject asks for, or in a clause why that cannot be told. `own` is its id, where that was worked out.

        Raises PoliciesError when a type file cannot be read.
        """
        kind = kind_of(subject.type)
        if kind is None:
            return f"it is not known which of Azure's types {subject.type} is"
        arm_type = kind.type_for(subject.inputs)
        found = self._files.body(arm_type, kind.version) or self._nearest(arm_type)
        types, shape = found or (Types(f"no type file for {arm_type}", ()), _SHAPELESS)
        beside = kind.beside | {*kind.path}
        given = {k: v for k, v in subject.inputs.items() if k not in beside}
        body, inputs = self._resource(types, shape, given)
        own = own or subject.resource_id
        names = _names(subject, kind, arm_type, own)
        body["name"] = names[-1] if names else UNKNOWN
        named = GROUP if arm_type.casefold() == _GROUP_IN_TYPES else arm_type
        return Resource(subject, named, kind.version, own, names, body, types, shape, inputs, lies_in)

    def _nearest(self, arm_type: str) -> tuple[Types, Type] | None:
        """The newest version of a type that the files have: aliases mean the same in every version."""
        if not self._versions:
            for name in self._files.index:
                type_, _, version = name.rpartition("@")
                self._versions.setdefault(type_, []).append(version)
        versions = self._versions.get(arm_type.casefold())
        return self._files.body(arm_type, max(versions)) if versions else None

    def _resource(self, types: Types, shape: Type, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[tuple[str, ...], str]]:
        if shape is _SHAPELESS:
            return {k: given[k] for k in _PLAIN if k in given}, {(k,): k for k in _PLAIN if k in given}
        fields = self._shapes.of_resource(types, shape, given).fields
        inputs = {(*fields[k].within, fields[k].arm_name): k for k in given if k in fields}
        own: Mapping[str, Any] = shape.get("properties") or shape.get("baseProperties") or {}
        body = self._object(types, shape, given)
        if "location" in own and "location" not in given:
            # azure-native fills in the location of the resource group, or that of its configuration.
            body["location"] = UNKNOWN
        return body, inputs

    def _object(self, types: Types, wanted: Type, value: Mapping[str, Any]) -> dict[str, Any]:
        shape = self._shapes.of(types, wanted, value)
        made: dict[str, Any] = {}
        for key, held in value.items():
            field = shape.fields.get(key)
            if field is None:
                made[key] = held if shape.others is None else self._value(types, shape.others, held, key)
                continue
            here = made
            for step in field.within:
                here = here.setdefault(step, {})
            here[field.arm_name] = held if field.type is None else self._value(types, field.type, held, key)
        return made

    def _value(self, types: Types, wanted: Type, value: Any, key: str) -> Any:
        if is_secret(value):
            return SECRET
        kind = wanted["$type"]
        if kind == "UnionType":
            return self._value(types, self._member(types, wanted, value), value, key) if isinstance(value, (dict, list)) else value
        if isinstance(value, list):
            members = cast("list[Any]", value)
            if kind in _OBJECTS and key in differences().listed:
                return {m: dict[str, Any]() for m in members} if all(isinstance(m, str) for m in members) else UNKNOWN
            return [self._value(types, types.at(wanted["itemType"]), m, "") for m in members] if kind == "ArrayType" else members
        if isinstance(value, Mapping) and kind in _OBJECTS:
            return self._object(types, wanted, cast("Mapping[str, Any]", value))
        return cast("Any", value)

    def _member(self, types: Types, wanted: Type, value: Any) -> Type:
        """The member of a union that a value is of: the one with the most of its names."""
        members = [types.at(e) for e in wanted["elements"]]
        if isinstance(value, list):
            return next((m for m in members if m["$type"] == "ArrayType"), {"$type": "AnyType"})
        objects = [m for m in members if m["$type"] in _OBJECTS]
        names = set(cast("Mapping[str, Any]", value))
        return max(objects, key=lambda o: len(names & set(self._shapes.of(types, o, value).fields)), default={"$type": "AnyType"})


def _names(subject: Subject, kind: Kind, arm_type: str, own: str) -> tuple[Any, ...]:
    """The names of what a resource is inside, and its own: as its id has them, else as its inputs say."""
    if own.startswith("/"):
        words = own.rpartition("/providers/")[2].strip("/").split("/")
        return tuple(words[-1:] if len(words) < 3 or "/providers/" not in own else words[2::2])
    depth = arm_type.count("/")
    said = [subject.inputs.get(p) for p in kind.path][-depth:]
    return tuple(s if isinstance(s, str) and not is_secret(s) else UNKNOWN for s in said)
