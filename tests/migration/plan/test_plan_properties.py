from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.model import Dependency, Environment, Estate, Freeze, Server, Strength, Workload
from migration.calendar import applicable
from migration.model import Assessment, Disposition, Readiness
from migration.plan import PlanTerms, dump_plan, make_plan

ON = date(2026, 11, 22)
IDS = [f"w{n}" for n in range(12)]
SERVICES = ["", "Elections", "Housing", "housing ", "Revenues & Benefits"]


def _one_of(names: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(names)


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[Estate, dict[str, Assessment], PlanTerms]:
    ids = draw(st.lists(_one_of(IDS), unique=True, max_size=12))
    workloads = tuple(
        Workload(
            i,
            i.upper(),
            service=draw(_one_of(SERVICES)),
            environment=draw(st.sampled_from(Environment)),
            criticality=draw(_one_of(["", "low", "medium", "High", "critical"])),
            server_ids=tuple(draw(st.lists(_one_of([f"s{n}" for n in range(15)]), unique=True, max_size=4))),
        )
        for i in ids
    )
    links = draw(st.lists(st.tuples(_one_of(IDS), _one_of(IDS), st.sampled_from(Strength)), max_size=12))
    days = draw(st.lists(st.tuples(st.integers(0, 200), st.integers(-3, 60), _one_of(SERVICES)), max_size=6))
    starts = ON + timedelta(days=30)
    freezes = tuple(
        Freeze(f"f{n}", f"F{n}", starts + timedelta(days=a), starts + timedelta(days=a + b), s) for n, (a, b, s) in enumerate(days)
    )
    assessments = {
        i: Assessment(i, ON, draw(st.sampled_from(Readiness)), draw(st.sampled_from(Disposition)), "So.", ())
        for i in ids
        if draw(st.integers(0, 9))
    }
    terms = PlanTerms(
        ON,
        "uksouth",
        first_wave_starts=draw(st.sampled_from([None, starts])),
        wave_days=draw(st.integers(1, 30)),
        workloads_per_wave=draw(st.integers(1, 5)),
        servers_per_wave=draw(st.integers(1, 8)),
    )
    estate = Estate(
        servers=tuple(Server(f"s{n}", f"S{n}") for n in range(15)),
        workloads=workloads,
        dependencies=tuple(Dependency(a, b, strength=s) for a, b, s in links),
        freezes=freezes,
    )
    return estate, assessments, terms


@given(_worlds())
@settings(max_examples=120, deadline=None)
def test_every_plan_keeps_the_rules(world: tuple[Estate, dict[str, Assessment], PlanTerms]) -> None:
    estate, assessments, terms = world
    plan = make_plan(estate, assessments, terms)
    planned = [w for wave in plan.waves for w in wave.workload_ids]
    assert sorted([*planned, *plan.unplanned]) == sorted(w.id for w in estate.workloads), "each exactly once, planned or not"
    group = {g.id: g for g in plan.groups}
    last_end = terms.first - timedelta(days=1)
    for wave in plan.waves:
        assert wave.starts > last_end
        last_end = wave.ends
        assert (wave.ends - wave.starts).days + 1 == terms.wave_days
        assert 0 < len(wave.workload_ids) <= terms.workloads_per_wave
        assert len(wave.server_ids) <= terms.servers_per_wave
        assert sorted(w for g in wave.group_ids for w in group[g].workload_ids) == sorted(wave.workload_ids), "groups stay whole"
        assert len(set(wave.server_ids)) == len(wave.server_ids)
        for freeze in applicable(estate.freezes, {estate.workload_by_id[w].service for w in wave.workload_ids}):
            first, last = sorted((freeze.starts, freeze.ends))
            assert wave.ends < first or last < wave.starts, "no day of a wave is frozen for a member"
    for w in planned:
        assert assessments[w].readiness in (Readiness.READY, Readiness.CONDITIONS)


@given(_worlds(), st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_changes_nothing(world: tuple[Estate, dict[str, Assessment], PlanTerms], seed: int) -> None:
    estate, assessments, terms = world
    shuffled = random.Random(seed)  # noqa: S311 - an order, not a secret

    def mixed(rows: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(shuffled.sample(rows, len(rows)))

    other = Estate(
        mixed(estate.servers), workloads=mixed(estate.workloads), dependencies=mixed(estate.dependencies), freezes=mixed(estate.freezes)
    )
    again = make_plan(other, dict(mixed(tuple(assessments.items()))), terms)
    assert dump_plan(again, other) == dump_plan(make_plan(estate, assessments, terms), estate)


@given(_worlds())
@settings(max_examples=50, deadline=None)
def test_strong_ties_and_shared_servers_between_movers_are_never_torn(world: tuple[Estate, dict[str, Assessment], PlanTerms]) -> None:
    estate, assessments, terms = world
    plan = make_plan(estate, assessments, terms)
    group_of = {w: g.id for g in plan.groups for w in g.workload_ids}
    for d in estate.dependencies:
        if d.strength is Strength.STRONG and d.from_id in group_of and d.to_id in group_of:
            assert group_of[d.from_id] == group_of[d.to_id]
    for a in estate.workloads:
        for b in estate.workloads:
            if set(a.server_ids) & set(b.server_ids) and a.id in group_of and b.id in group_of:
                assert group_of[a.id] == group_of[b.id]
