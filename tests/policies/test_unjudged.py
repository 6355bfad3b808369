"""What was read and not judged is said, and is never a pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.application import app

SAFE = {
    "type": "azure-native:storage:StorageAccount",
    "inputs": {
        "allowBlobPublicAccess": False,
        "publicNetworkAccess": "Disabled",
        "minimumTlsVersion": "TLS1_2",
        "allowSharedKeyAccess": False,
        "location": "uksouth",
    },
}


def _preview(folder: Path, *states: dict[str, Any]) -> Path:
    steps: list[Any] = []
    for state in states:
        urn = f"urn:pulumi:dev::p::{state['type']}::it"
        steps.append({"op": "create", "urn": urn, "newState": {"urn": urn, **state}})
    file = folder / "p.json"
    file.write_text(json.dumps({"steps": steps, "changeSummary": {"create": len(steps)}}), "utf-8")
    return file


def _check(folder: Path, *states: dict[str, Any], shape: str = "--json") -> tuple[int, Any]:
    done = CliRunner().invoke(app, ["check", str(_preview(folder, *states)), "-w", str(folder / "none"), shape])
    return done.exit_code, done.output if shape == "--all" else json.loads(done.output)


@pytest.mark.parametrize(
    ("type_", "inputs", "package"),
    [
        ("azure:storage/account:Account", {"allowNestedItemsToBePublic": True}, "azure"),
        ("aws:s3/bucket:Bucket", {"acl": "public-read"}, "aws"),
        ("m365:index:Site", {}, "m365"),
    ],
)
def test_a_package_that_no_control_knows_cannot_be_told(tmp_path: Path, type_: str, inputs: dict[str, Any], package: str) -> None:
    state = {"type": type_, "custom": True, "inputs": inputs}
    code, found = _check(tmp_path, state)
    said = f"1 resource of the package {package} ({type_}) not judged: no control is made for that package."
    assert (code, len(found["not_judged"])) == (3, 1)
    assert said in found["not_judged"][0]
    code, text = _check(tmp_path, state, shape="--all")
    assert (code, "Not judged (1)" in text) == (3, True)
    code, log = _check(tmp_path, state, shape="--sarif")
    told = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert (code, [n["level"] for n in told], said in told[0]["message"]["text"]) == (3, ["error"], True)


def test_such_a_package_beside_safe_resources_cannot_be_told_either(tmp_path: Path) -> None:
    code, alone = _check(tmp_path, SAFE)
    assert (code, alone["not_judged"]) == (0, [])
    code, both = _check(tmp_path, SAFE, {"type": "aws:s3/bucket:Bucket", "inputs": {}})
    assert (code, len(both["not_judged"])) == (3, 1)


def test_resources_of_which_no_control_says_anything_cannot_be_told(tmp_path: Path) -> None:
    code, found = _check(tmp_path, {"type": "azure-native:unheardof:Thing", "inputs": {}})
    assert code == 3
    assert found["not_judged"][0].endswith(
        "p.json: 1 resource (azure-native:unheardof:Thing) not judged: no control says anything of such resources."
    )


def test_a_component_of_anybodys_package_holds_nothing_to_judge(tmp_path: Path) -> None:
    code, found = _check(tmp_path, SAFE, {"type": "council:index:Office", "custom": False})
    assert (code, found["not_judged"]) == (0, [])


@pytest.mark.parametrize(
    ("type_", "inputs", "control", "code"),
    [
        ("azure-native:storage:BlobContainer", {"publicAccess": "Blob"}, "blob-containers-deny-anonymous-readers", 1),
        ("azure-native:storage:StorageAccountStaticWebsite", {"accountName": "pages"}, "storage-websites-stay-private", 3),
    ],
)
def test_what_publishes_blobs_is_found(tmp_path: Path, type_: str, inputs: dict[str, Any], control: str, code: int) -> None:
    ended, found = _check(tmp_path, {"type": type_, "inputs": inputs})
    blocking = [j["control"] for j in found["judgements"] if j["blocks"]]
    assert (ended, blocking) == (code, [control])
