"""The figures of every server in the telemetry, range by range, as one table."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from typing import Final

import polars as pl

from inventory.telemetry.metrics import Metric, metrics
from inventory.telemetry.store import Telemetry
from inventory.telemetry.summary import DEFAULT_PERCENTILES, Figures, Window, summarise

AT_ONCE: Final = 2
_FEW: Final = 2  # so few ranges are done before another process has started


def table_of(
    telemetry: Telemetry, window: Window, percentiles: Sequence[float] = DEFAULT_PERCENTILES, at_once: int = AT_ONCE
) -> pl.DataFrame:
    """One row for each server and metric, by the server's number and the order of the metrics. Raises InventoryError.

    `at_once` ranges of servers are in memory at a time, each in a process of its own.

    Columns: `server` (name), `metric`, `p50` and so on and `maximum` in the metric's unit (null when it was not measured),
    `samples`, `expected`, `coverage_percent`, `interval_seconds`, `gaps`, `longest_gap_seconds`.
    """
    ranges, work = telemetry.ranges(window), partial(_of_range, telemetry, window, tuple(percentiles))
    if at_once < 2 or len(ranges) <= _FEW:
        parts = list(map(work, ranges))
    else:
        # Processes: threads would wait for one another's short steps. Spawned, for Polars has threads of its own.
        with ProcessPoolExecutor(min(at_once, len(ranges)), mp_context=get_context("spawn")) as pool:
            parts = list(pool.map(work, ranges))
    names = telemetry.servers
    rows = [row_of(f, names[f.server], percentiles) for part in parts for f in part]
    return pl.DataFrame(rows, schema=schema(percentiles), orient="row")


def _of_range(telemetry: Telemetry, window: Window, percentiles: Sequence[float], first: int) -> list[Figures]:
    return list(summarise(telemetry.read(first, window), metrics(), window, percentiles))


def percentile_name(percentile: float) -> str:
    """The column of a percentile: `p95`, `p99.5`."""
    return f"p{percentile:g}"


def schema(percentiles: Sequence[float]) -> dict[str, type[pl.DataType]]:
    """The columns of the table and their types."""
    return {
        "server": pl.String,
        "metric": pl.String,
        **{percentile_name(p): pl.Float64 for p in percentiles},
        "maximum": pl.Float64,
        "samples": pl.UInt32,
        "expected": pl.UInt32,
        "coverage_percent": pl.Float64,
        "interval_seconds": pl.UInt32,
        "gaps": pl.UInt32,
        "longest_gap_seconds": pl.UInt32,
    }


def row_of(figures: Figures, server: str, percentiles: Sequence[float]) -> tuple[object, ...]:
    """A row of the table, in the order of `schema`."""
    metric = _BY_NAME[figures.metric]
    coverage = min(100.0, round(100 * figures.samples / figures.expected, 2)) if figures.expected else 0.0
    of = (None if value is None else value / metric.per_unit for value in (*figures.percentiles, figures.maximum))
    return (
        server,
        figures.metric,
        *of,
        figures.samples,
        figures.expected,
        coverage,
        figures.interval,
        figures.gaps,
        figures.longest_gap,
    )


_BY_NAME: dict[str, Metric] = {m.name: m for m in metrics()}


def moment(seconds: int) -> str:
    """A time of the telemetry as people read it: ISO 8601 in UTC, to the minute."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%MZ")
