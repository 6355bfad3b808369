"""What must hold of every control, whatever it judges: found by trying, not by example."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.catalogue import all_controls
from policies.evaluate import evaluate, judge_all
from policies.model import SECRET, UNKNOWN, Judgement, Portfolio, Subject, Verdict
from policies.obligations import defer
from policies.register import Entry, Register, parse_register

ON = date(2026, 11, 22)
CONTROLS = all_controls()
SEVERITIES = {c.id: c.severity for c in CONTROLS}
FILES = sorted((Path(__file__).parents[1] / "cases" / "controls").glob("*/*.json"))


def decoded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: decoded(v) for k, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [decoded(v) for v in cast("list[Any]", value)]
    return UNKNOWN if value == "<unknown>" else SECRET if value == "<secret>" else value


def subjects_of(file: Path) -> tuple[Subject, ...]:
    held = json.loads(file.read_text("utf-8"))["subjects"]
    waits = [{k: tuple(v) for k, v in s.pop("waits_on", {}).items()} for s in held]
    return tuple(Subject(**decoded(s), waits_on=w) for s, w in zip(held, waits, strict=True))


def judged(subjects: tuple[Subject, ...]) -> dict[tuple[str, str], Judgement]:
    return {(j.control.id, j.subject.id): j for j in evaluate(Portfolio(subjects, ON, SEVERITIES), CONTROLS)}


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in plain data: of each key and each item, at every depth."""
    if isinstance(value, Mapping):
        for k, v in cast("Mapping[str, Any]", value).items():
            yield (*before, k)
            yield from places(v, (*before, k))
    elif isinstance(value, list):
        for n, v in enumerate(cast("list[Any]", value)):
            yield (*before, n)
            yield from places(v, (*before, n))


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    if isinstance(value, Mapping):
        held = cast("Mapping[str, Any]", value)
        return {k: put(v, place[1:], new) if k == place[0] else v for k, v in held.items()}
    return [put(v, place[1:], new) if n == place[0] else v for n, v in enumerate(cast("list[Any]", value))]


def fails_open(before: Judgement, after: Judgement) -> bool:
    return before.answer.verdict is Verdict.FAIL and after.answer.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE)


def reversed_lists(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: reversed_lists(v) for k, v in reversed([*cast("Mapping[str, Any]", value).items()])}
    if isinstance(value, list):
        return [reversed_lists(v) for v in reversed(cast("list[Any]", value))]
    return value


def test_making_any_input_unknown_never_turns_a_fail_into_a_pass() -> None:
    """Exhaustive over the cases: every place of every subject, and nothing crashes on the way."""
    wrong: list[str] = []
    for file in FILES:
        subjects = subjects_of(file)
        before = judged(subjects)
        for n, subject in enumerate(subjects):
            for place in places(subject.inputs):
                blurred = replace(subject, inputs=put(subject.inputs, place, UNKNOWN))
                after = judged((*subjects[:n], blurred, *subjects[n + 1 :]))
                wrong += [
                    f"{file.parent.name}/{file.name} {place}: {key} {old.answer.verdict} -> {after[key].answer}"
                    for key, old in before.items()
                    if fails_open(old, after[key]) or "failed (" in after[key].answer.reason
                ]
    assert wrong == []


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_making_several_inputs_unknown_never_turns_a_fail_into_a_pass(data: st.DataObject) -> None:
    subjects = subjects_of(data.draw(st.sampled_from(FILES)))
    before = judged(subjects)
    blurred: list[Subject] = []
    for s in subjects:
        held = [*places(s.inputs)]
        chosen = data.draw(st.sets(st.sampled_from(held), max_size=4)) if held else set[tuple[Any, ...]]()
        inputs: Any = s.inputs
        for place in sorted(chosen, key=len, reverse=True):
            inputs = put(inputs, place, UNKNOWN)
        blurred.append(replace(s, inputs=inputs))
    after = judged(tuple(blurred))
    assert [k for k, j in before.items() if fails_open(j, after[k])] == []


