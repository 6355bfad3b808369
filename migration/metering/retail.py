"""Prices as the Azure Retail Prices API gives them, from files that a council has downloaded: pages of JSON in GBP.

Fields and pages: Microsoft Learn, "Azure Retail Prices overview" (rest/api/cost-management/retail-prices), read 2026-11-25.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from migration.errors import MigrationError

DOWNLOAD = "Download the pages with currencyCode='GBP' again (docs/guides/what-each-tier-costs.md)."
_MOST_FAULTS = 20
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


class _Page(BaseModel):
    items: list[_Item] = Field(alias="Items")
    next_page: str | None = Field(alias="NextPageLink", default=None)


_PAGES = TypeAdapter(list[_Page])


def read_prices(path: Path) -> tuple[RetailPrice, ...]:
    """Pay-as-you-go prices of a file (a page, or a list of pages) or of every *.json of a folder.

    Raises MigrationError with every fault: unreadable, no page, another currency than GBP, pages that are missing.
    """
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
    return tuple(_price(item, file) for file, page in pages for item in page.items if _is_wanted(item))


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
    return item.kind == "Consumption" and not any(w in item.sku.casefold() for w in _OTHER_TERMS)


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
