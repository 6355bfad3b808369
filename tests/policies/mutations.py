"""Mutants of controls: the module's source with one thing in it changed, compiled apart and held against the controls' own cases.

A mutant is told by what it changes: `key_vault: flag_is('enablePurgeProtection', wanted=True, default=False): wanted True -> False`.
Left alone are sentences for people (what answers say, titles, remedies), since cases hold verdicts, not wording.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Any, Final, cast

from policies import demands
from policies.controls import CONTROLS
from policies.model import Control

MARK: Final = "\ue000"  # in no text of any case
_TOLD: Final = {"passes", "fails", "not_applicable", "cannot_tell", "UnknownValueError"}
_UNMUTATED_KEYS: Final = {"id", "title", "severity", "rule", "remedy", "clauses", "mandatory", "looks_around", "maxsplit", "strict", "repr"}
_WORDS: Final = {"what", "why", "unit", "reason", "said"}
_FIRST_IS_NO_VALUE: Final = {"cast", "once", "TypeVar"}
_COMPARED: Final[Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
}
_SWAPPED: Final = {
    "all_of": "any_of",
    "any_of": "all_of",
    "any": "all",
    "all": "any",
    "passes": "fails",
    "fails": "passes",
    "not_applicable": "passes",
    "cannot_tell": "passes",
}
_SHAPES: Final = {f.name: f for f in ast.walk(ast.parse(inspect.getsource(demands))) if isinstance(f, ast.FunctionDef)}


@dataclass(frozen=True)
class Mutant:
    """One change: `holder`'s field `name` (its item `at`, where that is a list) becomes one of `news`.

    It is caught when a case goes wrong with any of `news`: of a default that is not wanted only a wanted one can be told apart.
    """

    label: str
    top: ast.stmt
    controls: frozenset[str]
    holder: ast.AST
    name: str
    at: int | None
    news: tuple[object, ...]


@dataclass
class Source:
    """A module of controls: its tree, its controls, and for each of them the statements that it is made of."""

    name: str
    tree: ast.Module
    controls: tuple[str, ...]

    def compiled(self, mutant: Mutant, new: object) -> CodeType:
        """The module's code with the mutant in it; the tree is as before afterwards."""
        old = _get(mutant)
        _put(mutant, new)
        try:
            return compile(ast.fix_missing_locations(self.tree), f"<mutant of {self.name}>", "exec")
        finally:
            _put(mutant, old)

    def control_id(self, node: ast.AST) -> str:
        """The id of the control that a call makes: written there, or the name of a constant of the module."""
        if _called(node) != "Control":
            return ""
        given = next((k.value for k in cast("ast.Call", node).keywords if k.arg == "id"), None)
        if isinstance(given, ast.Name):
            given = next((t.value for t in self.tree.body if isinstance(t, (ast.Assign, ast.AnnAssign)) and given.id in _defines(t)), None)
        return str(given.value) if isinstance(given, ast.Constant) else ""


def sources() -> list[Source]:
    """Every module of `policies.controls` that holds controls, by the ids of what it holds."""
    held = {c.id for c in CONTROLS}
    found: list[Source] = []
    package = import_module("policies.controls")
    for file in sorted(Path(str(package.__file__)).parent.rglob("*.py")):
        name = ".".join(("policies.controls", *file.relative_to(Path(str(package.__file__)).parent).with_suffix("").parts))
        mine = tuple(c.id for c in getattr(import_module(name), "CONTROLS", ()) if c.id in held) if file.stem != "__init__" else ()
        if mine:
            found.append(Source(name, ast.parse(file.read_text("utf-8")), mine))
    return found


def controls_of(source: Source, code: CodeType) -> dict[str, Control]:
    """The controls that a mutated module makes, by id. Raises whatever the mutant raises."""
    space: dict[str, Any] = {"__name__": source.name, "__package__": source.name.rpartition(".")[0]}
    exec(code, space)  # noqa: S102 - our own source with one word changed
    return {c.id: c for c in cast("Sequence[Control]", space["CONTROLS"])}


def mutants(source: Source) -> list[Mutant]:
    """Every mutant of a module that some control of it is made of, each with a label of its own."""
    walk = _Walk(source)
    for top in source.tree.body:
        if not isinstance(top, (ast.Import, ast.ImportFrom, ast.Expr)):
            walk.statement(top)
    return _numbered([m for m in walk.found if m.controls])


def _numbered(found: list[Mutant]) -> list[Mutant]:
    seen: dict[str, int] = {}
    made: list[Mutant] = []
    for m in found:
        seen[m.label] = nth = seen.get(m.label, 0) + 1
        label = m.label if nth == 1 else f"{m.label} (again, {nth})"
        made.append(Mutant(label, m.top, m.controls, m.holder, m.name, m.at, m.news))
    return made


