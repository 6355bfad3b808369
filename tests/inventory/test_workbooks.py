from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from inventory.rows import FileReading
from inventory.spreadsheets import workbooks
from inventory.spreadsheets.read import read_file

READ_ON = date(2026, 11, 22)
HEADINGS = ["Server name", "Cores", "Memory (GB)", "Operating system"]


def _read(path: Path) -> FileReading:
    return read_file(path, path.name, READ_ON)


def _only_fault(path: Path) -> str:
    reading = _read(path)
    assert not reading.rows
    assert not reading.is_readable
    (fault,) = reading.faults
    return str(fault)


def _workbook(path: Path, rows: list[list[object]], title: str = "Servers") -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_the_public_workbook_has_805_servers_and_no_faults(estates: Path) -> None:
    reading = _read(estates / "SizingWorkshop-RVTools.xlsx")
    assert [(s.sheet, s.layout, s.rows) for s in reading.sheets] == [
        ("vInfo", "rvtools-vinfo", 805),
        ("vNetwork", "rvtools-vnetwork", 805),
        ("vPartition", "rvtools-vpartition", 1618),
        ("vHost", "rvtools-vhost", 0),
    ]
    assert reading.faults == ()
    first = reading.rows[0]
    assert (first.row, first.values["name"], first.values["memory_gb"]) == (2, "wadfs1", 4.0)
    assert first.values["storage_gb"] == pytest.approx(86201 * 1024**2 / 10**9, abs=1e-6)


def test_the_small_workbook_of_seventeen_sheets_is_read_and_its_other_sheets_are_noted(estates: Path) -> None:
    reading = _read(estates / "rvtools-small-complete.xlsx")
    assert reading.faults == ()
    assert {s.layout for s in reading.sheets if s.layout} == {
        *("rvtools-vinfo", "rvtools-vdisk", "rvtools-vpartition", "rvtools-vhost", "rvtools-vnetwork", "rvtools-vusb", "rvtools-vcd"),
    }
    assert {s.layout: s.rows for s in reading.sheets if s.sheet in ("vUSB", "vCD")} == {"rvtools-vusb": 1, "rvtools-vcd": 0}
    assert all(s.note for s in reading.sheets if not s.layout)


def test_a_file_of_another_kind_says_which_headings_it_saw(konveyor: Path) -> None:
    fault = _only_fault(konveyor / "sample-applications.csv")
    assert "No layout has these headings: Record Type 1, Application Name" in fault
    assert "docs/guides/import.md" in fault


def test_cells_of_a_workbook_are_numbered_as_the_person_sees_them(tmp_path: Path) -> None:
    path = tmp_path / "servers.xlsx"
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["B4"] = "Exampleborough"
    for column, heading in zip("BCDE", HEADINGS, strict=True):
        sheet[f"{column}6"] = heading
    for column, value in zip("BCDE", ["web01", 2, -1, "Debian"], strict=True):
        sheet[f"{column}9"] = value
    book.save(path)
    reading = _read(path)
    assert [r.row for r in reading.rows] == [9]
    assert str(reading.faults[0]).startswith("servers.xlsx, sheet Sheet, row 9, column Memory (GB): ")


def test_a_merged_header_of_two_rows_is_joined(tmp_path: Path) -> None:
    path = tmp_path / "servers.xlsx"
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Server list", None, None, None, None])
    sheet.append(["Server", None, "Storage (TB)", None, "Operating system"])
    sheet.append(["Name", "Cores", "Provisioned", "Used", None])
    sheet.append(["web01", 2, 1.5, 0.5, "Debian 12"])
    sheet.merge_cells("A2:B2")
    sheet.merge_cells("C2:D2")
    sheet.merge_cells("E2:E3")
    book.save(path)
    (row,) = _read(path).rows
    assert dict(row.values) == {
        "name": "web01",
        "cpu_cores": 2,
        "storage_gb": 1500.0,
        "storage_used_gb": 500.0,
        "operating_system": "Debian 12",
    }
    assert row.columns["storage_used_gb"] == "Storage (TB) Used"


