"""The layouts of `headings.toml`, loaded once: which headings stand for which field of which kind of record."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from inventory.spreadsheets.units import split_heading
from inventory.text import key

LONGEST_HEADING = 200

Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How the cells of one field are read. `unit` is what a bare number means, `gather` is `first`, `sum` or `list`.

    More than `doubt` is believed only of a cell that writes its unit itself; more than `most` never.
    """

    name: str
    type: str
    headings: tuple[str, ...]
    unit: str = ""
    gather: str = "first"
    binary: bool = False
    least: float | None = None
    above: float | None = None
    doubt: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """One recognised kind of sheet; see the head of `headings.toml` for what each part means."""

    name: str
    kind: str
    fields: Mapping[str, FieldRule]
    needs: tuple[str, ...]
    required: tuple[str, ...]
    least: int
    known: tuple[str, ...] = ()
    sheet: str = ""
    defines: bool = False
    rank: int = 0
    why_unused: str = ""
    unused: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading stands for in one layout: a field (None: known there, and not needed), its place, the unit named."""

    rule: FieldRule | None
    order: int = 0
    unit: str = ""


@lru_cache(maxsize=20_000)
def meanings(heading: str) -> Mapping[str, Meaning]:
    """What a heading stands for, by the name of each layout that has it."""
    made: dict[str, Meaning] = {}
    if len(heading) <= LONGEST_HEADING:
        for plain, unit in _forms(heading):
            numbered = re.sub(r"\d+", "#", plain)
            for layout, rule, order in [*_index().get(plain, ()), *(_index().get(numbered, ()) if numbered != plain else ())]:
                made.setdefault(layout, Meaning(rule, order, unit))
    return made


@lru_cache(maxsize=1)
def _index() -> Mapping[str, list[tuple[str, FieldRule | None, int]]]:
    made: dict[str, list[tuple[str, FieldRule | None, int]]] = {}
    for layout in layouts().values():
        for rule in layout.fields.values():
            for order, heading in enumerate(rule.headings):
                made.setdefault(_pattern(heading), []).append((layout.name, rule, order))
        for plain in {form for h in layout.known for form in (_pattern(h), split_heading(h)[0])}:
            made.setdefault(plain, []).append((layout.name, None, 0))
    return made


def _forms(heading: str) -> tuple[tuple[str, str], ...]:
    """The ways to read a heading: whole, and with its last word taken for a unit."""
    plain, unit, shorter = split_heading(heading)
    return ((plain, unit), shorter) if shorter else ((plain, unit),)


def _pattern(heading: str) -> str:
    """A heading of `headings.toml` as a key, with `#` for any number."""
    return "#".join(split_heading(part)[0] for part in heading.split("#"))


@lru_cache(maxsize=1)
def _facts() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("inventory").joinpath("headings.toml").read_text("utf-8"))


def _field(name: str, binary: bool, kind: Mapping[str, Any], said: Mapping[str, Any]) -> FieldRule:
    limits = {k: v for k, v in kind.items() if k != "type"}
    return FieldRule(
        name, kind["type"], tuple(said["headings"]), said.get("unit", ""), said.get("gather", "first"), binary=binary, **limits
    )


def _layout(name: str, said: Mapping[str, Any]) -> Layout:
    kinds: Mapping[str, Any] = _facts()["kinds"].get(said["kind"], {"name": {"type": "name"}})
    fields = {f: _field(f, said.get("binary", False), kinds[f], s) for f, s in said["fields"].items()}
    return Layout(
        name,
        said["kind"],
        fields,
        tuple(said["needs"]),
        tuple(said["required"]),
        said["least"],
        tuple(said.get("known", ())),
        said.get("sheet", ""),
        said.get("defines", False),
        said.get("rank", 0),
        said.get("why_unused", ""),
        {key(heading): why for why, headings in said.get("unused", {}).items() for heading in headings},
    )


@lru_cache(maxsize=1)
def layouts() -> Mapping[str, Layout]:
    """Every layout by name, in the order of `headings.toml`."""
    return {name: _layout(name, said) for name, said in _facts()["layouts"].items()}


@lru_cache(maxsize=1)
def spellings() -> Words:
    """For each list of words: what people write (its key) to what we call it."""
    held: Mapping[str, Mapping[str, list[str]]] = _facts()["spellings"]
    return {name: {key(w): ours for ours, words in lists.items() for w in words} for name, lists in held.items()}


@lru_cache(maxsize=1)
def unused_rows() -> frozenset[str]:
    """The names (as keys) that a row of totals bears."""
    return frozenset(key(name) for name in _facts()["unused"]["rows"])


@lru_cache(maxsize=1)
def unused_sheets() -> frozenset[str]:
    """The names (as keys) of sheets that are known, and of which nothing is needed."""
    return frozenset(key(name) for name in _facts()["unused"]["sheets"])
