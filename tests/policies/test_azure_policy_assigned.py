"""Planned assignments on planned resources: one file a case, with everything but passes that is said of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from policies.azure_policy.built_ins import BuiltIns
from policies.azure_policy.judge import judge_policies
from policies.model import UNKNOWN, Judgement, Subject, Verdict
from policies.schema.type_files import open_type_files
from tests.policies.conftest import decoded
from tests.policies.test_azure_policy_language import without_one

CASES = Path(__file__).parents[1] / "cases" / "azure-policy"
FILES = open_type_files(CASES / "types")
ON = date(2026, 11, 25)
GROUPS = "/providers/Microsoft.Management/managementGroups/"
OWN = "/providers/Microsoft.Authorization"
HIERARCHY = {"top": "root", "corp": "top", "sandbox": "top"}
PROVIDERS = {
    "storage:StorageAccount": "Microsoft.Storage/storageAccounts",
    "network:VirtualNetwork": "Microsoft.Network/virtualNetworks",
    "network:PrivateEndpoint": "Microsoft.Network/privateEndpoints",
}


def cases() -> list[Any]:
    return [pytest.param(json.loads(f.read_text("utf-8")), id=f.stem) for f in sorted((CASES / "assigned").glob("*.json"))]


def subject(type_: str, name: str, id_: str, inputs: dict[str, Any]) -> Subject:
    token = f"azure-native:{type_}"
    return Subject("resource", token, f"urn:pulumi:t::t::{token}::{name}", name, decoded(inputs), resource_id=id_)


def planned(held: dict[str, Any]) -> Iterator[Subject]:
    """The hierarchy (sub-1 in corp, which is in top) and what the case adds to it."""
    for group, parent in HIERARCHY.items():
        yield subject(
            "management:ManagementGroup", group, GROUPS + group, {"groupId": group, "details": {"parent": {"id": GROUPS + parent}}}
        )
    yield subject("management:ManagementGroupSubscription", "place", f"{GROUPS}corp/subscriptions/sub-1", {"groupId": "corp"})
    for name, said in held["definitions"].items():
        yield subject("authorization:PolicyDefinitionAtManagementGroup", name, definition(name), said)
    for name, said in held.get("sets", {}).items():
        members = said["policyDefinitions"]
        if isinstance(members, list):
            members = [{**m, "policyDefinitionId": definition(m["policyDefinitionId"])} for m in cast("list[dict[str, Any]]", members)]
        own = f"{GROUPS}top{OWN}/policySetDefinitions/{name}"
        yield subject("authorization:PolicySetDefinitionAtManagementGroup", name, own, {**said, "policyDefinitions": members})
    for said in held["assignments"]:
        is_set = said["definition"] in held.get("sets", {})
        own = f"{GROUPS}top{OWN}/policySetDefinitions/{said['definition']}" if is_set else definition(said["definition"])
        yield subject("authorization:PolicyAssignment", said["name"], assigned(said), {**said, "policyDefinitionId": own})
    for said in held.get("exemptions", ()):
        whose = next(assigned(a) for a in held["assignments"] if a["name"] == said["assignment"])
        own = f"{said['scope']}{OWN}/policyExemptions/{said['assignment']}"
        yield subject("authorization:PolicyExemption", "exemption", own, {**said, "policyAssignmentId": whose})
    for said in held["resources"]:
        yield subject(said["type"], said["name"], resource_id(said), said["inputs"])


def definition(name: str) -> str:
    return f"{GROUPS}top{OWN}/policyDefinitions/{name}"


def assigned(said: dict[str, Any]) -> str:
    return f"{said.get('scope', GROUPS + said.get('at', 'corp'))}{OWN}/policyAssignments/{said['name']}"


def resource_id(said: dict[str, Any]) -> str:
    if said["type"] == "resources:ResourceGroup":
        return f"/subscriptions/sub-1/resourceGroups/{said['name']}"
    if "on" in said:
        host = f"/subscriptions/sub-1/resourceGroups/rg-app/providers/Microsoft.Storage/storageAccounts/{said['on']}"
        return f"{host}/providers/Microsoft.Insights/diagnosticSettings/{said['name']}"
    scope = f"/subscriptions/{said.get('subscription', 'sub-1')}/resourceGroups/{said['group']}"
    return f"{scope}/providers/{PROVIDERS[said['type']]}/{said['name']}"


def judge(held: dict[str, Any]) -> tuple[Judgement, ...]:
    return judge_policies(planned(held), FILES, BuiltIns(Path("none"), {}), ON, is_all=held.get("is_all", True)).judgements


@pytest.mark.parametrize("held", cases())
def test_everything_but_passes_is_as_the_case_says(held: dict[str, Any]) -> None:
    found = [j for j in judge(held) if j.answer.verdict is not Verdict.PASS]
    said = [(j.control.id, j.answer.verdict.value, j.subject.name) for j in found]
    assert said == [(s["control"], s["verdict"], s["subject"]) for s in held["says"]], [j.answer.reason for j in found]
    for judgement, wanted in zip(found, held["says"], strict=True):
        assert wanted["reason"] in judgement.answer.reason


def test_a_resource_that_nothing_refuses_passes() -> None:
    held = json.loads((CASES / "assigned" / "deny-does-not-fire.json").read_text("utf-8"))
    passed = [j for j in judge(held) if j.answer.verdict is Verdict.PASS]
    assert [(j.control.id, j.subject.name) for j in passed] == [("azure-policy-refuses-nothing", "store")]


PROVIDER = Subject("resource", "pulumi:providers:azure-native", "urn:pulumi:t::t::provider", "provider", {"subscriptionId": "sub-1"})


def not_made_yet(held: dict[str, Any]) -> Iterator[Subject]:
    """What a preview of the real engine shows of it: no ids, and inputs that are made from others."""
    yield PROVIDER
    for made in planned(held):
        kind = made.type.removeprefix("azure-native:authorization:")
        scope = made.resource_id.partition("/providers/Microsoft.Authorization/")[0]
        called = f"{kind[0].lower()}{kind[1:]}".removesuffix("AtManagementGroup") + "Name"
        extra = {} if kind == made.type else {"scope": scope, "managementGroupId": "top", called: made.name}
        hosts = [r["on"] for r in held["resources"] if "on" in r and r["name"] == made.name]
        waits_on = {"resourceUri": (f"urn:pulumi:t::t::azure-native:storage:StorageAccount::{hosts[0]}",)} if hosts else {}
        yield replace(made, resource_id="", provider=PROVIDER.id, inputs={**made.inputs, **extra}, waits_on=waits_on)


@pytest.mark.parametrize("held", cases())
def test_what_is_not_made_yet_is_judged_as_what_is(held: dict[str, Any]) -> None:
    if any("subscription" in r for r in held["resources"]):
        return
    judged = judge_policies(not_made_yet(held), FILES, BuiltIns(Path("none"), {}), ON, is_all=held.get("is_all", True)).judgements
    said = sorted((j.control.id, j.answer.verdict.value, j.subject.name) for j in judged if j.answer.verdict is not Verdict.PASS)
    assert said == sorted((s["control"], s["verdict"], s["subject"]) for s in held["says"]), [j.answer.reason for j in judged]


def test_a_group_is_known_by_what_its_name_is_made_from() -> None:
    held = json.loads((CASES / "assigned" / "deny-fires.json").read_text("utf-8"))
    held["resources"] = [
        {"type": "resources:ResourceGroup", "name": "rg-app", "inputs": {"resourceGroupName": "rg-app"}},
        *held["resources"],
    ]
    group = "urn:pulumi:t::t::azure-native:resources:ResourceGroup::rg-app"
    subjects = [
        replace(s, inputs={**s.inputs, "resourceGroupName": UNKNOWN}, waits_on={"resourceGroupName": (group,)}) if s.name == "store" else s
        for s in not_made_yet(held)
    ]
    found = judge_policies(subjects, FILES, BuiltIns(Path("none"), {}), ON, is_all=True).judgements
    assert [(j.answer.verdict, j.subject.name) for j in found if j.answer.verdict is Verdict.FAIL] == [(Verdict.FAIL, "store")]


def test_what_is_unknown_names_what_it_waits_on() -> None:
    held = json.loads((CASES / "assigned" / "deny-unknown.json").read_text("utf-8"))
    host = subject("network:VirtualNetwork", "hub", "", {})
    waits_on = {"networkRuleSet": (host.id,)}
    subjects = [replace(s, waits_on=waits_on) if s.name == "store" else s for s in planned(held)]
    found = judge_policies([*subjects, host], FILES, BuiltIns(Path("none"), {}), ON, is_all=True).judgements
    (told,) = [j.answer for j in found if j.subject.name == "store"]
    assert told.path == "networkRuleSet"
    assert told.reason.endswith("It waits on hub.")


def test_what_lies_nobody_knows_where_cannot_be_told() -> None:
    held = json.loads((CASES / "assigned" / "deny-fires.json").read_text("utf-8"))
    subjects = [s for s in not_made_yet(held) if s is not PROVIDER]
    found = judge_policies(subjects, FILES, BuiltIns(Path("none"), {}), ON, is_all=True).judgements
    lost = [j for j in found if j.subject.name == "store"]
    assert [(j.control.id, j.answer.verdict) for j in lost] == [("azure-policy-refuses-nothing", Verdict.UNKNOWN)]
    assert "the subscription of its provider is not known" in lost[0].answer.reason


def refused(held: dict[str, Any], verdicts: tuple[Verdict, ...]) -> set[str]:
    return {j.subject.name for j in judge(held) if j.control.id == "azure-policy-refuses-nothing" and j.answer.verdict in verdicts}


def test_knowing_less_of_a_resource_never_lets_through_what_is_refused() -> None:
    wrong: list[str] = []
    for case in cases():
        held: dict[str, Any] = case.values[0]
        known = refused(held, (Verdict.FAIL,))
        for n, said in enumerate(held["resources"] if known else ()):
            for inputs in (i for i in without_one(said["inputs"]) if i != "<unknown>"):
                resources: list[Any] = [*held["resources"][:n], {**said, "inputs": inputs}, *held["resources"][n + 1 :]]
                less: dict[str, Any] = {**held, "resources": resources}
                if not known <= refused(less, (Verdict.FAIL, Verdict.UNKNOWN)):
                    wrong.append(f"{case.id}: {inputs}")
    assert wrong == []


def test_the_order_of_resources_makes_no_difference() -> None:
    for case in cases():
        held = case.values[0]
        forwards, backwards = (
            judge_policies(s, FILES, BuiltIns(Path("none"), {}), ON, is_all=True) for s in ([*planned(held)], [*planned(held)][::-1])
        )
        assert [(j.subject.id, j.answer) for j in forwards.judgements] == [(j.subject.id, j.answer) for j in backwards.judgements], case.id
