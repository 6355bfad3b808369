"""Every alias of the built-in definitions and of the Azure Landing Zones library, against Azure's types."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from policies.azure_policy.aliases import EACH, Aliases, Elsewhere, Place, Unresolved, names_of
from policies.azure_policy.assignments import read_definition
from policies.azure_policy.decide import SPECIAL
from policies.azure_policy.expressions import Broken, Call
from policies.azure_policy.functions import FUNCTIONS
from policies.azure_policy.rules import Unreadable, read_rule
from policies.schema.type_files import TypeFiles, open_type_files

DATA = (Path(__file__).parents[2] / "../shared/data").resolve()
LISTED = Path(__file__).parents[1] / "cases" / "azure-policy" / "unresolved-aliases.json"


@pytest.fixture(scope="module")
def files() -> TypeFiles:
    if not (DATA / "bicep-types").is_dir() or not (DATA / "azure-policy").is_dir():
        pytest.skip("../shared/data is not here: no types and no definitions")
    return open_type_files(DATA)


def fields(written: Any) -> Iterator[str]:
    if isinstance(written, dict):
        for key, held in cast("dict[str, Any]", written).items():
            if key.casefold() == "field" and isinstance(held, str):
                yield held
            if key != "deployment":
                yield from fields(held)
    elif isinstance(written, list):
        for held in cast("list[Any]", written):
            yield from fields(held)


def rules() -> list[Any]:
    built_in = (DATA / "azure-policy").rglob("policyDefinitions/**/*.json")
    library = (DATA / "azure-landing-zones-library/platform").glob("*/policy_definitions/*.json")
    return [json.loads(f.read_text("utf-8-sig"))["properties"]["policyRule"] for f in (*built_in, *library)]


def aliases() -> set[str]:
    return {f for r in rules() for f in fields(r) if "/" in f and not f.startswith(("[", "tags"))}


def nodes(node: Any) -> Iterator[Any]:
    """Every part of a rule and of the expressions in it."""
    yield node
    if dataclasses.is_dataclass(node):
        for field in dataclasses.fields(node):
            held = getattr(node, field.name)
            for inner in cast("tuple[Any, ...]", held) if isinstance(held, tuple) else (held,):
                yield from nodes(inner)


def test_every_rule_of_the_definitions_at_hand_is_read_whole(files: TypeFiles) -> None:
    assert files.index
    unread: set[str] = set()
    for rule in rules():
        details: Any = read_definition("", {"policyRule": rule}).details
        conditions = [details["existencecondition"]] if "existencecondition" in (details or ()) else []
        for part in (p for written in (rule["if"], *conditions) for p in nodes(read_rule(written))):
            if isinstance(part, (Unreadable, Broken)):
                unread.add(part.why)
            if isinstance(part, Call) and part.name not in FUNCTIONS and part.name not in SPECIAL:
                unread.add(part.name)
    assert unread == set()


def types_of(alias: str, versions: dict[str, str]) -> list[str]:
    """The types that an alias may be of: the one that it names, or one whose last part its path begins with."""
    named, _, path = alias.rpartition("/")
    if named.casefold() in versions:
        return [named.casefold()]
    first = names_of(path)[0].casefold()
    return [t for t in versions if t.startswith(f"{named.casefold()}/") and t.rpartition("/")[2] == first]


def test_every_alias_of_a_type_at_hand_has_its_place_or_is_listed(files: TypeFiles) -> None:
    versions: dict[str, str] = {}
    for name in files.index:
        type_, _, version = name.rpartition("@")
        versions[type_] = max(version, versions.get(type_, ""))
    found = Aliases()
    unresolved: set[str] = set()
    resolved = 0
    for alias in sorted(aliases()):
        for arm_type in types_of(alias, versions):
            body = files.body(arm_type, versions[arm_type])
            if body is None:
                continue
            place = found.place(alias, arm_type, *body)
            resolved += isinstance(place, Place)
            if isinstance(place, Unresolved):
                unresolved.add(alias)
    assert sorted(unresolved) == json.loads(LISTED.read_text("utf-8"))["aliases"]
    assert resolved > 500


@pytest.mark.parametrize(
    ("alias", "arm_type", "steps"),
    [
        (
            "Microsoft.Storage/storageAccounts/networkAcls.defaultAction",
            "Microsoft.Storage/storageAccounts",
            "properties networkAcls defaultAction",
        ),
        ("Microsoft.Storage/storageAccounts/sku.name", "Microsoft.Storage/storageAccounts", "sku name"),
        (
            "Microsoft.Network/virtualNetworks/subnets[*].networkSecurityGroup.id",
            "Microsoft.Network/virtualNetworks",
            "properties subnets [*] properties networkSecurityGroup id",
        ),
        ("Microsoft.Sql/auditingSettings.state", "Microsoft.Sql/servers/auditingSettings", "properties state"),
        ("Microsoft.Compute/imagePublisher", "Microsoft.Compute/virtualMachines", "properties storageProfile imageReference publisher"),
    ],
)
def test_known_aliases_have_their_known_places(files: TypeFiles, alias: str, arm_type: str, steps: str) -> None:
    version = max(n.rpartition("@")[2] for n in files.index if n.rpartition("@")[0] == arm_type.casefold())
    body = files.body(arm_type, version)
    assert body is not None
    place = Aliases().place(alias, arm_type, *body)
    assert isinstance(place, Place)
    assert place.steps == tuple(steps.split())


def test_an_alias_of_another_type_has_no_value(files: TypeFiles) -> None:
    version = max(n.rpartition("@")[2] for n in files.index if n.rpartition("@")[0] == "microsoft.storage/storageaccounts")
    body = files.body("Microsoft.Storage/storageAccounts", version)
    assert body is not None
    assert isinstance(Aliases().place("Microsoft.Sql/servers/state", "Microsoft.Storage/storageAccounts", *body), Elsewhere)


def test_names_in_brackets_are_one() -> None:
    assert names_of("a[*].b['c.d'].e") == ("a", EACH, "b", "c.d", "e")
