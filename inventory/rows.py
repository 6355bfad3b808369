"""What one row of one file says, before anything is known of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inventory.model import CostedOption, Fault, Source, Sources
from inventory.sources import RowSources

Value = str | int | float | bool | date | tuple[str, ...] | tuple[CostedOption, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row's good cells by field of its layout (`headings.toml`), and the heading each stands under.

    A field that the row leaves blank is in neither mapping; one that it gets wrong is in `columns` alone (a sum over
    rows must not be taken as whole when one of them is wrong). Units are the model's.
    """

    layout: str
    file: str
    sheet: str
    row: int
    read_on: date
    values: Mapping[str, Value]
    columns: Mapping[str, str]

    def source(self, field: str) -> Source:
        """Where `field` came from."""
        return Source(self.layout, self.file, self.sheet, self.row, self.columns[field], self.read_on)

    @property
    def sources(self) -> Sources:
        """Where each field that the row states came from."""
        columns = self.columns if self.columns.keys() == self.values.keys() else {f: self.columns[f] for f in self.values}
        return RowSources(Source(self.layout, self.file, self.sheet, self.row, "", self.read_on), columns)

    @property
    def unread(self) -> Sources:
        """Where each field is that the row gets wrong."""
        return {f: self.source(f) for f in self.columns if f not in self.values} if len(self.columns) > len(self.values) else {}

    def fault(self, field: str, what: str, remedy: str) -> Fault:
        """A fault of this row under the heading of `field` ("" when the whole row is meant)."""
        return Fault(self.file, what, remedy, self.sheet, self.row, self.columns.get(field, ""))


@dataclass(frozen=True, slots=True)
class SheetReading:
    """One sheet as it was recognised: `layout` "" when it was not, and then `note` says why; `rows` kept.

    `is_foreign`: it has nothing to do with any layout, not even as a near miss. `is_whole`: it was read to its end.
    """

    sheet: str
    layout: str
    rows: int
    note: str = ""
    is_foreign: bool = False
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class FileReading:
    """One file, read on a date: `digest` is of its bytes ("" when it could not be read at all).

    `is_whole`: it was read to its end and says something, so that it may replace what the file said before.
    """

    file: str
    digest: str
    read_on: date
    sheets: Sequence[SheetReading] = ()
    rows: Sequence[Row] = ()
    faults: Sequence[Fault] = ()
    is_whole: bool = True

    @property
    def is_readable(self) -> bool:
        """Whether anything in the file was recognised, so that importing it makes sense."""
        return any(s.layout for s in self.sheets)

    @property
    def is_foreign(self) -> bool:
        """Whether it is somebody else's table: found in a folder, it is passed over without a fault."""
        return bool(self.sheets) and all(s.is_foreign for s in self.sheets)
