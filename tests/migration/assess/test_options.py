"""The seven dispositions: all weighed, the chosen one is the decided one, and each says the fact by which it won or lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inventory.model import CostedOption, Database, Estate, ExceptionEntry, Server, Workload
from migration.assess import Terms, assess
from migration.disposition import decide
from migration.model import Disposition
from migration.options import options_of
from migration.shared_services import candidates_for

FILES = sorted((Path(__file__).parents[2] / "cases").glob("sizing-whole/*.toml"))
SERVER = Server("s", "s", cpu_cores=4, memory_gb=16)
WORKLOAD = Workload("w", "Zebra", server_ids=("s",))
ENTRY = ExceptionEntry(
    "EX-1",
    ("w",),
    ("workload-goes-to-the-cloud",),
    "So.",
    "Head of Zebras",
    "Chief Information Officer",
    date(2026, 1, 1),
    date(2028, 1, 1),
    (CostedOption("Stay", 100), CostedOption("Move", 200)),
)


def told(workload: Workload, terms: Terms, **parts: Any) -> dict[str, str]:
    held: dict[str, Any] = {"servers": (SERVER,), "workloads": (workload,), **parts}
    estate = Estate(**held)
    return {o.disposition.value: o.reason for o in options_of(workload, decide(workload, estate, terms), estate, terms)}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_all_seven_are_weighed_and_the_decided_one_is_chosen(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    made = assess(case.workload, case.estate, case.terms)
    assert [o.disposition for o in made.options] == list(Disposition)
    assert [o.disposition for o in made.options if o.is_chosen] == [made.disposition]
    for option in made.options:
        assert option.reason.startswith("Won: " if option.is_chosen else "Lost: ")
        assert option.reason.endswith(".")
    assert made.disposition_reason in next(o.reason for o in made.options if o.is_chosen)


def test_the_order_is_that_of_cloud_unless() -> None:
    assert [d.value for d in Disposition] == ["retire", "repurchase", "replatform", "rehost", "relocate", "refactor", "retain"]


@pytest.mark.parametrize(
    ("database", "says"),
    [
        (None, "no database that a platform could take over"),
        (Database("d", "d", "s", "w", "Informix", "12"), "No managed service is known to run Informix."),
        (Database("d", "d", "s", "w"), "No managed service is known to run an engine that nobody has named."),
        (
            Database("d", "d", "s", "w", "SQL Server", "2019", size_gb=99_999_999),
            "d has 1e+08 GB, and Azure SQL Managed Instance holds 16384 GB.",
        ),
        (Database("d", "d", "s", "w", "SQL Server", "2019", size_gb=10), "no servers of their own"),
    ],
)
def test_replatform_loses_by_the_fact_that_decides(database: Database | None, says: str, terms: Terms) -> None:
    assert says in told(WORKLOAD, terms, databases=(database,) if database else ())["replatform"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, "names no service"),
        ({"saas_product": "Stripes", "intent": "Keep"}, "Stripes could do its work, but the register means to keep"),
        ({"name": "Payroll", "intent": "Keep"}, "Councils buy hr-and-payroll as a service, but the register names none"),
    ],
)
def test_repurchase_loses_by_the_fact_that_decides(changed: dict[str, Any], says: str, terms: Terms) -> None:
    assert says in told(replace(WORKLOAD, **changed), terms)["repurchase"]


def test_relocate_is_weighed(terms: Terms) -> None:
    assert "Azure VMware Solution begins at 3 dedicated hosts" in told(WORKLOAD, terms)["relocate"]
    assert "s is a physical machine" in told(WORKLOAD, terms, servers=(replace(SERVER, kind="physical"),))["relocate"]
    assert "no machine to relocate" in told(WORKLOAD, terms, servers=())["relocate"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"expires_on": date(2026, 1, 2)}, "Exception EX-1 does not count: it expired on 2026-01-02."),
        ({"approver": ""}, "it was never approved."),
        ({"approver": "head of zebras"}, "it was approved by its own requester."),
        ({"options": (CostedOption("Stay", 1), CostedOption("Move"))}, "it does not give at least two options with what each costs"),
        ({"approved_on": date(2027, 1, 1)}, "it begins only on 2027-01-01."),
    ],
)
def test_retain_and_refactor_lose_by_what_their_exception_lacks(changed: dict[str, Any], says: str, terms: Terms) -> None:
    entry = replace(ENTRY, controls=("workload-goes-to-the-cloud", "workload-is-bought-off-the-shelf"), **changed)
    reasons = told(replace(WORKLOAD, intent="Rebuild"), terms, exceptions=(entry,))
    assert says in reasons["retain"]
    assert says in reasons["refactor"]


def test_what_stays_by_an_exception_says_so_and_the_others_lost_to_it(terms: Terms) -> None:
    reasons = told(WORKLOAD, terms, exceptions=(ENTRY,))
    assert reasons["retain"].startswith("Won: It stays under exception EX-1")
    assert reasons["rehost"].startswith("Lost: retain was decided: It stays under exception EX-1")


NEIGHBOUR = Workload("n", "Payroll", council="Neighbourshire", licence="SaaS, per user")
OURS = Workload("w", "Payroll", council="Exampleborough", server_ids=("s",))


def test_what_another_council_has_is_a_candidate_to_share(terms: Terms) -> None:
    estate = Estate(servers=(SERVER,), workloads=(NEIGHBOUR, OURS))
    (found,) = candidates_for(OURS, estate, terms)
    assert found.sentence == "Neighbourshire has n, also hr-and-payroll, which is a service already (its licence says 'SaaS, per user')."
    assert f"Reuse first: {found.sentence}" in told(OURS, terms, workloads=(NEIGHBOUR, OURS))["repurchase"]
    assert candidates_for(NEIGHBOUR, estate, terms) == ()


@pytest.mark.parametrize(
    "other",
    [
        replace(NEIGHBOUR, council="EXAMPLEBOROUGH"),
        replace(NEIGHBOUR, council=""),
        replace(NEIGHBOUR, licence="perpetual"),
        replace(NEIGHBOUR, name="Zebra"),
    ],
)
def test_the_same_council_nobody_and_what_is_not_worth_sharing_are_none(other: Workload, terms: Terms) -> None:
    assert candidates_for(OURS, Estate(workloads=(other, OURS)), terms) == ()


def test_the_same_product_that_is_kept_is_a_candidate(terms: Terms) -> None:
    other = replace(NEIGHBOUR, name="Wages", product="Stripes 9", licence="", intent="Invest")
    (found,) = candidates_for(replace(OURS, product="stripes 9"), Estate(workloads=(other, OURS)), terms)
    assert (found.alike, found.worth) == ("the same product (stripes 9)", "it means to keep (its intent says 'Invest')")
