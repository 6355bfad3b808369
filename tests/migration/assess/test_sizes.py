"""Which sizes may be chosen: what retires within the contract, what a region does not sell, what else would do, and percentiles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.model import Estate, Server, Utilisation, Workload
from migration.assess import Terms, assess
from migration.knowledge import Knowledge, load_knowledge
from migration.model import Price
from migration.price_book import overlaid
from migration.sizing import Need, candidates, covers, need_of, others, size_for

MEASURED = Need(3, 12, True, True, ())


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load_knowledge()


def terms_of(knowledge: Knowledge, **other: Any) -> Terms:
    return Terms(date(2026, 11, 22), date(2027, 6, 30), "uksouth", 20, knowledge, **other)


def names(terms: Terms) -> set[str]:
    return {s.name for s in candidates(terms.knowledge, terms.contract_ends, terms.region)}


@pytest.mark.parametrize(("ends", "years", "is_chosen"), [("2032-06-30", 5, False), ("2032-07-01", 5, True), ("2032-06-30", 4, True)])
def test_a_series_that_retires_within_the_contract_is_not_chosen(known: Knowledge, ends: str, years: int, is_chosen: bool) -> None:
    series = next(s for s in known.series if s.role == "candidate")
    retiring = replace(known, retiring={**known.retiring, series.name: date.fromisoformat(ends)})
    assert (series.sizes[0].name in names(terms_of(retiring, contract_years=years))) is is_chosen


def test_a_contract_from_a_leap_day_ends_on_a_day_that_there_is(known: Knowledge) -> None:
    terms = replace(terms_of(known), cutover_on=date(2028, 2, 29))
    assert terms.contract_ends == date(2033, 3, 1)
    assert replace(terms, contract_years=4).contract_ends == date(2032, 2, 29)


def priced(sizes: list[str], region: str) -> list[Price]:
    return [Price(s, region, 100, date(2026, 11, 1), "pages") for s in sizes]


def test_a_size_that_the_region_does_not_sell_is_not_chosen_where_its_whole_list_is_at_hand(known: Knowledge) -> None:
    every = sorted(names(terms_of(known)))
    left_out = size_for(MEASURED, terms_of(known))
    assert left_out is not None
    sold = [s for s in every if s != left_out.name] + [f"Standard_X{n}" for n in range(100)]
    listed = overlaid(known, priced(sold, "uksouth"))
    assert names(terms_of(listed)) == set(every) - {left_out.name}
    assert names(replace(terms_of(listed), region="ukwest")) == set(every)
    chosen = size_for(MEASURED, terms_of(listed))
    assert chosen is not None
    assert chosen != left_out
    part = overlaid(known, priced(sold[:99], "uksouth"))
    assert names(terms_of(part)) == set(every)


def test_what_else_would_do_is_named_once_for_each_series_and_covers_the_need(known: Knowledge) -> None:
    terms = terms_of(known)
    chosen = size_for(MEASURED, terms)
    assert chosen is not None
    found = list(others(chosen, MEASURED, terms))
    series_of = {s.name: series.name for series in known.series for s in series.sizes}
    assert len({series_of[s.name] for s, _ in found}) == len(found) >= 3
    assert all(covers(s, MEASURED) and s != chosen and what.endswith(".") for s, what in found)
    burstable = next(what for s, what in found if s.baseline_percent < 100)
    assert "may use only" in burstable.casefold()


def test_a_steady_size_in_the_place_of_a_burstable_one_says_what_it_gives(known: Knowledge) -> None:
    low = Need(0.5, 6, True, True, ())
    chosen = size_for(low, terms_of(known))
    assert chosen is not None
    assert chosen.baseline_percent < 100
    assert any("all of its CPU at any time" in what for s, what in others(chosen, low, terms_of(known)) if s.baseline_percent == 100)


def test_the_alternatives_of_a_workload_have_their_prices(known: Knowledge) -> None:
    server = Server("s", "s", cpu_cores=8, memory_gb=16, operating_system="Debian GNU/Linux 13 (64-bit)")
    estate = Estate(
        servers=(server,),
        utilisations=(Utilisation("s", date(2026, 10, 1), 30, 40),),
        workloads=(Workload("w", "Zebra", server_ids=("s",)),),
    )
    (target,) = [t for t in assess(estate.workloads[0], estate, terms_of(known)).targets if t.kind == "virtual-machine"]
    assert target.alternatives
    for other in target.alternatives:
        price = known.prices.get((other.sku, "uksouth")) or other.price
        assert other.price == price


figures = st.one_of(st.none(), st.floats(0, 100))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(figures, figures, figures, figures), min_size=1, max_size=3), st.sampled_from([(50, 95), (95, 99), (99, 100)]))
def test_a_higher_percentile_never_gives_a_smaller_need(
    held: list[tuple[float | None, float | None, float | None, float | None]], pair: tuple[int, int]
) -> None:
    """Of months in which p50 <= p95 <= p99 <= maximum, as percentiles are."""
    known = _KNOWN
    months: list[Utilisation] = []
    for n, said in enumerate(held, 1):
        ordered = iter(sorted(v for v in said if v is not None))
        p50, p95, p99, most = (None if v is None else next(ordered) for v in said)
        figures: dict[str, Any] = {"cpu_p50_percent": p50, "cpu_p95_percent": p95, "cpu_p99_percent": p99, "cpu_max_percent": most}
        months.append(Utilisation("s", date(2026, n, 1), **figures))
    server = Server("s", "s", cpu_cores=8, memory_gb=16)
    estate = Estate(servers=(server,), utilisations=tuple(months))
    low, high = (need_of(server, estate, terms_of(known, percentile=p)) for p in pair)
    assert low is not None
    assert high is not None
    complete = all(v is not None for said in held for v in said)
    if complete:
        assert low.vcpus <= high.vcpus
    if not high.measured_cpu:
        assert high.vcpus == 8


_KNOWN = load_knowledge()
