"""One file of a council's to rows and faults. What is good is kept; everything that is wrong is said, all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from inventory.model import Fault
from inventory.registers import read_register_rows
from inventory.rows import FileReading, SheetReading
from inventory.spreadsheets.delimited import delimited_grid, digest_and_encoding
from inventory.spreadsheets.grid import Grid, UnreadableError
from inventory.spreadsheets.layouts import layouts
from inventory.spreadsheets.sheets import read_sheet
from inventory.spreadsheets.workbooks import is_workbook, workbook_grids

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".toml")


def _nobody(_: int) -> None:
    """Nobody asked how far the reading is."""


def read_file(path: Path, file: str, read_on: date, on_rows: Callable[[int], None] = _nobody) -> FileReading:
    """Read one CSV, workbook or exception register (TOML). Never raises for what is wrong with the file.

    `file` is the name by which sources and faults call it; `on_rows` hears how many rows of a sheet have been read.
    """
    try:
        if path.is_symlink() and not path.exists():
            return _nothing(file, read_on, Fault(file, "This is a link that leads nowhere.", "Mend the link, or name the file itself."))
        if not path.exists():
            return _nothing(file, read_on, Fault(file, "There is no such file.", "Check its name and folder."))
        if path.is_dir():
            next(path.iterdir(), None)
            what = f"This folder holds no file to read: none ends in {', '.join(SUFFIXES)}."
            return _nothing(file, read_on, Fault(file, what, "Put the files there, or name the folder or files that hold your tables."))
        if not path.is_file():
            return _nothing(file, read_on, Fault(file, "This is not an ordinary file.", "Name a CSV file or a workbook."))
        digest, encoding = digest_and_encoding(path)
        with path.open("rb") as held:
            start = held.read(64)
        if not start.strip():
            return _nothing(file, read_on, Fault(file, "The file is empty.", "Export it again, and check that the export has rows."))
        return _read(path, file, read_on, digest, encoding, start, on_rows)
    except UnreadableError as wrong:
        return _nothing(file, read_on, wrong.fault)
    except PermissionError:
        return _nothing(
            file,
            read_on,
            Fault(file, "You may not read this file.", "Ask its owner for leave to read it, or close the program that has it open."),
        )
    except OSError as wrong:
        return _nothing(
            file,
            read_on,
            Fault(file, f"The file cannot be read: {wrong.strerror or wrong}.", "Check the disk or network drive, and try again."),
        )


def _nothing(file: str, read_on: date, *faults: Fault) -> FileReading:
    return FileReading(file, "", read_on, faults=faults)


def _read(path: Path, file: str, read_on: date, digest: str, encoding: str, start: bytes, on_rows: Callable[[int], None]) -> FileReading:
    if path.suffix.lower() == ".toml":
        rows, faults = read_register_rows(path, file, read_on)
        layout = "exceptions" if rows or not faults else ""
        sheet = SheetReading("", layout, len(rows), is_foreign=not layout)
        return FileReading(file, digest, read_on, (sheet,), rows, faults)
    if is_workbook(start):
        grids, hidden = workbook_grids(path, file)
        return _gather(file, digest, grids, hidden, read_on, on_rows)
    if not encoding or start.startswith((b"%PDF", b"\x89PNG", b"{\\rtf", b"<!DOCTYPE", b"<html", b"<?xml")):
        return _nothing(
            file, read_on, Fault(file, "This is neither a CSV file nor a workbook.", "Export it as CSV or xlsx, and import that.")
        )
    return _gather(file, digest, [delimited_grid(path, file, encoding)], [], read_on, on_rows)


def _gather(
    file: str, digest: str, grids: Sequence[Grid], hidden: Sequence[str], read_on: date, on_rows: Callable[[int], None]
) -> FileReading:
    read = [read_sheet(grid, file, read_on, on_rows) for grid in grids]
    sheets = [sheet for sheet, _, _ in read] + [SheetReading(name, "", 0, "hidden, so not read") for name in hidden]
    rows = [row for _, of, _ in read for row in of]
    faults = [fault for _, _, of in read for fault in of]
    if not any(s.layout for s in sheets) and not faults:
        faults.append(Fault(file, "No sheet in it holds a table.", "Export it again, and check that the export has rows."))
    elif not rows and not faults and not any(s.layout and layouts()[s.layout].kind == "none" for s in sheets):
        faults.append(Fault(file, "The table has headings and no rows.", "Export it again, and check that the export has rows."))
    return FileReading(file, digest, read_on, tuple(sheets), tuple(rows), tuple(faults), bool(rows) and all(s.is_whole for s in sheets))
