from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.model import Classification, Dependency, Environment, Estate, Power, Server, Strength, Utilisation, Workload
from migration.assess import Terms, assess, assess_estate
from migration.knowledge import Knowledge, load_knowledge
from migration.model import Readiness
from migration.sizing import Need, candidates, covers, need_of, size_for

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SYSTEMS = (
    "Microsoft Windows Server 2022 (64-bit)",
    "Microsoft Windows Server 2016 (64-bit)",
    "Microsoft Windows Server 2008 R2 (64-bit)",
    "Other 3.x or later Linux (64-bit)",
    "Debian GNU/Linux 13 (64-bit)",
)
CAN_MOVE = {Readiness.READY: 0, Readiness.CONDITIONS: 1, Readiness.UNKNOWN: 2, Readiness.NOT_READY: 2}

servers = st.builds(
    Server,
    id=st.just("s"),
    name=st.just("s"),
    power=st.sampled_from(Power),
    cpu_cores=st.one_of(st.none(), st.integers(1, 128)),
    memory_gb=st.one_of(st.none(), st.floats(0.25, 1024)),
    storage_gb=st.one_of(st.none(), st.floats(0, 9999)),
    operating_system=st.sampled_from(("", *SYSTEMS)),
)
percents = st.one_of(st.none(), st.floats(0, 100))
utilisations = st.builds(
    Utilisation,
    server_id=st.just("s"),
    month=st.sampled_from([date(2026, m, 1) for m in range(1, 11)]),
    cpu_p95_percent=percents,
    memory_p95_percent=percents,
    coverage_percent=percents,
)
workloads = st.builds(
    Workload,
    id=st.just("w"),
    name=st.just("Zebra"),
    owner=st.sampled_from(["", "Somebody"]),
    environment=st.sampled_from(Environment),
    classification=st.sampled_from(Classification),
    personal_data=st.one_of(st.none(), st.booleans()),
    support_ends=st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2030, 1, 1))),
    latency_ms=st.one_of(st.none(), st.floats(0, 100)),
    ties=st.lists(st.sampled_from(["fax", "scada", "ley line"]), max_size=2).map(tuple),
    private_links=st.lists(st.sampled_from(["HSCN", "PSN", "string"]), max_size=2).map(tuple),
    server_ids=st.sampled_from([(), ("s",), ("s", "missing")]),
)


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load_knowledge()


def _terms(known: Knowledge, headroom: float = 20) -> Terms:
    return Terms(date(2026, 11, 22), date(2027, 6, 30), "uksouth", headroom, known)


def _estate(server: Server, held: list[Utilisation], workload: Workload) -> Estate:
    return Estate(servers=(server,), utilisations=tuple(held), workloads=(workload,))


@RELAXED
@given(server=servers, held=st.lists(utilisations, max_size=4), headroom=st.floats(0, 200), more=st.floats(0, 200))
def test_more_headroom_never_gives_a_smaller_size(
    server: Server, held: list[Utilisation], headroom: float, more: float, known: Any
) -> None:
    estate = _estate(server, held, Workload("w", "w", server_ids=("s",)))
    low, high = (need_of(server, estate, _terms(known, h)) for h in (headroom, headroom + more))
    if low is None or high is None:
        assert low is high
        return
    small, large = size_for(low, _terms(known)), size_for(high, _terms(known))
    if large is not None:
        assert small is not None
        assert (small.vcpus, small.memory_gib) <= (large.vcpus, large.memory_gib)


@RELAXED
@given(vcpus=st.floats(0, 200), memory=st.floats(0, 900), measured=st.booleans())
def test_the_size_covers_the_need_and_nothing_smaller_does(vcpus: float, memory: float, measured: bool, known: Any) -> None:
    need = Need(vcpus, memory, measured, measured, ())
    size = size_for(need, _terms(known))
    smaller = [
        s
        for s in candidates(known, _terms(known).contract_ends, "uksouth")
        if size is None or (s.vcpus, s.memory_gib) < (size.vcpus, size.memory_gib)
    ]
    assert not [s for s in smaller if covers(s, need)]
    if size is not None:
        assert size.vcpus >= vcpus
        assert size.memory_gib >= memory
        assert measured or size.baseline_percent == 100


LOSSES: dict[str, Any] = {
    "owner": {"owner": ""},
    "classification": {"classification": Classification.UNKNOWN},
    "environment": {"environment": Environment.UNKNOWN},
    "personal data": {"personal_data": None},
    "registration": {"is_registered": False},
}
SERVER_LOSSES: dict[str, Any] = {"system": {"operating_system": ""}, "cores": {"cpu_cores": None}, "memory": {"memory_gb": None}}


@RELAXED
@given(server=servers, held=st.lists(utilisations, max_size=3), workload=workloads, lost=st.sampled_from([*LOSSES, *SERVER_LOSSES, "use"]))
def test_worse_data_never_brings_a_workload_nearer_to_moving(
    server: Server, held: list[Utilisation], workload: Workload, lost: str, known: Any
) -> None:
    before = assess(workload, _estate(server, held, workload), _terms(known))
    poorer = replace(workload, **LOSSES.get(lost, {}))
    blinder = replace(server, **SERVER_LOSSES.get(lost, {}))
    after = assess(poorer, _estate(blinder, [] if lost == "use" else held, poorer), _terms(known))
    if workload.personal_data and lost == "personal data":  # known personal data and unknown are conditions alike
        return
    assert CAN_MOVE[after.readiness] >= CAN_MOVE[before.readiness], (lost, before.findings, after.findings)


@RELAXED
@given(server=servers, held=st.lists(utilisations, max_size=3), workload=workloads)
def test_what_is_not_known_or_not_supported_is_never_ready(server: Server, held: list[Utilisation], workload: Workload, known: Any) -> None:
    made = assess(workload, _estate(server, held, workload), _terms(known))
    if made.readiness is Readiness.READY:
        assert "2008" not in server.operating_system or not workload.server_ids
        assert workload.classification is not Classification.UNKNOWN
        assert all(f.effect.value == "none" for f in made.findings)
    sized = [t for t in made.targets if t.kind == "virtual-machine" and t.sku]
    assert not sized or (server.cpu_cores and server.memory_gb)
    assert not [f for f in made.findings if "failed on this workload" in f.reason]
    assert made.monthly_pence == (None if made.unpriced else sum(t.price.monthly_pence for t in made.targets if t.price))


@RELAXED
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_changes_nothing(seed: int, known: Any) -> None:
    chance = random.Random(seed)  # noqa: S311 - to shuffle
    ids = [f"w{i}" for i in range(6)]
    held = tuple(
        Server(f"s{i}", f"s{i}", power=Power.ON, cpu_cores=4, memory_gb=16, operating_system=chance.choice(SYSTEMS)) for i in range(8)
    )
    made = tuple(Workload(w, w, owner="o", server_ids=tuple(sorted(chance.sample([s.id for s in held], 2)))) for w in ids)
    links = tuple(Dependency(chance.choice(ids), chance.choice(ids), strength=chance.choice(list(Strength))) for _ in range(6))
    used = tuple(Utilisation(s.id, date(2026, m, 1), chance.uniform(1, 99), chance.uniform(1, 99)) for s in held for m in (8, 9))
    one = Estate(servers=held, utilisations=used, workloads=made, dependencies=links)
    other = Estate(
        servers=tuple(chance.sample(held, len(held))),
        utilisations=tuple(chance.sample(used, len(used))),
        workloads=tuple(reversed(made)),
        dependencies=tuple(reversed(links)),
    )
    assert assess_estate(one, _terms(known)) == assess_estate(other, _terms(known))
