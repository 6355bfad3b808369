"""Flow logs of workloads' networks: kept where the landing zone keeps flows, and missed in words where it does not."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from policies.check import check
from policies.model import Verdict
from rehearsal import rehearse
from stacks.landing_zone_reference import flow_stores_of
from tests.stacks.rehearsed import REQUESTS, ROOT, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
FLOW_LOG, WATCHER = "azure-native:network:FlowLog", "azure-native:network:NetworkWatcher"
NETWORK = "azure-native:network:VirtualNetwork"


def test_every_network_in_the_landing_zones_region_has_a_flow_log(parts: Rehearsed, platform: Rehearsed) -> None:
    store = platform.outputs["flow_log_stores"]["uksouth"]
    flows = parts.inputs(FLOW_LOG)
    assert {f["targetResourceId"] for f in flows} == {s["id"] for s in parts.of(NETWORK)}
    for flow in flows:
        assert flow["enabled"] is True
        assert flow["storageId"] == store["storage"]
        assert flow["identity"]["userAssignedIdentities"] == [store["identity"]]
        assert (flow["resourceGroupName"], flow["networkWatcherName"]) == ("NetworkWatcherRG", "NetworkWatcher_uksouth")
        assert flow["retentionPolicy"] == {"enabled": True, "days": 90}
        analysed = flow["flowAnalyticsConfiguration"]["networkWatcherFlowAnalyticsConfiguration"]
        assert (analysed["workspaceResourceId"], analysed["trafficAnalyticsInterval"]) == (platform.outputs["log_workspace_id"], 60)


def test_a_flow_log_stands_in_the_subscription_of_its_network(vended: Rehearsed) -> None:
    flows = vended.of(FLOW_LOG)
    assert len(flows) == len(vended.of(NETWORK)) > 1
    for flow in flows:
        assert flow["id"].split("/")[2] == flow["inputs"]["targetResourceId"].split("/")[2]


def test_a_new_subscription_gets_its_watcher_before_its_network(vended: Rehearsed) -> None:
    made = {w["id"].split("/")[2]: w["urn"] for w in vended.of(WATCHER)}
    aliases = vended.of("azure-native:subscription:Alias")
    assert made.keys() == {a["outputs"]["properties"]["subscriptionId"] for a in aliases}
    awaited = {d for n in vended.of(NETWORK) for d in n["dependencies"]}
    assert set(made.values()) <= awaited


def test_the_control_passes_on_our_own_workloads(parts: Rehearsed) -> None:
    judged = check([(parts.state, "parts")], None, date(2026, 11, 24)).judgements
    mine = [j for j in judged if j.control.id == "networks-have-flow-logs"]
    assert {j.subject.type for j in mine} == {NETWORK, "azure-native:network:NetworkSecurityGroup"}
    assert {j.answer.verdict for j in mine} == {Verdict.PASS}


def test_flows_of_a_further_region_are_kept_in_that_region(everything: Rehearsed) -> None:
    stores = flow_stores_of(everything.outputs)
    accounts = {s["id"]: s["inputs"]["location"] for s in everything.of("azure-native:storage:StorageAccount")}
    assert {region: accounts[str(store.storage)] for region, store in stores.items()} == {"uksouth": "uksouth", "ukwest": "ukwest"}
    assert {s.workspace_region for s in stores.values()} == {"uksouth"}


def test_a_landing_zone_without_the_output_is_told_of_and_does_not_stop_a_preview(platform: Rehearsed, tmp_path: Path) -> None:
    older = json.loads(platform.state.read_text("utf-8"))
    stack = next(r for r in older["deployment"]["resources"] if r["type"] == "pulumi:pulumi:Stack")
    for output in ("flow_log_stores", "maintenance_configuration_ids", "placed_subscriptions"):
        del stack["outputs"][output]
    (tmp_path / platform.state.name).write_text(json.dumps(older), "utf-8")
    (tmp_path / "requests").mkdir()
    shutil.copy(ROOT / REQUESTS["requests"] / "libraries.toml", tmp_path / "requests")
    config = {**REQUESTS, "requests": str(tmp_path / "requests")}
    preview = rehearse(ROOT, "workloads", tmp_path / "workloads.json", config=config, preview_only=True)
    types = [s.new["type"] for s in preview.steps if s.new]
    assert NETWORK in types
    assert FLOW_LOG not in types
    told = [d.message for d in preview.diagnostics if d.severity == "warning"]
    assert any(t.startswith("libraries: who speaks with whom in its network is not kept") for t in told)
    assert any(t.startswith("libraries: its servers are patched when Azure chooses") for t in told)
    machine = next(s.new["inputs"] for s in preview.steps if s.new and s.new["type"] == "azure-native:compute:VirtualMachine")
    assert '"bypassPlatformSafetyChecksOnUserSchedule": false' in json.dumps(machine["osProfile"])
