"""Workloads' landing zones, rehearsed upon the platform's."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from ipaddress import IPv4Network
from itertools import combinations

import pytest

from migration.knowledge import load_knowledge
from policies.catalogue import all_controls
from policies.evaluate import evaluate
from policies.model import Portfolio, Subject, Verdict
from rehearsal import rehearse
from tests.stacks.rehearsed import REQUESTS, ROOT, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
SECRET = "4dabf18193072939515e22adb298388d"


def _requests() -> dict[str, dict[str, object]]:
    files = (ROOT / REQUESTS["requests"]).glob("*.toml")
    return {f.stem: tomllib.loads(f.read_text("utf-8")) for f in files}


def test_every_request_is_built_whole(workloads: Rehearsed) -> None:
    counts = {t: len(workloads.of(f"azure-native:{t}")) for t in ("resources:ResourceGroup", "compute:VirtualMachine", "sql:ManagedInstance", "sql:Database", "dbforpostgresql:Server", "dbformysql:Server", "storage:FileShare", "consumption:Budget", "keyvault:Vault", "recoveryservices:Vault", "recoveryservices:ProtectedItem")}  # fmt: skip # noqa: E501
    assert counts == {
        "resources:ResourceGroup": 3, "compute:VirtualMachine": 4, "sql:ManagedInstance": 1, "sql:Database": 1,
        "dbforpostgresql:Server": 1, "dbformysql:Server": 1, "storage:FileShare": 1, "consumption:Budget": 3,
        "keyvault:Vault": 3, "recoveryservices:Vault": 3, "recoveryservices:ProtectedItem": 5,
    }  # fmt: skip


def test_a_workload_stands_in_the_region_of_its_request(workloads: Rehearsed) -> None:
    groups = {g["tags"]["workload"]: g["location"] for g in workloads.inputs("azure-native:resources:ResourceGroup")}
    assert groups == {"housing-management": "uksouth", "libraries": "uksouth", "gis": "ukwest"}


def test_disks_are_those_of_the_environment_unless_the_request_asks_for_others(workloads: Rehearsed) -> None:
    machines = workloads.inputs("azure-native:compute:VirtualMachine")
    kinds = {m["storageProfile"]["osDisk"]["managedDisk"]["storageAccountType"] for m in machines}
    data = {d["diskName"].rpartition("-0")[0][-6:]: d["sku"]["name"] for d in workloads.inputs("azure-native:compute:Disk")}
    assert kinds == {"Premium_LRS", "StandardSSD_LRS"}
    assert (data["app-01"], data["app-02"]) == ("Premium_LRS", "StandardSSD_LRS")


def test_networks_never_overlap_and_lie_in_the_range(workloads: Rehearsed) -> None:
    networks = [IPv4Network(v["addressSpace"]["addressPrefixes"][0]) for v in workloads.inputs("azure-native:network:VirtualNetwork")]
    assert len(networks) == 3
    assert all(n.subnet_of(IPv4Network("10.101.0.0/16")) for n in networks)
    assert not any(a.overlaps(b) for a, b in combinations(networks, 2))


def test_a_network_is_joined_to_the_hub_both_ways(workloads: Rehearsed, platform: Rehearsed) -> None:
    hub = platform.outputs["hub_network_id"]
    spokes = {s["id"] for s in workloads.of("azure-native:network:VirtualNetwork")}
    remotes = [p["remoteVirtualNetwork"]["id"] for p in workloads.inputs("azure-native:network:VirtualNetworkPeering")]
    assert remotes.count(hub) == 3
    assert set(remotes) - {hub} == spokes


def test_everything_leaves_through_the_firewall(workloads: Rehearsed, platform: Rehearsed) -> None:
    tables = {s["id"]: s["inputs"]["routes"] for s in workloads.of("azure-native:network:RouteTable")}
    for network in workloads.inputs("azure-native:network:VirtualNetwork"):
        servers = next(s for s in network["subnets"] if s["name"] == "servers")
        route = tables[servers["routeTable"]["id"]][0]
        assert route["addressPrefix"] == "0.0.0.0/0"
        assert route["nextHopIpAddress"] == platform.outputs["firewall_private_ip"]
        assert servers["defaultOutboundAccess"] is False
        assert servers["networkSecurityGroup"]["id"]


def test_nothing_has_a_public_address(workloads: Rehearsed) -> None:
    assert workloads.of("azure-native:network:PublicIPAddress") == []
    for interface in workloads.inputs("azure-native:network:NetworkInterface"):
        assert "publicIPAddress" not in json.dumps(interface["ipConfigurations"])


def test_machines_are_secure_from_the_start(workloads: Rehearsed) -> None:
    for machine in workloads.inputs("azure-native:compute:VirtualMachine"):
        security = machine["securityProfile"]
        assert security["securityType"] == "TrustedLaunch"
        assert security["encryptionAtHost"] is True
        assert security["uefiSettings"] == {"secureBootEnabled": True, "vTpmEnabled": True}
        assert machine["identity"]["type"] == "SystemAssigned"
    for disk in workloads.inputs("azure-native:compute:Disk"):
        assert (disk["networkAccessPolicy"], disk["publicNetworkAccess"]) == ("DenyAll", "Disabled")


def test_linux_is_reached_by_key_and_windows_names_fit(workloads: Rehearsed) -> None:
    profiles = [m["osProfile"] for m in workloads.inputs("azure-native:compute:VirtualMachine")]
    linux = [p for p in profiles if "linuxConfiguration" in p]
    windows = [p for p in profiles if "windowsConfiguration" in p]
    assert [p["linuxConfiguration"]["disablePasswordAuthentication"] for p in linux] == [True]
    assert "adminPassword" not in linux[0]
    assert len(windows) == 3
    assert all(len(p["computerName"]) <= 15 for p in windows)
    assert len({p["computerName"] for p in windows}) == 3


def test_no_secret_stands_in_plain_text_anywhere(workloads: Rehearsed) -> None:
    machines = workloads.inputs("azure-native:compute:VirtualMachine")
    sealed = [m["osProfile"]["adminPassword"] for m in machines if "windowsConfiguration" in m["osProfile"]]
    assert all(SECRET in s for s in sealed)
    written = workloads.state.read_text("utf-8") + json.dumps(workloads.preview.to_json(), default=str)
    assert "Aa1-" not in written
    mysql = workloads.inputs("azure-native:dbformysql:Server")[0]
    assert SECRET in mysql["administratorLoginPassword"]


def test_databases_know_no_passwords_and_no_public(workloads: Rehearsed) -> None:
    server = workloads.inputs("azure-native:sql:Server")[0]
    instance = workloads.inputs("azure-native:sql:ManagedInstance")[0]
    for held in (server, instance):
        assert held["administrators"]["azureADOnlyAuthentication"] is True
        assert held["minimalTlsVersion"] == "1.2"
        assert "administratorLoginPassword" not in held
    assert server["publicNetworkAccess"] == "Disabled"
    assert instance["publicDataEndpointEnabled"] is False
    postgresql = workloads.inputs("azure-native:dbforpostgresql:Server")[0]
    assert postgresql["authConfig"]["passwordAuth"] == "Disabled"
    assert postgresql["network"]["publicNetworkAccess"] == "Disabled"


def test_databases_run_releases_that_are_mended_a_year_from_now(workloads: Rehearsed) -> None:
    """Whoever makes a server today must not upgrade it tomorrow; when this fails, choose a newer release in flexible_servers.py."""
    types = ("azure-native:dbformysql:Server", "azure-native:dbforpostgresql:Server")
    servers = tuple(Subject("resource", t, t, t, inputs) for t in types for inputs in workloads.inputs(t))
    control = next(c for c in all_controls() if c.id == "open-source-databases-run-a-release-in-support")
    judged = evaluate(Portfolio(servers, date(2027, 11, 25)), [control])
    assert [(j.subject.type, j.answer.verdict) for j in judged] == [(t, Verdict.PASS) for t in types]
    makes = load_knowledge().platforms
    assert [workloads.inputs(t)[0]["version"] for t in types] == [makes["mysql"].makes, makes["postgresql"].makes]


def test_file_shares_are_private_and_take_no_keys(workloads: Rehearsed) -> None:
    account = workloads.inputs("azure-native:storage:StorageAccount")[0]
    assert (account["publicNetworkAccess"], account["minimumTlsVersion"]) == ("Disabled", "TLS1_2")
    assert account["allowBlobPublicAccess"] is account["allowSharedKeyAccess"] is False
    assert account["enableHttpsTrafficOnly"] is account["encryption"]["requireInfrastructureEncryption"] is True
    assert account["sku"]["name"] == "Standard_GZRS"
    assert workloads.inputs("azure-native:storage:FileShare")[0]["shareQuota"] == 1024


def test_what_a_month_may_cost_is_what_was_asked_for(workloads: Rehearsed) -> None:
    asked = sorted(r["budget_monthly_pence"] for r in _requests().values())  # type: ignore[type-var]
    assert sorted(round(b["amount"] * 100) for b in workloads.inputs("azure-native:consumption:Budget")) == asked


def test_backups_follow_what_may_be_lost(workloads: Rehearsed) -> None:
    policies = {p["policyName"]: p for p in workloads.inputs("azure-native:recoveryservices:ProtectionPolicy")}
    assert set(policies) == {"machines", "shares"}
    by_workload = {
        s["urn"].rsplit("::", 1)[-1]: s["inputs"]["properties"] for s in workloads.of("azure-native:recoveryservices:ProtectionPolicy")
    }
    housing, gis = by_workload["housing-management-backup-policy"], by_workload["gis-backup-policy"]
    assert housing["schedulePolicy"]["hourlySchedule"]["interval"] == 4
    assert gis["schedulePolicy"]["scheduleRunFrequency"] == "Daily"
    assert "monthlySchedule" not in gis["retentionPolicy"]


def test_azure_sql_keeps_backups_as_long_as_the_care_says(workloads: Rehearsed) -> None:
    short = workloads.inputs("azure-native:sql:BackupShortTermRetentionPolicy")
    assert [p["retentionDays"] for p in short] == [35]
    held = workloads.inputs("azure-native:sql:LongTermRetentionPolicy")[0]
    assert (held["weeklyRetention"], held["monthlyRetention"]) == ("P12W", "P24M")


def test_what_a_request_needs_and_does_not_get_is_said(workloads: Rehearsed) -> None:
    told = (d.message for d in workloads.preview.diagnostics if d.severity == "warning")
    warnings = sorted(t for t in told if not t.startswith("Nothing fixes the network"))  # test_networks.py
    assert warnings == [
        "gis: who speaks with whom in its network is not kept, since the landing zone keeps no flows in ukwest. In the landing zone's "
        "settings turn flow_logs on, with ukwest in flow_logs.further_regions where its own region is another; run pulumi up there, "
        "and then here.",
        "housing-management: the files of hou-docs are backed up several times a day, which is done within their own storage account; "
        "whoever could destroy the account would destroy those too. Ask for rpo_hours of 24 or more to have daily copies in a vault.",
        "libraries: its servers may lose 1 hours and are backed up every 4; agree that with the service, or replicate them.",
    ]
    assert sorted(workloads.outputs["shortfalls"]) == warnings


def test_tags_come_from_the_request(workloads: Rehearsed) -> None:
    housing = next(
        g["tags"] for g in workloads.inputs("azure-native:resources:ResourceGroup") if g["tags"]["workload"] == "housing-management"
    )
    assert housing == {
        "owner": "Head of Housing", "service": "Housing", "cost-centre": "CC-4100", "classification": "official-sensitive",
        "environment": "production", "workload": "housing-management", "wave": "wave-1",
    }  # fmt: skip


def test_every_resource_hangs_on_its_workload(workloads: Rehearsed) -> None:
    root = next(s["urn"] for s in workloads.states if s["type"] == "pulumi:pulumi:Stack")
    assert [s["type"] for s in workloads.states if s.get("parent") == root] == ["cloud-unless:workloads:Workloads"]
    # The engine itself makes the provider by which the other stack is read.
    own = [s for s in workloads.states if s["urn"] != root and s["type"] != "pulumi:providers:pulumi"]
    assert all(s.get("parent") for s in own)


def test_a_second_rehearsal_changes_nothing_though_passwords_are_made_anew(workloads: Rehearsed) -> None:
    again = rehearse(ROOT, "workloads", workloads.state, config=REQUESTS)
    assert {s.op for s in again.steps} <= {"same", "read"}


def test_people_get_roles_only_where_a_group_is_named(workloads: Rehearsed) -> None:
    assert workloads.of("azure-native:authorization:RoleAssignment") == []
    group = "7e0c3a52-0000-4000-8000-0000000000c1"
    preview = workloads.again({**REQUESTS, "access": json.dumps({"gis": group})})
    made = [s.new["inputs"] for s in preview.steps if s.op == "create" and s.new]
    assert {m["principalId"] for m in made} == {group}
    assert len(made) == 3
