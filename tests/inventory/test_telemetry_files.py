"""Every form of file in which samples come: one folder a case, the file and what it must come to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from inventory.telemetry.metrics import metrics
from inventory.telemetry.read.file import read_samples
from inventory.telemetry.read.model import SampleReading

CASES = Path(__file__).parents[1] / "cases" / "telemetry-files"
LONDON = ZoneInfo("Europe/London")


def said(reading: SampleReading) -> dict[str, Any]:
    """A reading as a case file writes it: times in UTC, figures as the whole numbers that are kept."""
    rows = [
        [r["server"], datetime.fromtimestamp(r["at"], UTC).isoformat(), {m.name: r[m.name] for m in metrics() if r[m.name] is not None}]
        for r in reading.samples.iter_rows(named=True)
    ]
    return {"layout": reading.layout, "samples": rows, "faults": [str(f) for f in reading.faults]}


def test_every_case_comes_to_what_it_says() -> None:
    wrong: list[str] = []
    folders = sorted(f for f in CASES.iterdir() if f.is_dir())
    assert len(folders) > 10
    for folder in folders:
        file = next(folder.glob("samples.*"))
        expected = json.loads((folder / "expected.json").read_text("utf-8"))
        if said(read_samples(file, file.name, LONDON)) != expected:
            wrong.append(folder.name)
    assert wrong == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("name", ["perfmon", "sadf", "sar-12-hours", "table-header-below", "bitbrains"])
def test_how_a_file_is_encoded_makes_no_difference(name: str, encoding: str, tmp_path: Path) -> None:
    file = next((CASES / name).glob("samples.*"))
    again = tmp_path / file.name
    again.write_bytes(file.read_bytes().decode("utf-8").encode(encoding))
    assert said(read_samples(again, file.name, LONDON)) == json.loads((CASES / name / "expected.json").read_text("utf-8"))


def test_a_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Server", "Time", "CPU %", "Network Mbps"],
        ["app01", datetime(2026, 7, 1, 14, 5), 12.5, 3],  # noqa: DTZ001 - spreadsheets have no zones
        ["app01", "01/07/2026 14:10", "13 %", None],
    ):
        sheet.append(row)
    book.save(tmp_path / "use.xlsx")
    found = said(read_samples(tmp_path / "use.xlsx", "use.xlsx", LONDON))
    assert found["samples"] == [
        ["app01", "2026-07-01T13:05:00+00:00", {"cpu_percent": 1250, "network_mbps": 3000}],
        ["app01", "2026-07-01T13:10:00+00:00", {"cpu_percent": 1300}],
    ]
    assert found["faults"] == []


def test_a_thousand_bad_rows_are_a_few_faults_and_a_count(tmp_path: Path) -> None:
    file = tmp_path / "use.csv"
    file.write_text("Server,Time,CPU\n" + "a,soon,1\n" * 1000 + "a,2026-07-01 10:00,1\n", encoding="utf-8")
    reading = read_samples(file, "use.csv", LONDON)
    assert len(reading.samples) == 1
    assert [f.row for f in reading.faults] == [2, 3, 4, 5, 6, 0]
    assert reading.faults[-1].what == "995 more rows have this fault."


def test_a_damaged_workbook_and_a_missing_file_are_faults(tmp_path: Path) -> None:
    (tmp_path / "use.xlsx").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "folder").mkdir()
    for name in ("use.xlsx", "none.csv", "folder"):
        reading = read_samples(tmp_path / name, name, LONDON)
        assert len(reading.samples) == 0
        assert [f.file for f in reading.faults] == [name]


def test_a_figure_is_rounded_up_and_never_understated(tmp_path: Path) -> None:
    file = tmp_path / "use.csv"
    file.write_text("Server,Time,CPU\na,2026-07-01 10:00,12.34\na,2026-07-01 10:05,12.341\na,2026-07-01 10:10,0.07\n", encoding="utf-8")
    assert read_samples(file, "use.csv", LONDON).samples["cpu_percent"].to_list() == [1234, 1235, 7]
