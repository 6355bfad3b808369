"""Terms of purchase: how a thing may be bought, what each way gives up, and which is reckoned with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from migration.knowledge.model import Knowledge
from migration.model import Offer, Price, Target

PAY_AS_YOU_GO: Final = "pay-as-you-go"
HYBRID: Final = "hybrid"
WHOLE_MONTH: Final = 730
"""Hours of a month, as prices.toml and the retail prices reckon them."""
GIVES_UP: Final[Mapping[str, str]] = {
    PAY_AS_YOU_GO: "Nothing: it may stop at any hour.",
    "savings-1y": "Commits to an hourly spend for one year, used or not.",
    "savings-3y": "Commits to an hourly spend for three years, used or not.",
    "reserved-1y": "Is paid for one whole year, used or not: switching off at night saves nothing.",
    "reserved-3y": "Is paid for three whole years, used or not: switching off at night saves nothing.",
    HYBRID: "Uses up licences that the council must own already.",
    "dev-test": "Holds only in a Dev/Test subscription, so never for production.",
}
"""Term -> what it gives up. Sources, read 2026-11-25: MicrosoftDocs/azure-docs cost-management-billing/savings-plan/buy-savings-plan.md
and azure-vmware/sql-server-hybrid-benefit.md; the rows of types Reservation and DevTestConsumption of the Azure Retail Prices API."""
BY_THE_HOUR: Final = frozenset({"virtual-machine", "licence"})
"""Kinds of target that cost nothing while they are switched off."""
_STOPPABLE: Final = frozenset({PAY_AS_YOU_GO, HYBRID, "dev-test"})


@dataclass(frozen=True, slots=True)
class Purchase:
    """The terms that are reckoned with, and the hours of a month that machines run."""

    term: str = PAY_AS_YOU_GO
    hours: int = WHOLE_MONTH


def bought(target: Target, purchase: Purchase, knowledge: Knowledge) -> Target:
    """The target at the price of the terms wanted, else of pay as you go, with every term that has a price."""
    if target.price is None:
        return target
    prices = tuple(_for_hours(p, target.kind, purchase.hours) for p in _terms(target, target.price, knowledge))
    offers = tuple(Offer(p, GIVES_UP[p.term]) for p in prices)
    chosen = next((p for p in prices if p.term == purchase.term), prices[0])
    return replace(target, price=chosen, offers=offers if len(offers) > 1 else ())


def _terms(target: Target, price: Price, knowledge: Knowledge) -> Iterator[Price]:
    """Pay as you go, then the other terms in the order of GIVES_UP, of the very region that the price is of."""
    others = {p.term: p for p in knowledge.other_terms.get((price.sku, price.region), ())}
    yield price
    if target.kind == "licence" and target.sku.startswith("windows-server"):
        others[HYBRID] = replace(price, monthly_pence=0, exact_pence="0", term=HYBRID)
    yield from (others[t] for t in GIVES_UP if t in others and t != price.term)


def _for_hours(price: Price, kind: str, hours: int) -> Price:
    """What fewer hours a month cost: only what is charged by the hour, on terms that can be stopped."""
    if kind not in BY_THE_HOUR or price.term not in _STOPPABLE or hours == price.hours:
        return price
    exact = Decimal(price.exact_pence or price.monthly_pence) * hours / price.hours
    return replace(price, monthly_pence=int(exact.quantize(Decimal(1), ROUND_HALF_EVEN)), exact_pence=f"{exact:f}", hours=hours)
