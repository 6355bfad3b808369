"""CSV as people's programs write it: any usual encoding and separator, read in a stream."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TextIO

from inventory.model import Fault
from inventory.spreadsheets.grid import Grid, Line, UnreadableError
from inventory.spreadsheets.recognise import HEAD_ROWS, recognise

_SEPARATORS = (",", ";", "\t", "|")
_LONGEST_LINE = 1_000_000
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CHUNK = 1 << 20


def digest_and_encoding(path: Path) -> tuple[str, str]:
    """The file's SHA-256, and how its text is encoded ("" when it is no text), in one pass with flat memory.

    Raises OSError.
    """
    import codecs

    made, decoder, utf8, start = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), True, b""
    with path.open("rb") as held:
        while chunk := held.read(_CHUNK):
            made.update(chunk)
            start = start or chunk[:4096]
            if utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    utf8 = False
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False
    return f"sha256:{made.hexdigest()}", _encoding(start, utf8=utf8)


def _encoding(start: bytes, *, utf8: bool) -> str:
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if b"\0" in start:
        odd, even = start[1::2].count(0), start[0::2].count(0)
        return "utf-16-le" if odd > len(start) // 4 > even else "utf-16-be" if even > len(start) // 4 > odd else ""
    return "utf-8" if utf8 else "cp1252"


def delimited_grid(path: Path, file: str, encoding: str) -> Grid:
    """The CSV as one sheet. Raises UnreadableError when its first rows are not text of that encoding."""
    separator, skip = _separator(path, file, encoding)

    def lines() -> Iterator[Line]:
        yield from _lines(path, file, encoding, separator, skip)

    return Grid("", Path(file).stem, lines)


def _separator(path: Path, file: str, encoding: str) -> tuple[str, int]:
    """The separator with which the first rows make most sense, and how many rows to pass over (`sep=;`)."""
    with path.open(encoding=encoding, errors="replace", newline="") as held:
        told = held.readline(16).strip().lower()
    if told.startswith("sep=") and len(told) <= 5:
        return (told[4:] or "\t"), 1
    best, merit = ",", (False, -1, -1)
    for separator in _SEPARATORS:
        with suppress(UnreadableError):
            head = [cells for _, cells in islice(_lines(path, file, encoding, separator, 0), HEAD_ROWS)]
            found = recognise(head, "")
            now = (bool(found and found.is_sure), found.matched if found else 0, max((len(r) for r in head), default=0))
            if now > merit:
                best, merit = separator, now
    return best, 0


def _lines(path: Path, file: str, encoding: str, separator: str, skip: int) -> Iterator[Line]:
    row = 0
    try:
        with path.open(encoding=encoding, newline="") as held:
            reader = csv.reader(_bounded(held, file), delimiter=separator, strict=True)
            for row, cells in enumerate(reader, 1):
                if row > skip:
                    yield row, cells
    except csv.Error as wrong:
        why = "a quotation mark is not closed, or stands in the middle of a cell" if "field" not in str(wrong) else "a cell is too long"
        raise UnreadableError(Fault(file, f"Reading stops here: {why}.", "Mend the quotation marks of this row.", row=row + 1)) from wrong
    except UnicodeError as wrong:
        what = f"Reading stops here: the text is not {encoding.upper()} throughout."
        raise UnreadableError(Fault(file, what, "Save the file again as CSV UTF-8.", row=row + 1)) from wrong


def _bounded(held: TextIO, file: str) -> Iterator[str]:
    """The file's lines, none of them so long that it could fill the memory."""
    count = 0
    while line := held.readline(_LONGEST_LINE):
        count += 1
        if len(line) == _LONGEST_LINE and not line.endswith(("\n", "\r")):
            what = f"Line {count} is longer than {_LONGEST_LINE:,} characters."
            raise UnreadableError(Fault(file, what, "Check that the file is a table with one server or application to a row."))
        yield line
