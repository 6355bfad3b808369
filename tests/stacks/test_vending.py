"""Subscriptions vended to requests, and several councils on one platform."""

from __future__ import annotations

import json
import tomllib
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from rehearsal import ProgramError, rehearse
from stacks.config import config_of
from stacks.errors import StacksError
from stacks.request import Request
from stacks.settings import parse
from stacks.workloads.settings import WorkloadsSettings
from stacks.workloads.vending import is_joined
from stacks.workloads.wanted import wanted
from tests.stacks.rehearsed import ROOT, SHARING, VENDED, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
CASES = sorted((ROOT / "tests/cases/stacks-refused-vending").glob("*.toml"))
OWNER, ACCESS_ADMINISTRATOR = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
GROUP, PLACE = "azure-native:management:ManagementGroup", "azure-native:management:ManagementGroupSubscription"
EXISTING = "7e0c3a52-0000-4000-8000-000000000041"


def _named(stack: Rehearsed, name: str) -> dict[str, Any]:
    return next(dict(s["inputs"]) for s in stack.states if s["urn"].rsplit("::", 1)[-1] == name)


def _subscription_of(stack: Rehearsed, name: str) -> str:
    """The subscription that a resource's provider acts in."""
    providers = {f"{s['urn']}::{s['id']}": s["inputs"] for s in stack.of("pulumi:providers:azure-native")}
    state = next(s for s in stack.states if s["urn"].rsplit("::", 1)[-1] == name)
    return str(providers[state["provider"]]["subscriptionId"])


