"""Bills, refused downloads and quantities, each case a file."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from migration.errors import MigrationError
from migration.knowledge import Knowledge, load_knowledge
from migration.metering import load
from migration.metering.bill import Prices, bill
from migration.metering.load import load_meters
from migration.metering.model import Resource
from migration.metering.retail import RetailPrice, read_prices
from migration.metering.tiers import units
from migration.prices import price_of

CASES = Path(__file__).parents[2] / "cases"
BILLS = sorted((CASES / "metering-bills").glob("*.toml"))
REFUSED = sorted((CASES / "metering-refused").glob("*.toml"))
METERS = load_meters()


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def _downloaded(rows: list[dict[str, Any]], folder: Path) -> tuple[RetailPrice, ...]:
    if not rows:
        return ()
    items = [{"currencyCode": "GBP", "effectiveStartDate": "2026-11-01T00:00:00Z", **row} for row in rows]
    half = len(items) // 2
    pages = [{"Items": items[:half], "NextPageLink": "next"}, {"Items": items[half:], "NextPageLink": None}]
    (folder / "prices.json").write_text(json.dumps(pages), "utf-8")
    return read_prices(folder / "prices.json")


@pytest.mark.parametrize("file", BILLS, ids=lambda f: f.stem)
def test_every_bill_comes_to_what_its_case_says(file: Path, knowledge: Knowledge, tmp_path: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    told = case.get("quantities", {})
    meters = replace(METERS, quantity=tuple(replace(q, amount=Decimal(told[q.id])) if q.id in told else q for q in METERS.quantity))
    prices = Prices(meters, lambda s, r: price_of(s, r, knowledge), _downloaded(case.get("row", []), tmp_path))
    found = bill([Resource(**({"region": "uksouth"} | r)) for r in case["resource"]], prices)
    charges = [{k: getattr(c, k) for k in ("title", "monthly_pence", "region", "is_elsewhere")} for c in found.charges]
    assert charges == case.get("charge", [])
    assert found.monthly_pence == sum(c["monthly_pence"] for c in charges)
    assert found.free == case["free"]
    wanted = case.get("not_priced", [])
    assert [n.title for n in found.not_priced] == [w["title"] for w in wanted]
    assert all(w["says"] in n.reason for n, w in zip(found.not_priced, wanted, strict=True))


@pytest.mark.parametrize("file", REFUSED, ids=lambda f: f.stem)
def test_a_download_that_cannot_be_used_is_refused_in_plain_words(file: Path, tmp_path: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    held = tmp_path / "prices.json"
    held.write_text(case["file"], "utf-8")
    with pytest.raises(MigrationError) as refused:
        read_prices(held)
    assert len(refused.value.faults) == len(case["says"])
    for fault, says in zip(refused.value.faults, case["says"], strict=True):
        assert fault.startswith(str(held))
        assert says in fault


def test_a_folder_is_read_whole_and_an_empty_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match=r"holds no \*\.json"):
        read_prices(tmp_path)
    with pytest.raises(MigrationError, match="cannot be read"):
        read_prices(tmp_path / "absent.json")
    (tmp_path / "1.json").write_text("[", "utf-8")
    (tmp_path / "2.json").write_text("{}", "utf-8")
    with pytest.raises(MigrationError) as refused:
        read_prices(tmp_path)
    assert [Path(f.split(",")[0].split(" ")[0]).name for f in refused.value.faults] == ["1.json", "2.json"]


def test_quantities_of_the_council_go_before_defaults(tmp_path: Path) -> None:
    file = tmp_path / "quantities.toml"
    file.write_text('format = "cloud-unless/quantities/1"\n[quantities]\nlog-gb = 40.5\n', "utf-8")
    held = {q.id: q for q in load_meters(file).quantity}
    assert (held["log-gb"].amount, held["log-gb"].source) == (Decimal("40.5"), str(file))
    assert held["firewall-gb"].source == "default"


def test_wrong_quantities_are_all_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "quantities.toml"
    file.write_text("size = 3\n[quantities]\nalways-on = 2\nlog-gb = nan\nfirewall-gb = true\nservers-per-subscription = -1\n", "utf-8")
    with pytest.raises(MigrationError) as refused:
        load_meters(file)
    keys = [f.split(", key ")[1].split(":")[0] for f in refused.value.faults]
    assert keys == ["format", "size", *(f"quantities.{k}" for k in ("always-on", "log-gb", "firewall-gb", "servers-per-subscription"))]


@pytest.mark.parametrize(
    ("per", "unit", "wanted"),
    [
        ("month", "1 Hour", "730"),
        ("month", "1/Month", "1"),
        ("month", "1/Day", "30.41666666666666666666666667"),
        ("month", "1 GB", None),
        ("month", "0 Hour", None),
        ("gb", "10K GB", "0.0001"),
        ("gb", "1 GB/Month", "1"),
        ("gb", "1 Hour", None),
        ("gb", "a GB", None),
    ],
)
def test_units_of_the_api_are_understood_or_refused(per: Any, unit: str, wanted: str | None) -> None:
    assert units(Decimal(1), per, unit) == (None if wanted is None else Decimal(wanted))


def test_every_published_price_has_its_region_day_and_source() -> None:
    priced = [m for m in METERS.meter if m.usd is not None]
    assert priced
    assert all(m.priced_in and METERS.source_of[m.source] and METERS.date_of[m.source] for m in priced)
    assert not METERS.free.tokens & {m.token for m in METERS.meter}


def test_meters_and_prices_use_one_rate(knowledge: Knowledge) -> None:
    note = next(n for n in knowledge.files if n.file == "prices.toml")
    assert str(note.date) in METERS.usd_to_gbp_source
    root = CASES.parents[1] / "migration"
    files = ("knowledge/prices.toml", "metering/meters.toml")
    assert len({tomllib.loads((root / f).read_text("utf-8"))["usd_to_gbp"] for f in files}) == 1


def test_the_meters_are_not_stale_today() -> None:
    assert date.today() <= METERS.stale_after, "look at the sources of meters.toml again, then move stale_after on"  # noqa: DTZ011


def test_mistakes_in_the_meters_are_told_by_their_title(tmp_path: Path) -> None:
    file = tmp_path / "meters.toml"
    entry = '\n[[meter]]\ntoken = "t"\ntitle = "T"\nservice = "S"\nby = "miles"\nsource = "nobody"\nusd = "1"\n'
    file.write_text(load.METERS.read_text("utf-8") + entry, "utf-8")
    with pytest.raises(MigrationError) as refused:
        load_meters(file=file)
    assert [f.split(": ")[1].split(" ")[0] for f in refused.value.faults] == ["by", "source", "usd"]
