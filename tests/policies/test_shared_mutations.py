"""What controls are made of (answers, places, demands, siblings, secrets), with one thing in it changed, must be found out by some case.

The same as test_mutations.py of what all controls share: each mutant is put under every module of controls, and any case may catch it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from tests.policies.mutations import Mutant, Source, controls_of, mutants
from tests.policies.test_mutations import EQUIVALENT, SHARED, SOURCES, cases_of, is_right

ROOT = Path(__file__).parents[2]


@cache
def source_of(name: str) -> Source:
    text = ROOT.joinpath(*name.split(".")).with_suffix(".py").read_text("utf-8")
    return Source(name, ast.parse(text), tuple(c for s in SOURCES.values() for c in s.controls))


@cache
def code_of(name: str) -> CodeType:
    tree = source_of(name).tree if name in SHARED else SOURCES[name].tree
    return compile(tree, name, "exec")


@contextmanager
def put_under(name: str, code: CodeType) -> Generator[None]:
    """Every shared module anew, one of them with other code, for whoever imports them meanwhile."""
    before = {n: sys.modules[n] for n in SHARED}
    try:
        for n in SHARED:
            module = ModuleType(n)
            module.__package__ = n.rpartition(".")[0]
            sys.modules[n] = module
            exec(code if n == name else code_of(n), module.__dict__)  # noqa: S102 - our own source with one word changed
        yield
    finally:
        sys.modules.update(before)


def goes_wrong(name: str, code: CodeType) -> bool:
    """Whether a case of any control goes wrong, or the modules cannot be made at all."""
    try:
        with put_under(name, code):
            made = [c for short, s in SOURCES.items() for c in controls_of(s, code_of(short)).values()]
    except Exception:
        return True
    return any(not is_right(control, case) for control in made for case in cases_of()[control.id])


def is_caught(name: str, mutant: Mutant) -> bool:
    return any(goes_wrong(name, source_of(name).compiled(mutant, new)) for new in mutant.news)


@pytest.mark.parametrize("name", SHARED)
def test_every_mutant_of_what_controls_share_is_caught_by_a_case(name: str) -> None:
    assert not goes_wrong(name, code_of(name))
    found = {m.label: is_caught(name, m) for m in mutants(source_of(name))}
    assert [label for label, caught in found.items() if not caught and label not in EQUIVALENT] == []
    mine = [e for e in EQUIVALENT if e.startswith(f"{name.removeprefix('policies.controls.')}: ")]
    assert [e for e in mine if found.get(e, True)] == [], "is no mutant any more, or is caught: remove it from the list"
