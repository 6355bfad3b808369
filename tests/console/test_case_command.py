"""`unless case`: the same figures on the terminal, in JSON and in the workbook; and how mistakes are told."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from console.demonstration import prepare

CASE = """format = "cloud-unless/business-case/1"
starts = 2026-04-01
years = 5
[[assumption]]
key = "day-rate-pounds"
value = 400
low = 300
high = 500
source = "a test"
"""


def unless(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "console", *words]
    return subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, check=False, timeout=120, encoding="utf-8")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exampleborough, imported, assessed and planned."""
    held, files = prepare(tmp_path_factory.mktemp("council"), ())
    for words in (["import", *map(str, files)], ["assess"], ["plan"]):
        assert unless(*words, "--workspace", str(held.folder)).returncode in (0, 1)  # the estate's planted faults are 1
    return held.folder


def asked(workspace: Path, file: Path, *words: str) -> tuple[int, str, str]:
    made = unless("case", "--workspace", str(workspace), "--case", str(file), *words)
    return made.returncode, made.stdout, made.stderr


def test_the_workbook_and_the_json_say_the_same(workspace: Path, tmp_path: Path) -> None:
    file, xlsx = tmp_path / "case.toml", tmp_path / "case.xlsx"
    file.write_text(CASE, "utf-8")
    code, told, _ = asked(workspace, file, "--json", "--draws", "20", "--xlsx", str(xlsx))
    assert code == 0
    held = json.loads(told)
    summary = load_workbook(BytesIO(xlsx.read_bytes()), data_only=True)["Summary"]
    for n, way in enumerate(held["ways"]):
        assert round(float(str(summary.cell(2 + n, 7).value)) * 100) == way["total_pence"] == sum(way["year_pence"])
        assert sum(sum(line["year_pence"]) for line in way["lines"]) == way["total_pence"] == sum(way["by_workload_pence"].values())
    assert [w["is_at_least"] for w in held["ways"]] == [False, True, True]
    assert held["simulation"]["p10_pence"] <= held["simulation"]["p50_pence"] <= held["simulation"]["p90_pence"]
    assert any("dual-running-months" in m for m in held["not_in_this_case"])
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []


def test_a_person_reads_the_total_and_what_is_left_out(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(CASE, "utf-8")
    code, told, left_out = asked(workspace, tmp_path / "case.toml", "--draws", "0")
    assert code == 0
    assert "Cost by financial year" in told
    assert "at least" in told
    assert "Not in this case: exit-pounds." in left_out


def test_quoted_prices_are_counted_and_a_mistake_in_them_is_told(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(CASE, "utf-8")
    quoted = workspace.parent / "prices/quoted.toml"
    quoted.parent.mkdir()
    quoted.write_text(
        'format = "cloud-unless/quoted-prices/1"\n[[quote]]\nwhat = "backup"\nper = "server"\npounds = 4.20\nby = "A Reseller Ltd"\n'
        'on = 2020-01-01\nuntil = 2099-12-31\nsource = "quotation 17"\n',
        "utf-8",
    )
    try:
        code, told, _ = asked(workspace, tmp_path / "case.toml", "--draws", "0", "--json")
        quoted.write_text(quoted.read_text("utf-8").replace("pounds = 4.20", "pounds = 'four'"), "utf-8")
        refused, _, said = asked(workspace, tmp_path / "case.toml", "--draws", "0")
    finally:
        quoted.unlink()
    held = json.loads(told)
    plan = next(w for w in held["ways"] if w["choice"] == "plan")
    assert code == 0
    assert sum(line["name"].startswith("Backup: ") for line in plan["lines"]) > 10
    assert not any("backup has no price" in m for m in held["not_in_this_case"])
    assert any("support has no price" in m for m in held["not_in_this_case"])
    assert refused == 1
    assert "part quote, entry 1, key pounds: it is not a number" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "is not there. Write it as docs/guides/business-case.md shows"),
        (CASE + "[[", "is not readable as TOML"),
        (CASE.replace("value = 400", "value = -1"), "value is not between low and high"),
    ],
)
def test_a_mistake_is_told_and_no_workbook_is_written(workspace: Path, tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "case.toml").write_text(text, "utf-8")
    code, _, told = asked(workspace, tmp_path / "case.toml", "--xlsx", str(tmp_path / "case.xlsx"))
    assert code == 1
    assert said in told
    assert "Traceback" not in told
    assert not (tmp_path / "case.xlsx").exists()


BENEFIT = """format = "cloud-unless/benefits/1"
[[benefit]]
id = "fewer-nights"
owner = "Head of Technology"
measure = "nights a year"
baseline = 41
target = 10.5
date = 2028-03-31
is_cashable = false
"""


def test_benefits_are_shown_and_change_no_cost(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(CASE, "utf-8")
    (tmp_path / "gains.toml").write_text(BENEFIT, "utf-8")
    without = json.loads(asked(workspace, tmp_path / "case.toml", "--json", "--draws", "0")[1])
    code, told, _ = asked(workspace, tmp_path / "case.toml", "--json", "--draws", "0", "--benefits", str(tmp_path / "gains.toml"))
    held = json.loads(told)
    assert code == 0
    assert [(b["id"], b["target"], b["date"]) for b in held["benefits"]] == [("fewer-nights", "10.5", "2028-03-31")]
    assert held["ways"] == without["ways"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BENEFIT.replace("target = 10.5", "target = 41"), "the benefit fewer-nights changes nothing"),
        (BENEFIT + BENEFIT.partition("\n")[2], "the benefit fewer-nights is there 2 times"),
        (BENEFIT.replace('"Head of Technology"', '""'), "part benefit, entry 1, key owner: it is empty"),
    ],
)
def test_a_wrong_benefit_is_told(workspace: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "case.toml").write_text(CASE, "utf-8")
    (tmp_path / "gains.toml").write_text(text, "utf-8")
    code, _, told = asked(workspace, tmp_path / "case.toml", "--benefits", str(tmp_path / "gains.toml"))
    assert code == 1
    assert said in told
