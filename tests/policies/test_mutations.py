"""Every control, with one thing in it changed, must be found out by its own cases: a control that no case holds may say anything.

A mutant that no case can tell from the control belongs in equivalent_mutants.toml, with the reason. Run one module's with -k MODULE.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, cast

import pytest

from policies.catalogue import all_controls
from policies.controls.secrets import is_secret_name
from policies.evaluate import evaluate
from policies.knowledge import azure, portfolio_rules, register_rules, runbook_rules
from policies.model import Control, Portfolio, Verdict
from tests.policies.conftest import ON, Case, all_cases
from tests.policies.mutations import MARK, Mutant, Source, controls_of, mutants, sources

SOURCES = {s.name.removeprefix("policies.controls."): s for s in sources()}
SEVERITIES = {c.id: c.severity for c in all_controls()}
FILE = Path(__file__).with_name("equivalent_mutants.toml")
# What controls are made of, each before what imports it (test_shared_mutations.py).
SHARED = ("policies.answers", "policies.places", "policies.demands", "policies.siblings", "policies.controls.secrets")
# What is told of facts, and the default authority, which the register carries into each entry (tests/policies/test_register.py).
TOLD = ("source", "name", "format", "read_on", "checked_on", "stale_after", "what", "authority")
KNOWN: dict[str, Any] = {"azure": azure(), "exceptions": register_rules(), "runbooks": runbook_rules(), "portfolio": portfolio_rules()}
EQUIVALENT: dict[str, str] = {m["label"]: m["reason"] for m in tomllib.loads(FILE.read_text("utf-8"))["mutant"]}


@cache
def cases_of() -> dict[str, list[Case]]:
    held: dict[str, list[Case]] = defaultdict(list)
    for case in all_cases():
        held[case.control].append(case)
    return held


def is_right(control: Control, case: Case) -> bool:
    judged = evaluate(Portfolio(case.subjects, ON, SEVERITIES), [control])
    mine = [j.answer for j in judged if j.subject.id == case.subjects[0].id]
    if not mine:
        return case.verdict is Verdict.NOT_APPLICABLE
    looked_at = not case.path or mine[0].path == case.path
    return mine[0].verdict is case.verdict and looked_at and "failed (" not in mine[0].reason


class EndlessError(KeyboardInterrupt):
    """A mutant goes round for ever. Of its kind, since the evaluator lets only Ctrl-C through."""


@contextmanager
def ending(source: Source) -> Generator[None]:
    """Raises EndlessError where a mutant of a module with `while` in it takes more lines than any control needs."""
    if not any(isinstance(node, ast.While) for node in ast.walk(source.tree)):
        yield
        return
    left = 100_000

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        del event, argument
        nonlocal left
        if not frame.f_code.co_filename.startswith("<mutant"):
            return None
        left -= 1
        if left < 0:
            raise EndlessError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def is_right_in_time(source: Source, control: Control, case: Case) -> bool:
    try:
        with ending(source):
            return is_right(control, case)
    except EndlessError:
        return False


def is_caught(source: Source, mutant: Mutant) -> bool:
    """Whether a case of a control that the mutant is part of goes wrong, or the module cannot be made at all."""
    for new in mutant.news:
        code = source.compiled(mutant, new)
        try:
            made = controls_of(source, code)
        except Exception:
            return True
        if any(c not in made or not all(is_right_in_time(source, made[c], case) for case in cases_of()[c]) for c in mutant.controls):
            return True
    return False


@pytest.mark.parametrize("name", SOURCES)
def test_every_mutant_is_caught_by_a_case_of_its_control(name: str) -> None:
    source = SOURCES[name]
    found = {m.label: (m, is_caught(source, m)) for m in mutants(source)}
    survived = [
        f"{label} ({', '.join(sorted(m.controls))})" for label, (m, caught) in found.items() if not caught and label not in EQUIVALENT
    ]
    assert survived == [], "no case tells these mutants apart: add one to tests/cases/controls/CONTROL"
    mine = [e for e in EQUIVALENT if e.startswith(f"{name}: ")]
    assert [e for e in mine if e not in found or found[e][1]] == [], "is no mutant any more, or is caught: remove it from the list"


def facts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every fact that a control decides by; where it is from and what people call it decide nothing."""
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            yield from facts(inner, (*path, key)) if key not in TOLD else ()
    elif isinstance(value, list):
        for n, inner in enumerate(cast("list[Any]", value)):
            yield from facts(inner, (*path, n))
    else:
        yield path, value


