from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from inventory.spreadsheets.read import read_file

CASES = "inventory-faults"


def test_what_is_wrong_is_said_all_at_once_and_what_is_good_is_kept(case: dict[str, Any], tmp_path: Path, read_on: date) -> None:
    path = tmp_path / case["file"]
    text = case["text"] + ("x" * case["long_name"] + ",2,4\n" if "long_name" in case else "")
    path.write_bytes(text.encode(case.get("encoding", "utf-8")))
    reading = read_file(path, case["file"], read_on)
    assert [str(f) for f in reading.faults] == case["faults"]
    assert len(reading.rows) == case["rows"]
    assert [s.note for s in reading.sheets] == case.get("notes", [s.note for s in reading.sheets])
    for row, values in zip(reading.rows, case.get("values", []), strict=False):
        assert dict(row.values) == values
    for row in reading.rows:
        assert row.source("name" if "name" in row.columns else "id").file == case["file"]
