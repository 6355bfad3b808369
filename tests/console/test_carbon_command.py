"""`unless carbon`: the same ranges on the terminal and in JSON, one workload line by line, and how mistakes are told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from console.demonstration import prepare

ROOT = Path(__file__).parents[2]


def unless(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "console", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=120, encoding="utf-8")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exampleborough, imported and assessed."""
    held, files = prepare(tmp_path_factory.mktemp("council"), ())
    for words in (["import", *map(str, files)], ["assess"]):
        assert unless(*words, "--workspace", str(held.folder)).returncode in (0, 1)  # the estate's planted faults are 1
    return held.folder


@pytest.fixture(scope="module")
def told(workspace: Path) -> dict[str, Any]:
    made = unless("carbon", "--workspace", str(workspace), "--json")
    assert made.returncode == 0, made.stderr
    held: dict[str, Any] = json.loads(made.stdout)
    assert held == json.loads((workspace / "carbon.json").read_text("utf-8"))
    return held


def test_the_whole_is_the_sum_of_its_workloads_and_every_end_names_a_source(told: dict[str, Any]) -> None:
    rows, ids = told["workloads"], {s["id"] for s in told["sources"]}
    assert told["whole"]["workloads"] == len(rows) > 100
    for side in ("now", "after"):
        for end in ("low", "high"):
            whole = told["whole"][f"{side}_kg"][end]
            assert whole["value"] == pytest.approx(sum(r[side]["carbon_kg"][end]["value"] for r in rows))
            assert whole["because"]
            assert set(whole["because"]) <= ids
    assert told["not_known"]["after"] == sum(bool(r["after"]["unknown"]) for r in rows) > 0
    assert told["left_out"]


def test_a_person_reads_ranges_what_they_rest_on_and_what_is_left_out(workspace: Path, told: dict[str, Any]) -> None:
    made = unless("carbon", "--workspace", str(workspace))
    assert made.returncode == 0
    low, high = (told["whole"]["now_kwh"][e]["value"] for e in ("low", "high"))
    assert f"{low:,.0f} to {high:,.0f}" in made.stdout
    assert "The least rests on: carbon-brief-2024" in made.stdout
    assert "embodied carbon" in made.stderr


def test_one_workload_is_shown_line_by_line_with_what_is_not_known(workspace: Path, told: dict[str, Any]) -> None:
    row = next(r for r in told["workloads"] if r["after"]["unknown"] and r["now"]["draws"])
    made = unless("carbon", row["workload_id"], "--workspace", str(workspace))
    assert made.returncode == 0
    assert all(d["subject"] in made.stdout for d in row["now"]["draws"])
    assert row["after"]["unknown"][0] in made.stderr
    alone = json.loads(unless("carbon", row["workload_id"], "--workspace", str(workspace), "--json").stdout)
    assert (alone["now"], alone["after"]) == (row["now"], row["after"])


def test_the_councils_own_pue_is_taken_and_a_wrong_one_refused(workspace: Path, told: dict[str, Any]) -> None:
    settings = workspace / "unless.toml"
    before = settings.read_text("utf-8")
    try:
        settings.write_text(before + "\n[carbon]\npue = 3.1\n", "utf-8")
        held = json.loads(unless("carbon", "--workspace", str(workspace), "--json").stdout)
        assert held["whole"]["now_kwh"]["low"]["value"] == pytest.approx(told["whole"]["now_kwh"]["low"]["value"] * 2)
        settings.write_text(before + "\n[carbon]\npue = 0.5\n", "utf-8")
        refused = unless("carbon", "--workspace", str(workspace))
        assert (refused.returncode, "key carbon.pue: this must be 1 or more" in refused.stderr.replace("1.0", "1")) == (1, True)
    finally:
        settings.write_text(before, "utf-8")


def test_an_unknown_workload_is_said_with_what_is_near_it(workspace: Path) -> None:
    made = unless("carbon", "payrol", "--workspace", str(workspace))
    assert made.returncode == 1
    assert "No workload assessed is called 'payrol'. Near it are: hr-and-payroll." in made.stderr


def test_an_assessment_of_another_estate_is_refused_and_nothing_written(workspace: Path) -> None:
    path, figures = workspace / "assessments.json", workspace / "carbon.json"
    before = path.read_text("utf-8")
    held = json.loads(before)
    figures.unlink(missing_ok=True)
    try:
        path.write_text(json.dumps(held | {"estate_digest": "sha256:other"}), "utf-8")
        changed = unless("carbon", "--workspace", str(workspace))
        held["assessments"][0]["workload_id"] = "nobody"
        path.write_text(json.dumps(held), "utf-8")
        strange = unless("carbon", "--workspace", str(workspace))
    finally:
        path.write_text(before, "utf-8")
    assert (changed.returncode, strange.returncode) == (1, 1)
    assert "The estate has changed since it was assessed. Run: unless assess" in changed.stderr
    assert "has a workload nobody, which the estate lacks" in strange.stderr
    assert not figures.exists()
