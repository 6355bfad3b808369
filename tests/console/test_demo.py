"""`unless demo` for real: on Exampleborough, with a share moved between real servers, and on a real 805-VM workbook."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

WORKBOOK = Path(__file__).parents[2] / "../shared/data/estates/SizingWorkshop-RVTools.xlsx"


def _unless(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "console", *words], cwd=cwd, capture_output=True, text=True, check=False, encoding="utf-8")


def _json(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


@pytest.mark.slow
def test_the_demonstration_goes_the_whole_way(tmp_path: Path) -> None:
    done = _unless("demo", "--folder", "here", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    place = tmp_path / "here"
    stages = [line.split("  ")[1] for line in done.stderr.splitlines() if line.startswith("  ")]
    assert [s.strip() for s in stages] == [
        "Import",
        "Assess",
        "Plan",
        "Rehearse landing-zone",
        "Rehearse workloads",
        "Rehearse microsoft365",
        "Rehearse dynamics",
        "Check",
        "Run wave 1",
        "Report",
    ]
    assert "left out" not in done.stderr
    report = (place / ".unless" / "report.html").read_text("utf-8")
    assert "Exampleborough" in report
    (run,) = (place / ".unless" / "runs").iterdir()
    certificates = [_json(c) for c in run.glob("certificate-verify-*.json")]
    assert certificates
    assert all(c["files"] == 2000 for c in certificates)
    assert _json(place / ".unless" / "findings.json")["summary"]["unknown"] == 0


@pytest.mark.slow
def test_a_real_workbook_ends_with_a_report_and_a_readiness_for_each_of_its_servers(tmp_path: Path) -> None:
    if not WORKBOOK.is_file():
        pytest.skip(f"{WORKBOOK.name} is absent: it is public data kept beside the repository, in ../shared/data/estates")
    done = _unless("demo", "--folder", "here", "--estate", str(WORKBOOK.resolve()), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    place = tmp_path / "here" / ".unless"
    assessments = _json(place / "assessments.json")["assessments"]
    assert len(assessments) == 805
    assert {a["readiness"] for a in assessments} <= {"ready", "ready with conditions", "not ready", "unknown"}
    listed = json.loads(_unless("inventory", "list", "--kind", "servers", "--json", "--workspace", str(place), cwd=tmp_path).stdout)
    assert len(listed) == 805
    assert {s["id"] for s in listed} == {a["workload_id"] for a in assessments}
    assert "805" in (place / "report.html").read_text("utf-8")


def test_a_file_without_servers_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("Server name,Cores\r\n", "utf-8")
    done = _unless("demo", "--folder", "here", "--estate", "empty.csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "No file holds a server" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious", "utf-8")
    done = _unless("demo", "--folder", ".", cwd=tmp_path)
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
