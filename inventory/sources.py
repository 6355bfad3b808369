"""Where fields came from, kept small: most records come from one row, and then one row is all that need be remembered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from inventory.model import Source, Sources

Names = tuple[tuple[str, str], ...]


class RowSources(Mapping[str, Source]):
    """The sources of fields that came from one row: what they share, and the column of each. Sources are made when asked for."""

    __slots__ = ("columns", "row")

    def __init__(self, row: Source, columns: Mapping[str, str]) -> None:
        """Keep the row (a source whose column is "") and the columns by field; neither may change afterwards."""
        self.row = row
        self.columns = columns

    def __getitem__(self, field: str) -> Source:
        """Where `field` came from."""
        row = self.row
        return Source(row.layout, row.file, row.sheet, row.row, self.columns[field], row.read_on)

    def __contains__(self, field: object) -> bool:
        """Whether the row states the field."""
        return field in self.columns

    def __iter__(self) -> Iterator[str]:
        """The fields that the row states."""
        return iter(self.columns)

    def __len__(self) -> int:
        """How many fields the row states."""
        return len(self.columns)

    def __repr__(self) -> str:
        """As the dict that it stands for."""
        return repr(dict(self))


def renamed(sources: Sources, names: Names) -> Sources:
    """The sources of some fields under other names: for each pair the new name and the old, where there is one."""
    if isinstance(sources, RowSources):
        return RowSources(sources.row, _renamed(tuple(sources.columns.items()), names))
    return {new: sources[old] for new, old in names if old in sources}


@lru_cache(maxsize=10_000)
def _renamed(columns: Names, names: Names) -> Mapping[str, str]:
    """The same mapping for the many rows that state the same fields."""
    held = dict(columns)
    return {new: held[old] for new, old in names if old in held}


def shared(columns: Mapping[str, str]) -> Mapping[str, str]:
    """An equal mapping, the same one for every row that states the same fields."""
    items = tuple(columns.items())
    return _renamed(items, tuple((f, f) for f in columns))
