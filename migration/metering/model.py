"""Meters, quantities and what they come to. Money is in pounds while it is reckoned and in whole pence once it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from migration.knowledge.files import Head
from migration.knowledge.known import Known

Per = Literal["month", "gb"]


@dataclass(frozen=True, kw_only=True)
class Quantity(Known):
    """How much of a thing a month has; `amount` None where nobody said and nothing may be presumed."""

    id: str
    per: Per
    what: str
    amount: Decimal | None = None
    source: str = "default"


@dataclass(frozen=True, kw_only=True)
class Meter(Known):
    """What a resource of type `token` is charged by, spelt as the Azure Retail Prices API spells it; no `meter`, no look-up.

    `usd` per `usd_per`, in region `priced_in`, is a published price; `usd_free` of the quantity costs nothing under it.
    """

    token: str
    title: str
    service: str
    by: str
    source: str
    product: str = ""
    sku: str = ""
    meter: str = ""
    size_at: str = ""
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    usd: Decimal | None = None
    usd_per: Literal["hour", "month", "gb"] = "month"
    usd_free: Decimal = Decimal(0)
    priced_in: str = ""


@dataclass(frozen=True, kw_only=True)
class Free(Known):
    """Types of resource that cost nothing themselves, and who says so."""

    source: str
    on: date
    tokens: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Metering(Head):
    """`meters.toml`."""

    usd_to_gbp: Decimal
    usd_to_gbp_source: str
    source_of: Mapping[str, str]
    date_of: Mapping[str, date]
    quantity: tuple[Quantity, ...]
    free: Free
    meter: tuple[Meter, ...]

    def quantity_of(self, meter: Meter) -> Quantity:
        """The quantity that a meter is charged by."""
        return next(q for q in self.quantity if q.id == meter.by)


@dataclass(frozen=True)
class Resource:
    """A resource as a rehearsal has it. `region` is its own, else the stack's."""

    name: str
    token: str
    region: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class Charge:
    """One charge of one resource. `region` is where the price is of, `on` the day it is of."""

    name: str
    token: str
    title: str
    by: str
    monthly_pence: int
    region: str
    wanted_region: str
    on: date
    source: str

    @property
    def is_elsewhere(self) -> bool:
        """Whether the price is of another region than the resource's."""
        return self.region not in (self.wanted_region, "global")


@dataclass(frozen=True)
class NotPriced:
    """A charge that nobody here can tell, and what to do about it."""

    name: str
    token: str
    title: str
    reason: str


@dataclass(frozen=True)
class Bill:
    """What the resources come to in a month: at least `monthly_pence`, for what is not priced is not in it."""

    charges: tuple[Charge, ...]
    not_priced: tuple[NotPriced, ...]
    free: int

    @property
    def monthly_pence(self) -> int:
        """The sum of what has a price."""
        return sum(c.monthly_pence for c in self.charges)
