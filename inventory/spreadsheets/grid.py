"""What the readers of files hand over: sheets of rows of cells, numbered as the person sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from inventory.model import Fault
from inventory.spreadsheets.cells import Cell

Line = tuple[int, Sequence[Cell]]


class UnreadableError(Exception):
    """The file, or the rest of it, cannot be read; `fault` says why, in plain English."""

    def __init__(self, fault: Fault) -> None:
        """Keep the fault."""
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet. `lines` starts it anew: row numbers (1 is the first) with cells, and a fault for a row that is spoilt.

    It raises UnreadableError where nothing more can be read. `sheet` is "" in a CSV; `hint` is the name that may tell the
    layout (the sheet's, or the file's).
    """

    sheet: str
    hint: str
    lines: Callable[[], Iterator[Line | Fault]]
