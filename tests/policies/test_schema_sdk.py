"""No false alarm: what azure-native's own classes take, at any depth, is what our tables say that it takes.

All 1,078 classes are gone over, each against the type of Azure's that it is of. What does not match is listed here, and nothing else.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib import metadata
from importlib.resources import files as files_of
from pathlib import Path

import pytest

from policies.schema.azure_native import Kind, differences, kind_of, kinds
from policies.schema.shapes import Field, Shapes
from policies.schema.type_files import Type, TypeFiles, Types, open_type_files
from tests.policies.sdk_inputs import Input, Module, module

DATA = Path(__file__).parents[2] / "../shared/data"
# The kind of a record set is a part of its type; all of them take the same.
RECORD = {"recordType": "A"}
# Required by Azure's types, optional in the package (its rules are those of an older API's), and rightly missed.
OPTIONAL_IN_THE_PACKAGE = {("SecurityRule", "priority")}


@pytest.fixture(scope="module")
def files() -> TypeFiles:
    if not (DATA / "bicep-types").is_dir():
        pytest.skip("../shared/data/bicep-types is not here: azure-native cannot be measured against Azure's types")
    return open_type_files(DATA)


@pytest.fixture(scope="module")
def versions(files: TypeFiles) -> Mapping[str, str]:
    return json.loads((files.folder.parent / "azure-native-api-versions.json").read_text("utf-8"))


def test_most_classes_are_known_and_of_the_version_that_they_document(versions: Mapping[str, str]) -> None:
    assert len(versions) == 1078
    assert {f"azure-native:{k}" for k in kinds()} <= set(versions)
    assert len(kinds()) == 930
    assert {t: k.version for t in versions if (k := kind_of(t))} == {t: v for t, v in versions.items() if kind_of(t)}


def test_the_tables_are_of_the_package_that_is_installed() -> None:
    for name in ("azure_native.toml", "azure_native_types.toml"):
        held = tomllib.loads(files_of("policies.schema").joinpath(name).read_text("utf-8"))
        assert held["azure_native"] == metadata.version("pulumi-azure-native"), f"{name}: measure again, and write the version"


def test_most_known_classes_have_their_file(files: TypeFiles) -> None:
    lacking = [k for k in kinds() if (kind := kind_of(f"azure-native:{k}")) and files.body(kind.type_for(RECORD), kind.version) is None]
    assert len(lacking) == 35, sorted(lacking)


def test_parts_of_the_path_are_inputs() -> None:
    for token in kinds():
        name, kind = token.split(":"), kind_of(f"azure-native:{token}")
        assert kind is not None
        assert {*kind.path} | kind.beside <= set(module(name[0]).resources[name[1]]), token


def test_every_input_of_every_class_fits(files: TypeFiles) -> None:
    measure = Measure(files)
    for token in kinds():
        measure.resource(token)
    assert measure.inputs > 20_000
    assert sorted(set(measure.wrong)) == []


class Measure:
    """Goes over classes and Azure's types side by side."""

    def __init__(self, files: TypeFiles) -> None:
        self.files = files
        self.shapes = Shapes()
        self.seen: set[tuple[object, ...]] = set()
        self.wrong: list[str] = []
        self.inputs = 0

    def resource(self, token: str) -> None:
        kind = kind_of(f"azure-native:{token}")
        assert kind is not None
        found = self.files.body(kind.type_for(RECORD), kind.version)
        if found is not None:
            name = token.split(":")
            held = module(name[0])
            self.objects(held, held.resources[name[1]], found[0], found[1], token, kind)

    def objects(self, held: Module, inputs: Mapping[str, Input], types: Types, wanted: Type, at: str, kind: Kind | None = None) -> None:
        constants = {n: i.constant for n, i in inputs.items() if i.constant}
        make = self.shapes.of_resource if kind else self.shapes.of
        shape = make(types, wanted, constants)
        beside = shape.beside | ({*kind.path} | kind.beside if kind else set[str]())
        for name, given in inputs.items():
            if name in beside:
                continue
            self.inputs += 1
            field = shape.fields.get(name)
            if field is None and shape.others is None:
                self.wrong.append(f"{at}.{name}: no such input")
            elif field is not None and field.read_only:
                self.wrong.append(f"{at}.{name}: read-only")
            elif field is not None and field.type is not None:
                self.value(held, given, types, field, f"{at}.{name}")
        for name in shape.required:
            is_listed = (str(wanted.get("name")), name) in OPTIONAL_IN_THE_PACKAGE
            if name not in inputs or (inputs[name].is_optional and not is_listed):
                self.wrong.append(f"{at}.{name}: required by Azure's types alone")

    def value(self, held: Module, given: Input, types: Types, field: Field, at: str) -> None:
        assert field.type is not None
        members = [field.type]
        for _ in range(given.depth):
            if given.container == "list" and at.rsplit(".", 1)[-1] in differences().listed and members[0]["$type"] == "ObjectType":
                return
            inner = [m for t in members for m in _members(types, t)]
            if not inner and not any(t["$type"] == "AnyType" for t in members):
                self.wrong.append(f"{at}: is a {given.container} in the package, and {members[0]['$type']} in Azure")
            members = inner
        leaves = [leaf for m in members for leaf in _leaves(types, m)]
        self.plain(held, given, leaves, at)
        for name in given.classes:
            for leaf in leaves:
                key = (name, id(leaf))
                if leaf["$type"] in ("ObjectType", "DiscriminatedObjectType") and name in held.nested and key not in self.seen:
                    self.seen.add(key)
                    self.objects(held, held.nested[name], types, leaf, at)

    def plain(self, held: Module, given: Input, leaves: list[Type], at: str) -> None:
        there = {leaf["$type"] for leaf in leaves}
        fitting = {
            "str": {"StringType", "StringLiteralType"},
            "int": {"IntegerType"},
            "float": {"IntegerType"},
            "bool": {"BooleanType"},
        }.get(given.plain)
        if fitting and there and not there & (fitting | {"AnyType"}):
            self.wrong.append(f"{at}: is {given.plain} in the package, and {sorted(there)} in Azure")
        if given.enums and there == {"StringLiteralType"}:
            values = {leaf["value"].casefold() for leaf in leaves}
            extra = [v for e in given.enums for v in held.enums.get(e, ()) if v.casefold() not in values]
            self.wrong.extend(f"{at}: {v!r} is a value in the package alone" for v in extra)


def _members(types: Types, wanted: Type) -> Iterator[Type]:
    for leaf in _leaves(types, wanted):
        inner = leaf.get("itemType") or leaf.get("additionalProperties")
        if inner:
            yield types.at(inner)
        elif leaf["$type"] == "AnyType":
            yield leaf


def _leaves(types: Types, wanted: Type) -> Iterator[Type]:
    if wanted["$type"] == "UnionType":
        for each in wanted["elements"]:
            yield from _leaves(types, types.at(each))
    else:
        yield wanted
