"""A snapshot of Azure's price calculator (.azpx) as a page of prices: a zip of JSON that sstybel/azure-vm-price-importer writes.

It has one region's machines on every term, in US dollars by the hour, and Azure's own rates of the day. A reservation's price by the
hour becomes that of its whole term, of 8,760 hours a year, as the Azure Retail Prices API has it: the figures are whole dollars then.
Taken are machines of the series that are sized here, with Linux and with Windows; a price of 0 means missing. Subscriptions of the
same snapshot are in prices.toml.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, Field, ValidationError

from migration.errors import MigrationError
from migration.knowledge.extract_prices import machine_of

SUFFIX: Final = ".azpx"
_HOURS_OF_YEAR: Final = 8760
_LARGEST: Final = 64 * 2**20
_SYSTEMS: Final = {"linux": "", "windows": " Windows"}
_SAVINGS: Final = {"1 Year": "perunitoneyearsavings", "3 Years": "perunitthreeyearsavings"}
_RESERVED: Final = {"1 Year": ("perhouroneyearreserved", 1), "3 Years": ("perhourthreeyearreserved", 3)}
_OTHER: Final = "Bring it again, or pages of the Azure Retail Prices API."
_Shape = TypeVar("_Shape", bound=BaseModel)


class _Value(BaseModel):
    value: Annotated[Decimal, Field(ge=0)]


class _Offer(BaseModel):
    series: str = ""
    prices: dict[str, dict[str, _Value]] = {}


class _Calculator(BaseModel):
    offers: dict[str, _Offer]


class _Rate(BaseModel):
    modern: Annotated[Decimal, Field(alias="modernConversion", gt=0)]


class _Currencies(BaseModel):
    gbp: _Rate


@dataclass(frozen=True)
class Snapshot:
    """The page that a snapshot comes to: when it was taken, at what rate to the dollar, and of which regions."""

    page: bytes
    rows: int
    on: datetime
    rate: Decimal
    regions: frozenset[str]


def read_snapshot(file: Path) -> Snapshot:
    """Read a snapshot. Raises MigrationError with every fault when it is none."""
    try:
        with zipfile.ZipFile(file) as held:
            on = _taken(held.namelist(), file)
            rate = _member(held, "az_azure_currencies", _Currencies, file).gbp.modern
            offers = _member(held, "az_azure_sku_calculator", _Calculator, file).offers
    except OSError as wrong:
        raise MigrationError(f"{file} cannot be read: {wrong.strerror}. Name a file or a folder of prices.") from wrong
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as wrong:
        raise MigrationError(f"{file} is no zip that can be read: {wrong}. {_OTHER}") from wrong
    items = [row for name, offer in sorted(offers.items()) for row in _rows(name, offer, rate, on)]
    if not items:
        raise MigrationError(f"{file} has no price of a machine that is sized here. {_OTHER}")
    page = json.dumps({"BillingCurrency": "GBP", "Items": items, "NextPageLink": None}, indent=1).encode("utf-8")
    return Snapshot(page, len(items), on, rate, frozenset(str(i["armRegionName"]) for i in items))


def _taken(names: list[str], file: Path) -> datetime:
    """When it was taken, which the names of its members tell."""
    found = next((m for n in names if (m := re.search(r"_(\d{14})(?:\.json)?$", n))), None)
    try:
        return datetime.strptime(found[1] if found else "", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as wrong:
        raise MigrationError(f"{file}: the names in it do not tell when it was taken. {_OTHER}") from wrong


def _member(held: zipfile.ZipFile, start: str, shape: type[_Shape], file: Path) -> _Shape:
    info = next((i for i in held.infolist() if i.filename.rsplit("/", 1)[-1].startswith(start)), None)
    if info is None or info.file_size > _LARGEST:
        what = "is missing" if info is None else f"is larger than {_LARGEST // 2**20} MiB"
        raise MigrationError(f"{file}, {start}*.json: it {what}. {_OTHER}")
    try:
        return shape.model_validate(json.loads(held.read(info), parse_float=Decimal))
    except ValidationError as wrong:
        told = (f"{file}, {start}*.json, key {'.'.join(map(str, e['loc']))}: {e['msg']}. {_OTHER}" for e in wrong.errors()[:20])
        raise MigrationError(*told) from wrong
    except (ValueError, RecursionError) as wrong:
        raise MigrationError(f"{file}, {start}*.json: it is not readable as JSON: {wrong}. {_OTHER}") from wrong


def _rows(name: str, offer: _Offer, rate: Decimal, on: datetime) -> Iterator[dict[str, Any]]:
    for system, ending in _SYSTEMS.items():
        size = machine_of(name, system)
        regions = {r for prices in offer.prices.values() for r in prices} if size else ()
        for region in sorted(regions):
            dollars = {term: prices[region].value for term, prices in offer.prices.items() if region in prices and prices[region].value}
            plain = {
                "currencyCode": "GBP",
                "serviceName": "Virtual Machines",
                "productName": f"Virtual Machines {offer.series} Series{ending}",
                "skuName": size.removeprefix("Standard_").replace("_", " "),
                "meterName": size.removeprefix("Standard_").replace("_", " "),
                "armSkuName": size,
                "armRegionName": region.replace("-", ""),
                "unitOfMeasure": "1 Hour",
                "effectiveStartDate": on.isoformat(),
            }
            yield from ({**plain, **told} for told in _terms(dollars, rate))


def _terms(dollars: dict[str, Decimal], rate: Decimal) -> Iterator[dict[str, Any]]:
    if hour := dollars.get("perhour"):
        saved = [{"term": t, "retailPrice": f"{dollars[key] * rate:f}"} for t, key in _SAVINGS.items() if key in dollars]
        yield {"type": "Consumption", "retailPrice": f"{hour * rate:f}", "savingsPlan": saved}
    for term, (key, years) in _RESERVED.items():
        if key in dollars:
            yield {"type": "Reservation", "reservationTerm": term, "retailPrice": f"{dollars[key] * _HOURS_OF_YEAR * years * rate:f}"}
