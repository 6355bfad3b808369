"""`unless prices` as a person runs it, against a real server, and killed while it waits for a page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migration.knowledge import load_knowledge
from migration.price_sync import services_of, sync
from migration.retail_api import asker
from tests.migration.prices.conftest import MACHINE, Answer, Prices, page

ROOT = Path(__file__).parents[3]
Unless = Callable[..., "subprocess.CompletedProcess[str]"]


def _started(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("UNLESS_")} | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "console", *words]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def unless(tmp_path: Path) -> Unless:
    """Run `unless` in a folder with a workspace."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        process = _started(tmp_path, *words)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    assert run("init").returncode == 0
    return run


def _pages(workspace: Path, number: int = 1) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in (workspace / "prices/uksouth" / f"book-{number}").iterdir() if f.name != "cursor.json"}


def _record(workspace: Path) -> dict[str, Any]:
    held = json.loads((workspace / "prices/uksouth/sync.json").read_text("utf-8"))
    return {k: v for k, v in held.items() if k not in ("started", "finished")}


def test_prices_are_brought_shown_and_aged(unless: Unless, prices: Prices, tmp_path: Path) -> None:
    done = unless("prices", "status")
    assert (done.returncode, "Run: unless prices sync" in done.stderr) == (3, True)
    done = unless("prices", "sync", "--mirror", prices.address)
    assert done.returncode == 0, done.stderr
    assert "uksouth" in done.stdout
    (row,) = json.loads(unless("prices", "status", "--json").stdout)
    assert {k: row[k] for k in ("region", "state", "age_days", "currency", "faults")} == {
        "region": "uksouth", "state": "fresh", "age_days": 0, "currency": "GBP", "faults": [],
    }  # fmt: skip
    assert (row["source"], row["prices"]) == (f"Azure Retail Prices API, {prices.address}/api/retail/prices", 7)
    (shown,) = json.loads(unless("prices", "show", "standard_d4s_v5", "--region", "uksouth", "--json").stdout)
    assert (shown["monthly_pence"], shown["on"], shown["region"]) == (29200, "2026-10-01", "uksouth")
    assert prices.address in shown["source"]
    done = unless("prices", "status", "--on", "2030-01-01")
    assert (done.returncode, "old" in done.stdout, "unless prices sync --region uksouth" in done.stderr) == (1, True, True)
    done = unless("prices", "show", "Standard_D4s_v55")
    assert (done.returncode, "Nearest: Standard_D4s_v5" in done.stderr) == (1, True)
    done = unless("prices", "show", "Standard_D4s_v5", "--region", "nowhere")
    assert (done.returncode, "There are prices of polandcentral, uksouth" in done.stderr) == (1, True)
    assert not (tmp_path / ".unless/prices/uksouth/book-2").exists()


def test_assess_reckons_with_what_was_brought_and_ends_with_1_where_a_price_is_left_out(
    unless: Unless, prices: Prices, tmp_path: Path
) -> None:
    (tmp_path / "servers.csv").write_text("Server name,Cores,Memory (GB),Operating system\napp-01,4,16,Ubuntu 22.04\n", "utf-8")
    (tmp_path / "use.csv").write_text("Server,Month,CPU p95 (%),Memory p95 (%)\napp-01,2026-10,70,70\n", "utf-8")
    assert unless("import", "servers.csv", "use.csv").returncode == 0
    assert unless("prices", "sync", "--mirror", prices.address).returncode == 0
    done = unless("assess")
    assert done.returncode == 0, done.stderr
    held = json.loads((tmp_path / ".unless/assessments.json").read_text("utf-8"))
    machines = [t for a in held["assessments"] for t in a["targets"] if t["kind"] == "virtual-machine"]
    priced = [t for t in machines if t["price"] and prices.address in t["price"]["source"]]
    assert [t["sku"] for t in priced if t["sku"].endswith("s_v5")] == [t["sku"] for t in machines if t["sku"].endswith("s_v5")]
    wrong = [{**MACHINE, "armSkuName": "Standard_D4s_v5", "retailPrice": p, "currencyCode": c} for p, c in ((-1, "GBP"), (1, "USD"))]
    right = [{**MACHINE, "armSkuName": m["sku"], "retailPrice": 1} for m in machines]
    (tmp_path / "page.json").write_bytes(page([*wrong, *right], None))
    done = unless("prices", "sync", "--from", "page.json")
    assert done.returncode == 1
    assert all(part in done.stderr for part in ("key Items.0.retailPrice", "prices in USD"))
    done = unless("assess")
    assert done.returncode == 1
    assert "0001" not in done.stderr.split("key Items.0.retailPrice")[1][:20]
    held = json.loads((tmp_path / ".unless/assessments.json").read_text("utf-8"))
    told = {t["price"]["monthly_pence"] for a in held["assessments"] for t in a["targets"] if t["kind"] == "virtual-machine"}
    assert told == {73000}


