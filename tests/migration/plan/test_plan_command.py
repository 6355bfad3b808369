"""`unless plan` on a small council's files, through the commands before it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.application import app
from migration.errors import MigrationError

FILES = {
    "servers.csv": (
        "Server name,Type,Power,Environment,Cores,Memory (GB),Storage (GB),Storage used (GB),Operating system\n"
        "app-01,virtual,on,production,2,8,100,60,Ubuntu 24.04 LTS\n"
        "app-02,virtual,on,production,2,8,100,60,Ubuntu 24.04 LTS\n"
        "app-03,virtual,on,production,2,8,100,60,Windows Server 2008\n"
    ),
    "utilisation.csv": "Server,Month,CPU p95 (%),Memory p95 (%)\napp-01,2026-10,30,40\napp-02,2026-10,30,40\napp-03,2026-10,30,40\n",
    "applications.csv": (
        "Application,Business owner,Service area,Product,Version,Users,Environment,Data classification,Personal data,Criticality,Servers\n"
        "Allotments,Head of Parks,Parks,Plots,3,12,production,official,no,low,app-01\n"
        "Weddings,Head of Registration,Registration,Vows,2,9,production,official,no,high,app-02\n"
        "Old ledger,Head of Finance,Finance,Ledger,1,3,production,official,no,low,app-03\n"
    ),
    "calendar.csv": "Freeze,Starts,Ends,Service area\nYear end,2027-03-29,2027-04-02,\nWedding season,2027-01-01,2027-01-31,Registration\n",
}
SETTINGS = '[council]\nid = "smallborough"\n[estate]\non = 2026-11-22\n[plan]\nfirst_wave_starts = 2027-01-11\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / ".unless"
    folder.mkdir()
    (folder / "unless.toml").write_text(SETTINGS, "utf-8")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert _unless(folder, "import", *(str(tmp_path / name) for name in FILES))[0] == 0
    assert _unless(folder, "assess")[0] == 0
    return folder


def _unless(folder: Path, *words: str) -> tuple[int, str]:
    answer = CliRunner().invoke(app, [*words, "--workspace", str(folder)])
    # `console.cli.main` prints the faults of an error that a person can mend; the runner hands the error over instead.
    faults = "\n".join(answer.exception.faults) if isinstance(answer.exception, MigrationError) else ""
    return answer.exit_code, answer.output + faults


def test_the_plan_and_its_requests_are_written_and_a_second_run_changes_no_byte(workspace: Path) -> None:
    code, said = _unless(workspace, "plan")
    assert code == 0
    assert "wave-1" in said
    assert "Not ready" in said
    held = json.loads((workspace / "plan.json").read_text("utf-8"))
    assert [(w["starts"], w["workload_ids"]) for w in held["waves"]] == [("2027-01-11", ["allotments"]), ("2027-02-08", ["weddings"])]
    assert set(held["unplanned"]) == {"old-ledger"}
    requests = workspace.parent / "stacks" / "requests"
    assert [p.name for p in requests.iterdir()] == ["allotments.toml"]
    before = (workspace / "plan.json").read_bytes(), (requests / "allotments.toml").read_bytes()
    assert _unless(workspace, "plan")[0] == 0
    assert ((workspace / "plan.json").read_bytes(), (requests / "allotments.toml").read_bytes()) == before


def test_a_request_that_a_person_edited_is_kept_and_said(workspace: Path) -> None:
    _unless(workspace, "plan")
    file = workspace.parent / "stacks" / "requests" / "allotments.toml"
    file.write_text(file.read_text("utf-8").replace("storage_gb", "# mine\nstorage_gb"), "utf-8")
    code, said = _unless(workspace, "plan")
    assert code == 0
    assert "a person edited it" in " ".join(said.split())
    assert "# mine" in file.read_text("utf-8")


def test_a_plan_on_an_estate_that_has_changed_since_is_refused(workspace: Path) -> None:
    (workspace.parent / "servers.csv").write_text(
        FILES["servers.csv"].replace("app-01,virtual,on,production,2", "app-01,virtual,on,production,4")
    )
    assert _unless(workspace, "import", str(workspace.parent / "servers.csv"))[0] == 0
    code, said = _unless(workspace, "plan")
    assert code == 1
    assert "The estate has changed since it was assessed. Run: unless assess" in said
    assert not (workspace / "plan.json").exists()


def test_a_place_that_cannot_be_written_is_a_plain_sentence(workspace: Path) -> None:
    (workspace.parent / "stacks").write_text("a file where a folder should be", "utf-8")
    code, said = _unless(workspace, "plan")
    assert code == 1
    assert "cannot be written" in said


@pytest.mark.skipif(sys.platform == "win32", reason="links need leave that ordinary users do not have there")
@pytest.mark.parametrize("link", ["stacks/requests/allotments.toml", "stacks/requests/other.toml", "stacks/requests"])
def test_a_link_that_leads_nowhere_is_named_and_nothing_is_written(link: str, workspace: Path) -> None:
    path = workspace.parent / link
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(workspace.parent / "gone")
    code, said = _unless(workspace, "plan")
    assert code == 1
    assert f"{path} is a link that leads nowhere. Mend the link or remove it, and plan again." in " ".join(said.split())
    assert not (workspace / "plan.json").exists()


def test_json_has_everything_that_was_decided(workspace: Path) -> None:
    answer = CliRunner().invoke(app, ["plan", "--workspace", str(workspace), "--on", "2026-12-01", "--json"])
    held = json.loads(answer.stdout)
    assert [w["id"] for w in held["waves"]] == ["wave-1", "wave-2"]
    assert held["unplanned"]["old-ledger"].startswith("Not ready: ")
    assert held["requests"]["written"] == ["allotments.toml"]
    assert held["refused"] == {}


@pytest.mark.parametrize(
    ("what", "says"), [("wave-1", "Allotments"), ("group-weddings", "Weddings"), ("old-ledger", "Not ready: "), ("allotments", "app-01")]
)
def test_a_wave_a_group_and_a_workload_can_be_shown(workspace: Path, what: str, says: str) -> None:
    _unless(workspace, "plan")
    code, said = _unless(workspace, "plan", "show", what)
    assert code == 0
    assert says in said


def test_what_the_plan_does_not_have_is_a_plain_sentence(workspace: Path) -> None:
    code, said = _unless(workspace, "plan", "show", "wave-1")
    assert code == 1
    assert "There is no plan" in said
    _unless(workspace, "plan")
    code, said = _unless(workspace, "plan", "show", "wave-99")
    assert code == 1
    assert "'wave-99'" in said


def test_without_an_assessment_there_is_no_plan(workspace: Path) -> None:
    (workspace / "assessments.json").unlink()
    code, said = _unless(workspace, "plan")
    assert code == 1
    assert "unless assess" in said
