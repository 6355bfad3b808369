"""`unless telemetry` from files to the size of a machine, as a person runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Run = Callable[..., CompletedProcess[bytes]]


def _month(server: str) -> str:
    rows = [f"{server},2026-10-{d:02d} {h:02d}:00,{20 + h},40" for d in range(1, 32) for h in range(24)]
    return "Server,Time,CPU %,Memory %\n" + "\n".join(rows) + "\n"


def test_a_month_of_samples_gives_a_measured_size(unless: Run, council: Path) -> None:
    file = council.parent / "use.csv"
    file.write_text(_month("APP-01.council.gov.uk"), encoding="utf-8")
    done = unless("telemetry", "import", "use.csv", "--timezone", "UTC")
    assert done.returncode == 0, done.stderr.decode()
    held = json.loads(unless("telemetry", "summary", "--percentile", "95", "--json").stdout)
    cpu = next(r for r in held["rows"] if r["metric"] == "cpu_percent")
    assert (cpu["p95"], cpu["samples"], cpu["coverage_percent"], cpu["interval_seconds"]) == (42.0, 744, 100.0, 3600)
    listed = json.loads(unless("inventory", "list", "-k", "utilisations", "--json").stdout)
    assert [(u["server_id"], u["month"], u["cpu_p95_percent"]) for u in listed if u["server_id"] == "app-01"] == [
        ("app-01", "2026-10-01", 42.0)
    ]
    assert unless("assess").returncode == 0
    explained = unless("assess", "show", "app-01").stdout.decode()
    assert "42 % at p95" in explained
    again = unless("telemetry", "import", "use.csv", "--timezone", "UTC")
    assert b"the same as when it was last imported" in again.stdout


def test_what_is_wrong_is_said_and_the_rest_is_kept(unless: Run, council: Path) -> None:
    (council.parent / "use.csv").write_text(_month("app-01") + "stranger,2026-10-01 00:00,5,5\napp-01,soon,1,1\n", encoding="utf-8")
    done = unless("telemetry", "import", "use.csv", "none.csv")
    told = done.stderr.decode()
    assert done.returncode == 1
    assert "use.csv, row 747, column Time: The time “soon” is not a date." in told
    assert "No file names a server stranger." in told
    assert "none.csv: There is no such file." in told
    assert json.loads(unless("telemetry", "--json").stdout)["servers"] == 2


def test_wrong_usage_is_told_without_a_traceback(unless: Run, council: Path) -> None:
    assert unless("telemetry", "summary").returncode == 1
    (council.parent / "use.csv").write_text(_month("app-01"), encoding="utf-8")
    assert unless("telemetry", "import", "use.csv").returncode == 0
    for words in (
        ("summary", "--percentile", "0"),
        ("summary", "--from", "yesterday"),
        ("summary", "--from", "2026-11-01", "--to", "2026-10-01"),
        ("import", "use.csv", "--timezone", "Mars/Olympus"),
    ):
        done = unless("telemetry", *words)
        assert done.returncode == 2, words
        assert b"Traceback" not in done.stderr
    assert unless("telemetry", "summary", "--output", "nowhere/use.csv").returncode == 1
    assert unless("telemetry", "summary", "--output", "use-2026.csv").returncode == 0
    assert (council.parent / "use-2026.csv").read_text("utf-8").startswith("server,metric,p50,p95,p99,maximum")
