"""Prices as the Azure Retail Prices API gives them, from files that a council has downloaded: pages of JSON in GBP.

Fields and pages: Microsoft Learn, "Azure Retail Prices overview" (rest/api/cost-management/retail-prices), read 2026-11-25.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from migration.errors import MigrationError

DOWNLOAD = "Download the pages with currencyCode='GBP' again (docs/guides/what-each-tier-costs.md)."
RECORD = "sync.json"
CURSOR = "cursor.json"
"""Files beside pages that say whence they are (migration/price_folder.py) and are none of them."""
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
    items: list[dict[str, Any]] = Field(alias="Items")
    next_page: str | None = Field(alias="NextPageLink", default=None)


_PAGES = TypeAdapter(list[_Page])


@dataclass(frozen=True)
class Page:
    """What of a page matters to whoever asks for the next: how many rows, in which currencies, and the link, "" on the last."""

    rows: int
    currencies: frozenset[str]
    next_page: str


@dataclass(frozen=True)
class Sheet:
    """The rows of pages that can be used, and what is wrong with the others, a sentence each."""

    rows: tuple[RetailPrice, ...]
    faults: tuple[str, ...]


def read_prices(path: Path) -> tuple[RetailPrice, ...]:
    """Pay-as-you-go prices of a file (a page, or a list of pages) or of every *.json of a folder.

    Raises MigrationError with every fault: unreadable, no page, another currency than GBP, pages that are missing, a row that is wrong.
    """
    items, faults = _items(files_of(path), path)
    if faults:
        raise MigrationError(*faults)
    return tuple(_price(item, file) for file, item in items if _is_wanted(item))


def read_terms(path: Path) -> Sheet:
    """As `read_prices`, on every term: a reservation's price is for its whole term, a savings plan's for the unit of its row.

    A row that is wrong is left out and told; MigrationError is raised for a page that is, and where no row is right.
    Source: a public repository's page with every row of Standard_B16als_v2 as asked on 2026-07-29 (a year reserved 3,478 dollars, with the
    unit "1 Hour"; savings plan 0.49129 and pay as you go 0.673 by the hour), read 2026-11-25.
    """
    return terms_of(files_of(path), path)


def terms_of(files: Sequence[Path], where: Path) -> Sheet:
    """As `read_terms`, of these files; `where` is what a person calls them together."""
    items, faults = _items(files, where)
    if faults and not items:
        raise MigrationError(*faults)
    return Sheet(tuple(p for file, item in items if not _is_other(item) for p in _on_terms(item, file)), tuple(faults))


def rows_of(file: Path) -> int:
    """How many rows a file has. Raises MigrationError when it cannot be read."""
    return sum(len(page.items) for page in _pages(file))


def page_of(content: bytes, where: str) -> Page:
    """What a page says of itself. Raises MigrationError, naming `where`, when it is none."""
    (page,) = _pages_of(content, where, is_one=True)
    currencies = frozenset(str(i.get("currencyCode")) for i in page.items)
    return Page(len(page.items), currencies, page.next_page or "")


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


def files_of(path: Path) -> list[Path]:
    """A file, or every page of a folder, by name. Raises MigrationError where there is none."""
    files = sorted(f for f in path.glob("*.json") if f.name not in (RECORD, CURSOR)) if path.is_dir() else [path]
    if not files:
        raise MigrationError(f"{path} holds no *.json. {DOWNLOAD}")
    return files


def _items(files: Sequence[Path], where: Path) -> tuple[list[tuple[Path, _Item]], list[str]]:
    """The rows that are right, each with its file, and what is wrong with the others. Raises MigrationError for a page that is wrong."""
    faults: list[str] = []
    pages: list[tuple[Path, list[_Page]]] = []
    for file in files:
        try:
            pages.append((file, _pages(file)))
        except MigrationError as wrong:
            faults += wrong.faults
    faults += [] if faults else _of_all(where, [page for _, held in pages for page in held])
    if faults:
        raise MigrationError(*faults)
    return _rows(pages, where)


def _rows(pages: Iterable[tuple[Path, list[_Page]]], where: Path) -> tuple[list[tuple[Path, _Item]], list[str]]:
    items: list[tuple[Path, _Item]] = []
    faults: list[str] = []
    others: Counter[str] = Counter()
    for file, held in pages:
        wrong: list[str] = []
        for number, page in enumerate(held):
            prefix = f"{number}." if len(held) > 1 else ""
            for row, told in enumerate(page.items):
                item = _item(told, f"{file}, key {prefix}Items.{row}", wrong)
                if item and item.currency == "GBP":
                    items.append((file, item))
                elif item:
                    others[item.currency] += 1
        faults += _first(wrong, file)
    if others:
        faults.append(f"{where}, key currencyCode: prices in {', '.join(sorted(others))}, where only GBP can be used. {DOWNLOAD}")
    return items, faults


def _item(told: dict[str, Any], key: str, faults: list[str]) -> _Item | None:
    try:
        return _Item.model_validate(told)
    except ValidationError as wrong:
        faults += (f"{key}.{'.'.join(str(p) for p in e['loc'])}: {e['msg']}. {DOWNLOAD}" for e in wrong.errors())
        return None


def _first(told: Sequence[str], file: Path | str) -> list[str]:
    more = len(told) - _MOST_FAULTS
    return [*told[:_MOST_FAULTS], *([f"{file}: {more} more faults of that kind."] if more > 0 else [])]


def _pages(file: Path) -> list[_Page]:
    try:
        content = file.read_bytes()
    except OSError as wrong:
        raise MigrationError(f"{file} cannot be read: {wrong.strerror}. Name a file or a folder of prices.") from wrong
    return _pages_of(content, str(file))


def _pages_of(content: bytes, where: str, *, is_one: bool = False) -> list[_Page]:
    try:
        held: Any = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as wrong:
        raise MigrationError(f"{where} is not readable as JSON: {wrong}. {DOWNLOAD}") from wrong
    is_list = isinstance(held, list) and not is_one
    try:
        return _PAGES.validate_python(held if is_list else [held])
    except ValidationError as wrong:
        keys = [e["loc"] if is_list else e["loc"][1:] for e in wrong.errors()]
        told = [
            f"{where}, key {'.'.join(str(p) for p in key) or 'Items'}: {e['msg']}. {DOWNLOAD}"
            for key, e in zip(keys, wrong.errors(), strict=True)
        ]
        raise MigrationError(*_first(told, where)) from wrong


def _of_all(path: Path, pages: list[_Page]) -> Iterator[str]:
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
