"""Every assessor, with one thing in it changed, must be found out by its own cases: one that no case holds may say anything.

A mutant that no case can tell from the assessor belongs in equivalent_mutants.toml, with the reason. Run one assessor's with -k NAME.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from migration.assessors import Assessor
from migration.knowledge import load_knowledge
from tests.migration.assess.conftest import Case, case_of
from tests.migration.assess.mutants import PACKAGE, all_mutants, assessor_of, shared, source_of, sources
from tests.migration.assess.test_assessor_cases import CASES, faults_of
from tests.policies.mutations import MARK, Mutant, Source

SOURCES = {s.controls[0]: s for s in sources()}
SHARED = shared()
FILE = Path(__file__).with_name("equivalent_mutants.toml")
EQUIVALENT: dict[str, str] = {m["label"]: m["reason"] for m in tomllib.loads(FILE.read_text("utf-8"))["mutant"]}


@cache
def cases_of(name: str) -> tuple[Case, ...]:
    knowledge = load_knowledge()
    return tuple(case_of(p, knowledge) for p in sorted((CASES / f"assessor-{name}").glob("*.toml")))


def is_right(name: str, assessor: Assessor, case: Case) -> bool:
    """Whether the case's expectations hold. A changed word of a sentence shows by its mark: cases hold what is said, not its wording."""
    try:
        findings = assessor(case.workload, case.estate, case.terms)
        text = "\n".join("\n".join((f.reason, f.remedy, *f.evidence)) for f in findings)
        return MARK not in text and not faults_of(name, findings, case)
    except Exception:  # whatever a mutant raises, it is found out
        return False


def is_caught(source: Source, mutant: Mutant) -> bool:
    """Whether a case goes wrong, or the module cannot be made at all."""
    (name,) = source.controls
    for new in mutant.news:
        code = source.compiled(mutant, new)
        try:
            made = assessor_of(source, code)
        except Exception:
            return True
        if not all(is_right(name, made, case) for case in cases_of(name)):
            return True
    return False


def survivors(found: Mapping[str, bool], prefix: str) -> tuple[list[str], list[str]]:
    """Mutants that nothing tells apart, and entries of the list that are no mutants any more or are caught."""
    survived = [label for label, caught in found.items() if not caught and label not in EQUIVALENT]
    return survived, [e for e in EQUIVALENT if e.startswith(f"{prefix}: ") and found.get(e, True)]


@pytest.mark.parametrize("name", SOURCES)
def test_every_mutant_is_caught_by_a_case_of_its_assessor(name: str) -> None:
    source = SOURCES[name]
    found = {m.label: is_caught(source, m) for m in all_mutants(source)}
    survived, left_over = survivors(found, source.name.removeprefix(f"{PACKAGE}."))
    assert survived == [], f"no case tells these mutants apart: add one to tests/cases/assessor-{name}"
    assert left_over == [], "is no mutant any more, or is caught: remove it from the list"


@contextmanager
def put_under(name: str, code: CodeType) -> Generator[None]:
    """Every shared module anew, one of them with other code, for whoever imports them meanwhile."""
    before = {n: sys.modules[n] for n in SHARED}
    try:
        for n in SHARED:
            module = ModuleType(n)
            module.__package__ = PACKAGE
            sys.modules[n] = module
            own = compile(source_of(n, ()).tree, n, "exec")
            exec(code if n == name else own, module.__dict__)  # noqa: S102 - our own source with one word changed
        yield
    finally:
        sys.modules.update(before)


def goes_wrong(name: str, code: CodeType) -> bool:
    """Whether a case of any assessor goes wrong, or the modules cannot be made at all."""
    try:
        with put_under(name, code):
            made = {a: assessor_of(s, compile(s.tree, s.name, "exec")) for a, s in SOURCES.items()}
    except Exception:
        return True
    return any(not is_right(a, assessor, case) for a, assessor in made.items() for case in cases_of(a))


@pytest.mark.parametrize("name", SHARED)
def test_every_mutant_of_what_assessors_share_is_caught_by_a_case(name: str) -> None:
    source = source_of(name, tuple(SOURCES))
    assert not goes_wrong(name, compile(source.tree, name, "exec"))
    found = {m.label: any(goes_wrong(name, source.compiled(m, new)) for new in m.news) for m in all_mutants(source)}
    survived, left_over = survivors(found, name.removeprefix(f"{PACKAGE}."))
    assert survived == [], "no case of any assessor tells these mutants apart: add one"
    assert left_over == [], "is no mutant any more, or is caught: remove it from the list"


def test_every_mutant_that_is_let_be_is_of_a_module_that_is_there_and_says_why() -> None:
    there = {s.name.removeprefix(f"{PACKAGE}.") for s in SOURCES.values()} | {n.removeprefix(f"{PACKAGE}.") for n in SHARED}
    assert [e for e in EQUIVALENT if e.split(": ")[0] not in there] == []
    assert [e for e, reason in EQUIVALENT.items() if not reason.endswith(".")] == []


@pytest.mark.parametrize(("new", "caught"), [("BLOCKS", True), ("CONDITION", False)])
def test_the_suite_itself_tells_an_effect_that_cases_hold_from_one_that_they_do_not(new: str, caught: bool) -> None:
    source = SOURCES["power"]
    mutant = next(m for m in all_mutants(source) if m.label == "power: _finding: Effect.CONDITION -> Effect.BLOCKS")
    assert is_caught(source, Mutant(mutant.label, mutant.top, mutant.controls, mutant.holder, "attr", None, (new,))) is caught


def test_every_assessor_has_mutants_of_its_effects() -> None:
    """Or its source is written in a way that the walk does not see."""
    seen = {name for name, s in SOURCES.items() if any("Effect." in m.label for m in all_mutants(s))}
    assert set(SOURCES) - seen == set()