def test_dates_percentages_and_names_that_look_like_numbers_survive(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Freeze", "Starts", "Ends", "Service area"],
        [2027, datetime(2027, 2, 24, tzinfo=UTC).replace(tzinfo=None), date(2027, 3, 31), ""],
    ]
    (row,) = _read(_workbook(tmp_path / "calendar.xlsx", rows)).rows
    assert dict(row.values) == {"name": "2027", "starts": date(2027, 2, 24), "ends": date(2027, 3, 31)}


def test_per_cent_cells_that_a_workbook_keeps_as_fractions_are_a_fault_and_are_not_believed(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Server", "Month", "CPU p95 (%)", "Memory p95 (%)"])
    for n, share in enumerate((0.85, 0.2, 0.05), 1):
        sheet.append([f"web0{n}", "2026-09", share, 85])
        sheet.cell(n + 1, 3).number_format = "0%"
    book.save(tmp_path / "utilisation.xlsx")
    reading = _read(tmp_path / "utilisation.xlsx")
    assert [r.values.get("cpu_p95_percent") for r in reading.rows] == [None, None, None]
    assert [r.values["memory_p95_percent"] for r in reading.rows] == [85.0, 85.0, 85.0]
    assert "column CPU p95 (%): No value is above 1" in str(reading.faults[0])


def test_a_hidden_sheet_is_not_read_and_that_is_said(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(HEADINGS)
    book.worksheets[0].append(["web01", 2, 4, "Debian"])
    old = book.create_sheet("Old")
    old.append(HEADINGS)
    old.append(["web99", 2, 4, "Debian"])
    old.sheet_state = "hidden"
    book.save(tmp_path / "servers.xlsx")
    reading = _read(tmp_path / "servers.xlsx")
    assert [r.values["name"] for r in reading.rows] == ["web01"]
    assert [(s.sheet, s.note) for s in reading.sheets] == [("Sheet", ""), ("Old", "hidden, so not read")]


def test_thousands_of_formatted_rows_without_content_are_no_rows(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADINGS)
    sheet.append(["web01", 2, 4, "Debian"])
    for n in range(3, 3000):
        sheet.cell(n, 1).number_format = "0.00"
    book.save(tmp_path / "servers.xlsx")
    reading = _read(tmp_path / "servers.xlsx")
    assert len(reading.rows) == 1
    assert reading.faults == ()


def test_a_missing_file_a_folder_and_an_empty_file_are_plain_sentences(tmp_path: Path) -> None:
    assert _only_fault(tmp_path / "none.xlsx") == "none.xlsx: There is no such file. Check its name and folder."
    assert "This folder holds no file to read" in _only_fault(tmp_path)
    (tmp_path / "empty.xlsx").write_bytes(b"")
    assert "The file is empty." in _only_fault(tmp_path / "empty.xlsx")


def _ole(*streams: str) -> bytes:
    """The least of an OLE2 compound file: a header, one sector of FAT, one of directory entries."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00" + bytes(10)
    header += (1).to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(4) + (4096).to_bytes(4, "little")
    header += b"\xfe\xff\xff\xff" + bytes(4) + b"\xfe\xff\xff\xff" + bytes(4) + bytes(4) + b"\xff\xff\xff\xff" * 108
    fat = b"\xfd\xff\xff\xff\xfe\xff\xff\xff" + b"\xff\xff\xff\xff" * 126
    entries = b""
    for name, kind in [("Root Entry", 5), *((s, 2) for s in streams)]:
        written = name.encode("utf-16-le")
        entries += written.ljust(64, b"\0") + (len(written) + 2).to_bytes(2, "little") + bytes([kind, 1]) + b"\xff" * 12 + bytes(48)
    return header + fat + entries.ljust(512, b"\0")


def test_a_workbook_with_a_password_says_so(tmp_path: Path) -> None:
    (tmp_path / "locked.xlsx").write_bytes(_ole("EncryptionInfo", "EncryptedPackage"))
    assert "This workbook is protected by a password. Open it, remove the password" in _only_fault(tmp_path / "locked.xlsx")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.xlsx", b"PK\x03\x04 and then nothing of a zip"),
        ("ole.xls", _ole("Nothing")),
        ("ole-cut.xls", _ole("Workbook")[:700]),
        ("zip.xlsx", b"PK\x05\x06" + bytes(18)),
    ],
)
def test_a_damaged_workbook_is_a_plain_sentence(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    fault = _only_fault(tmp_path / name)
    assert "workbook" in fault
    assert "Traceback" not in fault


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n1 0 obj", b"\x89PNG\r\n\x1a\n\0\0\0", b"<html><table></table></html>", bytes(range(256)) * 4]
)
def test_a_file_that_is_no_table_is_a_plain_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "servers.csv").write_bytes(content)
    assert "neither a CSV file nor a workbook" in _only_fault(tmp_path / "servers.csv")


@pytest.mark.parametrize("at", [0.05, 0.3, 0.5, 0.7, 0.95])
@pytest.mark.parametrize("how", ["cut", "zeroed", "flipped"])
def test_a_workbook_damaged_anywhere_never_gives_a_traceback(at: float, how: str, tmp_path: Path) -> None:
    rows: list[list[object]] = [list(HEADINGS), *([f"web{n}", 2, 4, "Debian"] for n in range(200))]
    path = _workbook(tmp_path / "servers.xlsx", rows)
    whole = path.read_bytes()
    cut = int(len(whole) * at)
    damage = {
        "cut": b"",
        "zeroed": bytes(64) + whole[cut + 64 :],
        "flipped": bytes(255 - b for b in whole[cut : cut + 8]) + whole[cut + 8 :],
    }
    path.write_bytes(whole[:cut] + damage[how])
    reading = _read(path)
    assert reading.faults or len(reading.rows) == 200


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST", 1_000_000)
    path = _workbook(tmp_path / "bomb.xlsx", [list(HEADINGS)])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 2_000_000)
    assert "would fill more than" in _only_fault(path)


def test_a_declared_size_that_lies_is_found_out(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "liar.xlsx", [list(HEADINGS), ["web01", 2, 4, "Debian"]])
    held = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(held) as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml")
    whole = bytearray(path.read_bytes())
    place = whole.rindex(b"xl/worksheets/sheet1.xml") - 46 + 24  # the uncompressed size in the central directory
    assert int.from_bytes(whole[place : place + 4], "little") == at.file_size
    whole[place : place + 4] = (10).to_bytes(4, "little")
    path.write_bytes(bytes(whole))
    assert "damaged" in _only_fault(path)


def test_a_stray_cell_at_the_end_of_the_sheet_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "stray.xlsx"
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADINGS)
    sheet["XFD1048576"] = "x"
    book.save(path)
    assert "reaches to row 1,048,576 and column 16,384" in _only_fault(path)


def test_an_xlsx_made_elsewhere_opens_whatever_its_name_ends_in(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "servers.xlsx", [list(HEADINGS), ["web01", 2, 4, "Debian"]])
    renamed = path.rename(tmp_path / "servers.csv")
    assert len(_read(renamed).rows) == 1
    assert load_workbook(io.BytesIO(renamed.read_bytes())).sheetnames == ["Servers"]


def test_entities_that_multiply_are_not_unfolded(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "laughs.xlsx", [list(HEADINGS), ["web01", 2, 4, "Debian"]])
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY l0 "ha">{levels}]>'
    held = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/sharedStrings.xml":
                text = bomb.encode() + text.split(b"?>", 1)[-1].replace(b"web01", b"&l9;")
            new.writestr(name, text)
    reading = _read(path)
    assert all(len(str(r.values["name"])) < 300 for r in reading.rows)
