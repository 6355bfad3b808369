"""Carbon: cases of each way that a workload draws power, the bounds of a mean, and what holds of every estate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.model import Estate, Server, Utilisation, Workload
from migration.assess import Terms, assess_estate
from migration.carbon import EstateCarbon, Range, Side, reckon
from migration.carbon.busy import busy_of
from migration.knowledge import Knowledge, load_knowledge
from migration.knowledge.carbon_model import CarbonFacts
from migration.knowledge.check import faults_of
from migration.model import Assessment, Disposition, Readiness, Target

FILES = sorted((Path(__file__).parents[2] / "cases/carbon").glob("*.toml"))
ON = date(2026, 11, 22)
NEAR = 1e-9
RELAXED = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load_knowledge()


def ends(held: Range) -> tuple[float, float]:
    return held.low.value, held.high.value


def reckoned(estate: Estate, terms: Terms, overhead: float | None = None) -> EstateCarbon:
    return reckon(assess_estate(estate, terms), estate, terms, overhead)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_each_case_draws_what_it_expects(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    made = assess_estate(case.estate, case.terms)
    assert [a.disposition.value for a in made if a.workload_id == case.workload.id] == [case.expected["disposition"]]
    (held,) = (w for w in reckon(made, case.estate, case.terms).workloads if w.workload_id == case.workload.id)
    overhead = (1.55, 1.59)
    for name, side, times in (("now", held.now, overhead), ("after", held.after, (1.12, 1.185))):
        expected = case.expected[name]
        assert [(d.subject, *ends(d.watts)) for d in side.draws] == [(s, pytest.approx(a), pytest.approx(b)) for s, a, b in expected]
        assert list(side.unknown) == case.expected[f"{name}_unknown"]
        there = overhead if case.expected["disposition"] == "retain" else times
        kwh = [sum(row[1 + n] for row in expected) * 8.76 * there[n] for n in (0, 1)]
        assert ends(side.energy_kwh) == pytest.approx(kwh)
        assert ends(side.carbon_kg) == pytest.approx((kwh[0] * 0.124, kwh[1] * 0.228))


def test_every_end_names_the_facts_that_make_it_and_each_has_a_page(read_case: Callable[[Path], Any], known: Knowledge) -> None:
    case = read_case(next(f for f in FILES if f.stem == "measured-machine"))
    (held,) = reckoned(case.estate, case.terms).workloads
    assert held.now.carbon_kg.low.because == ("carbon-brief-2024", "epyc-2", "hard-disk", "uptime-least")
    assert held.now.carbon_kg.high.because == ("cloud-carbon-footprint-uk", "ivy-bridge", "solid-state", "uptime-most")
    names = known.carbon.names()
    for side in (held.now, held.after):
        assert {b for e in (side.carbon_kg.low, side.carbon_kg.high) for b in e.because} <= set(names)
    assert all(name and source for name, source, _ in names.values())


def test_the_councils_own_overhead_takes_the_place_of_the_surveys(read_case: Callable[[Path], Any]) -> None:
    case = read_case(next(f for f in FILES if f.stem == "measured-power"))
    (held,) = reckoned(case.estate, case.terms, 2.0).workloads
    assert ends(held.now.energy_kwh) == pytest.approx((180 * 8.76 * 2, 180 * 8.76 * 2))
    assert "setting" in held.now.carbon_kg.low.because
    assert "setting" not in held.after.carbon_kg.low.because


def test_a_machine_that_runs_half_the_hours_draws_half(read_case: Callable[[Path], Any], known: Knowledge) -> None:
    case = read_case(next(f for f in FILES if f.stem == "measured-machine"))
    (made,) = assess_estate(case.estate, case.terms)
    (disk, machine) = (next(t for t in made.targets if t.kind == k) for k in ("managed-disk", "virtual-machine"))
    assert machine.price
    half = replace(machine, price=replace(machine.price, hours=365))
    whole, less = (
        reckon([replace(made, targets=(disk, m))], case.estate, case.terms).workloads[0].after.energy_kwh for m in (machine, half)
    )
    disks = 1.8 * 8.76 * 1.12
    assert less.low.value - disks == pytest.approx((whole.low.value - disks) / 2)


def test_a_shared_server_is_counted_once_and_with_the_workload_that_takes_it_along(known: Knowledge) -> None:
    server = Server("s", "s", cpu_cores=4, memory_gb=16, storage_gb=100)
    workloads = tuple(Workload(i, i, server_ids=("s",)) for i in ("a", "b", "c"))
    estate = Estate(servers=(server,), workloads=workloads)
    becomes = {"a": Disposition.RETIRE, "b": Disposition.RETAIN, "c": Disposition.REHOST}
    made = [Assessment(i, ON, Readiness.READY, d, "", ()) for i, d in becomes.items()]
    terms = Terms(ON, ON, "uksouth", 20, known)
    assert [len(w.now.draws) for w in reckon(made, estate, terms).workloads] == [0, 0, 2]
    held = reckon(made[:2], estate, terms)
    assert [len(w.now.draws) for w in held.workloads] == [0, 2]
    assert held.whole.now_kg == held.workloads[1].now.carbon_kg


def test_a_file_store_draws_on_any_kind_of_disk_and_one_of_nothing_known_is_not_known(known: Knowledge) -> None:
    estate = Estate(workloads=(Workload("w", "w", server_ids=()),))
    targets = (Target("share", "file-share", "", "uksouth", 1000, None, ""), Target("more", "file-share", "", "uksouth", 0, None, ""))
    made = Assessment("w", ON, Readiness.READY, Disposition.REHOST, "", (), targets)
    after = reckon([made], estate, Terms(ON, ON, "uksouth", 20, known)).workloads[0].after
    assert [ends(d.watts) for d in after.draws] == [pytest.approx((3 * 0.65, 3 * 1.2))]
    assert after.unknown == ("more: nobody has said how much it stores", "w: nobody has said which servers it runs on")


def month(*figures: float | None) -> Utilisation:
    p50, p95, p99, most = figures
    return Utilisation("s", ON, cpu_p50_percent=p50, cpu_p95_percent=p95, cpu_p99_percent=p99, cpu_max_percent=most)


@pytest.mark.parametrize(
    ("figures", "low", "high"),
    [
        ((10, 30, 50, 100), 6.2, 21.5),
        ((None, 30, None, None), 0.05 * 30, 0.95 * 30 + 5),
        ((10, None, None, None), 5, 55),
        ((None, None, None, 20), 0, 20),
        ((30, 10, None, None), 0.45 * 10 + 0.05 * 30, 5 + 0.45 * 30 + 5),
    ],
)
def test_the_mean_lies_between_the_sums_of_what_was_kept(figures: tuple[Any, ...], low: float, high: float) -> None:
    held = busy_of([month(*figures)])
    assert (held.low, held.high, held.is_measured) == (pytest.approx(low), pytest.approx(high), True)


@RELAXED
@given(samples=st.lists(st.floats(0, 100), min_size=100, max_size=300))
def test_the_true_mean_is_never_outside(samples: list[float]) -> None:
    ordered = sorted(samples)
    figures = [ordered[min(len(ordered) - 1, int(len(ordered) * q))] for q in (0.5, 0.95, 0.99)]
    held = busy_of([month(*figures, ordered[-1])])
    # A percentile of few samples is off by one sample at the most, at each of its three steps.
    slack = 3 * 100 / len(ordered)
    assert held.low - slack <= sum(ordered) / len(ordered) <= held.high + slack


def test_without_a_measurement_anything_from_nothing_to_all_is_possible() -> None:
    assert (busy_of([]).low, busy_of([month(None, None, None, None)]).high) == (0, 100)


percents = st.one_of(st.none(), st.floats(0, 100))
servers = st.builds(
    Server,
    st.just("s"),
    st.just("s"),
    kind=st.sampled_from(["virtual", "physical"]),
    cpu_cores=st.one_of(st.none(), st.integers(1, 64)),
    memory_gb=st.just(8),
    storage_gb=st.one_of(st.none(), st.floats(0, 10_000)),
    power_watts=st.one_of(st.none(), st.floats(1, 1000)),
)
estates = st.lists(st.tuples(servers, percents, percents), min_size=1, max_size=6)


def estate_of(rows: list[tuple[Server, float | None, float | None]], share: int = 2) -> Estate:
    """The rows as servers of workloads that have `share` each."""
    machines = tuple(replace(s, id=f"s{n}", name=f"s{n}") for n, (s, *_) in enumerate(rows))
    used = tuple(
        Utilisation(f"s{n}", date(2026, 10, 1), cpu_p50_percent=a, cpu_p95_percent=b, memory_p95_percent=50)
        for n, (_, a, b) in enumerate(rows)
        if a is not None or b is not None
    )
    groups = [machines[i : i + share] for i in range(0, len(machines), share)]
    workloads = tuple(Workload(f"w{n}", f"w{n}", server_ids=tuple(s.id for s in g)) for n, g in enumerate(groups))
    return Estate(servers=machines, utilisations=used, workloads=workloads)


def sides(held: EstateCarbon) -> list[Side]:
    return [s for w in held.workloads for s in (w.now, w.after)]


@RELAXED
@given(rows=estates)
def test_low_is_never_over_high_and_nothing_that_is_known_draws_nothing(rows: Any, known: Any) -> None:
    held = reckoned(estate_of(rows), Terms(ON, ON, "uksouth", 20, known))
    for side in sides(held):
        for what in (side.energy_kwh, side.carbon_kg, *(d.watts for d in side.draws)):
            assert 0 <= what.low.value <= what.high.value + NEAR
        assert side.unknown or side.draws
    assert held.comparable.workloads == sum(w.is_comparable for w in held.workloads)


@RELAXED
@given(rows=estates, more=estates)
def test_more_machines_never_give_off_less(rows: Any, more: Any, known: Any) -> None:
    terms = Terms(ON, ON, "uksouth", 20, known)
    few, many = (reckoned(estate_of(r), terms).whole for r in (rows, [*rows, *more]))
    for field in ("now_kwh", "now_kg", "after_kwh", "after_kg"):
        for a, b in zip(ends(getattr(few, field)), ends(getattr(many, field)), strict=True):
            assert a <= b + NEAR


@RELAXED
@given(rows=estates, chance=st.randoms())
def test_order_changes_nothing(rows: Any, chance: Random, known: Any) -> None:
    terms, estate = Terms(ON, ON, "uksouth", 20, known), estate_of(rows)
    made = list(assess_estate(estate, terms))
    chance.shuffle(made)
    mixed = replace(estate, servers=estate.servers[::-1], utilisations=estate.utilisations[::-1], workloads=estate.workloads[::-1])
    assert reckon(made, mixed, terms).whole == reckoned(estate, terms).whole


@RELAXED
@given(rows=estates, busier=st.floats(0, 50))
def test_more_use_never_draws_less(rows: Any, busier: float, known: Any) -> None:
    more = [(s, a and min(100.0, a + busier), b and min(100.0, b + busier)) for s, a, b in rows]
    terms = Terms(ON, ON, "uksouth", 20, known)
    for less, full in zip(reckoned(estate_of(rows), terms).workloads, reckoned(estate_of(more), terms).workloads, strict=True):
        assert less.now.carbon_kg.low.value <= full.now.carbon_kg.low.value + NEAR
        assert less.now.carbon_kg.high.value <= full.now.carbon_kg.high.value + NEAR


def wrong(known: Knowledge, **changed: Any) -> list[str]:
    return [f for f in faults_of(replace(known, carbon=replace(known.carbon, **changed))) if "carbon.toml" in f]


def test_a_figure_that_cannot_be_is_told_with_its_remedy(known: Knowledge) -> None:
    facts: CarbonFacts = known.carbon
    assert wrong(known) == []
    assert "no grid" in wrong(known, grids=())[0]
    assert "more than once" in wrong(known, grids=(*facts.grids, facts.grids[0]))[0]
    assert "above 0" in wrong(known, grids=(replace(facts.grids[0], kg_per_kwh=0),))[0]
    assert "1 or more" in wrong(known, overheads=(*facts.overheads, replace(facts.overheads[0], id="x", times=0.9)))[0]
    assert "no processor of cloud" in wrong(known, processors=facts.processors[:3])[0]
    assert "no more than full_watts" in wrong(known, processors=(*facts.processors, replace(facts.processors[0], id="x", idle_watts=99)))[0]
    assert "from 0 to" in wrong(known, processors=(*facts.processors, replace(facts.processors[0], id="x", server_idle_watts=999)))[0]
    assert "server_idle_watts" in wrong(known, processors=tuple(p for p in facts.processors if p.id.startswith(("epyc-3", "azure"))))[0]
    assert "watts_per_tb" in wrong(known, storage=(*facts.storage, replace(facts.storage[0], id="x", watts_per_tb=-1)))[0]
    assert "copies" in wrong(known, copies=replace(facts.copies, storage=0))[0]


def test_every_kind_of_storage_and_database_on_offer_can_be_reckoned(known: Knowledge) -> None:
    kinds = [("virtual-machine", known.series[0].sizes[0].name), *((t.kind, t.sizes[0][0]) for t in known.tiers)]
    kinds += [(f.kind, f.price_sku) for f in known.file_services]
    targets = tuple(Target(f"{n}", kind, sku, "uksouth", 100, None, "") for n, (kind, sku) in enumerate(kinds))
    made = Assessment("w", ON, Readiness.READY, Disposition.REHOST, "", (), targets)
    estate = Estate(workloads=(Workload("w", "w", server_ids=("s",)),), servers=(Server("s", "s", cpu_cores=1, storage_gb=1),))
    after = reckon([made], estate, Terms(ON, ON, "uksouth", 20, known)).workloads[0].after
    assert after.unknown == ()
    assert len(after.draws) == len(targets)
