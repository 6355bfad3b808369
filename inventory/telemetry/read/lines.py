"""Separated text as sampling programs write it: numbered rows of cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from inventory.model import Fault
from inventory.spreadsheets.grid import UnreadableError


def rows_of(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with its number from 1. Raises UnreadableError where the text cannot be read on."""
    row = 0
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as held:
            for row, cells in enumerate(csv.reader((line.replace("\0", "") for line in held), delimiter=separator), 1):
                if cells:
                    yield row, cells
    except (csv.Error, UnicodeError) as wrong:
        what = f"Reading stops here: {wrong}."
        raise UnreadableError(Fault(path.name, what, "Take the samples again, or cut the file before this row.", row=row + 1)) from wrong
