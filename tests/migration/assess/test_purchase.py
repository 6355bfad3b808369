"""Terms of purchase: which price counts, what each term gives up, and what fewer hours save."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration.knowledge import Knowledge, load_knowledge
from migration.model import Price, Target
from migration.purchase import GIVES_UP, Purchase, bought

PAYG = Price("Standard_D4s_v5", "uksouth", 10000, date(2026, 11, 1), "a list")
KNOWLEDGE = load_knowledge()


def _known(*others: Price) -> Knowledge:
    return replace(KNOWLEDGE, other_terms={(PAYG.sku, PAYG.region): others})


def _machine(price: Price | None = PAYG, kind: str = "virtual-machine", sku: str = "Standard_D4s_v5") -> Target:
    return Target("app-01", kind, sku, "uksouth", 0, price, "")


def test_every_term_that_has_a_price_is_offered_and_the_one_wanted_counts() -> None:
    known = _known(replace(PAYG, monthly_pence=6000, term="reserved-1y"), replace(PAYG, monthly_pence=7000, term="savings-1y"))
    found = bought(_machine(), Purchase("reserved-1y"), known)
    assert found.price
    assert (found.price.term, found.price.monthly_pence) == ("reserved-1y", 6000)
    assert [(o.price.term, o.price.monthly_pence) for o in found.offers] == [
        ("pay-as-you-go", 10000),
        ("savings-1y", 7000),
        ("reserved-1y", 6000),
    ]
    assert all(o.gives_up == GIVES_UP[o.price.term] for o in found.offers)


def test_a_term_without_a_price_leaves_pay_as_you_go_and_says_so() -> None:
    found = bought(_machine(), Purchase("reserved-3y"), KNOWLEDGE)
    assert found.price == PAYG
    assert found.offers == ()


def test_no_price_stays_no_price() -> None:
    assert bought(_machine(None), Purchase("hybrid", 200), KNOWLEDGE) == _machine(None)


def test_fewer_hours_save_on_what_can_stop_and_never_on_what_is_committed_to() -> None:
    known = _known(replace(PAYG, monthly_pence=6000, term="reserved-1y"))
    offers = bought(_machine(), Purchase(hours=365), known).offers
    assert [(o.price.monthly_pence, o.price.hours) for o in offers] == [(5000, 365), (6000, 730)]
    disk = bought(_machine(kind="managed-disk"), Purchase(hours=365), KNOWLEDGE).price
    assert disk == PAYG


@pytest.mark.parametrize(("sku", "wanted"), [("windows-server-4-vcpu", ["pay-as-you-go", "hybrid"]), ("rhel-4-vcpu", [])])
def test_hybrid_benefit_takes_the_windows_licence_away_and_no_other(sku: str, wanted: list[str]) -> None:
    price = replace(PAYG, sku=sku, region="global")
    found = bought(_machine(price, "licence", sku), Purchase("hybrid"), KNOWLEDGE)
    assert [o.price.term for o in found.offers] == wanted
    assert found.price
    assert found.price.monthly_pence == (0 if wanted else 10000)


@given(st.decimals("0.0001", "500", places=4), st.integers(0, 100_000))
def test_money_by_quantity_is_rounded_once(pence: Decimal, quantity: int) -> None:
    price = replace(PAYG, monthly_pence=round(pence), exact_pence=str(pence))
    assert abs(price.times(quantity) - pence * quantity) <= Decimal("0.5")
    assert price.times(1) == price.monthly_pence
