"""Disks of machines: cases by size, I/Os and throughput, and what holds of every need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.model import Environment, Workload
from migration.assess import Terms, assess
from migration.disks import DiskNeed, choices, disk_target, does
from migration.knowledge import Knowledge, load_knowledge
from migration.knowledge.check import faults_of
from migration.model import Price
from migration.price_book import overlaid
from migration.sizing import Need, candidates, covers, size_for

FILES = sorted((Path(__file__).parents[2] / "cases/disks").glob("*.toml"))
ON = date(2026, 11, 22)
RELAXED = settings(max_examples=150, deadline=None)
measured = st.one_of(st.none(), st.floats(0, 25_000))
throughput = st.one_of(st.none(), st.floats(0, 1_200))
needs = st.builds(DiskNeed, st.floats(0.1, 100_000), measured, throughput)


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load_knowledge()


def terms_of(known: Knowledge) -> Terms:
    return Terms(ON, date(2027, 6, 30), "uksouth", 20, known)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_each_machine_gets_the_disks_that_its_case_expects(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    made, expected = assess(case.workload, case.estate, case.terms), case.expected
    (machine,) = (t for t in made.targets if t.kind == "virtual-machine")
    assert machine.sku == expected["machine"]
    disks = [t for t in made.targets if t.kind == "managed-disk"]
    if "sku" not in expected:
        assert (disks, machine.storage_gb) == ([], 0)
        return
    (disk,) = disks
    assert (disk.sku, disk.storage_gb, machine.storage_gb) == (expected["sku"], expected["storage_gb"], expected["storage_gb"])
    assert expected["says"] in disk.reason
    assert [a.sku for a in disk.alternatives] == expected["beside"]
    assert all(a.gives_up.endswith(".") for a in disk.alternatives)
    assert f"pay-1: managed-disk {disk.sku}".strip() in made.unpriced


def test_a_machine_that_is_larger_for_its_disks_says_so(read_case: Callable[[Path], Any]) -> None:
    case = read_case(next(f for f in FILES if f.stem == "production-by-its-throughput"))
    made = assess(case.workload, case.estate, case.terms)
    said = "Standard_D2s_v5 would do but for its disks: it can use 3,750 I/Os and 85 MB a second of them, and 60 I/Os and 100.8 MB a second"
    assert [said in t.reason for t in made.targets if t.kind == "virtual-machine"] == [True]
    assert [said in f.reason for f in made.findings if f.assessor == "right-size"] == [True]


def test_disks_have_the_price_of_their_name_for_as_many_as_there_are(known: Knowledge) -> None:
    listed = (("premium-ssd-p80", 250_000), ("standard-ssd-e80", 100_000))
    priced = overlaid(known, [Price(sku, "uksouth", pence, ON, "a list") for sku, pence in listed])
    workload = Workload("w", "w", environment=Environment.PRODUCTION)
    disk = disk_target("s", DiskNeed(40_000), workload, terms_of(priced))
    assert disk
    assert disk.price
    assert disk.price.monthly_pence == 500_000
    assert [a.price and a.price.monthly_pence for a in disk.alternatives] == [200_000, None]


def test_disks_count_in_the_cost_of_the_workload(read_case: Callable[[Path], Any], known: Knowledge) -> None:
    case = read_case(next(f for f in FILES if f.stem == "production-by-its-size"))
    priced = overlaid(known, [Price("premium-ssd-p10", "uksouth", 1_500, ON, "a list")])
    made = assess(case.workload, case.estate, replace(case.terms, knowledge=priced))
    assert made.monthly_pence == sum(t.price.monthly_pence for t in made.targets if t.price)
    assert 1_500 in [t.price.monthly_pence for t in made.targets if t.price]


@pytest.mark.parametrize("environment", list(Environment))
def test_only_what_is_known_to_be_no_production_has_standard_disks(environment: Environment, known: Knowledge) -> None:
    disk = disk_target("s", DiskNeed(100), Workload("w", "w", environment=environment), terms_of(known))
    assert disk
    assert disk.sku.startswith("standard-ssd") is (environment in (Environment.TEST, Environment.DEVELOPMENT))


@RELAXED
@given(need=needs, production=st.booleans())
def test_a_disk_is_never_less_than_the_need_and_none_that_covers_it_is_smaller(need: DiskNeed, production: bool, known: Any) -> None:
    held = choices(need, known.disks, production=production)
    for c in held:
        assert c.count * c.size.gib >= c.storage_gb >= need.gb
        assert c.size.iops >= (need.iops or 0)
        assert c.size.mbps >= (need.mbps or 0)
        assert c.tier.production or not production
    assert [c.count * c.size.gib for c in held] == sorted(c.count * c.size.gib for c in held)


@RELAXED
@given(need=needs, more=st.tuples(st.floats(0, 5_000), st.floats(0, 2_000), st.floats(0, 100)), production=st.booleans())
def test_more_need_never_gives_a_smaller_disk(need: DiskNeed, more: tuple[float, float, float], production: bool, known: Any) -> None:
    larger = DiskNeed(need.gb + more[0], (need.iops or 0) + more[1], (need.mbps or 0) + more[2])
    small, large = (next(iter(choices(n, known.disks, production=production)), None) for n in (need, larger))
    if large:
        assert small
        assert small.count * small.size.gib <= large.count * large.size.gib


@RELAXED
@given(headroom=st.floats(0, 200), more=st.floats(0, 100), iops=st.floats(0, 60_000), mbps=st.floats(0, 2_000))
def test_more_headroom_never_gives_a_smaller_machine_nor_one_below_what_its_disks_need(
    headroom: float, more: float, iops: float, mbps: float, known: Any
) -> None:
    terms = terms_of(known)
    times = [1 + h / 100 for h in (headroom, headroom + more)]
    small, large = (size_for(Need(2 * t, 8 * t, True, True, (), iops * t, mbps * t), terms) for t in times)
    if large:
        assert small
        assert (small.vcpus, small.memory_gib) <= (large.vcpus, large.memory_gib)
        assert large.most_iops >= iops * times[1]
        assert large.most_mbps >= mbps * times[1]


def test_what_nobody_measured_leaves_no_machine_out(known: Knowledge) -> None:
    need = Need(1, 4, True, True, ())
    assert all(covers(s, need) for s in candidates(known, date(2032, 1, 1), "uksouth") if s.baseline_percent == 100 and s.memory_gib >= 4)


@pytest.mark.parametrize(
    ("need", "is_enough"),
    [
        (DiskNeed(6, 3_000, 750), True),
        (DiskNeed(6, 3_001), False),
        (DiskNeed(10, 5_000, 1_200), True),
        (DiskNeed(65_536, 80_000, 1_200), True),
        (DiskNeed(65_537), False),
        (DiskNeed(200, 80_001), False),
        (DiskNeed(200, 100, 1_201), False),
    ],
)
def test_a_disk_whose_parts_are_bought_apart_gives_what_the_page_says(need: DiskNeed, is_enough: bool, known: Knowledge) -> None:
    assert does(known.disks.flexible, need) is is_enough


def wrong(known: Knowledge, **changed: Any) -> str:
    return "\n".join(f for f in faults_of(replace(known, disks=replace(known.disks, **changed))) if "disks.toml" in f)


def test_a_table_that_cannot_be_is_told_with_its_remedy(known: Knowledge) -> None:
    standard, premium = known.disks.tiers
    assert wrong(known) == ""
    assert "no tier for production" in wrong(known, tiers=(standard,))
    assert "none hold or give less" in wrong(known, tiers=(standard, replace(premium, sizes=premium.sizes[::-1])))
    assert "begin above 0" in wrong(known, tiers=(standard, replace(premium, sizes=(("P0", 0, 1, 1),))))
    assert "price_sku must have {n}" in wrong(known, tiers=(standard, replace(premium, price_sku="p")))
    strange = replace(known.disks.machines[0], sizes=(("Standard_X1", 1, 1),))
    assert "machine Standard_X1, which sizes.toml does not have" in wrong(known, machines=(strange,))
    bare = replace(known, series=tuple(replace(s, sizes=tuple(replace(z, most_iops=0) for z in s.sizes)) for s in known.series))
    assert any("what machine Standard_D2s_v5 can use" in f for f in faults_of(bare))
