"""The score and what would change it: the formula, its monotony, weights of a council, and sensitivity."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.model import Classification, Environment, Estate, Power, Server, Workload
from migration.assess import Terms, assess
from migration.assessors import ASSESSORS
from migration.errors import MigrationError
from migration.facts import is_fact, is_said
from migration.knowledge import Knowledge, load_knowledge
from migration.knowledge.check import weight_faults
from migration.knowledge.model import Weights
from migration.model import Effect, Finding, Readiness
from migration.own_weights import read_own_weights
from migration.readiness import lifts, readiness_of
from migration.score import exact_score, lines_of, score_by, score_of
from migration.sensitivity import fact_flips, weight_flips

RELAXED = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = [name for name, _ in ASSESSORS]
WORSE = {Effect.NONE: 0, Effect.CONDITION: 1, Effect.UNKNOWN: 2, Effect.BLOCKS: 2}
SERVER = Server("s", "s", "virtual", Power.ON, cpu_cores=4, memory_gb=16, operating_system="Microsoft Windows Server 2022 (64-bit)")
WHOLE = Workload(
    "w",
    "Zebra",
    owner="Head of Zebras",
    environment=Environment.PRODUCTION,
    classification=Classification.OFFICIAL,
    personal_data=False,
    support_ends=date(2032, 1, 1),
    contract_ends=date(2032, 1, 1),
    licence="per user",
    latency_ms=100,
    server_ids=("s",),
)
findings = st.builds(
    Finding,
    assessor=st.sampled_from([*NAMES, "of-tomorrow"]),
    workload_id=st.just("w"),
    subject=st.just("w"),
    effect=st.sampled_from(Effect),
    reason=st.just("So."),
    effort_days=st.one_of(st.none(), st.integers(0, 30).map(float)),
)
several = st.lists(findings, max_size=12)


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load_knowledge()


def _estate(workload: Workload = WHOLE, server: Server = SERVER) -> Estate:
    return Estate(servers=(server,), workloads=(workload,))


def _value(held: list[Finding], weights: Weights, workload: Workload = WHOLE) -> Fraction:
    return exact_score(lines_of(workload, _estate(workload), held, weights))


def test_every_assessor_is_in_exactly_one_group(known: Knowledge) -> None:
    assert sorted(a for g in known.weights.groups for a in g.assessors) == sorted(NAMES)


def test_nothing_against_it_and_everything_said_is_a_hundred(known: Knowledge) -> None:
    made = score_of(WHOLE, _estate(), [], known.weights)
    assert (made.value, made.band) == (100, "little to do")


def test_one_red_answer_costs_its_groups_weight_however_many_answers_there_are(known: Knowledge) -> None:
    red = Finding("ties", "w", "w", Effect.BLOCKS, "So.")
    for number in (0, 1, 50):
        held = [red, *[Finding("ties", "w", f"s{i}", Effect.NONE, "So.") for i in range(number)]]
        assert _value(held, known.weights) == 95


@RELAXED
@given(held=several, place=st.integers(0, 11), effect=st.sampled_from(Effect))
def test_a_worse_effect_never_raises_the_score_nor_does_an_unknown(held: list[Finding], place: int, effect: Effect, known: Any) -> None:
    if place >= len(held) or WORSE[effect] < WORSE[held[place].effect]:
        return
    worse = [*held[:place], replace(held[place], effect=effect), *held[place + 1 :]]
    assert _value(worse, known.weights) <= _value(held, known.weights)


@RELAXED
@given(held=several, more=findings, order=st.randoms(use_true_random=False))
def test_a_passing_finding_never_lowers_the_score_and_order_changes_nothing(
    held: list[Finding], more: Finding, order: Any, known: Any
) -> None:
    passing = [replace(more, effect=Effect.NONE), *held]
    assert _value(passing, known.weights) == _value(held, known.weights)
    assert _value([more, *held], known.weights) <= _value(held, known.weights)
    assert _value(order.sample(held, len(held)), known.weights) == _value(held, known.weights)


@RELAXED
@given(held=several)
def test_the_score_is_between_nought_and_a_hundred_and_the_sum_of_its_lines(held: list[Finding], known: Any) -> None:
    made = score_of(WHOLE, _estate(), held, known.weights)
    assert 0 <= made.value <= 100
    whole = sum(line.weight for line in made.lines)
    assert made.value == int(sum(line.weight * line.share_percent for line in made.lines) * 10 / whole) / 10


LOST: dict[str, Any] = {
    "owner": "",
    "environment": Environment.UNKNOWN,
    "classification": Classification.UNKNOWN,
    "personal_data": None,
    "support_ends": None,
    "contract_ends": None,
    "licence": "",
    "latency_ms": None,
    "server_ids": (),
}
SERVER_LOST: dict[str, Any] = {"operating_system": "", "power": Power.UNKNOWN, "cpu_cores": None, "memory_gb": None}
workloads = st.builds(
    Workload,
    id=st.just("w"),
    name=st.just("Zebra"),
    supplier=st.sampled_from(["", "Zebra and Sons"]),
    owner=st.sampled_from(["", "Somebody"]),
    environment=st.sampled_from(Environment),
    classification=st.sampled_from(Classification),
    personal_data=st.one_of(st.none(), st.booleans()),
    support_ends=st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2030, 1, 1))),
    contract_ends=st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2030, 1, 1))),
    licence=st.sampled_from(["", "per user", "per device", "site", "by the moon"]),
    latency_ms=st.one_of(st.none(), st.floats(0, 100)),
    ties=st.lists(st.sampled_from(["fax", "scada", "ley line"]), max_size=2).map(tuple),
    server_ids=st.sampled_from([(), ("s",), ("s", "missing")]),
)
servers = st.builds(
    Server,
    id=st.just("s"),
    name=st.just("s"),
    power=st.sampled_from(Power),
    cpu_cores=st.one_of(st.none(), st.integers(1, 64)),
    memory_gb=st.one_of(st.none(), st.floats(1, 512)),
    operating_system=st.sampled_from(
        ["", SERVER.operating_system, "Microsoft Windows Server 2008 R2 (64-bit)", "Other 3.x or later Linux"]
    ),
)


@settings(RELAXED, max_examples=250)
@given(workload=workloads, server=servers, lost=st.sampled_from([*LOST, *SERVER_LOST]))
def test_making_any_fact_unknown_never_raises_the_score(workload: Workload, server: Server, lost: str, known: Any) -> None:
    terms = Terms(date(2026, 11, 22), date(2027, 6, 30), "uksouth", 20, known)
    before = assess(workload, _estate(workload, server), terms)
    poorer = replace(workload, **{lost: LOST[lost]}) if lost in LOST else workload
    blinder = replace(server, **{lost: SERVER_LOST[lost]}) if lost in SERVER_LOST else server
    after = assess(poorer, _estate(poorer, blinder), terms)
    assert before.score is not None
    assert after.score is not None
    assert after.score <= before.score, (lost, before.findings, after.findings)


@RELAXED
@given(held=several)
def test_the_lifts_go_from_what_it_is_to_ready_and_lift_every_finding_once(held: list[Finding], known: Any) -> None:
    made = lifts(held)
    states = [readiness_of(held), *[lift.after for lift in made]]
    assert states[-1] is Readiness.READY
    assert [lift.before for lift in made] == states[:-1]
    assert sorted(map(str, (f for lift in made for f in lift.findings))) == sorted(str(f) for f in held if f.effect is not Effect.NONE)
    assert sum(lift.effort_days for lift in made) == sum(f.effort_days or 0 for f in held if f.effect is not Effect.NONE)


@RELAXED
@given(held=several)
def test_a_weight_flip_is_the_nearest_that_changes_the_band(held: list[Finding], known: Any) -> None:
    lines = lines_of(WHOLE, _estate(), held, known.weights)
    now = score_by(lines, known.weights).band
    told = {(f.group, f.would_be > f.weight): f for f in weight_flips(lines, known.weights)}
    for line in lines:
        bands = {w: score_by([replace(one, weight=w) if one is line else one for one in lines], known.weights).band for w in range(101)}
        for up in (False, True):
            flip = told.get((line.group, up))
            others = [w for w, band in bands.items() if band != now and (w > line.weight) is up]
            assert (flip.would_be if flip else None) == (min(others, key=lambda w: abs(w - line.weight)) if others else None)


def test_a_missing_fact_that_would_flip_is_told_and_one_that_would_not_is_not(known: Knowledge) -> None:
    terms = Terms(date(2026, 11, 22), date(2027, 6, 30), "uksouth", 20, known)
    workload = replace(WHOLE, support_ends=None, intent="keep")
    estate = _estate(workload)
    made = assess(workload, estate, terms)
    told = {f.what: f for f in fact_flips(made, workload, estate, terms)}
    assert told["its support ends is by the cut-over"].readiness is Readiness.NOT_READY
    assert not [what for what in told if "long after" in what]
    assert not [what for what in told if what.startswith("its owner")]


def test_an_unknown_finding_is_tried_as_good_and_as_bad(known: Knowledge) -> None:
    terms = Terms(date(2026, 11, 22), date(2027, 6, 30), "uksouth", 20, known)
    workload = replace(WHOLE, ties=("ley line",))
    made = assess(workload, _estate(workload), terms)
    assert made.readiness is Readiness.UNKNOWN
    told = {f.what.partition(":")[0]: f for f in fact_flips(made, workload, _estate(workload), terms)}
    assert told["it proves bad"].readiness is Readiness.NOT_READY
    assert told["it proves good"].readiness is Readiness.CONDITIONS


def test_what_is_said_and_what_is_not() -> None:
    estate = _estate()
    assert is_said("servers", WHOLE, estate)
    assert not is_said("servers", replace(WHOLE, server_ids=("s", "t")), estate)
    assert not is_said("server.power", WHOLE, _estate(WHOLE, replace(SERVER, power=Power.UNKNOWN)))
    assert not is_fact("ties")
    assert not is_fact("colour")
    assert is_fact("server.memory_gb")


ENTRY = 'group = "ties"\nweight = 20\nbecause = "Highways come first"\nby = "A. Architect, Lead Architect"\non = 2026-11-01\n'


def _own(folder: Path, *entries: str, head: str = 'format = "cloud-unless/council-weights/1"\n') -> Path:
    file = folder / "weights.toml"
    file.write_text(head + "".join(f"[[weight]]\n{e}" for e in entries), encoding="utf-8")
    return file


def test_a_council_weighs_one_group_and_the_rest_stays(known: Knowledge, tmp_path: Path) -> None:
    made = read_own_weights(_own(tmp_path, ENTRY), "policies/weights.toml", known.weights, date(2026, 11, 22))
    changed = [g for g, was in zip(made.groups, known.weights.groups, strict=True) if g != was]
    assert [(g.id, g.weight, g.reason) for g in changed] == [("ties", 20, "Highways come first (A. Architect, Lead Architect)")]
    red = [Finding("ties", "w", "w", Effect.BLOCKS, "So.")]
    assert _value(red, made) == Fraction(9500, 115)


def test_every_fault_of_a_councils_weights_is_told_at_once(known: Knowledge, tmp_path: Path) -> None:
    wrong = ENTRY.replace('"ties"', '"tyes"').replace("2026-11-01", "2027-01-01")
    with pytest.raises(MigrationError) as told:
        read_own_weights(_own(tmp_path, ENTRY, wrong, ENTRY), "policies/weights.toml", known.weights, date(2026, 11, 22))
    assert [f.partition(": ")[0] for f in told.value.faults] == [
        "policies/weights.toml, entry 2 (tyes)",
        "policies/weights.toml, entry 2 (tyes)",
        "policies/weights.toml, entry 3 (ties)",
    ]
    form = ENTRY.replace("20\n", "101\n", 1).replace('by = "A. Architect, Lead Architect"\n', "").replace("2026-11-01", '"soon"')
    with pytest.raises(MigrationError) as told:
        read_own_weights(_own(tmp_path, form), "policies/weights.toml", known.weights, date(2026, 11, 22))
    assert {f.split(", ")[2].partition(":")[0] for f in told.value.faults} == {"key weight", "key by", "key on"}


@pytest.mark.parametrize(("head", "says"), [("format = 1\n", "its format is 1"), ("format = \n", "not readable as TOML")])
def test_another_file_of_weights_is_refused(head: str, says: str, known: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match=says):
        read_own_weights(_own(tmp_path, head=head), "policies/weights.toml", known.weights, date(2026, 11, 22))


def test_weights_that_cannot_score_are_faults(known: Knowledge) -> None:
    groups, bands = known.weights.groups, known.weights.bands
    heavy = (replace(groups[0], weight=101, facts=("colour",)), groups[0])
    told = "\n".join(weight_faults(Weights(101, heavy, bands[:1])))
    for says in (
        "record more than once",
        "missing-data more than once",
        "weight 101",
        "called colour",
        "no group other",
        "percent 101",
        "bands",
    ):
        assert says in told
    assert "no weight above 0" in "\n".join(weight_faults(Weights(50, tuple(replace(g, weight=0) for g in groups), bands)))
