"""What a quantity costs by rows of the Azure Retail Prices API: which rows, in which unit, and graduated by how much is used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from migration.metering.model import Meter, Per
from migration.metering.retail import RetailPrice

HOURS = Decimal(730)
"""Hours of a month, as Microsoft reckons them and prices.toml does."""
NO_REGION = ("", "global", "zone 1")
"""armRegionName of what is not priced by region; Zone 1 holds the United Kingdom (infracost/infracost internal/providers/terraform/azure/
util.go at 95ba4f4, 2026-08-21)."""
_UNIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KM]?)\b[\s/]*(.*)")
_THOUSANDS = {"": 1, "K": 1_000, "M": 1_000_000}


def rows_for(meter: Meter, size: str, region: str, prices: Sequence[RetailPrice]) -> list[RetailPrice]:
    """The rows that the meter is charged by in the region, else those of no region; primary ones alone where there are any."""
    held = [p for p in prices if _fits(meter, size, p)]
    here = [p for p in held if p.region == region] or [p for p in held if p.region in NO_REGION]
    return [p for p in here if p.is_primary] or here


def _fits(meter: Meter, size: str, price: RetailPrice) -> bool:
    asked = ((meter.service, price.service), (meter.product, price.product), (meter.sku, price.sku), (meter.meter, price.meter))
    if any(a and a.casefold() != p.casefold() for a, p in asked):
        return False
    return not meter.size_at or (price.size.casefold() == size.casefold() and not price.product.casefold().endswith("windows"))


def is_one_price(rows: Sequence[RetailPrice]) -> bool:
    """Whether the rows are one meter's: one unit, and one price from each quantity onwards."""
    steps = {(r.from_units, r.pounds) for r in rows}
    return len({r.unit for r in rows}) == 1 and len({start for start, _ in steps}) == len(steps)


def units(amount: Decimal, per: Per, unit: str) -> Decimal | None:
    """How many of the API's `unit` ("1 Hour", "100 GB", "1/Month") an amount is; None where the unit measures something else."""
    found = _UNIT.fullmatch(unit)
    if not found or not Decimal(found[1]):
        return None
    size, name = Decimal(found[1]) * _THOUSANDS[found[2]], found[3].casefold()
    if per == "gb":
        return amount / size if name in ("gb", "gb/month") else None
    if "gb" in name:
        return None
    if "hour" in name:
        return amount * HOURS / size
    if "day" in name:
        return amount * HOURS / 24 / size
    return amount / size if not name or "month" in name else None


def graduated(quantity: Decimal, rows: Sequence[RetailPrice]) -> Decimal:
    """Pounds for a quantity of units, each part of it at the price that begins below it."""
    steps = sorted({(r.from_units, r.pounds) for r in rows})
    ends = [start for start, _ in steps[1:]]
    total = sum(
        (max(min(quantity, end) - start, Decimal(0)) * pounds for (start, pounds), end in zip(steps, ends, strict=False)), Decimal(0)
    )
    return total + max(quantity - steps[-1][0], Decimal(0)) * steps[-1][1]
