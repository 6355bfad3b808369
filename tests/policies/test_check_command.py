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
from console.check_forms import FORMS

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


def test_a_stack_whose_last_rehearsal_failed_cannot_be_told_and_what_was_never_there_is_a_line(workspace: Path) -> None:
    preview(workspace / "rehearsal" / "landing-zone.preview.json")
    done = run("-w", workspace)
    assert (done.exit_code, "No plan:" in done.output, "No runbook:" in done.output) == (0, True, True)
    (workspace / "rehearsal" / "workloads.json").write_text("{}", "utf-8")
    done = run("-w", workspace)
    assert done.exit_code == 3
    assert "Stack workloads: its last rehearsal failed" in done.output
    assert "Not judged (1)" in done.output


def test_files_are_judged_without_a_workspace(tmp_path: Path) -> None:
    file = preview(tmp_path / "some name", allowBlobPublicAccess=True)
    done = run(file, "-w", tmp_path / "none")
    assert done.exit_code == 1
    assert not (tmp_path / "none").exists()


def test_json_and_sarif_are_printed_alone_or_written(workspace: Path, tmp_path: Path) -> None:
    preview(workspace / "rehearsal" / "a.preview.json", allowBlobPublicAccess=True)
    assert json.loads(run("-w", workspace, "--json").stdout)["format"] == "cloud-unless/findings/1"
    assert json.loads(run("-w", workspace, "--sarif").stdout)["version"] == "2.1.0"
    assert run("-w", workspace, "--sarif", "--output", tmp_path / "out.sarif").exit_code == 1
    assert json.loads((tmp_path / "out.sarif").read_text("utf-8"))["version"] == "2.1.0"


def test_one_run_gives_every_form_and_the_same_code(workspace: Path, tmp_path: Path) -> None:
    preview(workspace / "rehearsal" / "a.preview.json", allowBlobPublicAccess=True)
    names = {form: tmp_path / f"out.{form}" for form in FORMS if form != "text"}
    done = run("-w", workspace, *(f"--format={form}={file}" for form, file in names.items()))
    assert done.exit_code == 1
    assert "FAIL  sa" in done.output
    assert json.loads(names["json"].read_text("utf-8")) == json.loads((workspace / "findings.json").read_text("utf-8"))
    assert json.loads(names["sarif"].read_text("utf-8"))["version"] == "2.1.0"
    assert 'name="stack dev"' in names["junit"].read_text("utf-8")
    assert "assessment-results" in json.loads(names["oscal-ar"].read_text("utf-8"))
    assert "plan-of-action-and-milestones" in json.loads(names["oscal-poam"].read_text("utf-8"))
    assert "- FAIL `sa` at `s.py:3`" in names["markdown"].read_text("utf-8")