# Values that a preview could hold where a control expects another kind of value.
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["<unknown>", "<secret>"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_no_control_crashes_whatever_it_is_given(data: st.DataObject) -> None:
    subjects = subjects_of(data.draw(st.sampled_from(FILES)))
    held = [*places(subjects[0].inputs)]
    if not held:
        return
    spoilt = replace(subjects[0], inputs=put(subjects[0].inputs, data.draw(st.sampled_from(held)), decoded(data.draw(junk))))
    after = judged((spoilt, *subjects[1:]))
    assert [j.answer.reason for j in after.values() if "failed (" in j.answer.reason] == []


def test_order_of_subjects_and_of_list_items_changes_nothing() -> None:
    together = tuple(s for f in FILES for s in (replace(x, id=f"{x.id}-{f.parent.name}-{f.stem}") for x in subjects_of(f)))
    forwards, backwards = judged(together), judged(tuple(reversed(together)))
    assert {k: j.answer for k, j in forwards.items()} == {k: j.answer for k, j in backwards.items()}
    mirrored = judged(tuple(replace(s, inputs=reversed_lists(s.inputs)) for s in together))
    assert {k: j.answer.verdict for k, j in mirrored.items()} == {k: j.answer.verdict for k, j in forwards.items()}


entries = st.builds(
    Entry,
    id=st.sampled_from(["EX-1", "EX-2"]),
    controls=st.lists(st.sampled_from([c.id for c in CONTROLS]), min_size=1, max_size=3).map(tuple),
    subjects=st.lists(st.sampled_from(["it", "sa", "twin", "nobody"]), min_size=1, max_size=2).map(tuple),
    requester=st.sampled_from(["", "A", "B"]),
    approver=st.sampled_from(["", "B"]),
    approved_on=st.none() | st.dates(ON - timedelta(days=400), ON + timedelta(days=30)),
    expires_on=st.none() | st.dates(ON - timedelta(days=30), ON + timedelta(days=400)),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(FILES), entries)
def test_adding_a_waiver_adds_no_failure_and_hides_no_verdict(file: Path, entry: Entry) -> None:
    subjects = tuple(s for s in subjects_of(file) if s.kind != "exception")
    plain = judge_all(subjects, CONTROLS, Register(), ON)
    waived = judge_all(subjects, CONTROLS, Register((entry,)), ON)
    assert [j.answer for j in plain] == [j.answer for j in waived]
    for before, after in zip(plain, waived, strict=True):
        assert before.blocks or not after.blocks
        if after.waived_by:
            assert entry.in_force(ON)
            assert after.control.id in entry.controls


REGISTERS = st.lists(entries, max_size=3, unique_by=lambda e: e.id)


def blocking(file: Path, held: list[Entry]) -> set[tuple[str, str]]:
    """What blocks among all but the register's own entries, which are judged by themselves."""
    subjects = tuple(s for s in subjects_of(file) if s.kind != "exception")
    own = tuple(Subject("exception", "exception", e.id, e.id, e.model_dump(mode="json")) for e in held)
    judged = judge_all(subjects, CONTROLS, Register(tuple(held), own), ON)
    return {(j.control.id, j.subject.id) for j in judged if j.blocks and j.subject.kind != "exception"}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(FILES), REGISTERS, entries)
def test_with_a_waiver_nothing_more_blocks_and_without_it_nothing_less(file: Path, held: list[Entry], entry: Entry) -> None:
    """With the entries as subjects too, since workloads cite them: adding one never adds a failure, removing one never hides one."""
    others = [e for e in held if e.id != entry.id]
    assert blocking(file, [*others, entry]) <= blocking(file, others)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(FILES), min_size=1, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_any_order_of_subjects_lists_and_controls_gives_the_same(files: list[Path], chance: Random) -> None:
    together = [replace(s, id=f"{s.id}-{f.parent.name}-{f.stem}") for f in files for s in subjects_of(f)]
    plain = evaluate(Portfolio(tuple(together), ON, SEVERITIES), CONTROLS)
    mixed = [replace(s, inputs=shuffled(s.inputs, chance)) for s in chance.sample(together, len(together))]
    after = evaluate(Portfolio(tuple(mixed), ON, SEVERITIES), chance.sample(CONTROLS, len(CONTROLS)))
    assert [(j.control.id, j.subject.id, j.answer.verdict) for j in after] == [
        (j.control.id, j.subject.id, j.answer.verdict) for j in plain
    ]


def shuffled(value: Any, chance: Random) -> Any:
    if isinstance(value, Mapping):
        held = [*cast("Mapping[str, Any]", value).items()]
        return {k: shuffled(v, chance) for k, v in chance.sample(held, len(held))}
    if isinstance(value, list):
        many = cast("list[Any]", value)
        return [shuffled(v, chance) for v in chance.sample(many, len(many))]
    return value


def test_deferring_changes_no_verdict_and_lets_no_failure_through() -> None:
    """Over every case, whatever it waits on: only an unknown is deferred."""
    wrong: list[str] = []
    for file in FILES:
        first, *others = subjects_of(file)
        blurred = [
            first,
            *(replace(first, inputs=put(first.inputs, p, UNKNOWN), waits_on={str(p[0]): ("u",)}) for p in places(first.inputs)),
        ]
        for subject in blurred:
            judged = evaluate(Portfolio((subject, *others), ON, SEVERITIES), CONTROLS)
            after = defer(judged, {"u": subject})
            wrong += [f"{file}: {b}" for b, a in zip(judged, after, strict=True) if a.answer != b.answer]
            wrong += [f"{file}: {j}" for j in after if j.deferred and j.answer.verdict is not Verdict.UNKNOWN]
            wrong += [f"{file}: {j}" for j in after if j.answer.verdict is Verdict.FAIL and j.control.mandatory and not j.blocks]
    assert wrong == []


def test_a_waiver_ends_with_its_last_day() -> None:
    text = """
format = "cloud-unless/exceptions/1"
[[exception]]
id = "EX-1"
controls = ["workload-goes-to-the-cloud"]
subjects = ["lights"]
requester = "A"
approver = "B"
approved_on = 2026-01-01
expires_on = 2026-06-30
"""
    subject = Subject("workload", "workload", "lights", "lights", {"disposition": "retain"})
    register = parse_register(text, "register.toml")

    def on_day(day: date) -> Judgement:
        return next(j for j in judge_all([subject], CONTROLS, register, day) if j.control.id == "workload-goes-to-the-cloud")

    last, after = on_day(date(2026, 6, 30)), on_day(date(2026, 7, 1))
    assert (last.answer.verdict, last.waived_by, last.blocks) == (Verdict.FAIL, "EX-1", False)
    assert (after.answer.verdict, after.waived_by, after.blocks) == (Verdict.FAIL, "", True)
    assert "expired on 2026-06-30" in after.waiver
    assert not on_day(date(2025, 12, 31)).waived_by
