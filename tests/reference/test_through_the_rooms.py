"""The reference estate through the other rooms: what each must make of Exampleborough, whatever else it learns."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from console.workspace import open_workspace
from inventory.model import Estate, Fault
from inventory.reference import folder
from migration.assess import assess_estate
from migration.knowledge.load import load_knowledge
from migration.model import Assessment, Disposition, Plan
from migration.plan import PlanTerms, make_plan
from migration.terms import Terms
from policies.register import read_register

ON = date(2026, 11, 22)
Read = tuple[Estate, tuple[Fault, ...]]


@pytest.fixture(scope="module")
def assessed(read: Read) -> Mapping[str, Assessment]:
    terms = Terms(ON, date(2027, 6, 30), "uksouth", 20.0, load_knowledge())
    return {a.workload_id: a for a in assess_estate(read[0], terms)}


@pytest.fixture(scope="module")
def plan(read: Read, assessed: Mapping[str, Assessment]) -> Plan:
    terms = PlanTerms(
        on=ON,
        region="uksouth",
        estate_digest="sha256:0",
        first_wave_starts=date(2027, 1, 11),
        wave_days=14,
        workloads_per_wave=10,
        servers_per_wave=40,
    )
    return make_plan(read[0], assessed, terms)


def test_the_settings_open_as_a_workspace(tmp_path: Path) -> None:
    place = tmp_path / ".unless"
    place.mkdir()
    shutil.copy(folder() / "unless.toml", place)
    held = open_workspace(place)
    assert held.settings.council.id == "exampleborough"
    assert held.on == ON
    assert held.exceptions == tmp_path / "exceptions.toml"


def test_the_register_of_exceptions_has_the_shape_that_policies_demand() -> None:
    entries = read_register(folder() / "exceptions.toml").entries
    assert len(entries) == 6
    assert all(entry.is_approved for entry in entries)
    assert [entry.id for entry in entries if not entry.in_force(ON)] == ["EX-2024-007"]


def test_every_workload_has_a_readiness_and_a_disposition(read: Read, assessed: Mapping[str, Assessment]) -> None:
    assert set(assessed) == {w.id for w in read[0].workloads}
    assert all(a.readiness and a.disposition_reason for a in assessed.values())


def test_only_what_has_an_exception_in_date_stays(assessed: Mapping[str, Assessment]) -> None:
    staying = {a.workload_id: a.exception_id for a in assessed.values() if a.disposition is Disposition.RETAIN}
    assert staying == {
        "building-management-system": "EX-2026-002",
        "cctv-recording": "EX-2026-001",
        "door-entry-and-concierge": "EX-2025-006",
        "health-and-care-information-sharing": "EX-2026-004",
        "traffic-signal-control": "EX-2025-003",
    }


@pytest.mark.parametrize("tied", ["telecare-alarm-receiving", "car-park-barriers", "weighbridge"])
def test_a_tie_without_an_exception_does_not_let_it_stay(tied: str, assessed: Mapping[str, Assessment]) -> None:
    assert assessed[tied].disposition is not Disposition.RETAIN
    assert assessed[tied].readiness != "ready"


def test_no_unclaimed_server_is_ready(read: Read, assessed: Mapping[str, Assessment]) -> None:
    unclaimed = [w.id for w in read[0].workloads if not w.is_registered]
    assert {str(assessed[i].readiness) for i in unclaimed} <= {"unknown", "not ready"}


def test_leaflets_are_ready_and_move_first(plan: Plan, assessed: Mapping[str, Assessment]) -> None:
    assert assessed["leaflets-and-publications"].readiness == "ready"
    assert "leaflets-and-publications" in plan.waves[0].workload_ids


def test_no_wave_stands_in_a_freeze_of_the_whole_council(read: Read, plan: Plan) -> None:
    assert len(plan.waves) >= 5
    closed = [f for f in read[0].freezes if not f.service and f.starts != f.ends]
    assert [(w.id, f.id) for w in plan.waves for f in closed if f.starts <= w.ends and w.starts <= f.ends] == []


def test_what_shares_a_database_server_moves_together(plan: Plan) -> None:
    together = {w: g.id for g in plan.groups for w in g.workload_ids}
    assert together["revenues-and-benefits"] == together["council-tax"] == together["business-rates"]
    assert together["gis"] == together["local-land-and-property-gazetteer"]
    assert max(len(g.workload_ids) for g in plan.groups) <= 5
