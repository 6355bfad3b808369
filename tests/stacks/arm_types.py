"""Checks azure-native inputs against Azure Resource Manager's own types (the public Bicep type files).

A file is a flat list of types that refer to one another by `{"$ref": "#/n"}`. Flags of a property: 1 required, 2 read-only. azure-native
lifts what Azure keeps under `properties` one level up, so the fields of an object and of its `properties` are looked for together.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

REQUIRED, READ_ONLY = 1, 2
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET = "4dabf18193072939515e22adb298388d"
# Parts of a resource's path, not of its body.
_OF_THE_PATH = re.compile(
    r"(.*Name|resourceGroupName|scope|resourceUri|groupId|objectId|subscriptionId|scopeId|dataConnectorId|registration\w+Id"
    r"|username|slot|recordType)$"
)
# What azure-native calls by another name, and what it takes as a list where Azure has a map. Source: its schema, 3.29.0.
_RENAMED = {
    "enablehttpstrafficonly": "supportshttpstrafficonly",
    "networkruleset": "networkacls",
    "odatatype": "odata.type",
    "encryptionidentity": "identity",
    "encryptionuserassignedidentity": "userassignedidentity",
}
# What azure-native lifts out of an object within `properties`.
_LIFTED = ("maintenancewindow",)
_LISTED = ("userAssignedIdentities",)
ABSENT = "this type is in none of the files"
Type = Mapping[str, Any]


@dataclass(frozen=True)
class Library:
    """The type files of a folder and the API version that azure-native uses for each of its types."""

    folder: Path
    versions: Mapping[str, str]
    files: Mapping[str, str]

    def faults(self, token: str, arm_type: str, inputs: Mapping[str, Any]) -> list[str]:
        """What is wrong with `inputs` of the azure-native type `token`, one line each."""
        found = self._resource(token, arm_type)
        if found is None:
            return [f"{ABSENT}: {arm_type}"]
        types, resource = found
        body = _object(types, _at(types, resource["body"]), inputs)
        return list(_check_object(types, body, inputs, "", is_top=True))

    def _resource(self, token: str, arm_type: str) -> tuple[Sequence[Type], Type] | None:
        """The type at azure-native's version; where the folder has not that version, at the newest it has."""
        held = {k.lower(): f for k, f in self.files.items() if k.lower().startswith(f"{arm_type.lower()}@")}
        wanted = f"{arm_type}@{self.versions.get(token, '')}".lower()
        name = wanted if wanted in held else max(held, default="")
        if not name:
            return None
        types = _load(self.folder / held[name])
        resource = next((t for t in types if t["$type"] == "ResourceType" and t["name"].lower() == name), None)
        return (types, resource) if resource else None


def library(data: Path) -> Library:
    """The library in the folder of public data."""
    versions = json.loads((data / "azure-native-api-versions.json").read_text("utf-8"))
    files = json.loads((data / "bicep-types/index.json").read_text("utf-8"))
    return Library(data / "bicep-types", versions, files)


def arm_type_of(resource_id: str) -> str:
    """`Microsoft.Network/virtualNetworks/subnets` of a resource's id."""
    if "/providers/" not in resource_id:
        return "Microsoft.Resources/resourceGroups"
    parts = resource_id.rsplit("/providers/", 1)[1].split("/")
    return "/".join([parts[0], *parts[1::2]])


@cache
def _load(file: Path) -> Sequence[Type]:
    return cast("Sequence[Type]", json.loads(gzip.decompress(file.read_bytes())))


def _at(types: Sequence[Type], ref: Mapping[str, str]) -> Type:
    return types[int(ref["$ref"].rsplit("/", 1)[1])]


def _check(types: Sequence[Type], wanted: Type, value: Any, path: str) -> Iterator[str]:
    if value is None or value == UNKNOWN or (isinstance(value, Mapping) and SECRET in value):
        return
    match wanted["$type"]:
        case "UnionType":
            yield from _check_union(types, wanted, value, path)
        case "ArrayType":
            yield from _check_list(types, wanted, value, path)
        case "ObjectType" | "DiscriminatedObjectType":
            if isinstance(value, Mapping):
                held = cast("Mapping[str, Any]", value)
                yield from _check_object(types, _object(types, wanted, held), held, path)
            else:
                yield f"{path}: {value!r} is not an object"
        case _:
            yield from _check_plain(wanted, value, path)


