"""A difference of two releases of the library as a person reads it, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from stacks.library.difference import Change, Counts, Difference, Kind, Verb, Weight

_UNSEEN = (
    "Not told here: what Microsoft changed in its own built-in definitions (both are read with one copy of them), and what the council's "
    "settings change. Rehearse the upgrade before it is made: unless rehearse landing-zone --preview --diff"
)
_MOST = 6


def text(found: Difference, show_all: bool = False) -> list[str]:
    """Lines: how much, then every change under its weight, worst first, with what to do before it."""
    lines = [f"From {found.before}", f"to   {found.after}", ""]
    if not found.changes:
        return [*lines, "Nothing changes."]
    lines += [_resources(found.whole), *(f"  {kind}: {_verbs(c)}" for kind, c in found.resources.items() if c.touched)]
    lines += [_roles(found)]
    for weight in Weight:
        held = found.of(weight)
        if held:
            lines += ["", f"{weight.value.upper()} ({len(held)})", *_weight(held, show_all)]
    return [*lines, "", _UNSEEN]


def _resources(counts: Counts) -> str:
    return f"pulumi up would {_verbs(counts, ('create', 'update', 'replace', 'delete'))} resources; {counts.same} stay as they are."


def _verbs(counts: Counts, words: tuple[str, ...] = ("created", "updated", "replaced", "deleted")) -> str:
    numbers = (counts.create, counts.update, counts.replace, counts.delete)
    if words[0] == "create":
        return ", ".join(f"{word} {n}" for word, n in zip(words, numbers, strict=True))
    return ", ".join(f"{n} {word}" for word, n in zip(words, numbers, strict=True) if n)


def _roles(found: Difference) -> str:
    held = [c for c in found.changes if c.kind is Kind.IDENTITY_ROLE]
    gained = sum(c.verb is Verb.ADDED for c in held)
    if not held:
        return "  No identity gets or loses a role."
    return f"  Identities get {gained} and lose {len(held) - gained} roles."


def _weight(changes: tuple[Change, ...], show_all: bool) -> Iterator[str]:
    """Changes that ask for the same are told together, with what they ask for once."""
    for first, held in groupby(changes, key=lambda c: c.first):
        for change in held:
            yield from _change(change, show_all)
        yield from (f"    First: {sentence}" for sentence in first)


def _change(change: Change, show_all: bool) -> Iterator[str]:
    points = [p for p in change.points if show_all or p.weight is not Weight.NOTED or change.weight is Weight.NOTED]
    told, rest = (points, []) if show_all else (points[:_MOST], points[_MOST:])
    where = _where(change)
    head = f"  {change.kind} {change.name}{f', {where}' if where else ''}: {change.verb}."
    if len(told) == 1 and not change.used_by:
        yield f"{head} {told[0].says}"
        return
    yield head
    yield from (f"      {p.says}" for p in told)
    if rest:
        yield f"      and {len(rest)} more; show them with --all"
    if change.used_by:
        yield f"      Used by {_some(change.used_by, show_all)}."


def _where(change: Change) -> str:
    if not change.groups:
        return ""
    beneath = len(change.reaches) - len(change.groups)
    names = ", ".join(g or "the top group" for g in change.groups)
    return f"at {names}" + (f" and {'the one group' if beneath == 1 else f'the {beneath} groups'} beneath" if beneath > 0 else "")


def _some(names: tuple[str, ...], show_all: bool) -> str:
    shown = names if show_all else names[:_MOST]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")


def as_json_of(found: Difference) -> dict[str, Any]:
    """Everything that is known of the difference."""
    return {
        "before": found.before,
        "after": found.after,
        "resources": {"all": _counts(found.whole), **{kind.value: _counts(c) for kind, c in found.resources.items()}},
        "changes": [_as_json(c) for c in found.changes],
    }


def _counts(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in ("create", "update", "replace", "delete", "same")}


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "weight": change.weight,
        "kind": change.kind,
        "verb": change.verb,
        "name": change.name,
        "groups": change.groups,
        "reaches": change.reaches,
        "used_by": change.used_by,
        "points": [{"rule": p.rule, "weight": p.weight, "says": p.says} for p in change.points],
        "first": change.first,
    }
