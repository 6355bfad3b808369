"""What exists matched with what a stack would make: adopted, made anew beside something alike, or left alone."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from console.adoption.model import Adoption, Difference, Existing, Planned, arm_type

# How Pulumi's state marks a value with a meaning of its own, such as a secret's. Such values are neither compared nor shown.
_MARK = "4dabf18193072939515e22adb298388d"
_ABSENT = object()


@cache
def _rules() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("rules.toml").read_text("utf-8"))


def adoption(planned: Sequence[Planned], existing: Sequence[Existing]) -> Adoption:
    """Match by ARM id, whatever its case; then look for what is alike, and for what would change."""
    there = {e.id.lower(): e for e in existing}
    ours = [p for p in planned if p.id.startswith("/")]
    pairs = tuple((p, there[p.id.lower()]) for p in ours if p.id.lower() in there)
    taken = {p.id.lower() for p, _ in pairs}
    unknown = tuple(e for key, e in there.items() if key not in taken)
    by_type: dict[str, list[Existing]] = {}
    for held in unknown:
        by_type.setdefault(held.type, []).append(held)
    alike = tuple(found for p in ours if p.id.lower() not in taken for found in _alike(p, by_type.get(arm_type(p.id), [])))
    compared = [_compared(p, e) for p, e in pairs]
    differences = sorted((d for found, _ in compared for d in found), key=lambda d: (d.rank, d.planned.name, d.key))
    return Adoption(pairs, alike, unknown, tuple(differences), sum(unseen for _, unseen in compared))


def _alike(planned: Planned, of_its_kind: Sequence[Existing]) -> Iterator[tuple[Planned, Existing, str]]:
    for rule in (r for r in _rules()["alike"] if r["type"] == arm_type(planned.id)):
        for held in of_its_kind:
            if all(_same(planned.inputs.get(key), _actual(held, key)) for key in rule["same"]):
                yield planned, held, rule["why"]


def _actual(held: Existing, key: str) -> Any:
    """What the export says of an input: under properties, else of the resource itself; a name that ends its id."""
    if key.lower().endswith("zonename"):
        return held.name
    for place in (held.held.get("properties"), held.held):
        if isinstance(place, Mapping):
            for name, value in cast("Mapping[str, Any]", place).items():
                if name.lower() == key.lower():
                    return value
    return _ABSENT


def _compared(planned: Planned, held: Existing) -> tuple[list[Difference], int]:
    """Inputs that differ, and how many the export does not tell."""
    found: list[Difference] = []
    unseen = 0
    danger = {r["key"]: (i, r["why"]) for i, r in enumerate(_rules()["danger"])}
    for key, value in planned.inputs.items():
        if _is_place(key) or _is_marked(value):
            continue
        actual = _actual(held, key)
        if actual is _ABSENT:
            unseen += 1
        elif not _same(value, actual):
            rank, why = danger.get(key, (len(danger), ""))
            found.append(Difference(planned, key, actual, value, rank, why))
    return found, unseen


def _is_place(key: str) -> bool:
    """An input that the id says already."""
    return key in ("scope", "groupId", "managementGroupId", "roleDefinitionId") or (key.endswith("Name") and key != "displayName")


def _is_marked(value: Any) -> bool:
    """Whether it is, or holds, a value that must not be shown."""
    if isinstance(value, Mapping):
        held = cast("Mapping[Any, Any]", value)
        return _MARK in held or any(map(_is_marked, held.values()))
    return isinstance(value, list) and any(map(_is_marked, cast("list[Any]", value)))


def _same(ours: Any, theirs: Any) -> bool:
    """Whether the export says all that we do; what it says besides is Azure's own. Ids and names of values compare without case."""
    if isinstance(ours, Mapping):
        held = {str(k).lower(): v for k, v in cast("Mapping[Any, Any]", theirs).items()} if isinstance(theirs, Mapping) else {}
        return all(_same(v, held.get(str(k).lower(), _ABSENT)) for k, v in cast("Mapping[Any, Any]", ours).items())
    if isinstance(ours, list):
        listed = cast("list[Any]", theirs) if isinstance(theirs, list) else None
        mine = cast("list[Any]", ours)
        return listed is not None and len(mine) == len(listed) and all(map(_same, mine, listed))
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours == theirs or (ours.lower() == theirs.lower() and (ours.startswith("/") or ours.isalnum()))
    return bool(ours == theirs)