def changed(path: tuple[str | int, ...], value: Any) -> list[tuple[Any, ...]]:
    """Groups of other facts, of each of which one must be caught: a default that is far from its boundary is no boundary."""
    if not isinstance(value, int):
        return [(value + MARK,)]
    return [(-(10**9), 10**9)] if "default" in str(path[-1]) else [(value - 1,), (value + 1,)]


@contextmanager
def put(path: tuple[str | int, ...], new: Any) -> Generator[None]:
    holder: Any = KNOWN
    for step in path[:-1]:
        holder = holder[step]
    old, holder[path[-1]] = holder[path[-1]], new
    is_secret_name.cache_clear()
    try:
        yield
    finally:
        holder[path[-1]] = old
        is_secret_name.cache_clear()


def goes_wrong(path: tuple[str | int, ...], new: Any, controls: list[Control]) -> bool:
    with put(path, new):
        return any(not is_right(c, case) for c in controls for case in cases_of()[c.id])


def test_every_fact_is_held_by_a_case() -> None:
    asking = [
        s for s in SOURCES.values() if any(asks in ast.unparse(s.tree) for asks in ("fact(", "_rules(", "_facts(", "strictest(", "secret"))
    ]
    controls = [c for c in all_controls() if any(c.id in s.controls for s in asking)]
    survived = [
        f"{'.'.join(map(str, path))} = {value!r}"
        for path, value in [*facts(KNOWN)]
        if not all(any(goes_wrong(path, new, controls) for new in group) for group in changed(path, value))
    ]
    assert survived == [], "no case tells these facts from others: add one"


def test_every_mutant_that_is_let_be_is_of_a_module_that_is_there_and_says_why() -> None:
    there = {*SOURCES, *(s.removeprefix("policies.controls.") for s in SHARED)}
    assert [e for e in EQUIVALENT if e.split(": ")[0] not in there] == []
    assert [e for e, reason in EQUIVALENT.items() if not reason.endswith(".")] == []


def test_every_control_is_reached_by_a_mutant() -> None:
    """Or its source is written in a way that the walk does not see."""
    reached = {c for s in SOURCES.values() for m in mutants(s) for c in m.controls}
    assert {c for s in SOURCES.values() for c in s.controls} - reached == set()


WEAK = """
from policies.demands import number_is_at_least, text_is
from policies.model import Control, GoldenRule, Severity

CONTROLS = (
    Control(
        id="logs-are-kept-for-six-months",
        title="t",
        severity=Severity.LOW,
        rule=GoldenRule.CLOUD_UNLESS,
        types=("azure-native:operationalinsights:Workspace",),
        judge=number_is_at_least("retentionInDays", LEAST, default=30, unit="days"),
        remedy="r.",
    ),
)
"""


@pytest.mark.parametrize(("least", "caught"), [("180", True), ("181", False)])
def test_the_suite_itself_tells_a_boundary_that_cases_hold_from_one_that_they_do_not(least: str, caught: bool) -> None:
    """The cases hold 179 and 180 days: a control that asks for 181 is wrong already, so here it must only be told apart."""
    source = Source("policies.controls.monitoring", ast.parse(WEAK.replace("LEAST", least)), ("logs-are-kept-for-six-months",))
    unmutated = controls_of(source, compile(source.tree, "weak", "exec"))["logs-are-kept-for-six-months"]
    assert all(is_right(unmutated, c) for c in cases_of()[unmutated.id]) is caught
    labels = [m.label for m in mutants(source)]
    assert len(labels) == len(set(labels))
    assert sum(least in label.rsplit(": ")[-1] for label in labels) == 2
