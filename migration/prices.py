"""Published prices: of the region wanted, else of another and said so, else none. Nothing is ever reckoned from a neighbour."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from migration.knowledge.model import Knowledge, Size
from migration.model import Price

ELSEWHERE = ("global", "polandcentral", "uksouth", "ukwest")
"""Where a price is looked for, in this order, once the wanted region has none."""
SUBSCRIPTIONS = {"windows": "windows-server", "windows-desktop": "windows-server", "rhel": "rhel", "sles": "sles"}
"""Family of an operating system -> the subscription that is paid for beside the machine."""


def price_of(sku: str, region: str, knowledge: Knowledge) -> Price | None:
    """The price of a thing in a region, else of the first region that has one; None when there is none at all."""
    for where in (region, *ELSEWHERE):
        if price := knowledge.prices.get((sku, where)):
            return price
    return None


def platform_price(platform: str, sku: str, region: str, knowledge: Knowledge) -> Price | None:
    """The price of a database service: `platform/sku`, for a machine of the same size is another thing at another price."""
    return price_of(f"{platform}/{sku}", region, knowledge)


def for_quantity(price: Price, quantity: int) -> Price:
    """The price of so many of what is bought by the piece or gigabyte, rounded once."""
    exact = Decimal(price.exact_pence or price.monthly_pence) * quantity
    return replace(price, monthly_pence=price.times(quantity), exact_pence=f"{exact:f}")


def subscription_sku(family: str, size: Size) -> str:
    """What the operating system of a machine is sold as, by vCPUs; "" where it is free."""
    name = SUBSCRIPTIONS.get(family, "")
    burstable = "-burstable" if name == "windows-server" and size.baseline_percent < 100 else ""
    return f"{name}-{size.vcpus}-vcpu{burstable}" if name else ""
