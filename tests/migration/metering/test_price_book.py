"""The price book: names, terms, what is left out and what is a fault."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration.errors import MigrationError
from migration.knowledge import load_knowledge
from migration.metering.retail import RetailPrice, read_terms
from migration.price_book import Book, book_of, overlaid
from migration.prices import platform_price, price_of

ON = date(2026, 11, 25)
KNOWLEDGE = load_knowledge()
MACHINE: dict[str, Any] = {
    "currencyCode": "GBP",
    "type": "Consumption",
    "serviceName": "Virtual Machines",
    "productName": "Virtual Machines Dsv5 Series",
    "skuName": "D4s v5",
    "meterName": "D4s v5",
    "armSkuName": "Standard_D4s_v5",
    "armRegionName": "uksouth",
    "unitOfMeasure": "1 Hour",
    "retailPrice": 0.2,
    "effectiveStartDate": "2026-10-01T00:00:00Z",
}
SQL = {**MACHINE, "serviceName": "SQL Managed Instance", "armSkuName": "", "meterName": "vCore"}
COMPUTE = {**SQL, "productName": "SQL Managed Instance General Purpose - Compute Gen5", "skuName": "4 vCore", "retailPrice": 0.5}
LICENCE = {**SQL, "productName": "SQL Managed Instance General Purpose - SQL License", "skuName": "General Purpose", "retailPrice": 0.1}
DISK = {**MACHINE, "serviceName": "Storage", "productName": "Premium SSD Managed Disks", "armSkuName": "", "unitOfMeasure": "1/Month"}


def _book(folder: Path, *items: dict[str, Any]) -> Book:
    (folder / "page.json").write_text(json.dumps({"Items": items, "NextPageLink": None}), "utf-8")
    return book_of(read_terms(folder).rows, KNOWLEDGE.retail_meters, ON)


def _told(book: Book) -> list[tuple[str, str, int]]:
    return [(p.sku, p.term, p.monthly_pence) for p in book.prices]


def test_a_machine_has_its_price_on_every_term(tmp_path: Path) -> None:
    saved = [{"term": "1 Year", "retailPrice": 0.15}, {"term": "3 Years", "retailPrice": 0.1}]
    windows = {**MACHINE, "productName": "Virtual Machines Dsv5 Series Windows", "retailPrice": 0.4}
    found = _book(
        tmp_path,
        {**MACHINE, "savingsPlan": saved},
        {**MACHINE, "type": "Reservation", "reservationTerm": "1 Year", "retailPrice": 1200},
        windows,
        {**windows, "type": "DevTestConsumption", "retailPrice": 0.2},
    )
    assert found.faults == ()
    assert _told(found) == [
        ("Standard_D4s_v5", "pay-as-you-go", 14600),
        ("Standard_D4s_v5", "reserved-1y", 10000),
        ("Standard_D4s_v5", "savings-1y", 10950),
        ("Standard_D4s_v5", "savings-3y", 7300),
        ("Standard_D4s_v5-windows", "dev-test", 14600),
        ("Standard_D4s_v5-windows", "pay-as-you-go", 29200),
    ]


def test_spot_low_priority_cloud_services_and_unknown_meters_are_left_out(tmp_path: Path) -> None:
    found = _book(
        tmp_path,
        {**MACHINE, "skuName": "D4s v5 Spot"},
        {**MACHINE, "skuName": "D4s v5 Low Priority"},
        {**MACHINE, "productName": "Dsv5 Series Cloud Services"},
        {**MACHINE, "serviceName": "Something new"},
    )
    assert found == Book((), ())


def test_a_managed_instance_is_compute_and_licence_and_hybrid_is_compute_alone(tmp_path: Path) -> None:
    assert _told(_book(tmp_path, COMPUTE, LICENCE)) == [
        ("sql-managed-instance-gp-vcore", "pay-as-you-go", 7300),
        ("sql-managed-instance/GP_Gen5_4", "hybrid", 36500),
        ("sql-managed-instance/GP_Gen5_4", "pay-as-you-go", 65700),
    ]
    assert _told(_book(tmp_path, COMPUTE)) == [("sql-managed-instance/GP_Gen5_4", "hybrid", 36500)]


def test_two_prices_of_one_name_and_one_of_the_future_are_faults_and_the_rest_is_used(tmp_path: Path) -> None:
    found = _book(
        tmp_path,
        MACHINE,
        {**MACHINE, "retailPrice": 0.3},
        {**DISK, "skuName": "P10 LRS", "meterName": "P10 LRS Disk", "retailPrice": 16},
        {**DISK, "skuName": "P20 LRS", "meterName": "P20 Disks", "effectiveStartDate": "2027-01-01T00:00:00Z"},
    )
    assert _told(found) == [("premium-ssd-p10", "pay-as-you-go", 1600)]
    assert [("2 prices" in f, "after 2026-11-25" in f) for f in found.faults] == [(True, False), (False, True)]


def test_synced_prices_go_before_those_kept_here_and_a_database_is_no_machine(tmp_path: Path) -> None:
    known = overlaid(KNOWLEDGE, _book(tmp_path, MACHINE, COMPUTE, LICENCE).prices)
    price = price_of("Standard_D4s_v5", "uksouth", known)
    assert price
    assert (price.monthly_pence, price.source, price.on) == (14600, "Azure Retail Prices API", date(2026, 10, 1))
    database = platform_price("sql-managed-instance", "GP_Gen5_4", "uksouth", known)
    assert database
    assert database.monthly_pence == 65700
    assert known.other_terms["sql-managed-instance/GP_Gen5_4", "uksouth"][0].term == "hybrid"


def _row(pounds: Decimal, start: int) -> RetailPrice:
    return RetailPrice("Log Analytics", "Log Analytics", "Analytics Logs", "Analytics Logs Data Ingestion", "", "uksouth", "1 GB", pounds,
                       Decimal(start), is_primary=True, on=ON, file="page.json")  # fmt: skip


@given(st.permutations([_row(Decimal(0), 0), _row(Decimal("2.3"), 5), _row(Decimal("2.1"), 50)]))
def test_of_a_graduated_meter_the_first_price_above_nothing_counts_in_any_order(rows: Sequence[RetailPrice]) -> None:
    assert _told(book_of(rows, KNOWLEDGE.retail_meters, ON)) == [("logs-gb", "pay-as-you-go", 230)]


def test_of_a_meter_that_regions_share_the_primary_one_counts_and_a_wrong_row_is_left_out_alone(tmp_path: Path) -> None:
    rows = (MACHINE, {**MACHINE, "retailPrice": 0.3, "isPrimaryMeterRegion": False})
    assert (_told(_book(tmp_path, *rows)), _book(tmp_path, *rows).faults) == ([("Standard_D4s_v5", "pay-as-you-go", 14600)], ())
    (tmp_path / "page.json").write_text(
        json.dumps({"Items": [MACHINE, {**MACHINE, "retailPrice": -1}, {**MACHINE, "currencyCode": "USD"}, {}]}), "utf-8"
    )
    sheet = read_terms(tmp_path)
    assert [(r.size, r.pounds) for r in sheet.rows] == [("Standard_D4s_v5", Decimal("0.2"))]
    assert ["Items.1.retailPrice" in f or "Items.3." in f or "prices in USD" in f for f in sheet.faults] == [True] * len(sheet.faults)
    (tmp_path / "page.json").write_text(json.dumps({"Items": [{**MACHINE, "currencyCode": "USD"}]}), "utf-8")
    with pytest.raises(MigrationError, match="prices in USD"):
        read_terms(tmp_path)