def _check_plain(wanted: Type, value: Any, path: str) -> Iterator[str]:
    match wanted["$type"]:
        case "StringLiteralType" if value != wanted["value"]:
            yield f"{path}: {value!r} is not {wanted['value']!r}"
        case "StringType":
            yield from _check_string(wanted, value, path)
        case "IntegerType":
            yield from _check_number(wanted, value, path)
        case "BooleanType" if not isinstance(value, bool):
            yield f"{path}: {value!r} is not true or false"
        case _:
            return


def _check_union(types: Sequence[Type], wanted: Type, value: Any, path: str) -> Iterator[str]:
    members = [_at(types, e) for e in wanted["elements"]]
    if any(not list(_check(types, m, value, path)) for m in members):
        return
    literals = [m["value"] for m in members if m["$type"] == "StringLiteralType"]
    yield f"{path}: {value!r} is none of {literals[:8]}"


def _check_string(wanted: Type, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path}: {value!r} is not text"
        return
    if not wanted.get("minLength", 0) <= len(value) <= wanted.get("maxLength", len(value)):
        yield f"{path}: {value!r} is too short or too long"
    if "pattern" in wanted and not re.search(wanted["pattern"], value):
        yield f"{path}: {value!r} does not match {wanted['pattern']}"


def _check_number(wanted: Type, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield f"{path}: {value!r} is not a number"
    elif not wanted.get("minValue", value) <= value <= wanted.get("maxValue", value):
        yield f"{path}: {value!r} is outside {wanted.get('minValue')} to {wanted.get('maxValue')}"


def _check_list(types: Sequence[Type], wanted: Type, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is not a list"
        return
    for i, member in enumerate(cast("list[Any]", value)):
        yield from _check(types, _at(types, wanted["itemType"]), member, f"{path}[{i}]")


@dataclass(frozen=True)
class _Shape:
    """Properties of an object by small-letter name, its own and those under `properties`; what else it takes."""

    properties: Mapping[str, Mapping[str, Any]]
    additional: Mapping[str, str] | None


def _object(types: Sequence[Type], wanted: Type, value: Mapping[str, Any]) -> _Shape:
    own = _properties(types, wanted, value)
    lifted: dict[str, Mapping[str, Any]] = {}
    if "properties" in own and "properties" not in value:
        inner = _at(types, own["properties"]["type"])
        lifted = _properties(types, inner, value) if "Object" in inner["$type"] else {}
        for name in [n for n in _LIFTED if n in lifted]:
            lifted = {**lifted, **_properties(types, _at(types, lifted[name]["type"]), value)}
        own = {k: v for k, v in own.items() if k != "properties"}
    # A property that both have, such as a machine extension's type, is the one that can be written.
    clearer = {k: v for k, v in lifted.items() if k in own and own[k]["flags"] & READ_ONLY}
    return _Shape({**lifted, **own, **clearer}, wanted.get("additionalProperties"))


def _properties(types: Sequence[Type], wanted: Type, value: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Of a type with a discriminator, those of the kind that `value` says it is."""
    held = dict(wanted.get("properties") or wanted.get("baseProperties") or {})
    if wanted["$type"] == "DiscriminatedObjectType":
        said = {_RENAMED.get(k.lower(), k.lower()): v for k, v in value.items()}
        kind = said.get(wanted["discriminator"].lower())
        if kind in wanted["elements"]:
            held.update(_at(types, wanted["elements"][kind])["properties"])
        else:
            literal = {"type": {"$ref": "#/-1"}, "flags": REQUIRED}
            held.setdefault(wanted["discriminator"], literal)
    return {k.lower(): v for k, v in held.items()}


def _check_object(types: Sequence[Type], shape: _Shape, value: Mapping[str, Any], path: str, *, is_top: bool = False) -> Iterator[str]:
    for key, held in value.items():
        at = f"{path}.{key}".lstrip(".")
        wanted = shape.properties.get(_RENAMED.get(key.lower(), key.lower()))
        if is_top and _OF_THE_PATH.match(key) and (wanted is None or wanted["flags"] & READ_ONLY):
            continue
        if wanted is None:
            if shape.additional is None:
                yield f"{at}: there is no such property"
            else:
                yield from _check(types, _at(types, shape.additional), held, at)
            continue
        if wanted["flags"] & READ_ONLY:
            yield f"{at}: Azure alone writes this"
        if not (key in _LISTED and isinstance(held, list)):
            yield from _check(types, _at(types, wanted["type"]), held, at)
    given = {_RENAMED.get(k.lower(), k.lower()) for k in value} | {k.lower() for k in value}
    for name, wanted in shape.properties.items():
        needed = wanted["flags"] & REQUIRED and not wanted["flags"] & READ_ONLY
        if needed and name not in given and not (is_top and name in ("name", "location")):
            yield f"{path}.{name}: required, and missing".lstrip(".")
