"""Figures against a plain reckoning, what the store keeps, and that order, pieces and repetition make no difference."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.errors import InventoryError
from inventory.telemetry.figures import table_of
from inventory.telemetry.importing import import_samples, utilisation_of
from inventory.telemetry.metrics import metrics
from inventory.telemetry.store import Imported, Telemetry
from inventory.telemetry.summary import Figures, Samples, Window, summarise

DAY = date(2026, 7, 1)
WINDOW = Window(DAY, DAY)
CPU = next(m for m in metrics() if m.name == "cpu_percent")
READ_ON = date(2026, 11, 25)
Sample = tuple[int, int, int | None]
SAMPLES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 86_399), st.none() | st.integers(0, 20_000)), max_size=60, unique_by=lambda s: s[:2]
)


def _samples(rows: Sequence[Sample]) -> Samples:
    return Samples(
        np.array([r[0] for r in rows], np.uint32),
        np.array([WINDOW.starts + r[1] for r in rows], np.uint32),
        {CPU.name: np.array([CPU.absent if r[2] is None else r[2] for r in rows], np.uint16)},
    )


def _figures(*pieces: Samples) -> list[Figures]:
    return list(summarise(pieces, (CPU,), WINDOW, (50.0, 95.0, 100.0)))


def _by_hand(rows: Sequence[Sample], percentile: float) -> dict[int, int | None]:
    """The smallest sample that at least that share of them does not exceed, by counting."""
    made: dict[int, int | None] = {}
    for server in {r[0] for r in rows}:
        values = sorted(r[2] for r in rows if r[0] == server and r[2] is not None)
        made[server] = next((v for v in values if 100 * sum(w <= v for w in values) >= percentile * len(values)), None)
    return made


@settings(deadline=None, derandomize=True)
@given(SAMPLES)
def test_percentiles_are_those_of_counting(rows: list[Sample]) -> None:
    found = _figures(_samples(rows))
    for place, percentile in enumerate((50.0, 95.0, 100.0)):
        assert {f.server: f.percentiles[place] for f in found} == _by_hand(rows, percentile)
    assert {f.server: f.maximum for f in found} == _by_hand(rows, 100)


@settings(deadline=None, derandomize=True)
@given(SAMPLES, st.randoms(use_true_random=False), st.integers(1, 5))
def test_neither_order_nor_pieces_make_a_difference(rows: list[Sample], dice: random.Random, cuts: int) -> None:
    shuffled = rows.copy()
    dice.shuffle(shuffled)
    pieces = [_samples(shuffled[n::cuts]) for n in range(cuts)]
    assert _figures(*pieces) == _figures(_samples(sorted(rows, key=lambda r: r[:2])))


@settings(deadline=None, derandomize=True)
@given(SAMPLES.filter(bool), st.data())
def test_fewer_samples_never_cover_more(rows: list[Sample], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(rows) - 1))
    kept = [(s, at, None if n == gone else v) for n, (s, at, v) in enumerate(rows)]
    before = {f.server: f for f in _figures(_samples(rows))}
    for f in _figures(_samples(kept)):
        assert (f.samples, f.expected) <= (before[f.server].samples, before[f.server].expected)
        assert f.longest_gap >= before[f.server].longest_gap


def test_gaps_and_coverage_of_a_day_with_a_hole() -> None:
    every_five = [(0, at, 100) for at in range(0, 86_400, 300) if not 3600 <= at < 7200]
    found = _figures(_samples(every_five))[0]
    assert (found.interval, found.samples, found.expected) == (300, 276, 288)
    assert (found.gaps, found.longest_gap) == (1, 3900)


def test_of_one_sample_nobody_can_tell_the_coverage() -> None:
    found = _figures(_samples([(0, 0, 100)]))[0]
    assert (found.interval, found.expected, found.percentiles[1]) == (0, 0, 100)


def _imported(name: str = "a.csv") -> Imported:
    return Imported(name, f"sha256:{name}", "2026-11-25", "samples", 1, 1, "", "")


def _frame(*rows: tuple[str, int, dict[str, int]]) -> pl.DataFrame:
    columns: dict[str, Any] = {
        "server": pl.Series([r[0] for r in rows], dtype=pl.String),
        "at": pl.Series([r[1] for r in rows], dtype=pl.Int64),
        **{m.name: pl.Series([r[2].get(m.name) for r in rows], dtype=pl.UInt32) for m in metrics()},
    }
    return pl.DataFrame(columns)


def _tree(folder: Path) -> dict[str, bytes]:
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_a_sample_that_comes_again_replaces_what_it_measures_and_leaves_the_rest(tmp_path: Path) -> None:
    store, at = Telemetry(tmp_path), WINDOW.starts
    store.add(_frame(("b", at, {"cpu_percent": 100, "disk_iops": 5}), ("a", at + 300, {"cpu_percent": 7})), _imported())
    store.add(_frame(("b", at, {"cpu_percent": 200, "network_mbps": 9})), _imported("b.csv"))
    found = table_of(store, WINDOW, (100.0,)).filter(pl.col("samples") > 0)
    assert dict(found.filter(pl.col("server") == "b").select("metric", "maximum").iter_rows()) == {
        "cpu_percent": 2.0,
        "disk_iops": 0.5,
        "network_mbps": 0.009,
    }
    assert store.servers == ("a", "b")
    assert [f.file for f in store.files] == ["a.csv", "b.csv"]


def test_importing_the_same_again_changes_no_byte(tmp_path: Path) -> None:
    store = Telemetry(tmp_path)
    rows = _frame(*((f"s{n % 3}", WINDOW.starts + 60 * n, {"cpu_percent": n}) for n in range(50)))
    store.add(rows, _imported())
    before = _tree(tmp_path)
    store.add(rows.reverse(), _imported())
    assert _tree(tmp_path) == before


def test_more_servers_than_a_range_and_more_days_than_one(tmp_path: Path) -> None:
    store = Telemetry(tmp_path)
    rows = [
        (f"s{n:04d}", WINDOW.starts + 86_400 * day + 300 * k, {"cpu_percent": n}) for n in range(1100) for day in (0, 1) for k in (0, 1)
    ]
    store.add(_frame(*rows), _imported())
    window = Window(DAY, date(2026, 7, 2))
    assert store.window() == window
    assert store.ranges(window) == (0, 500, 1000)
    for at_once in (1, 2):
        found = table_of(store, window, (50.0,), at_once).filter(pl.col("metric") == "cpu_percent")
        assert found["p50"].to_list() == [n / 100 for n in range(1100)]
        assert set(found["samples"].to_list()) == {4}
    assert set(table_of(store, WINDOW, (50.0,)).filter(pl.col("metric") == "cpu_percent")["samples"].to_list()) == {2}


def test_a_damaged_file_is_named_and_nothing_is_guessed(tmp_path: Path) -> None:
    store = Telemetry(tmp_path)
    store.add(_frame(("a", WINDOW.starts, {"cpu_percent": 1})), _imported())
    next(tmp_path.glob("day=*/*.parquet")).write_bytes(b"PAR1 and no more")
    with pytest.raises(InventoryError, match=r"servers=000000\.parquet cannot be read"):
        table_of(store, WINDOW)
    (tmp_path / "servers.json").write_text("{", encoding="utf-8")
    with pytest.raises(InventoryError, match="is damaged"):
        assert store.servers
    (tmp_path / "servers.json").write_text(json.dumps({"format": "another/1"}), encoding="utf-8")
    with pytest.raises(InventoryError, match="of the form another/1"):
        assert store.servers


def test_each_month_stands_in_the_estate_with_its_whole_days_as_coverage(tmp_path: Path) -> None:
    file = tmp_path / "use.csv"
    half = [(f"2026-06-{d:02d} {h:02d}:00", 10 + d) for d in range(1, 16) for h in range(24)]
    file.write_text("Server,Time,CPU\n" + "".join(f"app01,{at},{v}\n" for at, v in half), encoding="utf-8")
    store = Telemetry(tmp_path / "telemetry")
    first = import_samples(store, [file], READ_ON, UTC)
    assert [(r.samples, r.servers, r.is_unchanged, r.faults) for r in first] == [(360, 1, False, ())]
    assert import_samples(store, [file], READ_ON, UTC)[0].is_unchanged
    rows = utilisation_of(store, READ_ON).rows
    assert [dict(r.values) for r in rows] == [
        {
            "server": "app01",
            "month": date(2026, 6, 1),
            "cpu_p50_percent": 18.0,
            "cpu_p95_percent": 25.0,
            "cpu_p99_percent": 25.0,
            "cpu_max_percent": 25.0,
            "coverage_percent": 50.0,
        }
    ]


def test_the_figures_of_real_machines_are_those_of_a_plain_reckoning(tmp_path: Path) -> None:
    """Fifty machines of Bitbrains, 277,000 samples: every percentile against a sorted list of each machine's own."""
    trace = Path(__file__).parents[2] / "../shared/data/telemetry/bitbrains-50-trace.parquet"
    if not trace.is_file():
        pytest.skip("the Bitbrains trace is not on this machine (../shared/data/telemetry)")
    meta = pl.read_parquet(trace.with_name("bitbrains-50-meta.parquet")).select("id", "cpu_capacity")
    share = (pl.col("cpu_usage") / pl.col("cpu_capacity") * 10_000).clip(0, 20_000).ceil().cast(pl.UInt32)
    at = pl.col("timestamp").dt.epoch("s").alias("at")
    held = pl.read_parquet(trace).join(meta, on="id").select(pl.col("id").alias("server"), at, share.alias("cpu_percent"))
    held = held.unique(["server", "at"], keep="last", maintain_order=True)
    absent = (pl.lit(None, pl.UInt32).alias(m.name) for m in metrics() if m.name != "cpu_percent")
    store = Telemetry(tmp_path)
    store.add(held.with_columns(absent), replace(_imported(), file="trace"))
    window = store.window()
    assert window is not None
    found = table_of(store, window, (50.0, 95.0, 99.0)).filter(pl.col("metric") == "cpu_percent")
    assert len(found) == 50
    for row in found.iter_rows(named=True):
        mine = sorted(held.filter(pl.col("server") == row["server"])["cpu_percent"].to_list())
        for percentile in (50, 95, 99):
            assert row[f"p{percentile}"] == mine[math.ceil(len(mine) * percentile / 100) - 1] / 100
        assert row["maximum"] == mine[-1] / 100
        assert row["samples"] == len(mine)


def test_every_metric_names_its_unit_and_headings() -> None:
    for metric in metrics():
        assert metric.unit
        assert metric.headings
        assert metric.most * metric.per_unit < metric.absent or metric.bits == 32
    assert datetime.fromtimestamp(WINDOW.starts, UTC).date() == DAY
