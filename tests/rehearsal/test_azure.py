"""The pretend Azure: ids in Azure's form, what cannot be changed, the same answer always."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rehearsal import azure
from rehearsal.sdk import shape_of
from rehearsal.values import UNKNOWN

CASES = sorted((Path(__file__).parents[1] / "cases" / "azure-ids").glob("*.toml"))
DATA = Path(__file__).parents[2] / "../shared/data"
CONFIG = {"subscriptionId": "SUB", "location": "uksouth"}
URN = "urn:pulumi:dev::case::azure-native:x:Y::case"


@pytest.mark.parametrize("file", CASES, ids=lambda f: f.stem)
def test_a_resource_is_as_azure_would_have_it(file: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    made = azure.make(case["type"], URN, case["inputs"], CONFIG)
    assert re.fullmatch(case.get("id_pattern") or re.escape(case["id"]), made.id)
    assert made.outputs["type"] == case["arm_type"]
    assert set(case["immutable"]) <= set(azure.immutable(case["type"]))
    for path in case.get("outputs", ()):
        assert _at(made.outputs, path), path
    assert azure.make(case["type"], URN, case["inputs"], CONFIG) == made


@pytest.mark.parametrize("file", CASES, ids=lambda f: f.stem)
def test_an_id_is_unknown_while_a_part_of_it_is(file: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    part = next(p for p in azure.path_inputs(case["type"]) if p in case["inputs"])
    made = azure.make(case["type"], URN, {**case["inputs"], part: UNKNOWN}, CONFIG)
    assert made.id == UNKNOWN


def test_two_resources_have_two_identities() -> None:
    inputs = {"resourceGroupName": "rg", "identity": {"type": "SystemAssigned"}}
    one, two = (azure.make("azure-native:compute:VirtualMachine", URN, {**inputs, "vmName": n}, CONFIG) for n in ("a", "b"))
    assert one.outputs["identity"]["principalId"] != two.outputs["identity"]["principalId"]


def test_the_types_of_ids_are_types_that_azure_has() -> None:
    index, versions = DATA / "bicep-types" / "index.json", DATA / "azure-native-api-versions.json"
    if not index.is_file() or not versions.is_file():
        pytest.skip("the index of Azure's types is not here: ../shared/data/bicep-types")
    held = json.loads(index.read_text("utf-8"))
    known = {t.split("@")[0].lower() for t in held.get("resources", held)}
    written = {**azure.facts()["ids"], **tomllib.loads(Path(azure.__file__).with_name("azure_ids.toml").read_text("utf-8"))["ids"]}
    wrong = [k for k in written if azure.arm_type(azure.template_of(k, None)).lower() not in known and k not in _NOT_IN_THE_INDEX]
    assert wrong == []


# Types that the REST API has and the index of Azure/bicep-types-az leaves out, or whose id names one of several types.
_NOT_IN_THE_INDEX = {
    "aadiam:DiagnosticSetting",
    "privatedns:PrivateRecordSet",
    "network:PrivateRecordSet",
    "resources:ResourceGroup",
}


def test_every_form_names_inputs_that_the_type_has() -> None:
    ids = tomllib.loads(Path(azure.__file__).with_name("azure_ids.toml").read_text("utf-8"))["ids"]
    sample = sorted(ids)[::7]
    for short in sample:
        shape = shape_of(f"azure-native:{short}")
        assert shape, short
        assert set(re.findall(r"\{(\w+)\}", ids[short])) <= {*shape.inputs, "subscriptionId"}, short


def _at(value: Any, path: str) -> Any:
    found: Any = value
    for part in path.split("."):
        found = found[int(part) if part.isdigit() else part]
    return found
