"""The twin: every policy reports, nothing is refused or changed, and the council's own tree is as it was."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from rehearsal import rehearse
from stacks.landing_zone.data import global_types
from tests.stacks.rehearsed import ROOT, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
GROUPS = "/providers/Microsoft.Management/managementGroups/"
OLD = "7e0c3a52-0000-4000-8000-000000000099"
STAGED = {
    "twin": json.dumps({"id": "exbold", "subscriptions": {"corp": [OLD]}}),
    "enforcement": json.dumps({"no-public-ip": {"report_until": "2027-01-31"}, "identity/no-public-ip": {"mode": "enforce"}}),
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    # An Azure of its own: the council's tree stands in the one that other tests share.
    state = tmp_path_factory.mktemp("twin") / "twin.json"
    return Rehearsed(rehearse(ROOT, "landing-zone", state, config={**STAGED, "judged_on": "2026-12-01"}), state)


def _of(both: Rehearsed, prefix: str) -> list[dict[str, object]]:
    held = both.inputs("azure-native:authorization:PolicyAssignment")
    return [a for a in held if str(a["scope"]).removeprefix(GROUPS).split("-")[0] == prefix]


def test_the_twin_is_the_same_tree_and_only_reports(both: Rehearsed) -> None:
    groups = {g["groupId"]: g["details"]["parent"]["id"].rsplit("/", 1)[-1] for g in both.inputs("azure-native:management:ManagementGroup")}
    ours = {k: v for k, v in groups.items() if k.split("-")[0] == "exb"}
    assert {k.replace("exb", "exbold", 1): v.replace("exb", "exbold", 1) for k, v in ours.items()} == {
        k: groups[k] for k in groups if k not in ours
    }
    assert {a["enforcementMode"] for a in _of(both, "exbold")} == {"DoNotEnforce"}
    assert len(_of(both, "exbold")) == len(_of(both, "exb")) == 25


def test_identities_of_the_twin_have_no_roles(both: Rehearsed) -> None:
    scopes = Counter(g["scope"].removeprefix(GROUPS).split("-")[0] for g in both.inputs("azure-native:authorization:RoleAssignment"))
    assert scopes["exb"] == 6
    assert scopes["exbold"] == 0


def test_a_subscription_that_exists_stands_in_the_twin(both: Rehearsed) -> None:
    providers = {s["urn"] + "::" + str(s["id"]): s["inputs"] for s in both.of("pulumi:providers:azure-native")}
    placed = {
        providers[s["provider"]]["subscriptionId"]: s["inputs"]["groupId"]
        for s in both.of("azure-native:management:ManagementGroupSubscription")
    }
    assert placed[OLD] == "exbold-corp"


def test_an_assignment_reports_until_its_day_and_the_day_after_one_setting_makes_it_refuse(both: Rehearsed) -> None:
    modes = {a["scope"]: a["enforcementMode"] for a in _of(both, "exb") if a["policyAssignmentName"] == "no-public-ip"}
    assert modes == {f"{GROUPS}exb-corp": "DoNotEnforce", f"{GROUPS}exb-identity": "Default"}
    later = both.again({**STAGED, "judged_on": "2027-02-01"})
    changed = [(s.op, s.urn.rsplit("::", 1)[-1]) for s in later.steps if s.op != "same"]
    assert changed == [("update", "exb-corp-no-public-ip")]


def test_only_what_is_named_lives_in_no_region(both: Rehearsed) -> None:
    located = [(s["type"], str(s["inputs"]["location"]).lower()) for s in both.states if "location" in s.get("inputs", {})]
    assert {place for _, place in located} <= {"uksouth", "ukwest", "global"}
    assert {kind for kind, place in located if place == "global"} == set(global_types())
