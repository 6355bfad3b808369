"""`unless check` with Azure's own policy definitions: what it refuses, and what is said where they are not at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.application import app
from policies.azure_policy.built_ins import find_built_ins
from policies.errors import PoliciesError

CASES = Path(__file__).parents[1] / "cases" / "azure-policy"
CLOSED = "34c877ad-507e-4c82-993e-3452a6e0ad3c"
GROUP = "/providers/Microsoft.Management/managementGroups/corp"
SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000021"
SAFE = {
    "accountName": "stexample01",
    "resourceGroupName": "rg-app",
    "location": "uksouth",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
    "allowBlobPublicAccess": False,
    "minimumTlsVersion": "TLS1_2",
}
DEFINITION = {
    "name": CLOSED,
    "properties": {
        "displayName": "Networks are closed",
        "mode": "Indexed",
        "version": "1.1.1",
        "parameters": {"effect": {"type": "String", "defaultValue": "Audit"}},
        "policyRule": {
            "if": {
                "allOf": [
                    {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
                    {"field": "Microsoft.Storage/storageAccounts/networkAcls.defaultAction", "notEquals": "Deny"},
                ]
            },
            "then": {"effect": "[parameters('effect')]"},
        },
    },
}


def library(folder: Path, text: str = "") -> Path:
    """A folder of public data: the types of the cases, and one definition of Azure's own."""
    place = folder / "azure-policy" / "built-in-policies" / "policyDefinitions" / "Storage"
    place.mkdir(parents=True)
    (place / "closed.json").write_text(text or json.dumps(DEFINITION), "utf-8")
    types = folder / "bicep-types"
    types.mkdir()
    for file in (CASES / "types").glob("*.json"):
        (types / file.name).write_bytes(file.read_bytes())
    return folder


def state(type_: str, name: str, own: str, **inputs: Any) -> dict[str, Any]:
    token = f"azure-native:{type_}"
    return {"urn": f"urn:pulumi:t::t::{token}::{name}", "type": token, "id": own, "inputs": inputs, "sourcePosition": "project:///s.py#7,1"}


def preview(folder: Path, effect: str = "Deny", **inputs: Any) -> Path:
    given = {
        "policyAssignmentName": "closed",
        "policyDefinitionId": f"/providers/Microsoft.Authorization/policyDefinitions/{CLOSED}",
        "parameters": {"effect": {"value": effect}},
    }
    account = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Storage/storageAccounts/stexample01"
    states = [
        state("management:ManagementGroupSubscription", "place", GROUP + SUBSCRIPTION, groupId="corp"),
        state("authorization:PolicyAssignment", "closed", f"{GROUP}/providers/Microsoft.Authorization/policyAssignments/closed", **given),
        state("storage:StorageAccount", "store", account, **{**SAFE, **inputs}),
    ]
    steps = [{"op": "create", "urn": s["urn"], "newState": s} for s in states]
    file = folder / "preview.json"
    file.write_text(json.dumps({"steps": steps, "changeSummary": {"create": len(steps)}}), "utf-8")
    return file


def check(*words: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, words)])


def findings(folder: Path, *words: object) -> list[dict[str, Any]]:
    done = check(*words, "--json", "--library", library(folder / "library"), "-w", folder / "none")
    return [j for j in json.loads(done.stdout)["judgements"] if j["control"].startswith("azure-policy-")]


def test_an_assignment_that_would_refuse_is_found_with_its_place_and_reason(tmp_path: Path) -> None:
    done = check(preview(tmp_path), "--library", library(tmp_path / "library"), "-w", tmp_path / "none")
    assert done.exit_code == 1
    assert (
        "FAIL  store (azure-native:storage:StorageAccount) s.py:7: Azure would refuse it, because networkAcls.defaultAction is not set"
        in done.output
    )
    assert '("Networks are closed", assignment closed at management group corp)' in done.output
    assert "Azure's policies (built-in-policies): 1 resource judged by 1 rule of 1 assignment" in done.output


def test_what_is_closed_passes(tmp_path: Path) -> None:
    found = findings(tmp_path, preview(tmp_path, networkRuleSet={"defaultAction": "Deny"}))
    assert [(j["verdict"], j["blocks"]) for j in found] == [("pass", False)]


def test_an_audit_is_advice(tmp_path: Path) -> None:
    found = findings(tmp_path, preview(tmp_path, effect="Audit"))
    assert [(j["control"], j["verdict"], j["blocks"]) for j in found if j["verdict"] != "pass"] == [
        ("azure-policy-reports-nothing", "fail", False)
    ]


def test_an_exception_waives_it(tmp_path: Path) -> None:
    register = tmp_path / "register.toml"
    register.write_text(
        """format = "cloud-unless/exceptions/1"
[[exception]]
id = "EX-1"
controls = ["azure-policy-refuses-nothing"]
subjects = ["store"]
requester = "A"
approver = "B"
approved_on = 2026-11-01
expires_on = 2026-12-31
""",
        "utf-8",
    )
    found = findings(tmp_path, preview(tmp_path), "--exceptions", register, "--on", "2026-11-25")
    assert [(j["verdict"], j["waived_by"], j["blocks"]) for j in found] == [("fail", "EX-1", False)]


def test_without_definitions_it_is_said_that_nothing_is_judged_by_them(tmp_path: Path) -> None:
    place = library(tmp_path / "library")
    (place / "azure-policy").rename(place / "elsewhere")
    done = check(preview(tmp_path), "--library", place, "-w", tmp_path / "none")
    assert "Azure's policy definitions are not at hand" in done.output
    assert "azure-policy-refuses-nothing" not in done.output


@pytest.mark.parametrize("text", [f'{{"name": "{CLOSED}", ', f'["name", {{"name": "{CLOSED}"}}]'])
def test_a_definition_that_is_broken_is_a_fault(tmp_path: Path, text: str) -> None:
    done = check(preview(tmp_path), "--library", library(tmp_path / "library", text), "-w", tmp_path / "none")
    assert done.exit_code == 3
    assert "closed.json" in done.output
    assert "unless library sync azure-policy" in done.output


def test_a_definition_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    place = library(tmp_path / "library")
    (place / "azure-policy/built-in-policies/policyDefinitions/Storage/folder.json").mkdir()
    with pytest.raises(PoliciesError, match=r"folder\.json: cannot be read"):
        find_built_ins(place)
