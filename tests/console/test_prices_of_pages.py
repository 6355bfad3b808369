"""A council's own pages of retail prices, as a person uses them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Unless = Callable[..., subprocess.CompletedProcess[bytes]]


def _settings(council: Path, text: str) -> None:
    file = council / "unless.toml"
    file.write_text(file.read_text("utf-8") + f"\n[assess.prices]\n{text}\n", "utf-8")


def test_prices_of_a_page_go_before_those_kept_here_on_the_term_that_is_set(unless: Unless, council: Path) -> None:
    sizes = {t["sku"] for a in json.loads((council / "assessments.json").read_text("utf-8"))["assessments"] for t in a["targets"]}
    rows = [
        {"currencyCode": "GBP", "type": "Reservation", "reservationTerm": "1 Year", "serviceName": "Virtual Machines", "skuName": "a size",
         "productName": "Virtual Machines Series", "meterName": "a size", "armSkuName": size, "armRegionName": "uksouth",
         "unitOfMeasure": "1 Hour", "retailPrice": 120, "effectiveStartDate": "2025-01-01T00:00:00Z"}
        for size in sorted(sizes) if size.startswith("Standard_")
    ]  # fmt: skip
    plain = [{**r, "type": "Consumption", "retailPrice": 1} for r in rows]
    (council.parent / "page.json").write_text(json.dumps({"Items": rows + plain, "NextPageLink": None}), "utf-8")
    _settings(council, 'pages = "page.json"\nterm = "reserved-1y"')
    done = unless("assess")
    assert done.returncode == 0, done.stderr.decode()
    held = json.loads((council / "assessments.json").read_text("utf-8"))
    prices = [t["price"] for a in held["assessments"] for t in a["targets"] if t["kind"] == "virtual-machine" and t["price"]]
    assert {(p["term"], p["monthly_pence"], p["on"], p["region"]) for p in prices} <= {("reserved-1y", 1000, "2025-01-01", "uksouth")}
    assert len(prices) == len([t for a in held["assessments"] for t in a["targets"] if t["kind"] == "virtual-machine" and t["sku"]])


def test_wrong_settings_and_absent_pages_are_told(unless: Unless, council: Path) -> None:
    _settings(council, 'pages = "absent"\n')
    done = unless("assess")
    assert (done.returncode, b"absent cannot be read" in done.stderr) == (1, True)
    _settings(council, "")
    file = council / "unless.toml"
    file.write_text(file.read_text("utf-8").split("\n[assess.prices]")[0] + '\n[assess.prices]\nterm = "for ever"\nhours = 800\n', "utf-8")
    told = unless("assess").stderr.decode()
    assert all(part in told for part in ("key assess.prices.term", "key assess.prices.hours", "730 or less"))
