"""The same figures on Spark, in local mode: a real Spark, its own reading of the Parquet, its own shuffle."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from inventory.telemetry.figures import table_of
from inventory.telemetry.metrics import metrics
from inventory.telemetry.store import Imported, Telemetry

pytest.importorskip("pyspark", reason="PySpark is not installed: pip install -r requirements-spark.lock")
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("there is no Java runtime: apt-get install default-jre-headless")
    from pyspark.sql import SparkSession

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(Path(__file__).parents[2]), "SPARK_LOCAL_IP": "127.0.0.1"}
    builder: Any = SparkSession.builder
    quiet = builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
    session = quiet.config("spark.driver.host", "127.0.0.1").getOrCreate()
    yield session
    session.stop()


def test_spark_gives_the_same_figures(spark: Any, tmp_path: Path) -> None:
    from inventory.telemetry.spark import frame_of

    dice = np.random.default_rng(7)
    rows, start = 1200 * 48, 1_782_864_000
    columns: dict[str, Any] = {
        "server": [f"s{n:04d}" for n in range(1200) for _ in range(48)],
        "at": np.tile(start + 3600 * np.arange(48), 1200),
        **{m.name: pl.Series(dice.integers(0, int(m.most * m.per_unit) // 4, rows), dtype=pl.UInt32) for m in metrics()},
    }
    missing = pl.Series(dice.random(rows) < 0.1)
    held = pl.DataFrame(columns).with_columns(pl.when(~missing).then(pl.col("disk_iops")).alias("disk_iops")).sample(fraction=0.9, seed=7)
    telemetry = Telemetry(tmp_path)
    telemetry.add(held, Imported("made.csv", "sha256:0", "2026-11-25", "samples", 1200, len(held), "", ""))
    window = telemetry.window()
    assert window is not None
    ours = table_of(telemetry, window, (50.0, 95.0)).sort("server", "metric")
    frame = frame_of(spark, str(tmp_path), telemetry.servers, window, (50.0, 95.0))
    theirs = pl.DataFrame([r.asDict() for r in frame.collect()], schema=ours.schema).sort("server", "metric")
    assert len(ours) == 1200 * len(metrics())
    assert theirs.equals(ours)