def test_wrong_options_are_told_all_at_once_and_nobody_is_asked(unless: Unless, prices: Prices) -> None:
    done = unless("prices", "sync", "--region", "UK South", "--region", "..", "--mirror", "http://127.0.0.1", "--from", "x")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 4)
    assert prices.asked == []


def test_who_does_not_answer_is_3_and_a_bad_page_is_1_and_the_other_region_is_brought(unless: Unless, prices: Prices) -> None:
    prices.misbehave = lambda _, path: Answer(b"", 403) if "ukwest" in path else None
    done = unless("prices", "sync", "--region", "ukwest", "--region", "uksouth", "--mirror", prices.address)
    assert (done.returncode, "answers 403" in done.stderr, "uksouth" in done.stdout) == (3, True, True)
    prices.misbehave = lambda _, path: Answer(b"[", 200) if "ukwest" in path else None
    done = unless("prices", "sync", "--region", "ukwest", "--mirror", prices.address)
    assert (done.returncode, "is not readable as JSON" in done.stderr) == (1, True)


def test_pages_brought_by_hand_and_a_book_of_another_machine_are_taken(unless: Unless, prices: Prices, tmp_path: Path) -> None:
    assert unless("prices", "sync", "--mirror", prices.address).returncode == 0
    (tmp_path / ".unless/prices").rename(tmp_path / "stick")
    before = json.loads((tmp_path / "stick/uksouth/sync.json").read_text("utf-8"))
    done = unless("prices", "sync", "--from", "stick/uksouth")
    assert done.returncode == 0, done.stderr
    after = json.loads((tmp_path / ".unless/prices/uksouth/sync.json").read_text("utf-8"))
    assert [after[k] for k in ("source", "started")] == [before[k] for k in ("source", "started")]
    assert [p["sha256"] for p in after["pages"]] == [p["sha256"] for p in before["pages"]]
    done = unless("prices", "sync", "--from", "stick/uksouth/book-1")
    assert done.returncode == 0, done.stderr
    assert _pages(tmp_path / ".unless", 2) == {f.name: f.read_bytes() for f in (tmp_path / "stick/uksouth/book-1").glob("0*.json")}
    done = unless("prices", "sync", "--from", "stick/uksouth", "--region", "ukwest")
    assert (done.returncode, "no price is of ukwest; there are prices of uksouth" in done.stderr) == (1, True)
    (tmp_path / "stick/uksouth/book-1/0002.json").write_text("{}", "utf-8")
    done = unless("prices", "sync", "--from", "stick/uksouth")
    assert (done.returncode, "0002.json is not as it was received" in done.stderr) == (1, True)
    done = unless("prices", "sync", "--from", "absent")
    assert (done.returncode, "absent cannot be read" in done.stderr) == (1, True)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("pages", [0, 3, 6, 7, 8])
def test_killed_after_any_page_and_run_again_it_brings_the_same_bytes(unless: Unless, prices: Prices, tmp_path: Path, pages: int) -> None:
    services = services_of(load_knowledge().retail_meters)
    with asker(prices.address) as ask:
        whole = sync(tmp_path / "undisturbed/prices", "uksouth", services, ask, lambda _: None)
    undisturbed, asked = _pages(tmp_path / "undisturbed"), len(prices.asked)
    is_asked, is_dead = threading.Event(), threading.Event()

    def hold(number: int, _path: str) -> Answer | None:
        if number == asked + pages + 1:
            is_asked.set()
            is_dead.wait(60)
        return None

    prices.misbehave = hold
    words = ("prices", "sync", "--mirror", prices.address)
    with _started(tmp_path, *words) as process:
        assert is_asked.wait(60)
        process.kill()
    is_dead.set()
    assert not (tmp_path / ".unless/prices/uksouth/sync.json").exists()
    done = unless(*words)
    assert done.returncode == 0, done.stderr
    assert _pages(tmp_path / ".unless") == undisturbed
    assert len(prices.asked) - asked == len(whole.pages) + 1
    assert _record(tmp_path / ".unless") == _record(tmp_path / "undisturbed")
