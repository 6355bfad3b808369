from __future__ import annotations

import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from inventory.spreadsheets.delimited import delimited_grid, digest_and_encoding
from inventory.spreadsheets.grid import UnreadableError
from inventory.spreadsheets.read import read_file
from inventory.spreadsheets.sheets import MOST_FAULTS


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write("Colour,Hue,Shade\n")
        for start in range(0, 200_000, 1000):
            out.write("".join(f"colour {n},{n},a shade that nobody has seen before\n" for n in range(start, start + 1000)))
    return path


def test_a_large_csv_is_read_in_a_stream_with_flat_memory(large: Path) -> None:
    assert large.stat().st_size > 9_000_000
    tracemalloc.start()
    try:
        _, encoding = digest_and_encoding(large)
        count = sum(1 for _ in delimited_grid(large, "large.csv", encoding).lines())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 200_001
    assert peak < 4_500_000


def test_a_large_csv_that_is_not_recognised_costs_no_more(large: Path) -> None:
    reading = read_file(large, "large.csv", date(2026, 11, 22))
    assert len(reading.faults) == 1


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("Server name,Cores,Memory (GB)\nweb01,2,4\n" + "x" * 3_000_000, encoding="utf-8")
    reading = read_file(path, "long.csv", date(2026, 11, 22))
    assert len(reading.rows) == 1
    assert str(reading.faults[0]).startswith("long.csv: Line 3 is longer than 1,000,000 characters.")


def test_a_cell_without_end_is_refused_at_its_row(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text('Server name,Cores,Memory (GB)\nweb01,2,4\n"' + "x\n" * 300_000, encoding="utf-8")
    reading = read_file(path, "long.csv", date(2026, 11, 22))
    assert len(reading.rows) == 1
    assert "row 3: Reading stops here: a cell is too long." in str(reading.faults[0])


def test_a_bad_row_far_down_is_named_and_the_hundred_others_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f"web{n},2,Debian" for n in range(100)]
    lines[49] = 'web49,2,"Windows "Server" 2019"'
    path.write_text("\n".join(["Server name,Cores,Operating system", *lines]), encoding="utf-8")
    reading = read_file(path, "a.csv", date(2026, 11, 22))
    assert [f.row for f in reading.faults] == [51]
    assert len(reading.rows) == 99
    assert reading.is_whole


def test_a_quotation_mark_below_which_no_row_can_be_told_stops_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Server name,Cores,Operating system\nweb01,2,Debian\nweb02,2,"Debian\nand, more, or, less\n', encoding="utf-8")
    reading = read_file(path, "a.csv", date(2026, 11, 22))
    assert [r.values["name"] for r in reading.rows] == ["web01"]
    assert "row 3: Reading stops here: a quotation mark is not closed" in str(reading.faults[0])
    assert not reading.is_whole


def test_a_file_of_nothing_but_bad_rows_ends_soon(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Server name,Cores,Operating system\n" + 'web,2,"a "b" c"\n' * 50_000, encoding="utf-8")
    reading = read_file(path, "a.csv", date(2026, 11, 22))
    assert not reading.is_whole
    assert len(reading.faults) == MOST_FAULTS + 1


def test_half_a_character_of_utf_16_is_a_fault_of_its_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "Server name,Cores,Description\nweb01,2,fine\nweb02,2,a\ud83db\nweb03,2,fine\n"
    path.write_bytes(text.encode("utf-16-le", "surrogatepass"))
    reading = read_file(path, "a.csv", date(2026, 11, 22))
    assert len(reading.rows) == 3
    assert 'row 3, column Description: "ab" holds the code D83D' in str(reading.faults[0])


def test_text_that_breaks_off_in_the_middle_of_utf_16_stops_where_it_breaks(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv"
    path.write_bytes("Server name,Cores,Memory (GB)\nweb01,2,4\nweb02,2,4\n".encode("utf-16")[:-1])
    reading = read_file(path, "cut.csv", date(2026, 11, 22))
    assert reading.rows
    assert "the text is not UTF-16 throughout" in str(reading.faults[0])


def test_lines_may_be_started_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    grid = delimited_grid(path, "a.csv", "utf-8")
    assert list(grid.lines()) == list(grid.lines()) == [(1, ["a", "b"]), (2, ["1", "2"])]


def test_a_file_that_vanishes_while_it_is_read_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    grid = delimited_grid(path, "a.csv", "utf-8")
    path.unlink()
    with pytest.raises((UnreadableError, OSError)):
        list(grid.lines())


def test_a_cp1252_file_that_ends_in_the_middle_of_what_would_be_utf_8_is_cp1252(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Server name,Cores,Description\nweb01,2,café".encode("cp1252"))
    (row,) = read_file(path, "a.csv", date(2026, 11, 22)).rows
    assert row.values["description"] == "café"


def test_a_row_of_a_hundred_thousand_cells_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("Server name,Cores,Memory (GB)" + ",x" * 100_000 + "\n" + ("web01,2,4" + ",y" * 100_000 + "\n") * 3, encoding="utf-8")
    reading = read_file(path, "wide.csv", date(2026, 11, 22))
    assert len(reading.rows) == 3


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_a_device_is_not_read_for_ever() -> None:
    assert "not an ordinary file" in str(read_file(Path("/dev/zero"), "zero", date(2026, 11, 22)).faults[0])
