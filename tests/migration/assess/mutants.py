"""Mutants of assessors: those of tests/policies/mutations.py, every effect turned into the others, and the conditions inside sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Any, Final, cast

from migration.assessors import ASSESSORS, Assessor
from migration.model import Effect
from tests.policies.mutations import Mutant, Source, mutants

PACKAGE: Final = "migration.assessors"
ROOM: Final = Path(str(import_module(PACKAGE).__file__)).parent


def sources() -> list[Source]:
    """Every module of `migration.assessors` that is an assessor."""
    names = {name: assessor.__module__ for name, assessor in ASSESSORS}
    return [source_of(module, (name,)) for name, module in names.items()]


def shared() -> list[str]:
    """The modules of `migration.assessors` that are none: what assessors are made of."""
    held = {assessor.__module__ for _, assessor in ASSESSORS}
    return sorted(n for f in ROOM.glob("*.py") if f.stem != "__init__" and (n := f"{PACKAGE}.{f.stem}") not in held)


def source_of(module: str, assessors: tuple[str, ...]) -> Source:
    """A module as the mutator reads it."""
    text = ROOM.joinpath(f"{module.removeprefix(f'{PACKAGE}.')}.py").read_text("utf-8")
    return Source(module, ast.parse(text), assessors)


def assessor_of(source: Source, code: CodeType) -> Assessor:
    """The assessor that a mutated module makes. Raises whatever the mutant raises."""
    space: dict[str, Any] = {"__name__": source.name, "__package__": PACKAGE}
    exec(code, space)  # noqa: S102 - our own source with one word changed
    return cast("Assessor", space["assess"])


def all_mutants(source: Source) -> list[Mutant]:
    """Every mutant of a module, each with a label of its own."""
    made: dict[str, Mutant] = {}
    for m in (*mutants(source), *_effects(source), *_inside_sentences(source)):
        label = m.label.removeprefix(f"{PACKAGE}.")
        nth = sum(1 for held in made if held == label or held.startswith(f"{label} (again, ")) + 1
        made[label if nth == 1 else f"{label} (again, {nth})"] = m
    return [Mutant(label, m.top, m.controls, m.holder, m.name, m.at, m.news) for label, m in made.items()]


def _effects(source: Source) -> Iterator[Mutant]:
    for top in source.tree.body:
        for node in ast.walk(top):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Effect":
                for other in Effect:
                    if other.name != node.attr:
                        yield _mutant(source, top, node, "attr", other.name, f"Effect.{node.attr} -> Effect.{other.name}")


def _inside_sentences(source: Source) -> Iterator[Mutant]:
    """Words chosen inside an f-string: the mutator of controls leaves sentences alone, but what they say of a workload is held here."""
    for top in source.tree.body:
        chosen = (n for s in ast.walk(top) if isinstance(s, ast.JoinedStr) for n in ast.walk(s) if isinstance(n, ast.IfExp))
        for node in chosen:
            new = ast.UnaryOp(ast.Not(), node.test)
            yield _mutant(source, top, node, "test", new, f"{ast.unparse(node)}: the other way round")


def _mutant(source: Source, top: ast.stmt, holder: ast.AST, name: str, new: object, what: str) -> Mutant:
    where = top.name if isinstance(top, ast.FunctionDef) else "the module"
    return Mutant(f"{source.name}: {where}: {what}", top, frozenset(source.controls), holder, name, None, (new,))
