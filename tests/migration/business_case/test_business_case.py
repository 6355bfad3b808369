"""The business case: cases by file, faults of the council's file, and what holds of every case."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st

from inventory.importing import estate_from_files
from inventory.model import CostLine, Estate, Workload
from inventory.reference import files
from migration.business_case import Choice, Kind, build, payback_months, present_pence, read_case, saving_by_month
from migration.business_case.case_file import CaseFile
from migration.business_case.flow import left, parts
from migration.business_case.sensitivity import net_saving_pence, simulate, tornado
from migration.errors import MigrationError
from migration.model import Plan
from tests.migration.business_case.conftest import Given, assessment_of, wave_of

CASES = Path(__file__).parents[2] / "cases"
PENCE = st.integers(-(10**9), 10**9)
CASE = """
format = "cloud-unless/business-case/1"
starts = 2027-04-01
years = 5
[[assumption]]
key = "day-rate-pounds"
value = 400
low = 300
high = 700
source = "the council"
[[assumption]]
key = "cloud-change-percent"
value = 0
low = -10
high = 20
source = "the council"
"""
WORKLOAD = {"id": "rates", "starts": date(2027, 6, 7), "ends": date(2027, 6, 18), "cloud_pence": 12345, "effort_days": 10}


@pytest.mark.parametrize("path", sorted((CASES / "business-case").glob("*.toml")), ids=lambda p: p.stem)
def test_each_case_comes_out_as_its_file_says(path: Path, given_file: Callable[[Path], Given]) -> None:
    held = given_file(path)
    made = build(held.estate, held.plan, held.case)
    assert {w.choice.value: list(w.years) for w in made.ways} == {c: held.expect[c] for c in ("stay", "minimum", "plan")}
    assert made.way(Choice.PLAN).is_at_least is held.expect["at_least"]
    for part in held.expect["missing"]:
        assert any(part in sentence for sentence in made.missing), part
    if "outside" in held.expect:
        assert dict(made.outside_pence) == held.expect["outside"]
    if "reasons" in held.expect:
        assert dict(made.way(Choice.MINIMUM).reasons) == held.expect["reasons"]
    if "payback_months" in held.expect:
        saving = saving_by_month(made.way(Choice.STAY).months, made.way(Choice.PLAN).months)
        assert payback_months(saving) == held.expect["payback_months"]


@pytest.mark.parametrize("path", sorted((CASES / "business-case-refused").glob("*.toml")), ids=lambda p: p.stem)
def test_every_fault_of_the_file_is_told_at_once(path: Path, tmp_path: Path) -> None:
    held = tomllib.loads(path.read_text("utf-8"))
    (tmp_path / "case.toml").write_text(held["text"], "utf-8")
    estate = Estate(workloads=(Workload("rates", "Rates"),))
    with pytest.raises(MigrationError) as told:
        read_case(tmp_path / "case.toml", "case.toml", estate)
    assert list(told.value.faults) == held["faults"]


def test_the_reference_estate_reconciles_to_the_penny() -> None:
    estate, _ = estate_from_files(list(files()), date(2026, 11, 22))
    case = CaseFile(format="cloud-unless/business-case/1", starts=date(2026, 4, 1), years=5)
    made = build(estate, Plan(date(2026, 11, 22), "", {}, (), (), {}), case)
    stay = made.way(Choice.STAY)
    assert len(stay.lines) == len(estate.cost_lines) == 19
    for line, cost in zip(stay.lines, estate.cost_lines, strict=True):
        assert line.total + made.outside_pence[cost.id] == cost.amount_pence * (5 if cost.kind == "revenue" else 1), cost.name
    assert sum(stay.years_of(Kind.CAPITAL)) == 641_300_000
    assert set(stay.years_of(Kind.REVENUE)) == {sum(c.amount_pence for c in estate.cost_lines if c.kind == "revenue")}


def test_every_total_is_the_sum_of_its_parts(given: Callable[[dict[str, object]], Given]) -> None:
    held = given({"case": CASE, "workload": [WORKLOAD, WORKLOAD | {"id": "rents"}]})
    way = build(held.estate, held.plan, held.case).way(Choice.PLAN)
    assert way.total == sum(way.years) == sum(way.months) == sum(way.by_workload().values()) == sum(way.by_service().values()) > 0


def test_a_swing_is_what_the_case_is_at_its_ends(given: Callable[[dict[str, object]], Given]) -> None:
    held = given({"case": CASE, "workload": [WORKLOAD]})
    first, second = tornado(held.estate, held.plan, held.case)
    assert first.width > second.width
    by_key = {s.key.value: s for s in (first, second)}
    assert by_key["day-rate-pounds"].low_pence - by_key["day-rate-pounds"].high_pence == 10 * 400 * 100


def test_the_simulation_is_repeatable_and_converges(given: Callable[[dict[str, object]], Given]) -> None:
    held = given({"case": CASE, "workload": [WORKLOAD]})
    small, again = (simulate(held.estate, held.plan, held.case, 400, 7) for _ in range(2))
    other = simulate(held.estate, held.plan, held.case, 400, 8)
    assert small == again != other
    assert small
    assert other
    assert small.p10_pence < small.p50_pence < small.p90_pence
    assert abs(small.p50_pence - other.p50_pence) < (small.p90_pence - small.p10_pence) / 5


def test_nothing_is_drawn_where_nothing_has_a_range(given: Callable[[dict[str, object]], Given]) -> None:
    held = given({"case": CASE.split("[[", maxsplit=1)[0], "workload": [WORKLOAD]})
    assert simulate(held.estate, held.plan, held.case, 10, 1) is None
    assert tornado(held.estate, held.plan, held.case) == ()


@holds_for(st.lists(PENCE, max_size=10))
def test_at_no_discount_the_present_value_is_the_plain_sum(years: list[int]) -> None:
    assert present_pence(years, Decimal(0)) == sum(years)


@holds_for(st.integers(0, 10**12), st.integers(1, 120))
def test_parts_add_up_and_differ_by_a_penny_at_most(pence: int, count: int) -> None:
    held = parts(pence, count)
    assert sum(held) == pence
    assert max(held) - min(held) <= 1


@holds_for(st.lists(st.integers(0, 10**7), min_size=12, max_size=12), st.integers(0, 100), st.integers(-3, 15))
def test_avoiding_never_costs_and_never_takes_more_than_there_is(months: list[int], percent: int, ends: int) -> None:
    held = left(tuple(months), Decimal(percent), ends)
    assert all(0 <= after <= before for after, before in zip(held, months, strict=True))
    assert held[: max(0, ends)] == tuple(months[: max(0, ends)])


@holds_for(st.lists(PENCE, min_size=1, max_size=60))
def test_payback_is_the_month_after_the_last_debt(saving: list[int]) -> None:
    found = payback_months(saving)
    totals = [sum(saving[: n + 1]) for n in range(len(saving))]
    if found is None:
        assert totals[-1] < 0
    else:
        assert all(t >= 0 for t in totals[max(0, found - 1) :])
        assert found == 0 or totals[found - 2] < 0


@holds_for(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_higher_cost_never_improves_the_saving(pence: int, more: int) -> None:
    row = WORKLOAD | {"cloud_pence": pence}
    estate = Estate(workloads=(Workload("rates", "Rates"),), cost_lines=(CostLine("hall", "Hall", "revenue", 10**6, year="2027-28"),))
    case = CaseFile(format="cloud-unless/business-case/1", starts=date(2027, 4, 1), years=5)
    plan = Plan(date(2026, 11, 22), "", {"rates": assessment_of(row)}, (), (wave_of(1, row),), {})
    dearer = replace(plan, assessments={"rates": assessment_of(row | {"cloud_pence": pence + more})})
    assert net_saving_pence(build(estate, dearer, case)) <= net_saving_pence(build(estate, plan, case))
