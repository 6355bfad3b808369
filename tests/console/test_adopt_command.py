"""`unless adopt`: what exists is matched with what a stack would make; the rest is left alone, and what is alike is said."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.adoption.export import read_export
from console.adoption.model import arm_type

Unless = Callable[..., "subprocess.CompletedProcess[bytes]"]
URN = "urn:pulumi:landing-zone::cloud-unless::"
ZONE = f"{URN}zone:LandingZone::exb"
PROVIDER = f"{URN}pulumi:providers:azure-native::management"
GROUPS = "/providers/Microsoft.Management/managementGroups/"
HUB = "/subscriptions/s1/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}


def _resource(kind: str, name: str, id_: str = "", parent: str = ZONE, **inputs: Any) -> dict[str, Any]:
    held = {"urn": f"{URN}{kind}::{name}", "type": kind, "parent": parent, "inputs": inputs, "custom": bool(id_)}
    return {**held, "id": id_, "provider": f"{PROVIDER}::some-id"} if id_ else held


TOP = _resource("azure-native:management:ManagementGroup", "mg-exb", f"{GROUPS}exb", displayName="Exampleborough", groupId="exb")
CORP = _resource(
    "azure-native:management:ManagementGroup",
    "mg-exb-corp",
    f"{GROUPS}exb-corp",
    TOP["urn"],
    displayName="Corp",
    details={"parent": {"id": f"{GROUPS}exb"}},
)
ASSIGNED = _resource(
    "azure-native:authorization:PolicyAssignment",
    "exb-tls",
    f"{GROUPS}exb/providers/Microsoft.Authorization/policyAssignments/tls",
    enforcementMode="Default",
    displayName="TLS",
    policyDefinitionId="/providers/Microsoft.Authorization/policyDefinitions/abc",
)
NETWORK = _resource("azure-native:network:VirtualNetwork", "hub-network", HUB, location="uksouth", dhcpOptions={"key": SECRET})
STATE: dict[str, Any] = {
    "version": 3,
    "deployment": {
        "resources": [
            {"urn": f"{URN}pulumi:pulumi:Stack::s", "type": "pulumi:pulumi:Stack", "custom": False},
            _resource("zone:LandingZone", "exb", parent=f"{URN}pulumi:pulumi:Stack::s"),
            {"urn": PROVIDER, "custom": True, "type": "pulumi:providers:azure-native", "id": "some-id", "parent": ZONE},
            TOP,
            CORP,
            ASSIGNED,
            NETWORK,
        ]
    },
}
TENANT: list[dict[str, Any]] = [
    {"id": f"{GROUPS}EXB", "name": "exb", "properties": {"displayName": "Exampleborough"}},
    {"id": ASSIGNED["id"], "properties": {"displayName": "TLS", "enforcementMode": "DoNotEnforce"}},
    {"id": HUB.replace("vnet-hub", "vnet-old"), "name": "vnet-old", "location": "uksouth", "properties": {}},
    {"id": "/subscriptions/s1/resourceGroups/rg-$(rm)", "name": "[bold]; rm -rf"},
]


@pytest.fixture
def council(unless: Unless, tmp_path: Path) -> Path:
    assert unless("init").returncode == 0
    (tmp_path / ".unless/rehearsal").mkdir(exist_ok=True)
    (tmp_path / ".unless/rehearsal/landing-zone.json").write_text(json.dumps(STATE), "utf-8")
    (tmp_path / "export.json").write_text(json.dumps({"data": TENANT}), "utf-8")
    return tmp_path


def test_what_exists_is_in_the_import_file_under_its_parents_and_nothing_else_is(unless: Unless, council: Path) -> None:
    done = unless("adopt", "export.json", "--options")
    assert done.returncode == 1, done.stderr
    held = json.loads((council / "import.json").read_text("utf-8"))
    assert held["nameTable"] == {"exb": ZONE, "management": PROVIDER}
    assert held["resources"] == [
        {"type": TOP["type"], "name": "mg-exb", "id": f"{GROUPS}exb", "parent": "exb", "provider": "management"},
        {"type": ASSIGNED["type"], "name": "exb-tls", "id": ASSIGNED["id"], "parent": "exb", "provider": "management"},
    ]
    told = done.stdout.decode()
    assert "2 resources of the stack exist and are adopted; 2 others exist and are left alone." in told
    assert 'exb-tls: enforcementMode is "DoNotEnforce" and becomes "Default": it begins, or ceases, to refuse.' in told
    assert f"hub-network: {HUB.replace('vnet-hub', 'vnet-old')}: a network stands in the region already" in told
    assert "1 inputs of adopted resources are not in the export" in told
    assert f"pulumi up --target '{ZONE}' --target '{PROVIDER}'" in told
    assert f"mg-exb: import_='{GROUPS}exb'" in told


def test_several_exports_are_one_and_each_of_them_is_judged(unless: Unless, council: Path) -> None:
    for name, rows in (("groups.json", TENANT[:1]), ("policies.json", TENANT[1:2]), ("groups-again.json", TENANT[:1])):
        (council / name).write_text(json.dumps(rows), "utf-8")
    told = json.loads(unless("adopt", "groups.json", "policies.json", "groups-again.json", "--json").stdout)
    assert sorted(a["name"] for a in told["adopted"]) == ["exb-tls", "mg-exb"]
    for name in ("groups.json", "policies.json"):
        (council / name).write_text("[]", "utf-8")
    done = unless("adopt", "groups.json", "policies.json")
    assert [line.split(":")[0] for line in done.stderr.decode().splitlines()] == ["groups.json", "policies.json"]


def test_an_export_that_may_have_been_cut_is_told(unless: Unless, council: Path) -> None:
    rows = [{"id": f"/subscriptions/s1/resourceGroups/rg-{n}"} for n in range(1000)]
    (council / "export.json").write_text(json.dumps({"data": rows}), "utf-8")
    done = unless("adopt", "export.json")
    assert done.returncode == 0
    assert "export.json holds as many rows as Azure answers at once." in done.stderr.decode()


def test_an_adopted_group_is_the_parent_of_an_adopted_group_and_one_name_twice_is_told_apart(unless: Unless, council: Path) -> None:
    twin = _resource("azure-native:network:VirtualNetwork", "exb", HUB, location="uksouth")
    state = {"version": 3, "deployment": {"resources": [*STATE["deployment"]["resources"], twin]}}
    (council / ".unless/rehearsal/landing-zone.json").write_text(json.dumps(state), "utf-8")
    (council / "export.json").write_text(json.dumps([{"id": r["id"]} for r in (CORP, TOP, twin)]), "utf-8")
    told = json.loads(unless("adopt", "export.json", "--json").stdout)
    held = json.loads((council / "import.json").read_text("utf-8"))["resources"]
    assert told["make_first"] == [ZONE, PROVIDER]
    assert [(r["name"], r.get("logicalName"), r["parent"]) for r in held] == [
        ("mg-exb", None, "exb"),
        ("hub-network", None, "exb"),
        ("exb-2", "exb", "exb"),
        ("mg-exb-corp", None, "mg-exb"),
    ]


def test_what_stands_under_something_that_is_not_there_waits(unless: Unless, council: Path) -> None:
    (council / "export.json").write_text(json.dumps([{"id": CORP["id"], "properties": {"displayName": "Other", "details": {}}}]), "utf-8")
    told = json.loads(unless("adopt", "export.json", "--json").stdout)
    assert told["waiting"] == ["mg-exb-corp"]
    # The move of a group is more dangerous than its name.
    assert [c["key"] for c in told["changes"]] == ["details", "displayName"]
    assert json.loads((council / "import.json").read_text("utf-8")) == {"nameTable": {}, "resources": []}


def test_a_secret_is_neither_compared_nor_shown(unless: Unless, council: Path) -> None:
    held = {"id": HUB, "location": "ukwest", "properties": {"dhcpOptions": {"key": "other"}}}
    (council / "export.json").write_text(json.dumps([held]), "utf-8")
    done = unless("adopt", "export.json")
    assert "hunter2" not in done.stdout.decode()
    assert 'hub-network: location is "ukwest" and becomes "uksouth": it cannot be changed' in done.stdout.decode()


def test_the_portals_csv_says_the_same(council: Path) -> None:
    with (council / "export.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["ID", "NAME", "LOCATION", "PROPERTIES"])
        writer.writeheader()
        writer.writerows(
            {"ID": r["id"], "NAME": r.get("name"), "LOCATION": r.get("location"), "PROPERTIES": json.dumps(r.get("properties"))}
            for r in TENANT
        )
    by_json, _ = read_export(council / "export.json")
    by_csv, faults = read_export(council / "export.csv")
    assert faults == []
    assert [(e.id, e.name or "", e.type) for e in by_csv] == [(e.id, e.name, e.type) for e in by_json]
    assert by_csv[1].held["properties"]["enforcementMode"] == "DoNotEnforce"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("{", ["is not readable"]),
        ('{"rows": []}', ["is no export of Resource Graph"]),
        ("[]", ["holds no resource"]),
        ('[{"id": "x"}, 4, {"id": "/a"}]', ["row 1: it has no id", "row 2: it has no id"]),
        ("[" * 100_000, ["cannot be read"]),
    ],
)
def test_an_export_that_is_none_is_told_and_nothing_is_written(unless: Unless, council: Path, text: str, faults: list[str]) -> None:
    (council / "export.json").write_text(text, "utf-8")
    done = unless("adopt", "export.json")
    told = done.stderr.decode()
    assert done.returncode == 1
    assert [f for f in faults if f not in told] == []
    assert "Traceback" not in told
    assert not (council / "import.json").exists()


def test_without_a_rehearsal_nobody_knows_what_the_stack_would_make(unless: Unless, council: Path) -> None:
    done = unless("adopt", "export.json", "--stack", "workloads")
    assert done.returncode == 1
    assert "Run: unless rehearse workloads" in done.stderr.decode()
    assert council.is_dir()


@pytest.mark.parametrize(
    ("resource_id", "kind"),
    [
        ("/subscriptions/s/resourceGroups/rg", "microsoft.resources/subscriptions/resourcegroups"),
        (f"{HUB}/subnets/a", "microsoft.network/virtualnetworks/subnets"),
        (f"{GROUPS}exb", "microsoft.management/managementgroups"),
        (ASSIGNED["id"], "microsoft.authorization/policyassignments"),
    ],
)
def test_a_type_is_read_from_the_id(resource_id: str, kind: str) -> None:
    assert arm_type(resource_id) == kind


def test_a_folder_that_is_not_there_is_told_by_the_file_that_was_asked_for(unless: Unless, council: Path) -> None:
    (council / "export.json").write_text(json.dumps([{"id": HUB}]), "utf-8")
    done = unless("adopt", "export.json", "--output", "nowhere/import.json")
    assert done.returncode == 1
    assert done.stderr.decode().startswith("nowhere/import.json: The folder that it is to lie in is not there.")
