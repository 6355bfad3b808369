"""The bill of a stack's resources: each charge by the council's download, else by a published price kept here, else told as not priced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, cast

from migration.metering.model import Bill, Charge, Meter, Metering, NotPriced, Quantity, Resource
from migration.metering.retail import RetailPrice
from migration.metering.tiers import HOURS, graduated, is_one_price, rows_for, units
from migration.model import Price

SizePrice = Callable[[str, str], Price | None]
"""From the size of a machine and a region to a published price."""


@dataclass(frozen=True)
class Prices:
    """Everything that a price can come from."""

    metering: Metering
    size_price: SizePrice
    retail: Sequence[RetailPrice] = ()


@dataclass(frozen=True)
class _Due:
    """A charge that a resource is due; `alike` is how many resources share its meter and region, for graduated prices."""

    resource: Resource
    meter: Meter
    quantity: Quantity
    size: str
    alike: int = 1


def bill(resources: Iterable[Resource], prices: Prices) -> Bill:
    """What the resources cost in a month, as far as anybody here can tell."""
    held = list(resources)
    free = [r for r in held if r.token in prices.metering.free.tokens]
    paid = [r for r in held if r.token not in prices.metering.free.tokens]
    dues = _dues(paid, prices.metering)
    told = [_charge(due, prices) for due in dues]
    unknown = [_unknown(r) for r in paid if not _meters_of(r, prices.metering)]
    charges = tuple(t for t in told if isinstance(t, Charge))
    return Bill(charges, (*(t for t in told if isinstance(t, NotPriced)), *unknown), len(free))


def _dues(resources: Sequence[Resource], metering: Metering) -> list[_Due]:
    pairs = [(r, m) for r in resources for m in _meters_of(r, metering)]
    alike = Counter((m.title, r.region) for r, m in pairs)
    return [_Due(r, m, metering.quantity_of(m), _at(r.inputs, m.size_at), alike[m.title, r.region]) for r, m in pairs]


def _meters_of(resource: Resource, metering: Metering) -> list[Meter]:
    return [m for m in metering.meter if m.token == resource.token and all(_at(resource.inputs, path) == v for path, v in m.where.items())]


def _at(inputs: Mapping[str, Any], path: str) -> str:
    """The text at a path of keys, "" where there is none or it is not known yet."""
    held: object = inputs
    for key in path.split("."):
        held = cast("Mapping[str, object]", held).get(key) if isinstance(held, Mapping) else None
    return held if isinstance(held, str) else ""


def _charge(due: _Due, prices: Prices) -> Charge | NotPriced:
    if due.quantity.amount is None:
        return _not_priced(due, f"say {due.quantity.id} ({due.quantity.what}) with --quantities")
    rows = rows_for(due.meter, due.size, due.resource.region, prices.retail) if due.meter.meter or due.size else []
    if rows and not is_one_price(rows):
        names = sorted({f"{r.product} / {r.sku} / {r.meter} / {r.unit}" for r in rows})
        return _not_priced(due, f"several rows of {rows[0].file} fit, and none is taken: {'; '.join(names)}")
    if rows:
        return _by_retail(due, rows, due.quantity.amount)
    return _by_published(due, prices, due.quantity.amount) or _not_priced(due, f"look up {_look_up(due)}")


def _by_retail(due: _Due, rows: Sequence[RetailPrice], amount: Decimal) -> Charge | NotPriced:
    """All that is alike is one quantity to a graduated meter; each resource bears the same part of it."""
    first = rows[0]
    quantity = units(amount * due.alike, due.quantity.per, first.unit)
    if quantity is None:
        return _not_priced(due, f"its price in {first.file} is by {first.unit!r}, which {due.quantity.id} does not measure")
    pounds = graduated(quantity, rows) / due.alike
    return _told(due, pounds, max(r.on for r in rows), first.region or "global", f"Azure Retail Prices API, {first.file}")


def _by_published(due: _Due, prices: Prices, amount: Decimal) -> Charge | None:
    meter, held = due.meter, prices.metering
    if due.size and (price := prices.size_price(due.size, due.resource.region)):
        return _told(due, Decimal(price.monthly_pence) * amount / 100, price.on, price.region, price.source)
    if meter.usd is None:
        return None
    hours = HOURS if meter.usd_per == "hour" else Decimal(1)
    dollars = meter.usd * hours * max(amount - meter.usd_free, Decimal(0))
    return _told(due, dollars * held.usd_to_gbp, held.date_of[meter.source], meter.priced_in, held.source_of[meter.source])


def _told(due: _Due, pounds: Decimal, on: date, region: str, source: str) -> Charge:
    pence = int((pounds * 100).quantize(Decimal(1), ROUND_HALF_EVEN))
    wanted = due.resource.region
    named = "global" if region == "zone 1" else region
    return Charge(due.resource.name, due.resource.token, due.meter.title, due.quantity.id, pence, named, wanted, on, source)


def _look_up(due: _Due) -> str:
    m = due.meter
    parts = {"service": m.service, "product": m.product, "sku": m.sku, "meter": m.meter, "size": due.size, "region": due.resource.region}
    return ", ".join(f"{k} {v!r}" for k, v in parts.items() if v) + ("" if m.meter or due.size else " (what is used decides)")


def _not_priced(due: _Due, reason: str) -> NotPriced:
    return NotPriced(due.resource.name, due.resource.token, due.meter.title, reason)


def _unknown(resource: Resource) -> NotPriced:
    kind = resource.token.removeprefix("azure-native:")
    return NotPriced(resource.name, resource.token, kind, f"no meter is known here for it as it is set; look up {kind!r} by hand")
