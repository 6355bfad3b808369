from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from inventory.importing import estate_from_files
from inventory.model import Estate, Utilisation
from migration.assess import Terms, assess_estate
from migration.knowledge import Knowledge
from migration.knowledge.recognise import Support, operating_system, support
from migration.model import Assessment, Disposition, Effect, Readiness

ROOT = Path(__file__).parents[3]
WORKBOOK = ROOT / "../shared/data/estates/SizingWorkshop-RVTools.xlsx"
REFERENCE = ROOT / "inventory/reference/estate"


@pytest.fixture(scope="module")
def workbook() -> Estate:
    if not WORKBOOK.is_file():
        pytest.skip(f"{WORKBOOK.name} is not at hand")
    return estate_from_files([WORKBOOK], date(2026, 11, 22))[0]


@pytest.fixture(scope="module")
def reference() -> Estate:
    return estate_from_files([REFERENCE], date(2026, 11, 22))[0]


def _assessed(estate: Estate, knowledge: Knowledge) -> tuple[Assessment, ...]:
    return assess_estate(estate, Terms(date(2026, 11, 22), date(2027, 6, 30), "uksouth", 20, knowledge))


def test_every_one_of_the_805_servers_has_a_readiness_and_none_is_ready_unsupported(workbook: Estate, knowledge: Knowledge) -> None:
    made = _assessed(workbook, knowledge)
    assert len(workbook.servers) == 805
    by_server = {t.subject for a in made for t in a.targets if t.subject in workbook.server_by_id}
    assert by_server == set(workbook.server_by_id)
    for a in made:
        systems = [s.operating_system for s in workbook.servers_of(workbook.workload_by_id[a.workload_id])]
        held = [support(operating_system(s, knowledge), date(2027, 6, 30), 365).support for s in systems]
        if any(h in (Support.ENDED, Support.EXTENDED, Support.UNKNOWN) for h in held):
            assert a.readiness is not Readiness.READY


def test_no_server_of_the_workbook_has_a_size_for_nobody_measured_any(workbook: Estate, knowledge: Knowledge) -> None:
    machines = [t for a in _assessed(workbook, knowledge) for t in a.targets if t.kind == "virtual-machine"]
    assert len(machines) > 500
    assert {(t.sku, t.price) for t in machines} == {("", None)}
    sizes = {s.name: (s, series) for series in knowledge.series for s in series.sizes}
    for target in machines:
        server = workbook.server_by_id[target.subject]
        for other in target.alternatives:
            size, series = sizes[other.sku]
            assert (series.role, size.baseline_percent) == ("candidate", 100)
            assert size.vcpus >= (server.cpu_cores or 0)
            assert size.memory_gib >= (server.memory_gb or 0)


def test_measured_servers_of_the_workbook_get_no_less_than_they_need_and_nothing_that_retires(
    workbook: Estate, knowledge: Knowledge
) -> None:
    """Every second server measured, from one seed: no size under the need, none retiring within five years, none for the others."""
    percents = np.random.default_rng(20261125).uniform(1, 100, (len(workbook.servers), 2))
    measured = {s.id: (float(cpu), float(ram)) for s, (cpu, ram) in list(zip(workbook.servers, percents, strict=True))[::2]}
    held = tuple(Utilisation(i, date(2026, 10, 1), cpu, ram) for i, (cpu, ram) in sorted(measured.items()))
    made = _assessed(replace(workbook, utilisations=held), knowledge)
    sizes = {s.name: (s, series) for series in knowledge.series for s in series.sizes}
    sized = [t for a in made for t in a.targets if t.kind == "virtual-machine" and t.sku]
    assert len(sized) > 200
    for target in sized:
        server, (size, series) = workbook.server_by_id[target.subject], sizes[target.sku]
        cpu, ram = measured[server.id]
        assert size.vcpus * size.baseline_percent / 100 >= (server.cpu_cores or 0) * cpu / 100
        assert size.memory_gib >= (server.memory_gb or 0) * ram / 100
        assert knowledge.retiring.get(series.name, date.max) > date(2032, 6, 30)


def test_no_assessor_fails_on_a_real_estate(workbook: Estate, reference: Estate, knowledge: Knowledge) -> None:
    for estate in (workbook, reference):
        assert not [f for a in _assessed(estate, knowledge) for f in a.findings if "failed on this workload" in f.reason]


def test_the_reference_council_keeps_only_what_an_exception_covers(reference: Estate, knowledge: Knowledge) -> None:
    made = {a.workload_id: a for a in _assessed(reference, knowledge)}
    kept = {a.workload_id for a in made.values() if a.disposition is Disposition.RETAIN}
    covered = {s for e in reference.exceptions if e.expires_on and e.expires_on >= date(2026, 11, 22) and e.approver for s in e.subjects}
    assert kept == covered & set(made)
    expired = [e for e in reference.exceptions if e.expires_on and e.expires_on < date(2026, 11, 22)]
    assert expired
    for entry in expired:
        for subject in entry.subjects:
            assert made[subject].disposition is not Disposition.RETAIN
            assert any(f"expired on {entry.expires_on}" in f.reason for f in made[subject].findings)


def test_every_finding_that_is_not_fine_says_what_to_do(reference: Estate, knowledge: Knowledge) -> None:
    idle = [f for a in _assessed(reference, knowledge) for f in a.findings if f.effect is not Effect.NONE and not f.remedy.endswith(".")]
    assert not idle


def test_a_server_that_several_applications_share_is_priced_once(reference: Estate, knowledge: Knowledge) -> None:
    priced = [t.subject for a in _assessed(reference, knowledge) for t in a.targets if t.kind == "virtual-machine"]
    assert len(priced) == len(set(priced))
