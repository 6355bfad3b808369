"""Azure's templates and exports become the subjects that Pulumi's would be; what is an expression or was left out is unknown, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.application import app
from policies.catalogue import all_controls
from policies.errors import PoliciesError
from policies.evaluate import evaluate
from policies.model import SECRET, UNKNOWN, Answer, Portfolio, Subject, Verdict
from policies.places import at
from policies.read.recognise import Reading, read_file
from tests.policies.conftest import ON

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
STORAGE = "Microsoft.Storage/storageAccounts"
VAULT = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"
SAFE = {
    "allowBlobPublicAccess": False,
    "publicNetworkAccess": "Disabled",
    "minimumTlsVersion": "TLS1_2",
    "allowSharedKeyAccess": False,
    "supportsHttpsTrafficOnly": True,
    "networkAcls": {"defaultAction": "Deny"},
}


def account(name: str = "sa", **more: Any) -> dict[str, Any]:
    return {"type": STORAGE, "apiVersion": "2024-01-01", "name": name, "location": "uksouth", "properties": SAFE, **more}


def read(folder: Path, held: object) -> Reading:
    file = folder / "any.json"
    file.write_text(json.dumps(held), "utf-8")
    return read_file(file, "main.json")


def template(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": list(resources), **more}


def of(folder: Path, *resources: dict[str, Any], **more: Any) -> tuple[Subject, ...]:
    return read(folder, template(*resources, **more)).subjects


def answer(control: str, *subjects: Subject) -> Answer:
    held = [c for c in all_controls() if c.id == control]
    return evaluate(Portfolio(subjects, ON), held)[0].answer


def check(folder: Path, held: object) -> Result:
    (folder / "main.json").write_text(json.dumps(held), "utf-8")
    return CliRunner().invoke(app, ["check", str(folder / "main.json"), "-w", str(folder / "none")])


def test_a_resource_has_azure_natives_inputs(tmp_path: Path) -> None:
    (subject,) = of(tmp_path, account(tags={"properties": "a tag"}, sku={"name": "Standard_LRS"}))
    assert (subject.type, subject.name, subject.file) == ("azure-native:storage:StorageAccount", "sa", "main.json")
    assert subject.inputs == {
        "accountName": "sa",
        "location": "uksouth",
        "tags": {"properties": "a tag"},
        "sku": {"name": "Standard_LRS"},
        "allowBlobPublicAccess": False,
        "publicNetworkAccess": "Disabled",
        "minimumTlsVersion": "TLS1_2",
        "allowSharedKeyAccess": False,
        "enableHttpsTrafficOnly": True,
        "networkRuleSet": {"defaultAction": "Deny"},
    }


def test_types_that_keep_their_properties_do(tmp_path: Path) -> None:
    (vault,) = of(tmp_path, {"type": "Microsoft.KeyVault/vaults", "name": "kv", "properties": {"enablePurgeProtection": True}})
    assert vault.inputs == {"vaultName": "kv", "properties": {"enablePurgeProtection": True}}


def test_properties_are_one_level_up_at_every_depth_but_not_in_a_policy(tmp_path: Path) -> None:
    subnet = {"name": "web", "properties": {"networkSecurityGroup": {"id": "/nsg"}}}
    rule = {"then": {"details": {"deployment": {"properties": {"mode": "incremental"}}}}}
    network, policy = of(
        tmp_path,
        {"type": "Microsoft.Network/virtualNetworks", "name": "n", "properties": {"subnets": [subnet]}},
        {"type": "Microsoft.Authorization/policyDefinitions", "name": "p", "properties": {"policyRule": rule}},
    )
    assert network.inputs["subnets"] == [{"name": "web", "networkSecurityGroup": {"id": "/nsg"}}]
    assert policy.inputs["policyRule"] == rule


def test_expressions_are_unknown_with_what_they_are_as_the_reason(tmp_path: Path) -> None:
    (subject,) = of(
        tmp_path, account(properties={**SAFE, "networkAcls": "[parameters('acls')]", "minimumTlsVersion": "[concat('a', 'p4ss')]"})
    )
    assert subject.inputs["networkRuleSet"] is UNKNOWN
    told = answer("storage-requires-tls-1-2", subject)
    assert (told.verdict, told.path) == (Verdict.UNKNOWN, "minimumTlsVersion")
    assert told.reason.endswith("In minimumTlsVersion: the template has the expression [concat(…)] there.")
    assert subject.unknown_because["networkRuleSet"] == "the template has the expression [parameters('acls')] there"


def test_plain_variables_secure_parameters_escapes_and_roles_are_known(tmp_path: Path) -> None:
    inner = {
        "v": "[variables('Plain')]",
        "w": "[variables('made')]",
        "s": "[parameters('pass')]",
        "e": "[[kept]",
        "b": "[open",
        "r": "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'guid')]",
    }
    (subject,) = of(
        tmp_path,
        account(properties=inner),
        variables={"plain": {"a": [1]}, "made": "[concat('x')]"},
        parameters={"pass": {"type": "secureString"}},
    )
    got = subject.inputs
    assert (got["v"], got["w"], got["s"], got["e"], got["b"]) == ({"a": [1]}, UNKNOWN, SECRET, "[kept]", "[open")
    assert got["s"] is SECRET
    assert got["r"] == "/providers/Microsoft.Authorization/roleDefinitions/guid"


def test_loops_are_laid_out_where_their_count_is_a_number(tmp_path: Path) -> None:
    name = "[format('sa{0}', copyIndex())]"
    subjects = of(tmp_path, account(name, copy={"name": "l", "count": 3}), account("x", copy={"name": "m", "count": "[parameters('n')]"}))
    assert [s.name for s in subjects] == [f"{name} (1)", f"{name} (2)", f"{name} (3)", "x"]
    assert len({s.id for s in subjects}) == 4
    assert subjects[0].inputs["accountName"] is UNKNOWN
    assert of(tmp_path, account(copy={"name": "l", "count": 0})) == ()


def test_loops_over_a_property_too(tmp_path: Path) -> None:
    loops = [{"name": "subnets", "count": 2, "input": {"properties": {"a": 1}}}, {"name": "other", "count": "[length(x)]", "input": 1}]
    (network,) = of(tmp_path, {"type": "Microsoft.Network/virtualNetworks", "name": "n", "properties": {"copy": loops, "z": 1}})
    assert network.inputs == {"virtualNetworkName": "n", "subnets": [{"a": 1}, {"a": 1}], "other": UNKNOWN, "z": 1}
    assert "loop whose count is an expression" in network.unknown_because["other"]


def test_children_take_the_type_and_the_name_of_what_they_are_in(tmp_path: Path) -> None:
    container = {"type": "blobServices/containers", "name": "default/c", "properties": {"publicAccess": "None"}}
    inside, beside = of(
        tmp_path, account(resources=[container]), {**container, "type": f"{STORAGE}/blobServices/containers", "name": "sa/default/d"}
    )[1:]
    names = sorted((s.type, s.inputs["accountName"], s.inputs["containerName"]) for s in (inside, beside))
    assert names == [("azure-native:storage:BlobContainer", "sa", "c"), ("azure-native:storage:BlobContainer", "sa", "d")]


def test_nested_templates_are_part_of_the_whole_and_linked_ones_are_said_to_be_unread(tmp_path: Path) -> None:
    nested = {"type": "Microsoft.Resources/deployments", "name": "n", "properties": {"template": template(account("inner"))}}
    linked = {"type": "Microsoft.Resources/deployments", "name": "l", "properties": {"templateLink": {"uri": "https://x"}}}
    got = read(tmp_path, template(account("outer"), nested, linked))
    assert sorted(s.name for s in got.subjects) == ["inner", "outer"]
    assert got.unread == ("main.json: the template that the deployment l links to was not read. Judge it by itself.",)
    done = check(tmp_path, template(account(), linked))
    assert (done.exit_code, "links to was not read" in done.output) == (3, True)


def test_conditions_existing_resources_and_symbolic_names(tmp_path: Path) -> None:
    rows = {"a": account("a", condition="[parameters('x')]"), "b": account("b", condition=False), "c": {**account("c"), "existing": True}}
    assert [s.name for s in read(tmp_path, {**template(), "resources": rows}).subjects] == ["a"]


def test_an_extension_is_about_what_a_literal_id_names(tmp_path: Path) -> None:
    setting = {
        "type": "Microsoft.Insights/diagnosticSettings",
        "name": "d",
        "scope": "[resourceId('Microsoft.KeyVault/vaults', 'kv')]",
        "dependsOn": ["[resourceId('Microsoft.KeyVault/vaults', 'kv')]", "elsewhere"],
        "properties": {"workspaceId": "/w", "logs": [{"categoryGroup": "allLogs"}]},
    }
    bare: dict[str, Any] = {"type": "Microsoft.KeyVault/vaults", "name": "kv", "properties": {}}
    vault, told = of(tmp_path, bare, setting)
    assert (told.waits_on, told.depends_on) == ({"resourceUri": (vault.id,)}, (vault.id,))
    assert answer("resources-send-their-logs", vault, told).verdict is Verdict.PASS
    vault, told = of(
        tmp_path, {"type": "Microsoft.KeyVault/vaults", "name": "kv", "properties": {}}, {**setting, "scope": "[parameters('id')]"}
    )
    assert answer("resources-send-their-logs", vault, told).verdict is Verdict.UNKNOWN


def test_the_same_verdicts_as_of_the_pulumi_program(tmp_path: Path) -> None:
    """Open, closed, unknown: each in the form of a template, and through the command."""
    assert check(tmp_path, template(account())).exit_code == 0
    assert check(tmp_path, template(account(properties={**SAFE, "allowBlobPublicAccess": True}))).exit_code == 1
    assert check(tmp_path, template(account(properties={**SAFE, "publicNetworkAccess": "[parameters('p')]"}))).exit_code == 3


def test_a_type_that_azure_native_has_not_is_not_judged(tmp_path: Path) -> None:
    done = check(tmp_path, template(account(), {"type": "Microsoft.Unheard/things", "name": "t", "properties": {}}))
    assert done.exit_code == 3
    assert "1 resource of the package arm (arm:Microsoft.Unheard/things) not judged" in done.output


EXPORTED = {
    "id": VAULT,
    "name": "kv",
    "type": "Microsoft.KeyVault/vaults",
    "location": "uksouth",
    "resourceGroup": "rg",
    "properties": {"enablePurgeProtection": True},
}


@pytest.mark.parametrize("shape", [[EXPORTED], {"value": [EXPORTED]}, {"data": [EXPORTED], "count": 1}, EXPORTED])
def test_exports_of_every_shape_are_read(tmp_path: Path, shape: object) -> None:
    (vault,) = read(tmp_path, shape).subjects
    assert (vault.id, vault.resource_id, vault.name, vault.type) == (VAULT, VAULT, "kv", "azure-native:keyvault:Vault")
    assert vault.inputs == {
        "vaultName": "kv",
        "resourceGroupName": "rg",
        "location": "uksouth",
        "properties": {"enablePurgeProtection": True},
    }


def test_an_exported_extension_is_about_the_resource_in_its_id(tmp_path: Path) -> None:
    setting = {
        "id": f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/d",
        "name": "d",
        "type": "Microsoft.Insights/diagnosticSettings",
        "properties": {"workspaceId": "/w", "logs": [{"categoryGroup": "allLogs"}]},
    }
    vault, told = read(tmp_path, [EXPORTED, setting]).subjects
    assert (told.inputs["resourceUri"], told.inputs["name"]) == (VAULT, "d")
    assert answer("resources-send-their-logs", vault, told).verdict is Verdict.PASS


@pytest.mark.parametrize("left", [{}, {"properties": None}])
def test_what_an_export_leaves_out_is_unknown_and_never_a_default(tmp_path: Path, left: dict[str, Any]) -> None:
    row = {"id": VAULT.replace("KeyVault/vaults", "Storage/storageAccounts"), "name": "kv", "type": STORAGE, "location": "uksouth", **left}
    (subject,) = read(tmp_path, [row]).subjects
    assert (subject.inputs["location"], at(subject).text("location")) == ("uksouth", "uksouth")
    told = answer("storage-requires-https", subject)
    assert told.verdict is Verdict.UNKNOWN
    assert "the export leaves the properties out" in told.reason
    (vault,) = read(tmp_path, [{k: v for k, v in EXPORTED.items() if k != "properties"} | left]).subjects
    assert "the export leaves the properties out" in answer("key-vault-denies-purge", vault).reason


def test_one_id_with_two_bodies_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PoliciesError, match="two different bodies"):
        read(tmp_path, [EXPORTED, {**EXPORTED, "id": VAULT.upper().replace("/SUB", "/sub"), "location": "ukwest"}])
    assert len(read(tmp_path, [EXPORTED, EXPORTED]).subjects) == 1


@pytest.mark.parametrize("resources", [None, "many", [1], {"a": 1}])
def test_a_template_without_resources_is_a_plain_fault(tmp_path: Path, resources: object) -> None:
    with pytest.raises(PoliciesError, match=r"main\.json: is a template without a list of resources"):
        read(tmp_path, {**template(), "resources": resources})


def test_a_template_within_itself_for_ever_ends(tmp_path: Path) -> None:
    held: dict[str, Any] = template(account())
    for _ in range(15):
        held = template({"type": "Microsoft.Resources/deployments", "name": "n", "properties": {"template": held}})
    assert len(read(tmp_path, held).unread) == 1


JUNK: list[Any] = [None, True, 7, "x", "[x]", [], {}, [[]], {"[x]": 1}]


@pytest.mark.parametrize("key", ["type", "name", "properties", "copy", "condition", "dependsOn", "scope", "resources", "tags", "location"])
def test_whatever_stands_in_a_resource_is_read_or_a_plain_fault(tmp_path: Path, key: str) -> None:
    for junk in JUNK:
        for held in (template(account(**{key: junk})), [{**EXPORTED, key: junk}]):
            try:
                got = read(tmp_path, held).subjects
            except PoliciesError as wrong:
                assert all(f.startswith("main.json") for f in wrong.faults)  # noqa: PT017 - either way is right
            else:
                judged = evaluate(Portfolio(got, ON), all_controls())
                assert [j.answer.reason for j in judged if "failed (" in j.answer.reason] == []


CAPITALS = {
    "AllowBlobPublicAccess": True,
    "PublicNetworkAccess": "Disabled",
    "MinimumTlsVersion": "TLS1_2",
    "SupportsHttpsTrafficOnly": False,
}


@pytest.mark.parametrize("control", ["storage-denies-public-access", "storage-requires-https"])
def test_a_field_counts_however_its_letters_are_written(tmp_path: Path, control: str) -> None:
    (subject,) = of(tmp_path, account(properties=CAPITALS))
    assert answer(control, subject).verdict is Verdict.FAIL


def test_so_does_one_deep_inside_and_those_around_it(tmp_path: Path) -> None:
    rule = {"Access": "Allow", "Direction": "Inbound", "SourceAddressPrefix": "*", "DestinationPortRange": "22", "protocol": "*"}
    group = {
        "Type": "Microsoft.Network/networkSecurityGroups",
        "Name": "g",
        "Location": "uksouth",
        "Properties": {"SecurityRules": [{"Name": "a", "Properties": rule}]},
    }
    reading = read(tmp_path, {"$schema": SCHEMA, "Resources": [{"Type": "Microsoft.Resources/deployments", "Name": "d", **inside(group)}]})
    assert answer("network-rules-deny-management-from-internet", *reading.subjects).verdict is Verdict.FAIL


def inside(resource: dict[str, Any]) -> dict[str, Any]:
    return {"Properties": {"Template": {"$schema": SCHEMA, "Resources": [resource]}}}


def test_a_field_that_is_written_twice_is_not_known(tmp_path: Path) -> None:
    (subject,) = of(tmp_path, account(properties={**SAFE, "AllowBlobPublicAccess": True}))
    assert answer("storage-denies-public-access", subject).verdict is Verdict.UNKNOWN


def test_an_export_is_read_so_too(tmp_path: Path) -> None:
    row = {"ID": VAULT, "Type": "Microsoft.KeyVault/vaults", "Name": "kv", "Properties": {"PublicNetworkAccess": "Enabled"}}
    (subject,) = read(tmp_path, [row]).subjects
    assert at(subject).text("properties.publicNetworkAccess") == "Enabled"
