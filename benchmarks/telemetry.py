"""Exact percentiles of a month of samples, against a plain DuckDB scan-and-aggregate of the same files in the same run.

    benchmarks/telemetry.py [SERVERS] [FOLDER]

10,000 servers are 86,400,000 rows (5 metrics, 30 days at 5 minutes). The samples are written in the form of the telemetry
store into FOLDER (a temporary folder unless named; it is kept and used again when named). Each side runs in a process of its
own and may use two cores; its peak memory is the kernel's, ours with that of both our workers.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from inventory.telemetry.figures import AT_ONCE, table_of
from inventory.telemetry.metrics import metrics
from inventory.telemetry.store import RANGE, SCHEMA, Telemetry

_FIRST = date(2026, 10, 1)
_DAYS = 30
_EVERY = 300


def main() -> None:
    servers = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else Path(scratch)
        if not (folder / "servers.json").is_file():
            write(folder, servers)
        read_all(folder)  # both sides find the files in the system's cache
        stick = run("duckdb", folder)
        ours = run("ours", folder)
        print(f"{servers:,} servers, {servers * _DAYS * 86_400 // _EVERY:,} rows")
        print(f"DuckDB, maximum and mean of each server: {stick['seconds']:.1f} s, {stick['mb']:.0f} MB")
        print(f"ours, exact p50, p95, p99, maximum, coverage and gaps: {ours['seconds']:.1f} s, {ours['mb']:.0f} MB")
        print(f"ratio {ours['seconds'] / stick['seconds']:.2f}")


def write(folder: Path, servers: int) -> None:
    """A month of samples: days and nights, weekday work, noise, and the odd peak, from one seed."""
    random = np.random.default_rng(20261001)
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"server-{n:05d}" for n in range(servers)]
    (folder / "servers.json").write_text(json.dumps({"format": "cloud-unless/telemetry/1", "servers": names}))
    a_day = 86_400 // _EVERY
    hour = np.arange(a_day) * 24 / a_day
    for day in range(_DAYS):
        start = int(datetime(_FIRST.year, _FIRST.month, _FIRST.day, tzinfo=UTC).timestamp()) + day * 86_400
        for first in range(0, servers, RANGE):
            count = min(RANGE, servers - first)
            server = np.repeat(np.arange(first, first + count, dtype=np.uint32), a_day)
            at = np.tile(start + np.arange(a_day, dtype=np.uint32) * _EVERY, count)
            busy = np.tile(np.clip(np.sin((hour - 6) * np.pi / 12), 0, 1), count) * np.repeat(random.uniform(1, 60, count), a_day)
            noise = random.random(count * a_day)
            frame = {
                "server": server,
                "at": at,
                "cpu_percent": np.minimum(10_000, (busy + 8 * noise + 50 * (noise > 0.995)) * 100),
                "memory_percent": np.repeat(random.integers(1500, 9000, count), a_day) + 500 * random.random(count * a_day),
                "disk_iops": (20 + busy * 40 * noise) * 10,
                "disk_mbps": busy * noise * 900,
                "network_mbps": (busy + 1) * noise * 500,
            }
            to = folder / f"day={_FIRST + timedelta(days=day)}" / f"servers={first:06d}.parquet"
            to.parent.mkdir(exist_ok=True)
            pl.DataFrame(frame).cast(pl.Schema(SCHEMA), strict=False).write_parquet(to, compression="zstd", statistics=True)


def read_all(folder: Path) -> None:
    for file in folder.glob("day=*/*.parquet"):
        file.read_bytes()


def run(side: str, folder: Path) -> dict[str, float]:
    code = f"from benchmarks.telemetry import {side}; {side}({str(folder)!r})"
    root = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=root)
    return json.loads(done.stdout)


def duckdb(folder: str) -> None:
    import duckdb as peer

    connection = peer.connect()
    connection.execute("set threads = 2")
    wanted = ", ".join(f"max({m.name}), avg({m.name})" for m in metrics())
    started = time.perf_counter()
    query = f"select server, {wanted} from read_parquet(?) group by server"  # noqa: S608 - our own metrics' names
    rows = connection.execute(query, [f"{folder}/day=*/*.parquet"]).fetchall()
    report(started, len(rows))


def ours(folder: str) -> None:
    started = time.perf_counter()
    telemetry = Telemetry(Path(folder))
    window = telemetry.window()
    assert window is not None
    report(started, len(table_of(telemetry, window)))


def report(started: float, rows: int) -> None:
    seconds = time.perf_counter() - started
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + AT_ONCE * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"seconds": seconds, "rows": rows, "mb": kilobytes / 1000}))


if __name__ == "__main__":
    main()
