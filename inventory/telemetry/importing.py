"""From files of samples to the telemetry, and from the telemetry to the estate: each month's 95th percentiles of each server."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from typing import Final

import polars as pl

from inventory.model import Fault
from inventory.rows import FileReading, Row, SheetReading, Value
from inventory.telemetry.figures import moment, percentile_name, table_of
from inventory.telemetry.read.file import read_samples
from inventory.telemetry.read.model import SampleReading
from inventory.telemetry.store import Imported, Telemetry
from inventory.telemetry.summary import Window

SOURCE: Final = "telemetry"
_PERCENTILES: Final = (50.0, 95.0, 99.0)
_P50, _P95, _P99 = (percentile_name(p) for p in _PERCENTILES)
_FIELDS: Final = {
    ("cpu_percent", _P95): "cpu_p95_percent",
    ("memory_percent", _P95): "memory_p95_percent",
    ("disk_iops", _P95): "disk_p95_iops",
    ("network_mbps", _P95): "network_p95_mbps",
    ("cpu_percent", _P50): "cpu_p50_percent",
    ("cpu_percent", _P99): "cpu_p99_percent",
    ("cpu_percent", "maximum"): "cpu_max_percent",
    ("memory_percent", _P50): "memory_p50_percent",
    ("memory_percent", _P99): "memory_p99_percent",
    ("memory_percent", "maximum"): "memory_max_percent",
    ("disk_mbps", _P95): "disk_p95_mbps",
}
"""Metric and figure of the telemetry -> field of the estate's `Utilisation`."""
_METRICS: Final = frozenset(m for m, _ in _FIELDS)


@dataclass(frozen=True, slots=True)
class SampleResult:
    """What became of one file: `is_unchanged` when the same bytes were imported before, `samples` and `servers` in it."""

    file: str
    layout: str
    samples: int
    servers: int
    is_unchanged: bool
    faults: tuple[Fault, ...]


def import_samples(
    telemetry: Telemetry, paths: Sequence[Path], read_on: date, zone: tzinfo, on_step: Callable[[str], None] = lambda _: None
) -> tuple[SampleResult, ...]:
    """Read the files into the telemetry; good samples are kept, and what is wrong is in each result's faults.

    Samples that are there already are replaced. Raises InventoryError when the telemetry cannot be read or written.
    """
    return tuple(_import(telemetry, path, read_on, zone, on_step) for path in paths)


def _import(telemetry: Telemetry, path: Path, read_on: date, zone: tzinfo, on_step: Callable[[str], None]) -> SampleResult:
    file = path.name
    on_step(file)
    reading = read_samples(path, file, zone)
    if reading.digest and any(f.file == file and f.digest == reading.digest for f in telemetry.files):
        return SampleResult(file, reading.layout, len(reading.samples), reading.samples["server"].n_unique(), True, reading.faults)
    if len(reading.samples):
        on_step(f"{file}: keeping {len(reading.samples):,} samples")
        telemetry.add(reading.samples, _imported(reading, read_on))
    return SampleResult(file, reading.layout, len(reading.samples), reading.samples["server"].n_unique(), False, reading.faults)


def _imported(reading: SampleReading, read_on: date) -> Imported:
    at = reading.samples["at"]
    servers = reading.samples["server"].n_unique()
    first, last = (moment(int(str(t))) for t in (at.min(), at.max()))
    return Imported(reading.file, reading.digest, read_on.isoformat(), reading.layout, servers, len(reading.samples), first, last)


def months_of(telemetry: Telemetry) -> tuple[Window, ...]:
    """Every calendar month (UTC) that holds samples, whole: a month of which ten days were sampled has a third of its coverage."""
    firsts = sorted({d.replace(day=1) for d in telemetry.days})
    return tuple(Window(f, f.replace(day=monthrange(f.year, f.month)[1])) for f in firsts)


def utilisation_of(telemetry: Telemetry, read_on: date) -> FileReading:
    """The telemetry as a file of the estate: a row for each server and month. Raises InventoryError."""
    rows: list[Row] = []
    for month in months_of(telemetry):
        table = table_of(telemetry, month, _PERCENTILES)
        for (server,), of in table.group_by(["server"], maintain_order=True):
            if values := _values(of):
                rows.append(_row(len(rows) + 1, str(server), month.first, values, read_on))
    digest = hashlib.sha256("\n".join(f"{r.values}" for r in rows).encode("utf-8", "replace")).hexdigest()
    return FileReading(SOURCE, f"sha256:{digest}", read_on, (SheetReading("", "utilisation", len(rows)),), tuple(rows))


def _values(of: pl.DataFrame) -> dict[str, float]:
    """The figures that there are, and the least coverage of those."""
    taken = of.filter(pl.col("samples") > 0)
    rows = {str(row["metric"]): row for row in taken.iter_rows(named=True)}
    held = {field: float(rows[m][figure]) for (m, figure), field in _FIELDS.items() if m in rows}
    # A program that counts two threads a core may say more than 100 %: the whole machine is the most that it can use.
    capped = {f: min(v, 100.0) if f.endswith("_percent") else v for f, v in held.items()}
    lowest = taken.filter(pl.col("metric").is_in(list(_METRICS)))["coverage_percent"].min()
    return {**capped, "coverage_percent": float(str(lowest))} if capped else {}


def _row(number: int, server: str, month: date, values: dict[str, float], read_on: date) -> Row:
    said: dict[str, Value] = {"server": server, "month": month, **values}
    columns = {f: f"{f} of {month:%Y-%m}" for f in said}
    return Row("utilisation", SOURCE, "", number, read_on, said, columns)
