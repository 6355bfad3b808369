"""Snapshots of Azure's price calculator, small ones made here and the real one where it is at hand."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from migration.errors import MigrationError
from migration.knowledge import load_knowledge
from migration.price_files import bring, read_brought
from migration.price_shelf import shelf
from migration.price_snapshot import read_snapshot
from migration.prices import price_of

REAL = Path(__file__).parents[3] / "../shared/data/prices/azure-polandcentral-2026-01-26.azpx"
KNOWLEDGE = load_knowledge()
CURRENCIES = {"gbp": {"modernConversion": 0.5}}
OFFERS: dict[str, Any] = {
    "linux-d4sv5-standard": {
        "series": "Dsv5",
        "prices": {
            "perhour": {"uk-south": {"value": 0.2}},
            "perhouroneyearreserved": {"uk-south": {"value": 0.1}},
            "perunitthreeyearsavings": {"uk-south": {"value": 0.15}},
            "perhourspot": {"uk-south": {"value": 0.01}},
        },
    },
    "windows-d4sv5-standard": {"series": "Dsv5", "prices": {"perhour": {"uk-south": {"value": 0.4}}}},
    "linux-d8sv5-standard": {"series": "Dsv5", "prices": {"perhour": {"uk-south": {"value": 0}}}},
    "linux-a4-basic": {"prices": {"perhour": {"uk-south": {"value": 1}}}},
}
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def _snapshot(folder: Path, currencies: object = CURRENCIES, offers: object = OFFERS, stamp: str = "_20260126133104") -> Path:
    file = folder / "small.azpx"
    with zipfile.ZipFile(file, "w") as held:
        held.writestr(f"data{stamp}/az_azure_currencies{stamp}.json", json.dumps(currencies))
        held.writestr(f"data{stamp}/az_azure_sku_calculator_uk-south{stamp}.json", json.dumps({"offers": offers}))
    return file


def _told(root: Path, file: Path, region: str) -> dict[tuple[str, str], Decimal]:
    bring(root, region, read_brought(file, NOW), NOW)
    (held,) = shelf(root, KNOWLEDGE.retail_meters, NOW.date())
    assert held.book.faults == ()
    assert held.record
    assert held.record.started.date() == date(2026, 1, 26)
    assert {p.source for p in held.book.prices} == {f"{held.record.source}, 2026-01-26"}
    return {(p.sku, p.term): Decimal(p.exact_pence) for p in held.book.prices}


def test_a_snapshot_is_read_on_every_term_at_its_own_rate(tmp_path: Path) -> None:
    told = _told(tmp_path / "prices", _snapshot(tmp_path), "uksouth")
    assert told == {
        ("Standard_D4s_v5", "pay-as-you-go"): 7300,
        ("Standard_D4s_v5", "reserved-1y"): 3650,
        ("Standard_D4s_v5", "savings-3y"): 5475,
        ("Standard_D4s_v5-windows", "pay-as-you-go"): 14600,
    }


def test_the_real_snapshot_agrees_with_the_prices_kept_here(tmp_path: Path) -> None:
    if not REAL.is_file():
        pytest.skip("../shared/data/prices is not here: the snapshot that the prices kept here are from")
    told = _told(tmp_path / "prices", REAL, "polandcentral")
    machines = {sku: pence for (sku, term), pence in told.items() if term == "pay-as-you-go" and not sku.endswith("-windows")}
    assert len(machines) > 50
    kept = {sku: price_of(sku, "polandcentral", KNOWLEDGE) for sku in machines}
    assert {sku: p and p.monthly_pence for sku, p in kept.items()} == {s: round(p) for s, p in machines.items()}
    assert {t for _, t in told} == {"pay-as-you-go", "savings-1y", "savings-3y", "reserved-1y", "reserved-3y"}
    assert told["Standard_D4s_v5", "reserved-3y"] < told["Standard_D4s_v5", "reserved-1y"] < machines["Standard_D4s_v5"]


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no rate": (lambda f: _snapshot(f, currencies={}), "key gbp: Field required"),
    "a rate of nought": (lambda f: _snapshot(f, currencies={"gbp": {"modernConversion": 0}}), "key gbp.modernConversion"),
    "no offers": (lambda f: _snapshot(f, offers={}), "no price of a machine that is sized here"),
    "a negative price": (
        lambda f: _snapshot(f, offers={"linux-d4sv5-standard": {"prices": {"perhour": {"uk-south": {"value": -1}}}}}),
        "greater than or equal to 0",
    ),
    "no day": (lambda f: _snapshot(f, stamp=""), "do not tell when it was taken"),
    "an impossible day": (lambda f: _snapshot(f, stamp="_20261326133104"), "do not tell when it was taken"),
    "no zip": (lambda f: _written(f, b"no zip"), "is no zip that can be read"),
    "nothing": (lambda f: f / "absent.azpx", "cannot be read"),
}


def _written(folder: Path, content: bytes) -> Path:
    file = folder / "small.azpx"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_snapshot_is_told(tmp_path: Path, kind: str) -> None:
    made, says = BAD[kind]
    with pytest.raises(MigrationError) as refused:
        read_snapshot(made(tmp_path))
    assert [says in f and f.startswith(str(tmp_path)) for f in refused.value.faults] == [True]


def test_a_member_of_which_a_byte_was_changed_is_told(tmp_path: Path) -> None:
    file = _snapshot(tmp_path)
    with zipfile.ZipFile(file) as held:
        names = {i.filename: held.read(i) for i in held.infolist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as held:
        for name, content in names.items():
            held.writestr(name, content)
        begins = held.infolist()[1].header_offset + 30 + len(held.infolist()[1].filename)
    whole = bytearray(file.read_bytes())
    for changed in range(begins, begins + 12):
        file.write_bytes(whole[:changed] + bytes([whole[changed] ^ 255]) + whole[changed + 1 :])
        with pytest.raises(MigrationError, match="is no zip that can be read"):
            read_snapshot(file)


def test_a_member_that_is_missing_cut_or_larger_than_any_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _snapshot(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MigrationError, match="is no zip"):
        read_snapshot(file)
    with zipfile.ZipFile(file, "w") as held:
        held.writestr("az_azure_currencies_20260126133104.json", '{"gbp": {"modernConversion": 1}')
    with pytest.raises(MigrationError, match="is not readable as JSON"):
        read_snapshot(file)
    with zipfile.ZipFile(file, "w") as held:
        held.writestr("az_azure_currencies_20260126133104.json", json.dumps(CURRENCIES))
    with pytest.raises(MigrationError, match=r"az_azure_sku_calculator\*.json: it is missing"):
        read_snapshot(file)
    monkeypatch.setattr("migration.price_snapshot._LARGEST", 9)
    with pytest.raises(MigrationError, match="it is larger than"):
        read_snapshot(_snapshot(tmp_path))
