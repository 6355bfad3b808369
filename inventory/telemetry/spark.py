"""The same figures on Spark, for estates beyond one machine: Spark brings each server's samples together, `summarise` does the rest.

It needs the extra `spark` (PySpark, PyArrow and a Java runtime), which nothing else does. See docs/guides/telemetry.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from inventory.telemetry.figures import row_of, schema
from inventory.telemetry.metrics import metrics
from inventory.telemetry.store import RANGE, SCHEMA
from inventory.telemetry.summary import DEFAULT_PERCENTILES, Samples, Window, summarise

# Spark and Arrow are not installed where most people work, so what comes from them is Any.
_TYPES = {"String": "string", "Float64": "double", "UInt32": "bigint"}


def frame_of(spark: Any, folder: str, names: Sequence[str], window: Window, percentiles: Sequence[float] = DEFAULT_PERCENTILES) -> Any:
    """The table of `inventory.telemetry.figures.table_of`, as a Spark frame in no order.

    `folder` is the telemetry's, by any URL that Spark reads (`abfss://…`); `names` are the servers' names by number, as
    `Telemetry.servers` gives them. A task holds the samples of about 500 servers.
    """
    days = [window.first + timedelta(days=n) for n in range((window.last - window.first).days + 1)]
    held = spark.read.option("basePath", folder).parquet(f"{folder}/day=*")
    samples = held.where(held["day"].isin([d.isoformat() for d in days])).select(*SCHEMA)
    tasks = max(1, -(-len(names) // RANGE))
    together = samples.repartition(tasks, "server")
    columns = ", ".join(f"`{name}` {_TYPES[of.__name__]}" for name, of in schema(percentiles).items())
    return together.mapInArrow(partial(_of_batches, names, window, tuple(percentiles)), columns)


def _of_batches(names: Sequence[str], window: Window, percentiles: tuple[float, ...], batches: Iterator[Any]) -> Iterator[Any]:
    """One task: all samples of its servers to their rows."""
    pa: Any = import_module("pyarrow")
    held = [batch for batch in batches if batch.num_rows]
    if not held:
        return
    rows = [
        row_of(f, names[f.server], percentiles) for f in summarise([_samples(pa.Table.from_batches(held))], metrics(), window, percentiles)
    ]
    columns = dict(zip(schema(percentiles), zip(*rows, strict=True), strict=True))
    types: Mapping[str, Any] = {"String": pa.string(), "Float64": pa.float64(), "UInt32": pa.int64()}
    fields = [pa.field(name, types[of.__name__]) for name, of in schema(percentiles).items()]
    yield from pa.table(columns, schema=pa.schema(fields)).to_batches()


def _samples(table: Any) -> Samples:
    """Spark has no unsigned whole numbers, so it hands over the next wider ones."""

    def column(name: str, absent: int) -> Any:
        return table.column(name).cast("int64").fill_null(absent).to_numpy()

    widths = {16: np.uint16, 32: np.uint32}
    values = {m.name: column(m.name, m.absent).astype(widths[m.bits]) for m in metrics()}
    return Samples(column("server", 0).astype(np.uint32), column("at", 0).astype(np.uint32), values)
