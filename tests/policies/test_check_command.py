"""`unless check` from its command line: its exit codes, its outputs, and that nothing judged is never a pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.application import app

URN = "urn:pulumi:dev::p::azure-native:storage:StorageAccount::sa"
SAFE = {
    "allowBlobPublicAccess": False,
    "publicNetworkAccess": "Disabled",
    "minimumTlsVersion": "TLS1_2",
    "allowSharedKeyAccess": False,
    "location": "uksouth",
}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / ".unless"
    (folder / "rehearsal").mkdir(parents=True)
    (folder / "unless.toml").write_text("", encoding="utf-8")
    return folder


def preview(file: Path, **inputs: Any) -> Path:
    state = {
        "urn": URN,
        "type": "azure-native:storage:StorageAccount",
        "inputs": {**SAFE, **inputs},
        "sourcePosition": "project:///s.py#3,1",
    }
    file.write_text(json.dumps({"steps": [{"op": "create", "urn": URN, "newState": state}], "changeSummary": {"create": 1}}), "utf-8")
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def test_a_safe_account_is_fine(workspace: Path) -> None:
    preview(workspace / "rehearsal" / "landing-zone.preview.json")
    done = run("-w", workspace)
    assert done.exit_code == 0, done.output
    assert "No plan:" in done.output
    assert "No exception register" in done.output
    found = json.loads((workspace / "findings.json").read_text("utf-8"))
    assert found["summary"]["blocking"] == 0
    assert "landing-zone.preview.json: preview, 1 resource" in found["judged"][0]


def test_a_public_account_is_found(workspace: Path) -> None:
    preview(workspace / "rehearsal" / "landing-zone.preview.json", allowBlobPublicAccess=True)
    done = run("-w", workspace)
    assert done.exit_code == 1
    assert "FAIL  sa" in done.output
    assert "s.py:3" in done.output


def test_an_unknown_setting_cannot_be_told(workspace: Path) -> None:
    preview(workspace / "rehearsal" / "landing-zone.preview.json", publicNetworkAccess=UNKNOWN)
    assert run("-w", workspace).exit_code == 3


def test_a_failure_outweighs_an_unknown(workspace: Path) -> None:
    preview(workspace / "rehearsal" / "landing-zone.preview.json", publicNetworkAccess=UNKNOWN, allowBlobPublicAccess=True)
    assert run("-w", workspace).exit_code == 1


def test_nothing_judged_is_never_a_pass(workspace: Path) -> None:
    done = run("-w", workspace)
    assert done.exit_code == 3
    assert "Nothing was judged" in done.output


def test_a_stack_that_is_asked_for_and_not_there_cannot_be_told(workspace: Path) -> None:
    preview(workspace / "rehearsal" / "landing-zone.preview.json")
    assert run("-w", workspace, "--stack", "landing-zone").exit_code == 0
    done = run("-w", workspace, "--stack", "landing-zone", "--stack", "workloads")
    assert done.exit_code == 3
    assert "Stack workloads is not rehearsed" in done.output


def test_files_are_judged_without_a_workspace(tmp_path: Path) -> None:
    file = preview(tmp_path / "some name", allowBlobPublicAccess=True)
    done = run(file, "-w", tmp_path / "none")
    assert done.exit_code == 1
    assert not (tmp_path / "none").exists()


def test_an_exception_waives_until_its_last_day(workspace: Path) -> None:
    preview(workspace / "rehearsal" / "a.preview.json", allowSharedKeyAccess=True)
    register = workspace.parent / "register.toml"
    register.write_text(
        """format = "cloud-unless/exceptions/1"
[[exception]]
id = "EX-1"
controls = ["storage-denies-shared-keys"]
subjects = ["sa"]
requester = "A"
approver = "Chief Information Officer"
approved_on = 2026-01-01
expires_on = 2026-06-30
category = "time to mend"
rationale = "The old forms sign in with a key until they are moved."
options = [{ name = "Keep the key", five_year_cost_pence = 0 }, { name = "Move now", five_year_cost_pence = 900_000 }]
risk = "Whoever has the key reads the forms."
compensating_controls = ["The key is changed every month."]
review_on = 2026-04-01
exit_plan = "The forms move in June."
evidence = ["Minute 3 of the Digital Board"]
""",
        encoding="utf-8",
    )
    arguments = ("-w", workspace, "--exceptions", register)
    assert run(*arguments, "--on", "2026-06-30").exit_code == 0
    late = run(*arguments, "--on", "2026-07-01")
    assert late.exit_code == 1
    assert "expired on 2026-06-30" in late.output


def test_json_and_sarif_are_printed_alone_or_written(workspace: Path, tmp_path: Path) -> None:
    preview(workspace / "rehearsal" / "a.preview.json", allowBlobPublicAccess=True)
    assert json.loads(run("-w", workspace, "--json").stdout)["format"] == "cloud-unless/findings/1"
    assert json.loads(run("-w", workspace, "--sarif").stdout)["version"] == "2.1.0"
    assert run("-w", workspace, "--sarif", "--output", tmp_path / "out.sarif").exit_code == 1
    assert json.loads((tmp_path / "out.sarif").read_text("utf-8"))["version"] == "2.1.0"


@pytest.mark.parametrize("arguments", [["--json", "--sarif"], ["--on", "tomorrow"], ["--nonsense"]])
def test_wrong_usage(workspace: Path, arguments: list[str]) -> None:
    assert run("-w", workspace, *arguments).exit_code == 2


def spoken(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from console.cli import main; main()", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_faults_are_plain_all_at_once_and_write_nothing(workspace: Path) -> None:
    (workspace / "rehearsal" / "a.preview.json").write_text('{"steps": [', encoding="utf-8")
    (workspace / "plan.json").write_text('{"format": "cloud-unless/plan/7"}', encoding="utf-8")
    (workspace.parent / "policies").mkdir()
    (workspace.parent / "policies" / "exceptions.toml").write_text("format = 1", encoding="utf-8")
    done = spoken("-w", workspace)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        ".unless/rehearsal/a.preview.json",
        ".unless/plan.json",
        "policies/exceptions.toml",
    ]
    assert not (workspace / "findings.json").exists()


def test_a_missing_workspace_and_a_missing_register_are_plain(tmp_path: Path, workspace: Path) -> None:
    assert spoken("-w", tmp_path / "none").returncode == 1
    preview(workspace / "rehearsal" / "a.preview.json")
    done = spoken("-w", workspace, "--exceptions", tmp_path / "none.toml")
    assert done.returncode == 1
    assert "cannot be read" in done.stderr


@pytest.mark.slow
def test_a_public_account_slipped_into_the_landing_zone_is_found(workspace: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", "from console.cli import main; main()", "rehearse", "landing-zone", "-w", str(workspace)]
    subprocess.run(command, check=True, capture_output=True, cwd=root)
    file = workspace / "rehearsal" / "landing-zone.preview.json"
    before = run("-w", workspace)
    assert "storage-denies-public-access" not in before.output
    held = json.loads(file.read_text("utf-8"))
    urn = "urn:pulumi:landing-zone::cloud-unless::azure-native:storage:StorageAccount::slipped-in"
    state = {"urn": urn, "type": "azure-native:storage:StorageAccount", "inputs": {"allowBlobPublicAccess": True, "location": "uksouth"}}
    held["steps"].append({"op": "create", "urn": urn, "newState": state})
    file.write_text(json.dumps(held), encoding="utf-8")
    after = run("-w", workspace)
    assert after.exit_code == 1
    assert "FAIL  slipped-in" in after.output
    assert before.exit_code in (0, 1)
