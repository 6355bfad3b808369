"""The landing zone on the Azure Landing Zones library: what is made, in which order, and what a change changes."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from rehearsal import rehearse
from stacks.bootstrap.deployer import covers
from tests.stacks.rehearsed import DATA, ROOT, Rehearsed, library_config

pytestmark = pytest.mark.xdist_group("stacks")
GROUPS = "/providers/Microsoft.Management/managementGroups/"


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    if not (ROOT / DATA / "azure-landing-zones-library").is_dir():
        pytest.skip("../shared/data/azure-landing-zones-library is not here: the landing zone cannot be built from it")
    # An Azure of its own: the council's tree stands in the one that other tests share.
    state = tmp_path_factory.mktemp("library") / "library.json"
    return Rehearsed(rehearse(ROOT, "landing-zone", state, config=library_config()), state)


def _type(name: str) -> str:
    return f"azure-native:authorization:{name}"


def test_it_has_what_the_library_says_and_the_united_kingdoms_part(zone: Rehearsed) -> None:
    kinds = Counter(s["type"].rsplit(":", 1)[-1] for s in zone.states)
    assert kinds["ManagementGroup"] == 12
    assert kinds["PolicyDefinitionAtManagementGroup"] == 149
    assert kinds["PolicySetDefinitionAtManagementGroup"] == 42
    assert kinds["RoleDefinition"] == 5
    # 123 of the library's less two of the one that is left out (connectivity, landingzones), and fifteen of the United Kingdom's.
    assert kinds["PolicyAssignment"] == 136
    at_groups = [g for g in zone.inputs(_type("RoleAssignment")) if g["scope"].startswith(GROUPS)]
    # The role of the one that is left out, at both groups, and six of the United Kingdom's.
    assert len(at_groups) == 190 - 2 + 6


def test_the_pipelines_role_covers_what_is_made_of_the_library(zone: Rehearsed) -> None:
    wanted = {f"{t}/{verb}" for t in zone.arm_types for verb in ("write", "delete")}
    assert "Microsoft.Authorization/policySetDefinitions/write" in wanted
    assert sorted(a for a in wanted if not covers(a, ["landing-zone"])) == []


def test_no_place_of_the_librarys_is_left_unfilled(zone: Rehearsed) -> None:
    for kind in ("PolicyAssignment", "PolicySetDefinitionAtManagementGroup", "RoleDefinition"):
        text = json.dumps(zone.inputs(_type(kind)))
        for left in ("placeholder", "contoso", "${", "{enforcementMode}", "replace_me", "00000000-0000-0000-0000-000000000000"):
            assert left not in text, (kind, left)


def test_messages_say_must_where_it_refuses_and_should_where_it_reports(zone: Rehearsed) -> None:
    modes: set[str] = set()
    for a in zone.inputs(_type("PolicyAssignment")):
        for said in a.get("nonComplianceMessages", []):
            words = said["message"].split()
            if "must" in words or "should" in words:
                modes.add(a["enforcementMode"])
                assert ("must" in words) == (a["enforcementMode"] == "Default"), said
    assert modes == {"Default", "DoNotEnforce"}


def test_each_thing_waits_for_what_it_refers_to(zone: Rehearsed) -> None:
    states = {s["urn"]: s for s in zone.states}
    ids = {s["id"].lower(): urn for urn, s in states.items() if s.get("id")}
    for held in zone.of(_type("PolicySetDefinitionAtManagementGroup")):
        own = {m["policyDefinitionId"].lower() for m in held["inputs"]["policyDefinitions"] if m["policyDefinitionId"].startswith(GROUPS)}
        assert {ids[i] for i in own} <= set(held["dependencies"]), held["urn"]
    for held in zone.of(_type("PolicyAssignment")):
        definition = held["inputs"]["policyDefinitionId"]
        assert not definition.startswith(GROUPS) or ids[definition.lower()] in held["dependencies"], held["urn"]
    for held in zone.of(_type("RoleAssignment")):
        at = ids.get(held["inputs"]["scope"].lower())
        if at and "/resourceGroups/" in held["inputs"]["scope"] and "PolicyAssignment" in held["urn"]:
            assert at in held["dependencies"], held["urn"]


def test_identities_have_roles_where_parameters_point_and_every_place_of_ours_is_there(zone: Rehearsed) -> None:
    granted = [g for g in zone.of(_type("RoleAssignment")) if "PolicyAssignment" in g["urn"]]
    elsewhere = {g["inputs"]["scope"] for g in granted if not g["inputs"]["scope"].startswith(GROUPS)}
    made = {s["id"].lower() for s in zone.states if s.get("id")}
    assert [s for s in elsewhere if s.lower() not in made] == []
    for kind in ("/privateDnsZones/privatelink.vaultcore.azure.net", "/workspaces/", "/dataCollectionRules/"):
        assert any(kind in s for s in elsewhere), kind


def test_roles_are_listed_as_they_are_made(zone: Rehearsed) -> None:
    listed = {(r["scope"], r["role"], r["assignment"], r["group"]) for r in zone.outputs["policy_identity_roles"]}
    assignments = {a["urn"]: a["inputs"] for a in zone.of(_type("PolicyAssignment"))}
    made = {
        (
            g["inputs"]["scope"],
            g["inputs"]["roleDefinitionId"].rsplit("/", 1)[-1],
            a["policyAssignmentName"],
            a["scope"].removeprefix(GROUPS),
        )
        for g in zone.of(_type("RoleAssignment"))
        if (a := assignments.get(g["parent"]))
    }
    assert listed == made
    assert all(r["why"] for r in zone.outputs["policy_identity_roles"])


def test_a_second_rehearsal_changes_nothing_and_one_value_changes_what_uses_it(zone: Rehearsed) -> None:
    assert {s.op for s in zone.again(library_config()).steps} == {"same"}
    contact = {"email_security_contact": "soc@exampleborough.example"}
    changed = [(s.op, s.urn.rsplit("::", 1)[-1]) for s in zone.again(library_config(values=contact)).steps if s.op != "same"]
    assert changed == [("update", "exb-Deploy-MDFC-Config-H224")]


def test_an_upgrade_changes_what_the_releases_differ_in(zone: Rehearsed, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert zone.preview.steps  # the newer release's folder is there
    if not (ROOT / DATA / "azure-landing-zones-library-2026.01.3").is_dir():
        pytest.skip("../shared/data/azure-landing-zones-library-2026.01.3 is not here: there is nothing to upgrade from")
    older = library_config("2026.01.3")
    state = tmp_path_factory.mktemp("upgrade") / "upgrade.json"
    before = Rehearsed(rehearse(ROOT, "landing-zone", state, config=older), state)
    changed = Counter((s.op, s.urn.split("::")[2].rsplit(":", 1)[-1]) for s in before.again(library_config()).steps if s.op != "same")
    assert changed == {
        ("create", "ManagementGroup"): 1,
        ("create", "PolicyAssignment"): 1,
        ("update", "PolicySetDefinitionAtManagementGroup"): 1,
        ("delete", "PolicyDefinitionAtManagementGroup"): 161 - 149,
        ("delete", "PolicySetDefinitionAtManagementGroup"): 49 - 42,
    }
