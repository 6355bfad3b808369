"""CSV as people's programs write it: any usual encoding and separator, read in a stream."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from inventory.model import Fault
from inventory.spreadsheets.cells import Cell
from inventory.spreadsheets.grid import Grid, Line, UnreadableError
from inventory.spreadsheets.recognise import HEAD_ROWS, recognise
from inventory.spreadsheets.resuming import Spoilt, rows

_SEPARATORS = (",", ";", "\t", "|")
_LONGEST_LINE = 1_000_000
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CHUNK = 1 << 20
_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


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
    encoding = _encoding(start)
    return f"sha256:{made.hexdigest()}", "cp1252" if encoding == "utf-8" and not utf8 and not _is_mostly_utf8(path) else encoding


def _encoding(start: bytes) -> str:
    """How a file that starts so is encoded, taking it for UTF-8 where nothing says otherwise; "" when it is no text."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    odd, even = start[1::2].count(0), start[0::2].count(0)
    if odd > len(start) // 4 > even:
        return "utf-16-le"
    if even > len(start) // 4 > odd:
        return "utf-16-be"
    return "" if len(_CONTROL.findall(start)) > max(2, len(start) // 20) else "utf-8"


def _is_mostly_utf8(path: Path) -> bool:
    """Whether more of the text is UTF-8 than is not: then single bytes are wrong in it, and not the whole of it."""
    good = bad = 0
    with path.open("rb") as held:
        while chunk := held.read(_CHUNK):
            sequences = _UTF_8.findall(chunk)
            good += len(sequences)
            bad += len(_HIGH.findall(chunk)) - sum(map(len, sequences))
    return good >= bad


def delimited_grid(path: Path, file: str, encoding: str) -> Grid:
    """The CSV as one sheet."""
    separator, skip = _separator(path, file, encoding)

    def lines() -> Iterator[Line | Fault]:
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
        head = _first_rows(path, file, encoding, separator)
        found = recognise(head, "")
        now = (bool(found and found.is_sure), found.matched if found else 0, max((len(r) for r in head), default=0))
        if now > merit:
            best, merit = separator, now
    return best, 0


def _first_rows(path: Path, file: str, encoding: str, separator: str) -> list[list[Cell]]:
    """The first rows, as far as they can be read."""
    made: list[list[Cell]] = []
    try:
        for line in islice(_lines(path, file, encoding, separator, 0), HEAD_ROWS):
            if not isinstance(line, Fault):
                made.append(list(line[1]))
    except UnreadableError:
        return made
    return made


def _lines(path: Path, file: str, encoding: str, separator: str, skip: int) -> Iterator[Line | Fault]:
    """Numbered rows, and a fault for each that is spoilt. Bytes that are no characters stay in the cells as surrogates."""
    row = 0
    errors = "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"
    try:
        with path.open(encoding=encoding, errors=errors, newline="") as held:
            for row, read in enumerate(rows(_bounded(held, file), separator), 1):
                if isinstance(read, Spoilt):
                    yield _spoilt(read, file, row)
                elif row > skip:
                    yield row, read
    except UnicodeError as wrong:
        what = f"Reading stops here: the text is not {encoding.upper()} throughout."
        raise UnreadableError(Fault(file, what, "Save the file again as CSV UTF-8.", row=row + 1)) from wrong


def _spoilt(read: Spoilt, file: str, row: int) -> Fault:
    remedy = "Mend the quotation marks of this row."
    if read.is_last:
        raise UnreadableError(Fault(file, f"Reading stops here: {read.why}.", remedy, row=row))
    return Fault(file, f"The row was not read: {read.why}.", remedy, row=row)


def _bounded(held: TextIO, file: str) -> Iterator[str]:
    """The file's lines, none of them so long that it could fill the memory."""
    count = 0
    while line := held.readline(_LONGEST_LINE):
        count += 1
        if len(line) == _LONGEST_LINE and not line.endswith(("\n", "\r")):
            what = f"Line {count} is longer than {_LONGEST_LINE:,} characters."
            raise UnreadableError(Fault(file, what, "Check that the file is a table with one server or application to a row."))
        yield line
