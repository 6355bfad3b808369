"""What a rehearsed stack would cost in a month: which resources there are before and after, their bills, and how they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.output import note, plain, say, table

if TYPE_CHECKING:
    from migration.metering.bill import Prices
    from migration.metering.model import Bill, Charge, Resource
    from rehearsal import Preview

CostOption = Annotated[bool, typer.Option("--cost", help="Say what the stack, and the change, would cost in a month, in pounds.")]
PricesOption = Annotated[
    Path | None,
    typer.Option(
        "--prices", help="Pages downloaded from the Azure Retail Prices API in GBP: a JSON file, or a folder of them. With --cost."
    ),
]
QuantitiesOption = Annotated[
    Path | None, typer.Option("--quantities", help="TOML file of what is used in a month, such as GB of logs. With --cost.")
]

_REGION = "cloud-unless:region"
_DEFAULT_REGION = "uksouth"
_GONE = ("delete", "delete-replaced")


@dataclass(frozen=True)
class Cost:
    """The bills of what stands before the change and after it."""

    before: Bill
    after: Bill
    prices: Prices

    @property
    def change_pence(self) -> int:
        """By how much a month grows, of what has a price."""
        return self.after.monthly_pence - self.before.monthly_pence

    def to_json(self) -> dict[str, Any]:
        """Every charge and everything that is not priced; sums are at least that much."""
        after = self.after
        return {
            "currency": "GBP",
            "at_least_monthly_pence": after.monthly_pence,
            "change_monthly_pence": self.change_pence,
            "charges": plain(after.charges),
            "not_priced": plain(after.not_priced),
            "free": after.free,
            "quantities": [
                {"id": q.id, "amount": None if q.amount is None else float(q.amount), "what": q.what, "source": q.source}
                for q in self.prices.metering.quantity
            ],
        }


def read_prices_of(prices: Path | None, quantities: Path | None) -> Prices:
    """All that a price can come from. Raises MigrationError with every fault of every file."""
    from migration.errors import MigrationError
    from migration.knowledge.load import load_knowledge
    from migration.metering.bill import Prices
    from migration.metering.load import load_meters
    from migration.metering.retail import read_prices
    from migration.prices import price_of

    faults: list[str] = []
    metering, retail = None, ()
    try:
        metering = load_meters(quantities)
    except MigrationError as wrong:
        faults += wrong.faults
    try:
        retail = read_prices(prices) if prices else ()
    except MigrationError as wrong:
        faults += wrong.faults
    if metering is None or faults:
        raise MigrationError(*faults)
    knowledge = load_knowledge()
    return Prices(metering, lambda size, region: price_of(size, region, knowledge), retail)


def cost_of(found: Preview, prices: Prices) -> Cost:
    """The bills of a rehearsal."""
    from migration.metering.bill import bill

    region = (found.config or {}).get(_REGION, _DEFAULT_REGION)
    before = (s.old for s in found.steps if s.op not in ("read", "create"))
    after = (s.new for s in found.steps if s.op not in ("read", *_GONE))
    return Cost(bill(_resources(before, region), prices), bill(_resources(after, region), prices), prices)


def _resources(states: Iterable[Mapping[str, Any] | None], region: str) -> list[Resource]:
    """Each resource of a cloud once, by its URN; components and providers are nobody's charge."""
    held = {s["urn"]: s for s in states if s and s.get("custom") and not s["type"].startswith("pulumi:")}
    return [_resource(s, region) for s in held.values()]


def _resource(state: Mapping[str, Any], region: str) -> Resource:
    from migration.metering.model import Resource

    inputs: Mapping[str, Any] = state.get("inputs") or {}
    told = inputs.get("location")
    own = told.replace(" ", "").lower() if isinstance(told, str) else ""
    return Resource(state["urn"].rsplit("::", 1)[-1], state["type"], region if own in ("", "global") else own, inputs)


def show_cost(cost: Cost) -> None:
    """Charges by resource, what is not priced, the sums, what was presumed and where prices are from."""
    after = cost.after
    rows = [_row(c) for c in sorted(after.charges, key=lambda c: -c.monthly_pence)]
    table(rows, ("resource", "charge", "month", "quantity", "price_of", "on"), as_json=False, title="Cost in a month")
    for (title, reason), count in Counter((n.title, n.reason) for n in after.not_priced).items():
        say(f"Not priced: {count} x {title}: {reason}.")
    say(f"At least {_pounds(after.monthly_pence)} a month for what has a price; this run changes that by {_signed(cost.change_pence)}.")
    elsewhere = sum(c.is_elsewhere for c in after.charges)
    say(f"{len(after.not_priced)} charges are not priced, {after.free} resources cost nothing, {elsewhere} prices are of another region.")
    used = {c.by for c in after.charges}
    for q in cost.prices.metering.quantity:
        if q.id in used:
            note(f"{q.id} = {q.amount} ({q.source}): {q.what}.")
    for source, on in sorted({(c.source, c.on) for c in after.charges}):
        note(f"Prices of {on}: {source}.")


def _row(charge: Charge) -> dict[str, object]:
    return {
        "resource": charge.name,
        "charge": charge.title,
        "month": _pounds(charge.monthly_pence),
        "quantity": charge.by,
        "price_of": charge.region + (" (elsewhere)" if charge.is_elsewhere else ""),
        "on": charge.on,
    }


def _pounds(pence: int) -> str:
    return f"£{pence / 100:,.2f}"


def _signed(pence: int) -> str:
    return f"{'-' if pence < 0 else '+'}{_pounds(abs(pence))}"
