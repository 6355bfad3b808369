"""The platform landing zone, rehearsed: its shape, its security, and what a change changes."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from rehearsal import ProgramError, rehearse
from tests.stacks.rehearsed import ROOT, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
BUILT_IN = Path(__file__).parents[2] / "../shared/data/azure-policy/built-in-policies"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


def _config(key: str) -> Any:
    return yaml.safe_load((ROOT / "Pulumi.landing-zone.yaml").read_text("utf-8"))["config"][f"cloud-unless:{key}"]


def test_it_has_every_part_once(platform: Rehearsed) -> None:
    kinds = Counter(s["type"].removeprefix("azure-native:") for s in platform.states)
    assert kinds["management:ManagementGroup"] == 11
    assert kinds["management:ManagementGroupSubscription"] == 6
    assert kinds["authorization:PolicyAssignment"] == 25
    assert kinds["authorization:RoleAssignment"] == 7
    assert kinds["privatedns:PrivateZone"] == kinds["privatedns:VirtualNetworkLink"] == 34
    for once in ("network:VirtualNetwork", "network:AzureFirewall", "network:FirewallPolicy", "operationalinsights:Workspace", "keyvault:Vault", "consumption:Budget"):  # fmt: skip # noqa: E501
        assert kinds[once] == 1, once


def test_every_resource_has_a_parent_and_only_components_stand_at_the_top(platform: Rehearsed) -> None:
    root = next(s["urn"] for s in platform.states if s["type"] == "pulumi:pulumi:Stack")
    orphans = [s["urn"] for s in platform.states if not s.get("parent") and s["urn"] != root]
    at_the_top = [s["type"] for s in platform.states if s.get("parent") == root]
    assert orphans == []
    assert at_the_top == ["cloud-unless:landing-zone:LandingZone"]


def test_management_groups_hang_together_as_azure_landing_zones_do(platform: Rehearsed) -> None:
    groups = platform.inputs("azure-native:management:ManagementGroup")
    parents = {g["groupId"]: g["details"]["parent"]["id"].rsplit("/", 1)[-1] for g in groups}
    under = {
        "exb": ("platform", "landingzones", "sandbox", "decommissioned"),
        "exb-platform": ("management", "connectivity", "identity", "security"),
        "exb-landingzones": ("corp", "online"),
    }
    assert parents == {"exb": _config("tenant"), **{f"exb-{child}": parent for parent, held in under.items() for child in held}}


def test_each_subscription_is_placed_by_a_provider_of_its_own(platform: Rehearsed) -> None:
    providers = {s["urn"] + "::" + str(s["id"]): s["inputs"] for s in platform.of("pulumi:providers:azure-native")}
    placed = {s["inputs"]["groupId"]: providers[s["provider"]]["subscriptionId"] for s in platform.of("azure-native:management:ManagementGroupSubscription")}  # fmt: skip # noqa: E501
    held = _config("subscriptions")
    assert placed == {
        **{f"exb-{job}": held[job] for job in ("management", "connectivity", "identity", "security")},
        "exb-corp": held["corp"][0], "exb-online": held["online"][0],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "definition"),
    [
        ("uk-official-nhs", "3937f550-eedd-4639-9c5e-294358be442e"),
        ("ncsc-caf-v3-2", "6d220abf-cf6f-4b17-8f7e-0644c4cc84b4"),
        ("cyber-essentials-v3-1", "b2f588d7-1ed5-47c7-977d-b93dff520c4c"),
        ("cloud-security-benchmark", "1f3afdf9-d0c9-4c3d-847f-89da613e70a8"),
        ("allowed-locations", "e56962a6-4747-49cd-b67b-bf8b01975c4c"),
        ("allowed-locations-groups", "e765b5de-1225-4ba3-bd56-1ac6695af988"),
    ],
)
def test_the_uk_assignments_stand_at_the_councils_own_group(platform: Rehearsed, name: str, definition: str) -> None:
    held = [a for a in platform.inputs("azure-native:authorization:PolicyAssignment") if a["policyAssignmentName"] == name]
    assert [a["scope"] for a in held] == ["/providers/Microsoft.Management/managementGroups/exb"]
    assert held[0]["policyDefinitionId"].endswith(definition)


def test_only_the_united_kingdom_is_allowed(platform: Rehearsed) -> None:
    for a in platform.inputs("azure-native:authorization:PolicyAssignment"):
        if a["policyAssignmentName"].startswith("allowed-locations"):
            assert a["parameters"] == {"listOfAllowedLocations": {"value": ["uksouth", "ukwest"]}}


def test_an_identity_has_the_roles_its_definition_names_and_no_other(platform: Rehearsed) -> None:
    with_identity = [a for a in platform.of("azure-native:authorization:PolicyAssignment") if "identity" in a["inputs"]]
    at_groups = "/providers/Microsoft.Management/managementGroups/"
    granted = [g for g in platform.inputs("azure-native:authorization:RoleAssignment") if g["scope"].startswith(at_groups)]
    assert len(granted) == len(with_identity)
    assert {g["roleDefinitionId"].rsplit("/", 1)[-1] for g in granted} == {CONTRIBUTOR}
    assert {g["principalId"] for g in granted} == {a["outputs"]["identity"]["principalId"] for a in with_identity}
    assert {g["principalType"] for g in granted} == {"ServicePrincipal"}
    assert all(a["inputs"].get("location") == "uksouth" for a in with_identity)


def test_what_we_assign_is_what_azure_defines(platform: Rehearsed) -> None:
    if not BUILT_IN.is_dir():
        pytest.skip("../shared/data/azure-policy is not here: Azure's definitions cannot be compared with")
    known = _definitions()
    unknown: set[str] = set()
    for a in platform.inputs("azure-native:authorization:PolicyAssignment"):
        definition = known.get(a["policyDefinitionId"].rsplit("/", 1)[-1])
        if definition is None:
            unknown.add(a["policyDefinitionId"].rsplit("/", 1)[-1])
            continue
        parameters = cast("dict[str, dict[str, Any]]", definition["properties"].get("parameters", {}))
        given = a.get("parameters", {})
        assert set(given) <= set(parameters), a["policyAssignmentName"]
        assert {p for p, d in parameters.items() if "defaultValue" not in d} <= set(given), a["policyAssignmentName"]
        for name, value in given.items():
            assert value["value"] in parameters[name].get("allowedValues", [value["value"]])
        assert _changes_things(definition, known) == ("identity" in a), a["policyAssignmentName"]
    # The two tag policies are not among the definitions at hand.
    assert unknown == {"96670d01-0a4d-4649-9c89-2d3abc0a5025", "ea3f2387-9b95-492a-a190-fcdc54f7b070"}


def _definitions() -> dict[str, dict[str, Any]]:
    files = BUILT_IN.rglob("*.json")
    held = [json.loads(f.read_text("utf-8-sig")) for f in files]
    return {d["name"]: d for d in held}


def _changes_things(definition: dict[str, Any], known: dict[str, dict[str, Any]]) -> bool:
    """Whether the definition, or a member of the set with the effect that it gives it, modifies or deploys."""
    held = definition["properties"]
    if "policyDefinitions" not in held:
        return _effect(held, {}, {}).lower() in ("modify", "deployifnotexists")
    members = (
        (known[m["policyDefinitionId"].rsplit("/", 1)[-1]]["properties"], m.get("parameters", {})) for m in held["policyDefinitions"]
    )
    return any(_effect(m, given, held.get("parameters", {})).lower() in ("modify", "deployifnotexists") for m, given in members)


def _effect(policy: dict[str, Any], given: dict[str, Any], of_set: dict[str, Any]) -> str:
    effect = str(policy["policyRule"]["then"]["effect"])
    if not effect.startswith("[parameters("):
        return effect
    name = effect.split("'")[1]
    value = given.get(name, {}).get("value", policy["parameters"][name].get("defaultValue"))
    if isinstance(value, str) and value.startswith("[parameters("):
        value = of_set[value.split("'")[1]].get("defaultValue")
    return str(value)


def test_only_the_firewall_and_bastion_have_public_addresses(platform: Rehearsed) -> None:
    names = sorted(a["publicIpAddressName"] for a in platform.inputs("azure-native:network:PublicIPAddress"))
    assert names == ["pip-exb-bastion-uks", "pip-exb-firewall-uks"]


def test_the_vault_is_private_and_cannot_be_purged(platform: Rehearsed) -> None:
    held = platform.inputs("azure-native:keyvault:Vault")[0]["properties"]
    assert held["enableRbacAuthorization"] is held["enablePurgeProtection"] is held["enableSoftDelete"] is True
    assert held["publicNetworkAccess"] == "Disabled"
    assert held["networkAcls"]["defaultAction"] == "Deny"
    endpoint = platform.inputs("azure-native:network:PrivateEndpoint")[0]
    assert endpoint["privateLinkServiceConnections"][0]["groupIds"] == ["vault"]
    assert endpoint["subnet"]["id"].endswith("/subnets/private-endpoints")


def test_what_must_not_vanish_is_protected(platform: Rehearsed) -> None:
    kinds = {"management:ManagementGroup", "network:VirtualNetwork", "operationalinsights:Workspace", "keyvault:Vault"}
    held = [s for s in platform.states if s["type"].removeprefix("azure-native:") in kinds]
    assert len(held) == 14
    assert all(s.get("protect") for s in held)


def test_everything_that_can_carry_tags_says_whose_it_is(platform: Rehearsed) -> None:
    tagged = [s["inputs"] for s in platform.states if "tags" in s.get("inputs", {})]
    assert len(tagged) > 70
    for inputs in tagged:
        assert {"owner", "service", "cost-centre", "classification", "environment"} <= set(inputs["tags"])


def test_logs_go_to_the_workspace(platform: Rehearsed) -> None:
    workspace = platform.of("azure-native:operationalinsights:Workspace")[0]
    settings = platform.inputs("azure-native:monitor:DiagnosticSetting")
    assert {s["workspaceId"] for s in settings} == {workspace["id"]}
    assert workspace["inputs"]["features"]["disableLocalAuth"] is True
    assert len(settings) == 5


def test_other_stacks_find_what_they_need(platform: Rehearsed) -> None:
    outputs = platform.outputs
    assert outputs["hub_network_id"].startswith("/subscriptions/")
    assert len(outputs["private_dns_zone_ids"]) == 34
    assert outputs["firewall_private_ip"]
    assert set(outputs["management_group_ids"]) >= {"council", "corp", "online"}


def test_a_second_rehearsal_changes_nothing(platform: Rehearsed) -> None:
    again = rehearse(ROOT, "landing-zone", platform.state)
    assert {s.op for s in again.steps} == {"same"}


def test_one_setting_changes_one_resource(platform: Rehearsed) -> None:
    changed = [s for s in platform.again({"logs": '{"retention_days": 365}'}).steps if s.op != "same"]
    assert [(s.op, s.urn.rsplit("::", 1)[-1]) for s in changed] == [("update", "log-workspace")]


def test_an_assignment_can_report_before_it_refuses(platform: Rehearsed) -> None:
    changed = [s for s in platform.again({"watch_only": '["allowed-locations"]'}).steps if s.op != "same"]
    assert [s.urn.rsplit("::", 1)[-1] for s in changed] == ["exb-allowed-locations"]
    assert changed[0].new is not None
    assert changed[0].new["inputs"]["enforcementMode"] == "DoNotEnforce"


def test_a_small_council_has_one_platform_subscription(tmp_path: Path) -> None:
    held = {"tier": "small", "subscriptions": json.dumps({"platform": "7e0c3a52-0000-4000-8000-000000000031"})}
    preview = rehearse(ROOT, "landing-zone", tmp_path / "small.json", config=held)
    providers = [s for s in preview.steps if s.new and s.new["type"] == "pulumi:providers:azure-native"]
    assert {s.new["inputs"]["subscriptionId"] for s in providers if s.new} == {"7e0c3a52-0000-4000-8000-000000000031"}
    assert len(providers) == 3


def test_a_misspelt_setting_stops_everything_before_the_first_resource(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with pytest.raises(ProgramError) as wrong:
        rehearse(ROOT, "landing-zone", state, config={"budgett": "{}", "logs": '{"retention_dayz": 30}'})
    said = " ".join(wrong.value.faults)
    assert "Pulumi.landing-zone.yaml, key cloud-unless:budgett: no setting has this name; did you mean budget?" in said
    assert "Pulumi.landing-zone.yaml, key cloud-unless:logs.retention_dayz: no setting has this name; did you mean retention_days?" in said
    assert "Traceback" not in said
    assert not state.exists()
    assert [s.urn for s in wrong.value.preview.steps if "azure-native" in s.urn] == []
