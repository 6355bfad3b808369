"""`unless check` and `unless rehearse` with Azure's type files: named, set, in the cache, absent, broken; and what they say."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Unless = Callable[..., subprocess.CompletedProcess[bytes]]
DATA = (Path(__file__).parents[2] / "../shared/data").resolve()
TOKEN = "azure-native:storage:StorageAccount"
URN = f"urn:pulumi:dev::p::{TOKEN}::sa"
RIGHT = {
    "resourceGroupName": "rg",
    "accountName": "stexample01",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
    "location": "uksouth",
    "allowBlobPublicAccess": False,
    "publicNetworkAccess": "Disabled",
    "minimumTlsVersion": "TLS1_2",
    "allowSharedKeyAccess": False,
    "enableHttpsTrafficOnly": True,
}
PROGRAM = """\
from pulumi_azure_native import resources, storage

group = resources.ResourceGroup("group", resource_group_name="rg-app", location="uksouth")
storage.StorageAccount(
    "store",
    resource_group_name=group.name,
    account_name="stexample01",
    location="uksouth",
    kind="StorageV2",
    sku={"name": "Standard_LRS"},
    network_rule_set={"defaultAction": "Deny", "ipRuls": []},
)
"""


@pytest.fixture
def data() -> Path:
    if not (DATA / "bicep-types").is_dir():
        pytest.skip("../shared/data/bicep-types is not here: no types to judge by")
    return DATA


def preview(folder: Path, **inputs: Any) -> str:
    state = {"urn": URN, "type": TOKEN, "inputs": {**RIGHT, **inputs}, "sourcePosition": "project:///stacks/s.py#3,1"}
    held = {"steps": [{"op": "create", "urn": URN, "newState": state}], "changeSummary": {"create": 1}}
    (folder / "preview.json").write_text(json.dumps(held), "utf-8")
    return "preview.json"


def test_without_the_files_it_is_said_that_types_are_not_judged(tmp_path: Path, unless: Unless) -> None:
    done = unless("check", preview(tmp_path, naem="x"), XDG_CACHE_HOME=str(tmp_path))
    assert done.returncode == 0
    assert b"Azure's types are not at hand: inputs are not judged by them." in done.stdout


def test_what_does_not_fit_is_a_finding_that_blocks(tmp_path: Path, unless: Unless, data: Path) -> None:
    file = preview(tmp_path, networkRuleSet={"defaultAction": "Deny", "ipRuls": []})
    done = unless("check", file, "--library", str(data))
    assert done.returncode == 1
    said = done.stdout.decode()
    assert "inputs-fit-azure" in said
    assert "FAIL  sa (azure-native:storage:StorageAccount) stacks/s.py:3: networkRuleSet.ipRuls is no input" in said
    assert "Did you mean ipRules?" in said
    assert "Azure's types (bicep-types): 1 resource judged" in said


def test_it_is_a_finding_in_json_and_in_sarif_too(tmp_path: Path, unless: Unless, data: Path) -> None:
    file = preview(tmp_path, networkRuleSet={"defaultAction": "Deny", "ipRuls": []}, kind=None)
    found = json.loads(unless("check", file, "--library", str(data), "--json").stdout)
    rows = [j for j in found["judgements"] if j["control"] == "inputs-fit-azure"]
    assert [(r["verdict"], r["path"], r["subject_id"], r["blocks"]) for r in rows] == [
        ("fail", "kind", URN, True),
        ("fail", "networkRuleSet.ipRuls", URN, True),
    ]
    run = json.loads(unless("check", file, "--library", str(data), "--sarif").stdout)["runs"][0]
    results = [r for r in run["results"] if r["ruleId"] == "inputs-fit-azure"]
    assert [run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] for r in results] == ["inputs-fit-azure"] * 2
    assert len({r["partialFingerprints"]["cloudUnless/v2"] for r in results}) == 2


REGISTER = """\
format = "cloud-unless/exceptions/1"
[[exception]]
id = "EX-2026-007"
controls = ["inputs-fit-azure"]
subjects = ["sa"]
category = "false finding"
rationale = "The types of this API version lack an input that the provider has."
options = [{ name = "Wait", five_year_cost_pence = 0 }, { name = "Leave the input out", five_year_cost_pence = 50_000 }]
risk = "The input is not judged."
compensating_controls = ["Judged by hand at review."]
requester = "Cloud engineer"
approver = "Chief Information Security Officer"
approved_on = 2026-11-01
expires_on = 2026-12-31
review_on = 2026-12-01
exit_plan = "The next version of the types has it."
evidence = ["Change 118"]
"""


def test_an_exception_waives_what_the_types_have_wrong(tmp_path: Path, unless: Unless, data: Path) -> None:
    (tmp_path / "register.toml").write_text(REGISTER, "utf-8")
    words = ("check", preview(tmp_path, naem="x"), "--library", str(data), "--exceptions", "register.toml", "--on", "2026-11-22", "--json")
    found = json.loads(unless(*words).stdout)
    (row,) = [j for j in found["judgements"] if j["control"] == "inputs-fit-azure"]
    assert (row["verdict"], row["waived_by"], row["blocks"]) == ("fail", "EX-2026-007", False)
    about = [j for j in found["judgements"] if j["control"] == "exception-names-things-that-exist"]
    assert [j["verdict"] for j in about] == ["pass"]


def test_the_workspace_may_name_the_folder(tmp_path: Path, unless: Unless, data: Path) -> None:
    assert unless("init").returncode == 0
    with (tmp_path / ".unless" / "unless.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'path = "{data.as_posix()}"\n')
    done = unless("check", preview(tmp_path, naem="x"))
    assert done.returncode == 1
    assert b"naem is no input of azure-native's here" in done.stdout


def test_the_cache_is_looked_in(tmp_path: Path, unless: Unless, data: Path) -> None:
    place = tmp_path / "cloud-unless" / "library"
    place.parent.mkdir()
    place.symlink_to(data, target_is_directory=True)
    done = unless("check", preview(tmp_path), XDG_CACHE_HOME=str(tmp_path))
    assert b"Azure's types (bicep-types): 1 resource judged" in done.stdout


def test_the_doctor_says_whether_they_are_at_hand(tmp_path: Path, unless: Unless) -> None:
    folder = tmp_path / "library" / "bicep-types"
    folder.mkdir(parents=True)
    (folder / "index.json").write_text('{"Microsoft.Storage/storageAccounts@2024-01-01": "storage.json.gz"}', "utf-8")
    assert unless("init").returncode == 0
    rows = json.loads(unless("doctor", "--json", XDG_CACHE_HOME=str(tmp_path)).stdout)
    assert [r["state"] for r in rows if r["name"] == "Azure's types"] == ["missing"]
    rows = json.loads(unless("doctor", "--json", UNLESS_LIBRARY=str(tmp_path / "library")).stdout)
    assert [r["state"] for r in rows if r["name"] == "Azure's types"] == ["present"]
    done = unless("doctor", UNLESS_LIBRARY=str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert b"holds no type files" in done.stdout


def test_a_folder_without_type_files_is_told(tmp_path: Path, unless: Unless) -> None:
    done = unless("check", preview(tmp_path), "--library", "nowhere")
    assert done.returncode == 3
    assert b"nowhere: holds no type files" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("broken", [b"{", b"\x1f\x8b", b'[{"$type": "ResourceType"}]'])
def test_type_files_that_are_broken_are_told(tmp_path: Path, unless: Unless, broken: bytes) -> None:
    folder = tmp_path / "bicep-types"
    folder.mkdir()
    (folder / "index.json").write_text('{"Microsoft.Storage/storageAccounts@2024-01-01": "storage.json.gz"}', "utf-8")
    (folder / "storage.json.gz").write_bytes(broken)
    done = unless("check", preview(tmp_path), "--library", str(tmp_path))
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    assert b"storage.json.gz: " in done.stderr


def test_a_rehearsal_tells_what_does_not_fit(tmp_path: Path, unless: Unless, data: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\nmain: program.py\n", "utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n", "utf-8")
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    assert unless("init").returncode == 0
    done = unless("rehearse", "dev", "--library", str(data))
    assert done.returncode == 1, done.stderr
    assert b"inputs-fit-azure: store (azure-native:storage:StorageAccount)" in done.stderr
    assert b"networkRuleSet.ipRuls is no input of azure-native's here. Did you mean ipRules?" in done.stderr
    (tmp_path / "program.py").write_text(PROGRAM.replace("ipRuls", "ipRules"), "utf-8")
    done = unless("rehearse", "dev", "--json", "--library", str(data))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["steps"]
    assert b"0 inputs do not fit" in done.stderr
    done = unless("rehearse", "dev", XDG_CACHE_HOME=str(tmp_path))
    assert done.returncode == 0
    assert b"Azure's types are not at hand" in done.stderr
