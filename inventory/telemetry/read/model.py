"""What the readers of samples gather, and what they hand over."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from inventory.model import Fault
from inventory.telemetry.metrics import Metric, metrics
from inventory.text import clean

SHOWN: Final = 5
LONGEST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class SampleReading:
    """One file, read. `samples` has `server` (name, lower case), `at` (seconds since 1970, UTC) and each metric as it is kept.

    `layout` is "" when the file is of no known form; it may then belong to the estate.
    """

    file: str
    digest: str
    layout: str
    samples: pl.DataFrame
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class Misfits:
    """Faults of rows, of which there may be a million: the first few of each kind, and how many there were."""

    file: str
    sheet: str = ""
    shown: list[Fault] = field(default_factory=list[Fault])
    counts: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    def add(self, row: int, column: str, what: str, remedy: str, kind: str = "") -> None:
        """Note a fault. Those of one `kind` (else of one remedy) and column are counted together."""
        of = (column, kind or remedy)
        self.counts[of] += 1
        if self.counts[of] <= SHOWN:
            self.shown.append(Fault(self.file, what, remedy, self.sheet, row, column))

    def faults(self) -> tuple[Fault, ...]:
        """The first of each kind, and a sentence for the rest of each."""
        more = [
            Fault(self.file, f"{n - SHOWN:,} more rows have this fault.", remedy, self.sheet, 0, column)
            for (column, remedy), n in self.counts.items()
            if n > SHOWN
        ]
        return (*self.shown, *more)


class Gathering:
    """Samples as they are read, column by column: a million of them are not a million objects."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._names: dict[str, int] = {}
        self._server, self._at = array("L"), array("q")
        self._columns: dict[str, array[float]] = {m.name: array("d") for m in metrics()}

    def add(self, server: str, at: int, figures: Mapping[str, float]) -> None:
        """One sample; what is not in `figures` was not measured."""
        self._server.append(self._names.setdefault(server, len(self._names)))
        self._at.append(at)
        for name, column in self._columns.items():
            column.append(figures.get(name, math.nan))

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self._at)

    def whole(self, *, adds_up: bool) -> pl.DataFrame:
        """One row for each server and second: figures of parts are added up, else the last one said stands."""
        names = pl.Series("name", list(self._names), dtype=pl.String)
        columns = {name: pl.Series(name, column, dtype=pl.Float64).fill_nan(None) for name, column in self._columns.items()}
        held = pl.DataFrame({"server": pl.Series(self._server, dtype=pl.UInt64), "at": pl.Series(self._at, dtype=pl.Int64), **columns})
        of = (pl.col(n).drop_nulls() for n in columns)
        merged = held.group_by("server", "at").agg(
            pl.when(c.len() > 0).then(c.sum() if adds_up else c.last()) if adds_up else c.last() for c in of
        )
        return merged.with_columns(names.gather(merged["server"]).alias("server")).sort("server", "at")


def kept(samples: pl.DataFrame, file: str) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    """The samples as whole numbers of each metric, rounded up so that none understates; figures that cannot be right are left out."""
    faults: list[Fault] = []
    columns: list[pl.Series] = []
    for metric in metrics():
        column, wrong = _whole(samples[metric.name], metric)
        columns.append(column)
        if wrong:
            what = f"Figures of {metric.name} below 0 or above {metric.most:,g} cannot be right, and were left out: {wrong:,} of them."
            faults.append(Fault(file, what, f"They should be in {metric.unit}: check what the column holds."))
    made = samples.with_columns(columns)
    return made.filter(pl.any_horizontal(pl.col(m.name).is_not_null() for m in metrics())), tuple(faults)


def _whole(column: pl.Series, metric: Metric) -> tuple[pl.Series, int]:
    right = column.is_between(0, metric.most)
    wrong = int((~right).sum() or 0)
    # Rounded before it is rounded up: 12.34 x 100 is 1234, whatever floats say.
    figures = (column * metric.per_unit).round(6).ceil()
    return figures.set(~right.fill_null(value=False), None).cast(pl.UInt32).rename(metric.name), wrong


def added_up(parts: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    """Each metric's figures added up; one of which a part could not be read is left out, for half of it would understate."""
    held: dict[str, list[float | None]] = {}
    for metric, figure in parts:
        held.setdefault(metric, []).append(figure)
    return {metric: math.fsum(f for f in of if f is not None) for metric, of in held.items() if None not in of}


def nothing(file: str, *faults: Fault, digest: str = "") -> SampleReading:
    """A file of which nothing was taken."""
    return SampleReading(file, digest, "", Gathering().whole(adds_up=False), faults)


def named(text: str) -> str:
    """A server's name as it is kept: clean, lower case; "" when it is none."""
    found = clean(text).strip(".\\/ ").casefold()
    return found if len(found) <= LONGEST_NAME else ""


def outside(terms: Iterable[str]) -> str:
    """Names in a sentence, the first few."""
    held = sorted(set(terms))
    return ", ".join(held[:SHOWN]) + (f" and {len(held) - SHOWN} more" if len(held) > SHOWN else "")