def _get(mutant: Mutant) -> object:
    held = getattr(mutant.holder, mutant.name)
    return held if mutant.at is None else held[mutant.at]


def _put(mutant: Mutant, new: object) -> None:
    if mutant.at is None:
        setattr(mutant.holder, mutant.name, new)
    else:
        getattr(mutant.holder, mutant.name)[mutant.at] = new


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _called(node: ast.AST) -> str:
    """The name of what a call calls: `text` of `place.text(…)`."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""


class _Reach:
    """Which controls a top-level statement, or a part of the list of controls, is part of."""

    def __init__(self, source: Source) -> None:
        self.defined: dict[str, ast.stmt] = {}
        for top in source.tree.body:
            for name in _defines(top):
                self.defined[name] = top
        self.of_control = {i: node for node in ast.walk(source.tree) if (i := source.control_id(node)) in source.controls}
        self.all = frozenset(source.controls)
        self.reached = {i: self._tops(node) for i, node in self.of_control.items()}

    def _tops(self, node: ast.AST) -> set[ast.stmt]:
        found: set[ast.stmt] = set()
        waiting = [*_names(node)]
        while waiting:
            top = self.defined.get(waiting.pop())
            if top is not None and top not in found:
                found.add(top)
                waiting += _names(top)
        return found

    def controls(self, top: ast.stmt) -> frozenset[str]:
        """The controls made of a statement. One that is not written out here may be made of any."""
        return frozenset(c for c in self.all if c not in self.of_control or top in self.reached[c])


def _defines(top: ast.stmt) -> Iterator[str]:
    if isinstance(top, (ast.FunctionDef, ast.ClassDef)):
        yield top.name
    elif isinstance(top, ast.Assign):
        yield from (n for t in top.targets for n in _names(t))
    elif isinstance(top, ast.AnnAssign):
        yield from _names(top.target)


class _Walk:
    """Walks a module and notes what can be changed."""

    def __init__(self, source: Source) -> None:
        self.source, self.reach, self.found = source, _Reach(source), list[Mutant]()
        self.functions = {f.name: f for f in ast.walk(source.tree) if isinstance(f, ast.FunctionDef)}
        self.top: ast.stmt = source.tree.body[0]
        self.near: ast.AST = self.top
        self.scope: ast.AST = self.top
        self.controls: frozenset[str] = frozenset()

    def statement(self, top: ast.stmt) -> None:
        """One top-level statement; in the list of controls each control is by itself."""
        self.top, self.near, self.scope, self.controls = top, top, top, self.reach.controls(top)
        if "CONTROLS" in _defines(top):
            self.controls = self.reach.all
        self._inside(top)

    def _add(self, holder: ast.AST, name: str, at: int | None, *news: object, what: str) -> None:
        if news:
            whole = " ".join(ast.unparse(self.near).split()) if isinstance(self.near, ast.expr) else next(_defines(self.near), "")  # pyright: ignore[reportArgumentType]
            short = self.source.name.removeprefix("policies.controls.")
            where = whole if len(whole) <= 100 else f"{whole[:99]}…"
            self.found.append(Mutant(f"{short}: {where}: {what}", self.top, self.controls, holder, name, at, news))

    def _inside(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list"):
                continue
            if isinstance(value, ast.AST):
                self._one(value, node, name, None)
            elif isinstance(value, list):
                for at, item in enumerate(cast("list[Any]", value)):
                    if isinstance(item, ast.AST):
                        self._one(item, node, name, at)

    def _one(self, node: ast.AST, holder: ast.AST, name: str, at: int | None) -> None:
        if _is_docstring(node, at) or isinstance(node, ast.JoinedStr):
            return
        if isinstance(node, ast.Constant):
            self._constant(node, holder, name, at)
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            self._compared(node)
        elif isinstance(node, ast.Compare):
            for n, op in enumerate(node.ops):
                for new in _COMPARED.get(type(op), ()):
                    self._add(node, "ops", n, new(), what=f"{ast.unparse(node)}: {type(op).__name__} -> {new.__name__}")
        elif isinstance(node, ast.BoolOp):
            self._joined(node, holder, name, at)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self._add(holder, name, at, node.operand, what=f"{ast.unparse(node)} -> {ast.unparse(node.operand)}")
        if isinstance(node, (ast.If, ast.IfExp)):
            self._negated(node, "test", None, node.test)
        if isinstance(node, ast.comprehension):
            for n, test in enumerate(node.ifs):
                self._negated(node, "ifs", n, test)
        self._below(node)

    def _below(self, node: ast.AST) -> None:
        control = self.source.control_id(node)
        before = self.near, self.scope, self.controls
        if control in self.source.controls:
            self.scope, self.controls = node, frozenset({control})
        if isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.FunctionDef):
            self.near = node
            self._inside(node)
        else:
            self._inside(node)
        self.near, self.scope, self.controls = before

    def _call(self, node: ast.Call) -> None:
        called = _called(node)
        if called in _SWAPPED and isinstance(node.func, ast.Name):
            self._add(node.func, "id", None, _SWAPPED[called], what=f"{ast.unparse(node)[:60]}: {called} -> {_SWAPPED[called]}")
        if called == "both" and len(node.args) > 1:
            for n, part in enumerate(node.args):
                self._add(node, "args", None, node.args[:n] + node.args[n + 1 :], what=f"both without {ast.unparse(part)}")
        if called in _TOLD:
            return
        if called != "Control":
            self.near = node
        self._one(node.func, node, "func", None)
        words = self._words(node)
        for n, argument in enumerate(node.args):
            is_no_value = n == 0 and called in _FIRST_IS_NO_VALUE
            if not (is_no_value or n in words):
                self._one(argument, node, "args", n)
        for keyword in node.keywords:
            if keyword.arg not in _UNMUTATED_KEYS | _WORDS:
                self._one(keyword.value, keyword, "value", None)

    def _words(self, node: ast.Call) -> set[int]:
        """Which arguments of a function of this module, or of a shape of control, are words for people, by its parameters' names."""
        function = self.functions.get(_called(node)) or _SHAPES.get(_called(node))
        return {n for n, a in enumerate(function.args.args) if a.arg in _WORDS} if function else set()

    def _constant(self, node: ast.Constant, holder: ast.AST, name: str, at: int | None) -> None:
        value: object = node.value
        key = f"{holder.arg} " if isinstance(holder, ast.keyword) else ""
        if isinstance(value, bool):
            self._add(holder, name, at, ast.Constant(not value), what=f"{key}{value} -> {not value}")
        elif isinstance(value, (int, float)):
            self._number(value, key, holder, name, at)
        elif isinstance(value, str):
            self._add(holder, name, at, *self._texts(value, holder, name, at), what=f"{key}{value!r} -> another text")

    def _texts(self, value: str, holder: ast.AST, name: str, at: int | None) -> list[ast.expr]:
        if _is_default(holder, name, at):
            return [ast.Constant(o) for o in sorted({*_texts(self.scope), "", MARK} - {value})]
        return [ast.Constant(MARK if _called(holder) in ("strip", "lstrip", "rstrip") else value + MARK)]

    def _number(self, value: float, key: str, holder: ast.AST, name: str, at: int | None) -> None:
        if _is_default(holder, name, at):
            news = [ast.Constant(n) for n in (value - 1, value + 1, -(10**9), 10**9)]
            self._add(holder, name, at, *news, what=f"{key}{value} -> another number")
            return
        for new in (value - 1, value + 1):
            self._add(holder, name, at, ast.Constant(new), what=f"{key}{value} -> {new}")

    def _compared(self, node: ast.Compare) -> None:
        for new in _COMPARED.get(type(node.ops[0]), ()):
            self._add(node, "ops", 0, new(), what=f"{ast.unparse(node)}: {type(node.ops[0]).__name__} -> {new.__name__}")

    def _joined(self, node: ast.BoolOp, holder: ast.AST, name: str, at: int | None) -> None:
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self._add(node, "op", None, other, what=f"{ast.unparse(node)}: {type(node.op).__name__} -> {type(other).__name__}")
        for n, part in enumerate(node.values):
            rest = node.values[:n] + node.values[n + 1 :]
            new = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
            self._add(holder, name, at, new, what=f"{ast.unparse(node)} without {ast.unparse(part)}")

    def _negated(self, holder: ast.AST, name: str, at: int | None, test: ast.expr) -> None:
        """A comparison or a `not` by itself is turned round elsewhere."""
        is_turned = (isinstance(test, ast.Compare) and len(test.ops) == 1) or (
            isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        )
        if not is_turned:
            self._add(holder, name, at, ast.UnaryOp(ast.Not(), test), what=f"if {ast.unparse(test)} -> if not")


def _is_docstring(node: ast.AST, at: int | None) -> bool:
    return at is not None and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_default(holder: ast.AST, name: str, at: int | None) -> bool:
    """Whether a constant is what an absent property counts as: `default=…`, or the second argument of `.text(…)`."""
    if isinstance(holder, ast.keyword):
        return holder.arg == "default"
    return isinstance(holder, ast.Call) and name == "args" and at == 1 and _called(holder) == "text"


def _texts(node: ast.AST) -> set[str]:
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
