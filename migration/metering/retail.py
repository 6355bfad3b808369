"""Prices as the Azure Retail Prices API gives them, from files that a council has downloaded: pages of JSON in GBP.

Fields and pages: Microsoft Learn, "Azure Retail Prices overview" (rest/api/cost-management/retail-prices), read 2026-11-25.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from migration.errors import MigrationError

DOWNLOAD = "Download the pages with currencyCode='GBP' again (docs/guides/what-each-tier-costs.md)."
_MOST_FAULTS = 20
_YEARS = {"1 Year": "1y", "3 Years": "3y"}
_OTHER_TERMS = ("spot", "low priority")
"""Words of a skuName that is sold on other terms than pay as you go. Source: Microsoft Learn, as above, examples of skuName."""


@dataclass(frozen=True)
class RetailPrice:
    """One row: pounds for one `unit`, from `from_units` of them in a month onwards. `region` is "" where it is of no region."""

    service: str
    product: str
    sku: str
    meter: str
    size: str
    region: str
    unit: str
    pounds: Decimal
    from_units: Decimal
    is_primary: bool
    on: date
    file: str
    term: str = "pay-as-you-go"


class _Saving(BaseModel):
    term: str
    pounds: Annotated[Decimal, Field(alias="retailPrice", ge=0)]


class _Item(BaseModel):
    currency: str = Field(alias="currencyCode")
    kind: str = Field(alias="type")
    service: str = Field(alias="serviceName")
    product: str = Field(alias="productName")
    sku: str = Field(alias="skuName")
    meter: str = Field(alias="meterName")
    size: str | None = Field(alias="armSkuName", default="")
    region: str | None = Field(alias="armRegionName", default="")
    unit: str = Field(alias="unitOfMeasure")
    pounds: Annotated[Decimal, Field(alias="retailPrice", ge=0)]
    from_units: Annotated[Decimal, Field(alias="tierMinimumUnits", ge=0)] = Decimal(0)
    is_primary: bool = Field(alias="isPrimaryMeterRegion", default=True)
    since: datetime = Field(alias="effectiveStartDate")
    reserved_for: str | None = Field(alias="reservationTerm", default="")
    savings: list[_Saving] | None = Field(alias="savingsPlan", default=None)


class _Page(BaseModel):
    items: list[_Item] = Field(alias="Items")
    next_page: str | None = Field(alias="NextPageLink", default=None)


_PAGES = TypeAdapter(list[_Page])


def read_prices(path: Path) -> tuple[RetailPrice, ...]:
    """Pay-as-you-go prices of a file (a page, or a list of pages) or of every *.json of a folder.

    Raises MigrationError with every fault: unreadable, no page, another currency than GBP, pages that are missing.
    """
    return tuple(_price(item, file) for file, item in _items(path) if _is_wanted(item))


def read_terms(path: Path) -> tuple[RetailPrice, ...]:
    """As `read_prices`, on every term: a reservation's price is for its whole term, a savings plan's for the unit of its row.

    Source: a public repository's page with every row of Standard_B16als_v2 as asked on 2026-07-29 (a year reserved 3,478 dollars, with the
    unit "1 Hour"; savings plan 0.49129 and pay as you go 0.673 by the hour), read 2026-11-25.
    """
    return tuple(p for file, item in _items(path) if not _is_other(item) for p in _on_terms(item, file))


def _on_terms(item: _Item, file: Path) -> Iterator[RetailPrice]:
    price = _price(item, file)
    if item.kind == "Consumption":
        yield price
        for saving in item.savings or ():
            if term := _YEARS.get(saving.term):
                yield replace(price, pounds=saving.pounds, term=f"savings-{term}")
    elif item.kind == "Reservation" and (term := _YEARS.get(item.reserved_for or "")):
        yield replace(price, term=f"reserved-{term}")
    elif item.kind == "DevTestConsumption":
        yield replace(price, term="dev-test")


def _items(path: Path) -> list[tuple[Path, _Item]]:
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise MigrationError(f"{path} holds no *.json. {DOWNLOAD}")
    faults: list[str] = []
    pages: list[tuple[Path, _Page]] = []
    for file in files:
        try:
            pages += ((file, page) for page in _pages(file))
        except MigrationError as wrong:
            faults += wrong.faults
    faults += [] if faults else _of_all(path, [page for _, page in pages])
    if faults:
        raise MigrationError(*faults)
    return [(file, item) for file, page in pages for item in page.items]


def _pages(file: Path) -> list[_Page]:
    try:
        text = file.read_text("utf-8-sig")
        held: Any = json.loads(text, parse_float=Decimal)
    except OSError as wrong:
        raise MigrationError(f"{file} cannot be read: {wrong.strerror}. Name a file or a folder of prices.") from wrong
    except (ValueError, RecursionError) as wrong:
        raise MigrationError(f"{file} is not readable as JSON: {wrong}. {DOWNLOAD}") from wrong
    try:
        return _PAGES.validate_python(held if isinstance(held, list) else [held])
    except ValidationError as wrong:
        keys = [e["loc"] if isinstance(held, list) else e["loc"][1:] for e in wrong.errors()]
        told = [
            f"{file}, key {'.'.join(str(p) for p in key) or 'Items'}: {e['msg']}. {DOWNLOAD}"
            for key, e in zip(keys, wrong.errors(), strict=True)
        ]
        more = len(told) - _MOST_FAULTS
        raise MigrationError(*told[:_MOST_FAULTS], *([f"{file}: {more} more faults of that kind."] if more > 0 else [])) from wrong


def _of_all(path: Path, pages: list[_Page]) -> Iterator[str]:
    others = sorted({i.currency for page in pages for i in page.items} - {"GBP"})
    if others:
        yield f"{path}, key currencyCode: prices in {', '.join(others)}, where only GBP can be used. {DOWNLOAD}"
    if pages and all(page.next_page for page in pages):
        yield f"{path}, key NextPageLink: every page says that another follows, so the last is missing. Follow the links to their end."
    if not any(page.items for page in pages):
        yield f"{path}, key Items: there is no price in it. {DOWNLOAD}"


def _is_wanted(item: _Item) -> bool:
    return item.kind == "Consumption" and not _is_other(item)


def _is_other(item: _Item) -> bool:
    return any(w in item.sku.casefold() for w in _OTHER_TERMS)


def _price(item: _Item, file: Path) -> RetailPrice:
    return RetailPrice(
        service=item.service,
        product=item.product,
        sku=item.sku,
        meter=item.meter,
        size=item.size or "",
        region=(item.region or "").casefold(),
        unit=item.unit,
        pounds=item.pounds,
        from_units=item.from_units,
        is_primary=item.is_primary,
        on=item.since.date(),
        file=str(file),
    )