@pytest.mark.parametrize("file", CASES, ids=lambda f: f.stem)
def test_what_cannot_be_vended_is_said_before_anything_is_built(file: Path, tmp_path: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    folder = tmp_path / "requests"
    folder.mkdir()
    for held in case["file"]:
        (folder / held["name"]).write_text(held["text"], "utf-8")
    if "networks" in case:
        kept = {"format": "cloud-unless/networks/1", "networks": case["networks"]}
        (folder / "networks.json").write_text(json.dumps(kept), "utf-8")
    values = {**_settings(), **VENDED, **{k: json.dumps(v) for k, v in case.get("change", {}).items()}, "requests": str(folder)}
    everything = {f"cloud-unless:{k}": v for k, v in values.items() if k not in case.get("remove", ())}
    with pytest.raises(StacksError) as wrong:
        wanted(config_of(everything, "cloud-unless", "workloads", ROOT))
    assert sorted(f.replace(str(folder), "requests") for f in wrong.value.faults) == sorted(case["faults"])


def _settings() -> dict[str, str]:
    import yaml

    held = yaml.safe_load((ROOT / "Pulumi.workloads.yaml").read_text("utf-8"))["config"]
    return {k.partition(":")[2]: v if isinstance(v, str) else json.dumps(v) for k, v in held.items()}


def test_a_sandbox_is_cut_off_and_so_is_what_leaves() -> None:
    file = ROOT / VENDED["requests"] / "wcc-registrars.toml"
    request = Request.model_validate(tomllib.loads(file.read_text("utf-8")))
    everything = {f"cloud-unless:{k}": v for k, v in {**_settings(), **VENDED}.items()}
    settings = parse(config_of(everything, "cloud-unless", "workloads", ROOT), WorkloadsSettings)
    assert is_joined(request, settings)
    assert not is_joined(request.model_copy(update={"management_group": "sandbox"}), settings)
    assert not is_joined(request.model_copy(update={"state": "decommissioning"}), settings)
    # What is shared stands where the landing zone put it, whatever a workload of its own might.
    assert is_joined(request.model_copy(update={"subscription": "shared", "management_group": None}), settings)


def test_a_council_has_its_own_groups_beneath_the_landing_zones(shared_platform: Rehearsed) -> None:
    parents = {g["groupId"]: g["details"]["parent"]["id"].rsplit("/", 1)[-1] for g in shared_platform.inputs(GROUP)}
    assert parents["exb-wcc"] == "exb-landingzones"
    assert parents["exb-wcc-corp"] == parents["exb-wcc-online"] == "exb-wcc"
    assert not any("kcc" in g for g in parents)


def test_what_is_refused_in_corp_is_refused_in_every_councils(shared_platform: Rehearsed) -> None:
    assignments = shared_platform.inputs("azure-native:authorization:PolicyAssignment")
    at = {g: {a["policyAssignmentName"] for a in assignments if a["scope"].endswith(f"/exb-{g}")} for g in ("corp", "wcc-corp")}
    assert at["corp"]
    assert at["corp"] == at["wcc-corp"]


def test_each_council_has_its_own_budget_and_readers(shared_platform: Rehearsed) -> None:
    budgets = {b["scope"].rsplit("/", 1)[-1]: b for b in shared_platform.inputs("azure-native:consumption:Budget")}
    assert set(budgets) == {"exb", "exb-wcc"}
    assert budgets["exb-wcc"]["amount"] == 4000
    told = {e for n in budgets["exb-wcc"]["notifications"].values() for e in n["contactEmails"]}
    assert told == {"cloud@westbourne.example"}
    readers = _named(shared_platform, "wcc-readers-access")
    assert readers["scope"].endswith("/exb-wcc")


def test_a_council_with_its_own_tenant_delegates_the_least(shared_platform: Rehearsed) -> None:
    offer = _named(shared_platform, "kcc-7e0c3a52-0000-4000-8000-000000000061-offer")["properties"]
    given = [*offer["authorizations"], *offer["eligibleAuthorizations"]]
    assert offer["managedByTenantId"] == "7e0c3a52-0000-4000-8000-000000000001"
    assert not {a["roleDefinitionId"] for a in given} & {OWNER, ACCESS_ADMINISTRATOR}
    standing = {a["principalId"] for a in offer["authorizations"]}
    for eligible in offer["eligibleAuthorizations"]:
        assert eligible["justInTimeAccessPolicy"]["multiFactorAuthProvider"] == "Azure"
        assert eligible["principalId"] in standing, "who may ask for a role must be able to see what for"
    providers = [p["inputs"] for p in shared_platform.of("pulumi:providers:azure-native")]
    acting = next(p for p in providers if p.get("tenantId"))
    assert (acting["tenantId"], acting["subscriptionId"]) == (
        "7e0c3a52-0000-4000-8000-0000000000e0",
        "7e0c3a52-0000-4000-8000-000000000061",
    )


def test_a_new_subscription_is_unknown_at_first_and_everything_waits_for_it(shared_platform: Rehearsed, tmp_path: Path) -> None:
    state = tmp_path / "workloads.json"
    for held in shared_platform.state.parent.glob("landing-zone.json"):
        (tmp_path / held.name).write_bytes(held.read_bytes())
    seen = rehearse(ROOT, "workloads", state, config=VENDED, preview_only=True)
    assert set(seen.summary) <= {"create", "read"}
    assert (seen.outputs or {})["subscriptions"]["parking"] == UNKNOWN
    acting = {s.urn.rsplit("::", 1)[-1]: s.new["inputs"] for s in seen.steps if s.new and s.new["type"] == "pulumi:providers:azure-native"}
    assert acting["parking"]["subscriptionId"] == acting["parking-placing"]["subscriptionId"] == UNKNOWN
    assert acting["planning-portal"]["subscriptionId"] == EXISTING
    group = next(s.new for s in seen.steps if s.new and s.urn.endswith("::parking-group"))
    assert group["inputs"]["resourceGroupName"] == "rg-exb-parking-uks"
    assert not state.exists()


def test_a_subscription_is_made_placed_and_built_in(vended: Rehearsed) -> None:
    made = vended.of("azure-native:subscription:Alias")[0]
    subscription = made["outputs"]["properties"]["subscriptionId"]
    assert made["protect"]
    assert made["inputs"]["properties"]["billingScope"].endswith("/enrollmentAccounts/765432")
    assert made["inputs"]["properties"]["workload"] == "Production"
    assert {_subscription_of(vended, n) for n in ("parking-place", "parking-group", "parking-virtual-network")} == {subscription}
    assert vended.outputs["subscriptions"] == {
        "parking": subscription, "planning-portal": EXISTING, "wcc-registrars": "7e0c3a52-0000-4000-8000-000000000052",
    }  # fmt: skip
    told = vended.outputs["shortfalls"]
    assert any(t.startswith("parking: its new subscription must be told") and "EncryptionAtHost" in t for t in told)
    assert not any("must be told" in t for t in told if not t.startswith("parking"))


def test_nothing_is_built_before_the_subscription_is_placed(vended: Rehearsed) -> None:
    place = next(s["urn"] for s in vended.of(PLACE) if s["urn"].endswith("::parking-place"))
    acting = next(s for s in vended.of("pulumi:providers:azure-native") if s["urn"].endswith("::parking"))
    assert place in acting["dependencies"]


def test_each_subscription_stands_in_the_group_of_its_request(vended: Rehearsed) -> None:
    groups = {s["urn"].rsplit("::", 1)[-1]: s["inputs"]["groupId"] for s in vended.of(PLACE)}
    assert groups == {"parking-place": "exb-corp", "planning-portal-place": "exb-online", "wcc-registrars-place": "exb-wcc-corp"}
    # Moved in one call: never taken out of a group first, whatever happens to the resource.
    assert all(s["retainOnDelete"] for s in vended.of(PLACE))


def test_a_budget_is_of_the_subscription_where_that_is_its_own(vended: Rehearsed) -> None:
    scopes = {b["budgetName"]: b["scope"] for b in vended.inputs("azure-native:consumption:Budget")}
    assert scopes["planning-portal-monthly"] == f"/subscriptions/{EXISTING}"
    assert scopes["wcc-libraries-monthly"].endswith("/resourceGroups/rg-wcc-wcc-libraries-uks")
    told = _named(vended, "parking-budget")["notifications"]["spent-50"]
    assert told["contactEmails"] == ["parking@exampleborough.example"]
    assert len(told["contactGroups"]) == 2


def test_a_councils_workloads_bear_its_name_tags_and_addresses(vended: Rehearsed) -> None:
    group = _named(vended, "wcc-libraries-group")
    assert group["resourceGroupName"].startswith("rg-wcc-")
    assert (group["tags"]["council"], group["tags"]["cost-centre"]) == ("Westbourne Council", "W-100")
    assert _subscription_of(vended, "wcc-libraries-group") == "7e0c3a52-0000-4000-8000-000000000051"
    networks = {w: IPv4Network(n) for w, n in vended.outputs["networks"].items()}
    assert {w for w, n in networks.items() if n.subnet_of(IPv4Network("10.105.0.0/24"))} == {"wcc-libraries", "wcc-registrars"}
    assert all(networks[w].subnet_of(IPv4Network("10.104.0.0/16")) for w in ("parking", "planning-portal"))


def test_people_have_groups_of_their_own_and_change_things_only_when_asked_for(vended: Rehearsed) -> None:
    groups = {s["outputs"]["objectId"]: s["inputs"]["displayName"] for s in vended.of("azuread:index/group:Group")}
    assert set(groups.values()) >= {"exb-parking-operators", "exb-parking-builders", "wcc-wcc-libraries-operators"}
    standing = vended.inputs("azure-native:authorization:RoleAssignment")
    eligible = vended.inputs("azure-native:authorization:PimRoleEligibilitySchedule")
    assert {groups[r["principalId"]].rsplit("-", 1)[-1] for r in standing} == {"operators"}
    assert {groups[r["principalId"]].rsplit("-", 1)[-1] for r in eligible} == {"builders"}
    assert all("/resourceGroups/" in r["scope"] for r in [*standing, *eligible])
    assert len(eligible) == 4
    assert all(r["justification"] and r["scheduleInfo"]["expiration"]["duration"] == "P365D" for r in eligible)


def test_a_subscription_of_its_own_is_defended_watched_and_patched_as_the_platforms_are(
    vended: Rehearsed, shared_platform: Rehearsed
) -> None:
    subscription = vended.outputs["subscriptions"]["parking"]

    def plans(stack: Rehearsed, scope: str) -> set[str]:
        return {p["pricingName"] for p in stack.inputs("azure-native:security:Pricing") if p["scopeId"] == f"subscriptions/{scope}"}

    assert plans(vended, subscription) == plans(vended, EXISTING)
    assert plans(vended, EXISTING) == plans(shared_platform, "7e0c3a52-0000-4000-8000-000000000021")
    watched = [a for a in vended.inputs("azure-native:monitor:ActivityLogAlert") if a["scopes"] == [f"/subscriptions/{subscription}"]]
    known = {shared_platform.outputs["action_group_id"], shared_platform.outputs["urgent_action_group_id"]}
    assert watched
    assert {g["actionGroupId"] for a in watched for g in a["actions"]["actionGroups"]} <= known
    patched = _named(vended, "parking-patch-production")
    assert patched["maintenanceConfigurationId"] == shared_platform.outputs["maintenance_configuration_ids"]["production"]
    # Nothing to patch, nothing that patches.
    assert not any(s["urn"].rsplit("::", 1)[-1].startswith("planning-portal-patch") for s in vended.states)


def test_its_people_hear_of_health_machines_and_backups(vended: Rehearsed) -> None:
    people = next(s["id"] for s in vended.of("azure-native:monitor:ActionGroup") if s["urn"].endswith("::parking-people-to-tell"))
    scope = next(s["id"] for s in vended.of("azure-native:resources:ResourceGroup") if s["urn"].endswith("::parking-group"))
    health, machines = _named(vended, "parking-health"), _named(vended, "parking-machines")
    assert (health["scopes"], health["actions"]["actionGroups"]) == ([scope], [{"actionGroupId": people}])
    assert (machines["scopes"], machines["actions"]) == ([scope], [{"actionGroupId": people}])
    assert machines["criteria"]["allOf"][0]["metricName"] == "VmAvailabilityMetric"
    rule = _named(vended, "parking-backup-alerts")["properties"]
    assert (rule["scopes"], rule["actions"][0]["actionGroupIds"]) == ([scope], [people])
    vault = _named(vended, "parking-recovery-vault")["properties"]["monitoringSettings"]
    assert vault["azureMonitorAlertSettings"]["alertsForAllJobFailures"] == "Enabled"
    # A workload with no machines has no alert about them.
    assert not any(s["urn"].endswith("::planning-portal-machines") for s in vended.states)


def test_a_second_rehearsal_changes_nothing(vended: Rehearsed, shared_platform: Rehearsed) -> None:
    assert {s.op for s in vended.again(VENDED).steps} <= {"same", "read"}
    assert {s.op for s in shared_platform.again(SHARING).steps} <= {"same", "read"}


def test_what_the_landing_zone_contradicts_stops_everything(vended: Rehearsed, shared_platform: Rehearsed, tmp_path: Path) -> None:
    (tmp_path / "landing-zone.json").write_bytes(shared_platform.state.read_bytes())
    text = (ROOT / VENDED["requests"] / "planning-portal.toml").read_text("utf-8")
    folder = tmp_path / "requests"
    folder.mkdir()
    (folder / "planning-portal.toml").write_text(text.replace(EXISTING, "7e0c3a52-0000-4000-8000-000000000022"), "utf-8")
    addresses = {**json.loads(VENDED["addresses"]), "range": "10.200.0.0/16"}
    config = {**VENDED, "requests": str(folder), "addresses": json.dumps(addresses)}
    with pytest.raises(ProgramError) as wrong:
        rehearse(ROOT, "workloads", tmp_path / "workloads.json", config=config)
    told = "\n".join(wrong.value.faults)
    assert "the landing zone places 7e0c3a52-0000-4000-8000-000000000022 itself" in told
    assert (
        "Pulumi.workloads.yaml, key cloud-unless:addresses.range: 10.200.0.0/16 is not within the landing zone's hub.spokes (10.104.0.0/14)"
        in told
    )
    made = [s.new["type"] for s in wrong.value.preview.steps if s.new and s.op == "create"]
    assert not any(t.startswith(("azure-native:", "pulumi:providers:azure")) for t in made)