def test_two_forms_never_share_a_file_however_it_is_named(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preview(workspace / "rehearsal" / "a.preview.json")
    monkeypatch.chdir(tmp_path)
    done = run("-w", workspace, "--format", "sarif=out", "--format", f"junit={tmp_path / 'out'}")
    assert (done.exit_code, (tmp_path / "out").exists()) == (2, False)
    assert "out: is named for 2 forms" in done.output


def test_a_file_without_end_is_a_fault(workspace: Path) -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("there is no /dev/zero here")
    assert run("/dev/zero", "-w", workspace).exit_code == 3


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_printed_alone_as_it_is_written(workspace: Path, tmp_path: Path, form: str) -> None:
    preview(workspace / "rehearsal" / "a.preview.json", allowBlobPublicAccess=True)
    printed = run("-w", workspace, "--all", "--format", form).stdout
    run("-w", workspace, "--format", form, "--output", tmp_path / "out")
    assert printed == (tmp_path / "out").read_text("utf-8")


def test_the_base_tells_new_from_still_open_and_mended(workspace: Path, tmp_path: Path) -> None:
    file = workspace / "rehearsal" / "a.preview.json"
    preview(file, allowBlobPublicAccess=True, minimumTlsVersion="TLS1_0")
    run("-w", workspace, f"--format=json={tmp_path / 'base.json'}")
    preview(file, allowBlobPublicAccess=True, allowSharedKeyAccess=True)
    done = run("-w", workspace, "--base", tmp_path / "base.json", f"--format=markdown={tmp_path / 'comment.md'}")
    comment = (tmp_path / "comment.md").read_text("utf-8")
    new, mended = comment.split("### New (")[1].split("### Mended (")
    told = f"Against the base: {new.split(')')[0]} new, {mended.split(')')[0]} mended"
    assert told in done.output
    assert "storage-denies-shared-keys" in new
    assert "- `storage-requires-tls-1-2` `sa`" in mended
    assert "storage-requires-tls-1-2" not in new


def test_the_base_may_be_the_findings_that_the_run_itself_replaces(workspace: Path) -> None:
    preview(workspace / "rehearsal" / "a.preview.json", allowBlobPublicAccess=True)
    run("-w", workspace)
    assert "Against the base: 0 new, 0 mended" in run("-w", workspace, "--base", workspace / "findings.json").output


def test_a_bad_base_and_a_bad_preview_are_told_at_once_and_nothing_is_written(workspace: Path, tmp_path: Path) -> None:
    (workspace / "rehearsal" / "a.preview.json").write_text('{"steps": [', encoding="utf-8")
    (tmp_path / "base.json").write_text("{}", encoding="utf-8")
    done = spoken("-w", workspace, "--base", tmp_path / "base.json", f"--format=junit={tmp_path / 'junit.xml'}")
    assert done.returncode == 3
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == [".unless/rehearsal/a.preview.json", str(tmp_path / "base.json")]
    assert not (tmp_path / "junit.xml").exists()


def test_a_form_that_cannot_be_written_leaves_the_others_unwritten(workspace: Path, tmp_path: Path) -> None:
    preview(workspace / "rehearsal" / "a.preview.json")
    places = {"junit": tmp_path / "junit.xml", "sarif": tmp_path / "none" / "x.sarif", "markdown": tmp_path}
    done = run("-w", workspace, *(f"--format={form}={file}" for form, file in places.items()))
    assert done.exit_code == 1
    assert "its folder is not there" in done.output
    assert "is a folder" in done.output
    assert not (tmp_path / "junit.xml").exists()


def test_a_workload_is_pointed_at_with_its_line_in_the_plan(workspace: Path) -> None:
    (workspace / "plan.json").write_text(
        '{"format": "cloud-unless/plan/1", "on": "2026-11-22",\n "workloads": [\n  {"id": "a"},\n\n  {"id": "b"}]}', "utf-8"
    )
    run("-w", workspace)
    found = json.loads((workspace / "findings.json").read_text("utf-8"))["judgements"]
    assert {(j["subject_id"], j["line"]) for j in found if j["subject_kind"] == "workload"} == {("a", 3), ("b", 5)}


def test_a_resource_without_a_place_is_pointed_at_in_the_file_that_it_was_read_from(tmp_path: Path) -> None:
    file = preview(tmp_path / "some.json", allowBlobPublicAccess=True)
    file.write_text(file.read_text("utf-8").replace("sourcePosition", "else"), "utf-8")
    assert f"{file.as_posix()}:1: allowBlobPublicAccess" in run(file, "-w", tmp_path / "none").output


def test_half_a_surrogate_pair_in_a_value_is_written_and_read_again(workspace: Path, tmp_path: Path) -> None:
    preview(workspace / "rehearsal" / "a.preview.json", minimumTlsVersion="\ud800")
    done = run("-w", workspace, *(f"--format={form}={tmp_path / form}" for form in FORMS if form != "text"))
    assert done.exit_code == 1, done.output
    assert "0 new, 0 mended" in run("-w", workspace, "--base", tmp_path / "json").output


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "--sarif"],
        ["--on", "tomorrow"],
        ["--nonsense"],
        ["--format", "html"],
        ["--format", "sarif="],
        ["--format", "junit", "--json"],
        ["--format", "json=a", "--format", "sarif=a"],
        ["--format", "json=a", "--output", "a"],
    ],
)
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
    assert done.returncode == 3
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
    assert done.returncode == 3
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
