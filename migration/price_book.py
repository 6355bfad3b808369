"""The price book: pages of the Azure Retail Prices API under our names, on every term, laid over the prices kept here.

A price of another currency, or one that is not in force yet, or two of one name that differ, is a fault and left out; a meter that has
no name here is left out too. Nothing is reckoned from a neighbour.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, NamedTuple

from migration.knowledge.model import Knowledge, RetailMeter
from migration.metering.retail import RetailPrice
from migration.metering.tiers import NO_REGION, units
from migration.model import Price
from migration.purchase import HYBRID, PAY_AS_YOU_GO

API: Final = "Azure Retail Prices API"
_MONTHS: Mapping[str, int] = {"reserved-1y": 12, "reserved-3y": 36}
"""A reservation's price is for its whole term, whatever its unit says. Source: see `read_terms` of metering/retail.py."""


@dataclass(frozen=True, slots=True)
class Book:
    """Prices under our names, on every term, and what is wrong with the rest, a sentence each."""

    prices: tuple[Price, ...]
    faults: tuple[str, ...]


class _Named(NamedTuple):
    row: RetailPrice
    meter: RetailMeter
    sku: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What has one price: name, region and term."""
        return self.sku, _region(self.row), self.row.term


def book_of(rows: Iterable[RetailPrice], meters: Sequence[RetailMeter], on: date, source: str = API) -> Book:
    """The book of `rows` as on a day; every price says `source`. The order of rows changes nothing."""
    faults: list[str] = []
    held: dict[tuple[str, str, str], set[tuple[Decimal, date, str]]] = defaultdict(set)
    named = [_Named(r, m, sku) for r in rows for m, sku in _names(r, meters)]
    for n in _first_steps(_primary(named)):
        row = n.row
        if row.on > on:
            faults.append(f"{row.file}: the price of {n.sku} in {row.region} is of {row.on}, after {on}. It is left out until then.")
        elif (pence := _monthly(row, n.meter)) is not None:
            held[n.key].add((pence, row.on, row.file))
    faults += (f for key, prices in held.items() for f in _differing(key, prices))
    single = {key: min(prices) for key, prices in held.items() if len({p for p, *_ in prices}) == 1}
    found = [_price(key, price, source) for key, price in single.items()]
    return Book(tuple(sorted(_licensed(found, meters), key=lambda p: (p.sku, p.region, p.term))), tuple(sorted(set(faults))))


def overlaid(knowledge: Knowledge, prices: Sequence[Price]) -> Knowledge:
    """Knowledge in which these prices go before those that it has."""
    plain, others = dict(knowledge.prices), defaultdict[tuple[str, str], list[Price]](list)
    for price in prices:
        if price.term == PAY_AS_YOU_GO:
            plain[price.sku, price.region] = price
        else:
            others[price.sku, price.region].append(price)
    terms = {**knowledge.other_terms, **{key: tuple(held) for key, held in others.items()}}
    return replace(knowledge, prices=plain, other_terms=terms, sold={**knowledge.sold, **_sold(prices)})


_LEAST_SIZES = 100
"""A price list with fewer machine sizes than this is a part of one, and does not tell what a region does not sell: judgement."""


def _sold(prices: Iterable[Price]) -> Mapping[str, frozenset[str]]:
    """The machine sizes that a region sells, of the regions whose whole price list is at hand."""
    held = defaultdict[str, set[str]](set)
    for price in prices:
        if price.sku.startswith("Standard_") and not price.sku.endswith("-windows"):
            held[price.region].add(price.sku)
    return {region: frozenset(sizes) for region, sizes in held.items() if len(sizes) >= _LEAST_SIZES}


def _names(row: RetailPrice, meters: Iterable[RetailMeter]) -> Iterator[tuple[RetailMeter, str]]:
    for meter in meters:
        sku = _whole(meter.sku_name, row.sku) if meter.service == row.service else None
        is_named = row.size or "{size}" not in meter.sku
        if sku and is_named and _whole(meter.product, row.product) and _whole(meter.meter, row.meter):
            yield meter, meter.sku.format(size=row.size, **sku.groupdict())


def _whole(pattern: str, text: str) -> re.Match[str] | None:
    return re.fullmatch(pattern, text, re.IGNORECASE)


def _primary(named: Sequence[_Named]) -> list[_Named]:
    """Of one name the rows of the primary meters, which are those that are charged, where there is one. Source: see retail.py."""
    having = {n.key for n in named if n.row.is_primary}
    return [n for n in named if n.row.is_primary or n.key not in having]


def _first_steps(named: Sequence[_Named]) -> Iterator[_Named]:
    """Of a graduated meter the first price above nothing; 0 stands for missing everywhere else."""
    first: dict[tuple[str, str, str], Decimal] = {}
    for n in named:
        if n.row.pounds > 0:
            first[n.key] = min(first.get(n.key, n.row.from_units), n.row.from_units)
    return (n for n in named if n.row.pounds > 0 and first[n.key] == n.row.from_units)


def _region(row: RetailPrice) -> str:
    return "global" if row.region in NO_REGION else row.region


def _monthly(row: RetailPrice, meter: RetailMeter) -> Decimal | None:
    """Pence a month, or a gigabyte and month, exactly; None where the unit measures something else."""
    if months := _MONTHS.get(row.term):
        return row.pounds * 100 / months
    many = units(Decimal(1), meter.per, row.unit)
    return None if many is None else row.pounds * 100 * many


def _differing(key: tuple[str, str, str], prices: set[tuple[Decimal, date, str]]) -> Iterator[str]:
    told = sorted({p for p, *_ in prices})
    if len(told) > 1:
        sku, region, term = key
        files = ", ".join(sorted({file for *_, file in prices}))
        yield (
            f"{files}: {sku} in {region}, {term}, has {len(told)} prices, {', '.join(f'£{p / 100:.4f}' for p in told)} a month. "
            "Neither is taken: bring the pages again, or leave one out."
        )


def _price(key: tuple[str, str, str], held: tuple[Decimal, date, str], source: str) -> Price:
    (sku, region, term), (pence, on, _) = key, held
    whole = int(pence.quantize(Decimal(1), ROUND_HALF_EVEN))
    return Price(sku, region, whole, on, source, term, exact_pence=f"{pence:f}")


def _licensed(prices: Sequence[Price], meters: Iterable[RetailMeter]) -> Iterator[Price]:
    """Every price; one that is without its licence becomes the term hybrid, and pay as you go with the licence where that has a price."""
    patterns = [(m.sku.replace("{n}", r"(\d+)"), m.licence) for m in meters if m.licence]
    by_key = {(p.sku, p.region): p for p in prices if p.term == PAY_AS_YOU_GO}
    for price in prices:
        fits = ((found, sku) for pattern, sku in patterns if (found := re.fullmatch(pattern, price.sku)))
        found, licence = next(fits, (None, ""))
        if not found:
            yield price
        elif price.term == PAY_AS_YOU_GO:
            yield replace(price, term=HYBRID)
            if core := by_key.get((licence, price.region)):
                exact = Decimal(price.exact_pence) + int(found[1]) * Decimal(core.exact_pence)
                whole = int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
                yield replace(price, monthly_pence=whole, on=max(price.on, core.on), exact_pence=f"{exact:f}")
