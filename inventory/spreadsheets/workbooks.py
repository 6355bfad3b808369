"""Workbooks (xlsx, xlsm, xlsb, xls, ods) through calamine, with the hostile ones turned away before it sees them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from inventory.model import Fault
from inventory.spreadsheets.grid import Grid, Line, UnreadableError
from inventory.text import clean

LARGEST = 512 * 1024 * 1024
MOST_CELLS = 60_000_000
_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FILLED = re.compile(rb'<c [^>]{0,80}?\br="([A-Z]{1,3})(\d{1,7})"[^>]{0,120}?[^/>]>|<c r="([A-Z]{1,3})(\d{1,7})">')
_CORRUPT = "Open it in the spreadsheet program, save it again as xlsx, and import that; or export it anew."


def is_workbook(start: bytes) -> bool:
    """Whether a file that starts so is a workbook, whatever its name ends in."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE))


def workbook_grids(path: Path, file: str) -> tuple[list[Grid], list[str]]:
    """The visible sheets that hold anything, and the names of hidden ones. Raises UnreadableError."""
    _refuse_encrypted(path, file)
    if zipfile.is_zipfile(path):
        _refuse_bombs(path, file)
    book = _open(path, file)
    kept = [m for m in book.sheets_metadata if m.typ is SheetTypeEnum.WorkSheet]
    hidden = [m.name for m in kept if m.visible is not SheetVisibleEnum.Visible]
    return [_grid(book, m.name, file) for m in kept if m.name not in hidden], [clean(name) for name in hidden]


def _corrupt(file: str, why: str, sheet: str = "") -> UnreadableError:
    return UnreadableError(Fault(file, why, _CORRUPT, sheet))


def _open(path: Path, file: str) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(path)  # pyright: ignore[reportUnknownMemberType]
    except PasswordError as wrong:
        raise _locked(file) from wrong
    except (CalamineError, OSError, ValueError) as wrong:
        raise _corrupt(file, "This is not a workbook that can be opened: it is damaged or of another kind.") from wrong
    except BaseException as wrong:
        raise _panic(wrong, file) from wrong


def _panic(wrong: BaseException, file: str, sheet: str = "") -> BaseException:
    """A panic of the reading library is a damaged workbook; anything else is what it is."""
    if type(wrong).__name__ == "PanicException":
        return _corrupt(file, "This workbook is damaged.", sheet)
    return wrong


def _locked(file: str) -> UnreadableError:
    return UnreadableError(
        Fault(
            file,
            "This workbook is protected by a password.",
            "Open it, remove the password (File, Info, Protect), save it and import it again.",
        )
    )


def _refuse_encrypted(path: Path, file: str) -> None:
    with path.open("rb") as held:
        if held.read(8) != _OLE:
            return
        held.seek(0)
        tail = b""
        while chunk := held.read(_CHUNK):
            if _ENCRYPTED in tail + chunk:
                raise _locked(file)
            tail = chunk[-64:]


def _refuse_bombs(path: Path, file: str) -> None:
    """Unpack the sheets in a stream, and refuse what would fill the memory: size unpacked, or the space between cells."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if m.filename.lower().endswith((".xml", ".bin", ".rels"))]
            if sum(m.file_size for m in archive.infolist()) > LARGEST:
                raise _too_large(file)
            for member in members:
                _measure(archive, member, file)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as wrong:
        raise _corrupt(file, "This workbook is damaged: it does not unpack.") from wrong
    except Exception as wrong:
        if type(wrong).__module__ == "zlib":
            raise _corrupt(file, "This workbook is damaged: it does not unpack.") from wrong
        raise


def _too_large(file: str) -> UnreadableError:
    what = f"Unpacked, this workbook would fill more than {LARGEST // 1024**2} MB."
    return UnreadableError(Fault(file, what, "Export only the sheets that are needed, or as CSV."))


def _measure(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str) -> None:
    is_sheet = "worksheets/" in member.filename
    size = rows = columns = 0
    tail = b""
    with archive.open(member) as held:
        while chunk := held.read(_CHUNK):
            size += len(chunk)
            if size > LARGEST:
                raise _too_large(file)
            if is_sheet:
                for found in _FILLED.finditer(tail + chunk):
                    rows = max(rows, int(found[2] or found[4]))
                    columns = max(columns, _column_number(found[1] or found[3]))
                tail = chunk[-256:]
            if rows * columns > MOST_CELLS:
                what = f"A sheet ({member.filename}) reaches to row {rows:,} and column {columns:,}."
                raise UnreadableError(Fault(file, what, "Delete the stray cells far from the table, save it and import it again."))


def _column_number(letters: bytes) -> int:
    made = 0
    for letter in letters:
        made = made * 26 + letter - 64
    return made


def _grid(book: CalamineWorkbook, sheet: str, file: str) -> Grid:
    def lines() -> Iterator[Line]:
        try:
            held = book.get_sheet_by_name(sheet)
            first = held.start[0] if held.start else 0
            rows = held.to_python()
        except (CalamineError, ValueError, OSError) as wrong:
            raise _corrupt(file, "This sheet is damaged.", clean(sheet)) from wrong
        except BaseException as wrong:
            raise _panic(wrong, file, clean(sheet)) from wrong
        yield from enumerate(rows, first + 1)

    return Grid(clean(sheet), sheet, lines)
