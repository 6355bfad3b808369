"""A table on its way to a file: headings, rows, and how the council's program wrote it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field


@dataclass(slots=True)
class Table:
    """One file. `above` are rows over the headings, `below` blank rows that the program left under the last one."""

    file: str
    headings: list[str]
    rows: list[list[str]]
    encoding: str = "utf-8"
    newline: str = "\n"
    above: list[list[str]] = field(default_factory=list[list[str]])
    below: int = 0

    def data(self) -> bytes:
        """The file's bytes."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator=self.newline)
        blank = [""] * len(self.headings)
        writer.writerows([*self.above, self.headings, *self.rows, *([blank] * self.below)])
        return text.getvalue().encode(self.encoding)

    def row_number(self, index: int) -> int:
        """The row as a person sees it, 1 being the file's first."""
        return len(self.above) + 2 + index

    def find(self, first: str) -> int:
        """Index of the only row whose first cell is `first`. Raises ValueError, saying how many there are."""
        found = [n for n, row in enumerate(self.rows) if row[0] == first]
        if len(found) != 1:
            raise ValueError(f"{self.file} has {len(found)} rows for {first}")
        return found[0]
