from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.model import Database, Estate, Server, Utilisation, Workload
from migration.assess import Terms, assess
from migration.knowledge import Knowledge, load_knowledge
from migration.knowledge.check import faults_of
from migration.platforms.sizes import Demand, choices, chosen
from stacks.request import Database as Asked

KINDS = ("sql-managed-instance", "sql-database", "postgresql", "mysql")
RELAXED = settings(max_examples=80, deadline=None)
demands = st.builds(Demand, st.floats(0, 100), st.floats(0, 700), st.floats(0, 17_000), st.floats(0, 350_000))
extras = st.builds(Demand, st.floats(0, 20), st.floats(0, 100), st.floats(0, 3_000), st.floats(0, 50_000))


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load_knowledge()


@RELAXED
@given(kind=st.sampled_from(KINDS), demand=demands, extra=extras)
def test_more_demand_never_gives_a_smaller_size_nor_less_storage(kind: str, demand: Demand, extra: Demand, known: Any) -> None:
    more = Demand(
        demand.vcpus + extra.vcpus,
        demand.memory_gib + extra.memory_gib,
        demand.storage_gb + extra.storage_gb,
        demand.iops + extra.iops,
    )
    small, large = chosen(kind, demand, known), chosen(kind, more, known)
    if large is not None:
        assert small is not None
        assert (small.size.vcores, small.size.memory_gib) <= (large.size.vcores, large.size.memory_gib)
    mine = {c.size.sku: c.storage_gb for c in choices(kind, demand, known)}
    assert all(mine[c.size.sku] <= c.storage_gb for c in choices(kind, more, known))


@RELAXED
@given(kind=st.sampled_from(KINDS), demand=demands)
def test_the_choice_covers_every_part_of_the_demand_and_none_that_does_is_smaller(kind: str, demand: Demand, known: Any) -> None:
    choice, fitting = chosen(kind, demand, known), choices(kind, demand, known)
    for c in fitting:
        assert c.size.vcores >= demand.vcpus
        assert c.size.memory_gib >= demand.memory_gib
        assert demand.storage_gb <= c.storage_gb <= c.size.most_gb
        assert demand.iops <= max(c.size.most_iops, max((i for gb, i in c.tier.iops_from_gb if gb <= c.storage_gb), default=0))
    if choice is not None:
        smaller = [c for c in fitting if c.tier.choose and c.size.vcores < choice.size.vcores]
        assert not smaller


def test_every_size_that_may_be_chosen_is_one_that_a_request_may_ask_for(known: Knowledge) -> None:
    asked = [(t.kind, s.sku) for t in known.tiers if t.choose for s in t.offers]
    assert len(asked) == 77
    for kind, sku in asked:
        assert Asked.model_validate({"id": "it", "kind": kind, "sku": sku}).sku == sku


def test_order_of_databases_and_servers_changes_nothing(known: Knowledge) -> None:
    servers = [Server(f"s{n}", f"s{n}", cpu_cores=4, memory_gb=16) for n in range(4)]
    used = [Utilisation(s.id, date(2026, 10, 1), 30, 40) for s in servers]
    databases = [Database(f"d{n}", f"d{n}", f"s{n % 3}", "w", "SQL Server", "2022", "", 10 * n) for n in range(7)]
    workload = Workload("w", "w", server_ids=tuple(s.id for s in servers))
    terms = Terms(date(2026, 11, 22), date(2027, 6, 30), "uksouth", 20, known)
    wanted = assess(workload, Estate(servers=tuple(servers), utilisations=tuple(used), databases=tuple(databases)), terms).targets
    for seed in range(5):
        shuffle = random.Random(seed).shuffle  # noqa: S311
        for rows in (servers, used, databases):
            shuffle(rows)
        estate = Estate(servers=tuple(servers), utilisations=tuple(used), databases=tuple(databases))
        assert assess(workload, estate, terms).targets == wanted


def test_wrong_rows_of_the_catalogue_are_told_all_at_once(known: Knowledge) -> None:
    service, tier = known.platforms["mysql"], known.tiers[0]
    broken = (
        replace(tier, kind="mysql", sizes=(("A", 0, 1.0, 1, 0),), iops_from_gb=()),
        replace(tier, kind="oracle", iops_from_gb=((2, 1), (1, 2))),
    )
    wrong = replace(known, platforms={"mysql": replace(service, least_gb=0, instead_of="oracle")}, tiers=broken)
    told = " ".join(faults_of(wrong))
    for said in (
        "no service sql-managed-instance",
        "least_gb and step_gb",
        "names oracle",
        "A has no vCores",
        "how many I/Os",
        "must rise",
    ):
        assert said in told
    assert "no service of that kind" in told
    assert "iops_from_gb must rise" in told
