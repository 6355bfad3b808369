"""The same verdicts everywhere: of each stack a rehearsal, a preview's JSON, a stack export and the pack over gRPC say the same."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, cast

import pytest
from pulumi.runtime.proto import analyzer_pb2

from policies.analyzer.judge import resource_controls
from policies.analyzer.service import today
from policies.check import check
from policies.model import Judgement, Verdict
from policies.read.resources import source_position
from rehearsal import PolicyPack, Preview, checkpoint, rehearse
from rehearsal.pack_messages import after, before
from rehearsal.state import State, from_json
from rehearsal.values import SIGNATURE, UNKNOWN
from tests.policies.analyzer_engine import PACK, RULES, Engine, running, said
from tests.stacks.rehearsed import REQUESTS, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stacks")]
CONTROLS = resource_controls()
EARLY = {c.id for c in CONTROLS if not c.looks_around}
BAD = (Verdict.FAIL.value, Verdict.UNKNOWN.value)
STACKS = {"landing-zone": {}, "workloads": REQUESTS, "microsoft365": {}, "dynamics": {}}
EXPLAINED: list[dict[str, Any]] = tomllib.loads((ROOT / "tests/cases/front-ends/differences.toml").read_text("utf-8"))["difference"]
USED: set[str] = set()
Tuples = dict[tuple[str, str], tuple[str, str]]  # control and resource to verdict and reason


@dataclass(frozen=True)
class Deployed:
    """One stack, previewed before anything was made and then rehearsed, both judged by the pack as Pulumi has it do it."""

    previewed: Preview
    made: Preview
    state: Path


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Deployed]:
    folder = tmp_path_factory.mktemp("front-ends")

    def deployed(stack: str) -> Deployed:
        state = folder / f"{stack}.json"
        packs = [PolicyPack(PACK)]
        previewed, made = (rehearse(ROOT, stack, state, config=STACKS[stack], preview_only=only, packs=packs) for only in (True, False))
        return Deployed(previewed, made, state)

    return {stack: deployed(stack) for stack in STACKS}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running() as started:
        started.configure()
        yield started


def states(preview: Preview) -> list[State]:
    found = {s.urn: from_json(cast("dict[str, Any]", s.new)) for s in preview.steps if s.new}
    return list(found.values())


# What else a program might have asked for, so that every verdict is met.
def _leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict) and SIGNATURE not in value:
        return {k: _leaves(v, change) for k, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_leaves(v, change) for v in cast("list[Any]", value)]
    return change(value)


def as_asked(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return dict(inputs)


def flipped(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return _leaves(dict(inputs), lambda v: not v if isinstance(v, bool) else 0 if isinstance(v, int) else v)


def unknown(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return _leaves(dict(inputs), lambda v: UNKNOWN if isinstance(v, (bool, int, str)) else v)


def other_words(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return _leaves(dict(inputs), lambda v: "*" if isinstance(v, str) and UNKNOWN not in v else v)


def empty(_: Mapping[str, Any]) -> dict[str, Any]:
    return {}


CHANGES = [as_asked, flipped, unknown, other_words, empty]


def preview_of(held: Iterable[State]) -> dict[str, Any]:
    return {"steps": [{"op": "read" if s.external else "create", "urn": s.urn, "newState": s.to_json()} for s in held]}


def export_of(held: Iterable[State]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": [s.to_json() for s in held]}}


def judged(held: Mapping[str, Any], folder: Path) -> tuple[Judgement, ...]:
    file = folder / "held.json"
    file.write_text(json.dumps(held), encoding="utf-8")
    found = check([(file, "held")], None, today(), controls=CONTROLS)
    assert all(j.subject.kind == "resource" for j in found.judgements)
    return found.judgements


def tuples(judgements: Iterable[Judgement]) -> Tuples:
    return {(j.control.id, j.subject.id): (j.answer.verdict.value, j.answer.reason) for j in judgements}


@dataclass(frozen=True)
class Told:
    """What the pack says: verdicts of each resource by itself, breaches and counts of those together, sentences of its own."""

    early: Tuples
    late: Tuples
    late_passed: set[str]
    own: list[str]


def asked_of_the_pack(engine: Engine, held: list[State]) -> Told:
    """Everything that the engine asks, and what it makes of the answers: what is neither a breach nor does not apply has passed."""
    engine.begin()
    by_urn = {s.urn: s for s in held}
    early: Tuples = {}
    for state in (s for s in held if not s.external):
        answer = engine.stub.Analyze(before(state, by_urn))
        verdicts = dict.fromkeys(EARLY, ("pass", ""))
        verdicts |= {n.policy_name: ("not applicable", n.reason) for n in answer.not_applicable}
        verdicts |= {d.policyName: (said(d).verdict, said(d).reason) for d in answer.diagnostics}
        early |= {(control, state.urn): v for control, v in verdicts.items()}
    answer = engine.stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[after(s, by_urn) for s in held]))
    told = [said(d) for d in answer.diagnostics]
    breached = {s.control for s in told}
    passed = {c.id for c in CONTROLS if c.looks_around} - breached - {n.policy_name for n in answer.not_applicable}
    every = {(s.control, s.subject): (s.verdict, s.reason) for s in told if s.control != RULES}
    early |= {k: v for k, v in every.items() if k[0] in EARLY}  # what is a breach only now that origins are known
    late = {k: v for k, v in every.items() if k[0] not in EARLY}
    return Told(early, late, passed, [s.message for s in told if s.control == RULES])


def explained(check_says: tuple[str, str], pack_says: tuple[str, str]) -> bool:
    """Whether the difference is one that the file explains; which it then is needed for."""
    for entry in EXPLAINED:
        awaited = entry["what"] == "reason" and check_says[0] == pack_says[0] and check_says[1].partition(entry["words"])[0] == pack_says[1]
        if awaited:
            USED.add(entry["id"])
            return True
    return False


def differences(checked: Tuples, told: Told) -> list[str]:
    """Every (control, resource, verdict, reason) in which check and the pack differ and no entry says why; reasons count for breaches."""
    found: list[str] = []
    for key in told.early.keys() | {k for k in checked if k[0] in EARLY}:
        ours, theirs = checked.get(key, ("not applicable", "")), told.early.get(key, ("absent", ""))
        same = ours[0] == theirs[0] and (ours[0] not in BAD or ours[1] == theirs[1])
        if not same and not explained(ours, theirs):
            found.append(f"{key}: check {ours}, pack {theirs}")
    late = {k: v for k, v in checked.items() if k[0] not in EARLY}
    breaches = {k: v for k, v in late.items() if v[0] in BAD}
    found += [
        f"{k}: check {breaches.get(k)}, pack {told.late.get(k)}"
        for k in breaches.keys() | told.late.keys()
        if breaches.get(k) != told.late.get(k)
    ]
    passed = {k[0] for k, v in late.items() if v[0] == "pass"} - {k[0] for k in breaches}
    return [*found, *(f"{c}: passed for one alone" for c in passed ^ told.late_passed)]


@pytest.mark.parametrize("stack", STACKS)
def test_a_rehearsal_and_the_export_after_it_are_judged_alike_with_file_and_line(
    stacks: dict[str, Deployed], stack: str, tmp_path: Path
) -> None:
    deployed = stacks[stack]
    rehearsed = judged(deployed.made.to_json(), tmp_path)
    exported = judged(json.loads(deployed.state.read_text("utf-8")), tmp_path)
    assert tuples(rehearsed) == tuples(exported)
    places = [{(j.subject.id, j.subject.file, j.subject.line) for j in found} for found in (rehearsed, exported)]
    assert places[0] == places[1]


@pytest.mark.parametrize("when", ["previewed", "made"])
@pytest.mark.parametrize("stack", STACKS)
def test_the_pack_in_a_rehearsal_tells_the_breaches_of_its_preview_with_their_places(
    stacks: dict[str, Deployed], stack: str, when: str, tmp_path: Path
) -> None:
    preview: Preview = getattr(stacks[stack], when)
    bad = [j for j in judged(preview.to_json(), tmp_path) if j.answer.verdict.value in BAD]
    wanted = {(j.control.id, j.subject.id, j.control.mandatory, j.subject.file, j.subject.line) for j in bad}
    assert {(v.policy, v.urn, v.stops, *source_position(v.place)) for v in preview.violations} == wanted
    assert all(v.pack == "cloud-unless" for v in preview.violations)
    assert not [v for v in preview.violations if v.stops], "our own stacks must not be stopped by our own pack"


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_of_a_program_has_its_place_in_the_project_and_no_machine_s_path(stacks: dict[str, Deployed], stack: str) -> None:
    for preview in (stacks[stack].previewed, stacks[stack].made):
        held = [s for s in states(preview) if not s.type.startswith(("pulumi:providers:", "pulumi:pulumi:Stack"))]
        assert held
        places = {s.urn: s.source_position for s in held}
        assert [u for u, place in places.items() if not place.startswith("project:///stacks/")] == []
        files = {PurePosixPath(p.removeprefix("project:///").partition("#")[0]) for p in places.values()}
        assert [f for f in files if not (ROOT / f).is_file()] == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__name__)
@pytest.mark.parametrize("when", ["previewed", "made"])
@pytest.mark.parametrize("stack", STACKS)
def test_every_verdict_and_reason_is_the_same_in_preview_export_and_pack(
    stacks: dict[str, Deployed], engine: Engine, stack: str, when: str, change: Callable[[Any], Any], tmp_path: Path
) -> None:
    held = [s if s.external else replace(s, inputs=change(s.inputs)) for s in states(getattr(stacks[stack], when))]
    previewed, exported = (tuples(judged(made(held), tmp_path)) for made in (preview_of, export_of))
    assert previewed == exported
    told = asked_of_the_pack(engine, held)
    assert differences(previewed, told) == []
    assert told.own == []


def test_the_stacks_meet_every_verdict_so_that_the_comparison_tells(stacks: dict[str, Deployed], tmp_path: Path) -> None:
    met: set[str] = set()
    for change in CHANGES:
        for deployed in stacks.values():
            held = [replace(s, inputs=change(s.inputs)) for s in states(deployed.made) if not s.external]
            met |= {j.answer.verdict.value for j in judged(preview_of(held), tmp_path)}
    assert met == {v.value for v in Verdict}


def test_no_explanation_outlives_its_difference() -> None:
    """Runs last: the tests above say which entries they needed; that places differ is in the protocol itself."""
    assert "source" not in " ".join(f.name.casefold() for f in analyzer_pb2.AnalyzerResource.DESCRIPTOR.fields)
    assert {e["id"] for e in EXPLAINED} - {"place"} == USED


def test_the_state_that_the_export_is_of_is_the_one_that_was_made(stacks: dict[str, Deployed]) -> None:
    for deployed in stacks.values():
        assert {r.urn for r in checkpoint.load(deployed.state).resources} == {s.urn for s in states(deployed.made)}
