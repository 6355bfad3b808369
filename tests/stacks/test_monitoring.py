"""What watches the platform and its subscriptions, rehearsed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stacks.landing_zone.watching import activity_alerts, defender_plans, gathered, metric_alerts
from tests.stacks.rehearsed import Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
DATA = Path(__file__).parents[2] / "../shared/data"
MONITOR = "azure-native:monitor"
SUBSCRIPTIONS = 6


def test_every_subscription_is_watched_for_the_same_things(platform: Rehearsed) -> None:
    alerts = platform.inputs(f"{MONITOR}:ActivityLogAlert")
    watched: dict[str, set[str]] = {}
    for alert in alerts:
        watched.setdefault(alert["scopes"][0], set()).add(alert["description"])
    assert len(watched) == SUBSCRIPTIONS
    assert set(map(frozenset, watched.values())) == {frozenset(a.title for a in activity_alerts())}


def test_an_incident_wakes_somebody_and_maintenance_waits(everything: Rehearsed) -> None:
    people = {g["id"]: g["inputs"] for g in everything.of(f"{MONITOR}:ActionGroup")}
    told = {
        a["description"]: people[a["actions"]["actionGroups"][0]["actionGroupId"]] for a in everything.inputs(f"{MONITOR}:ActivityLogAlert")
    }
    urgent = told["Azure has an incident, or a security advisory for us"]
    assert [r["emailAddress"] for r in urgent["emailReceivers"]] == ["duty@exampleborough.example"]
    assert [r["phoneNumber"] for r in urgent["smsReceivers"]] == ["7700900123"]
    assert told["Azure plans maintenance, or asks us to act"]["actionGroupName"] == "ag-exb-platform-uks"


def test_metrics_are_watched_of_what_is_built_and_of_nothing_else(platform: Rehearsed, everything: Rehearsed) -> None:
    built = {a["description"] for a in platform.inputs(f"{MONITOR}:MetricAlert")}
    assert built == {a.title for a in metric_alerts() if a.of in ("firewall", "key-vault")}
    assert {a["description"] for a in everything.inputs(f"{MONITOR}:MetricAlert")} == {a.title for a in metric_alerts()}


def test_agents_gather_what_the_library_asks_for(platform: Rehearsed) -> None:
    ids = {r["id"] for r in platform.of(f"{MONITOR}:DataCollectionRule")}
    assert set(platform.outputs["data_collection_rule_ids"]) == {r.default_value for r in gathered()}
    assert set(platform.outputs["data_collection_rule_ids"].values()) == ids
    for rule in platform.inputs(f"{MONITOR}:DataCollectionRule"):
        assert rule["destinations"]["logAnalytics"][0]["workspaceResourceId"] == platform.outputs["log_workspace_id"]
    assert platform.outputs["monitor_agent_identity_id"].endswith("/userAssignedIdentities/id-exb-monitor-agent-uks")


def test_defender_is_on_in_every_subscription(platform: Rehearsed, everything: Rehearsed) -> None:
    for stack, level in ((platform, "full"), (everything, "foundation")):
        plans = stack.inputs("azure-native:security:Pricing")
        names = [p.name for p in defender_plans(level)]  # type: ignore[arg-type]
        assert sorted(p["pricingName"] for p in plans) == sorted(names * SUBSCRIPTIONS)
        assert {p["pricingTier"] for p in plans} == {"Standard"}
    contacts = platform.inputs("azure-native:security:SecurityContact")
    assert len(contacts) == SUBSCRIPTIONS
    assert all(c["emails"] and c["isEnabled"] for c in contacts)


def test_sentinel_is_on_before_its_connectors(everything: Rehearsed, platform: Rehearsed) -> None:
    on = everything.of("azure-native:securityinsights:SentinelOnboardingState")[0]
    connectors = [s for s in everything.states if "DataConnector" in s["type"]]
    assert len(connectors) == SUBSCRIPTIONS + 2
    assert all(on["urn"] in c["dependencies"] for c in connectors)
    assert platform.of("azure-native:securityinsights:SentinelOnboardingState") == []


def test_a_sign_in_by_an_account_for_emergencies_wakes_somebody(everything: Rehearsed) -> None:
    alert = everything.inputs(f"{MONITOR}:ScheduledQueryRule")[0]
    query = alert["criteria"]["allOf"][0]["query"]
    assert "UserId in~ ('7e0c3a52-0000-4000-8000-0000000000e1', '7e0c3a52-0000-4000-8000-0000000000e2')" in query
    assert (alert["severity"], alert["evaluationFrequency"], alert["autoMitigate"]) == (0, "PT5M", False)
    assert alert["actions"]["actionGroups"] == [everything.outputs["urgent_action_group_id"]]
    logs = everything.inputs("azure-native:aadiam:DiagnosticSetting")[0]["logs"]
    assert "SignInLogs" in {log["category"] for log in logs if log["enabled"]}


def test_an_unusual_cost_is_told_in_every_subscription(platform: Rehearsed) -> None:
    eyes = platform.inputs("azure-native:costmanagement:ScheduledActionByScope")
    assert len(eyes) == SUBSCRIPTIONS
    assert {e["kind"] for e in eyes} == {"InsightAlert"}
    assert {e["schedule"]["endDate"][:4] for e in eyes} == {"2031"}


def test_test_servers_are_patched_before_production(platform: Rehearsed) -> None:
    windows = {w["resourceName"]: w for w in platform.inputs("azure-native:maintenance:MaintenanceConfiguration")}
    assert windows["mc-exb-test-uks"]["recurEvery"] == "1Week Tuesday"
    assert windows["mc-exb-production-uks"]["recurEvery"] == "1Week Sunday"
    scopes = platform.inputs("azure-native:maintenance:ConfigurationAssignmentsForSubscription")
    assert len(scopes) == 2 * SUBSCRIPTIONS
    assert {json.dumps(s["filter"]["tagSettings"]["tags"]) for s in scopes} == {
        '{"environment": ["production"]}', '{"environment": ["test", "development"]}',
    }  # fmt: skip


def _definition(name: str) -> dict[str, Any]:
    folder = DATA / "azure-landing-zones-library/platform/amba/policy_definitions"
    if not folder.is_dir():
        pytest.skip("../shared/data/azure-landing-zones-library is not here: alerts cannot be compared with the library's")
    return json.loads((folder / f"{name}.alz_policy_definition.json").read_text("utf-8"))


@pytest.mark.parametrize("alert", metric_alerts(), ids=lambda a: a.id)
def test_a_metrics_threshold_is_the_librarys(alert: Any) -> None:
    named = {
        "firewall-health": "Deploy_AFW_FirewallHealth_Alert", "firewall-ports": "Deploy_AFW_SNATPortUtilization_Alert",
        "vpn-silent": "Deploy_VnetGw_TunnelBandwidth_Alert", "express-route-busy": "Deploy_VnetGw_ExpressRouteCpuUtil_Alert",
        "key-vault-away": "Deploy_KeyVault_Availability_Alert",
    }  # fmt: skip
    held = _definition(named[alert.id])["properties"]
    parameters = {k.lower(): v.get("defaultValue") for k, v in held["parameters"].items()}
    assert float(parameters["threshold"]) == alert.threshold
    assert (parameters["evaluationfrequency"], parameters["windowsize"]) == (alert.every, alert.over)
    rule = json.dumps(held["policyRule"])
    assert f'"metricName": "{alert.metric}"' in rule
    assert f'"operator": "{alert.operator}"' in rule


def test_defenders_plans_are_those_that_azures_own_policies_deploy() -> None:
    folder = DATA / "azure-policy/built-in-policies"
    if not folder.is_dir():
        pytest.skip("../shared/data/azure-policy is not here: Defender's plans cannot be compared with Azure's")
    texts = [f.read_text("utf-8-sig") for f in folder.rglob("*Defender*DINE.json")]
    for plan in defender_plans("full"):
        deploying = [t for t in texts if f'"name": "{plan.name}"' in t and "Microsoft.Security/pricings" in t]
        assert deploying, plan.name
        assert all(any(f'"name": "{e}"' in t for t in deploying) for e in plan.extensions), plan.name
