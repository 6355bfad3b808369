"""A preview as a tree of lines for a person, in the manner of `pulumi preview`. Pure: colour and printing are others'."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from rehearsal import diff, urns
from rehearsal.preview import Preview, Step
from rehearsal.values import ARCHIVE, ASSET, HIDDEN, RESOURCE, SECRET, UNKNOWN, signature

MARKS = {"same": " ", "create": "+", "update": "~", "replace": "+-", "delete": "-", "read": ">", "import": "="}
_WIDEST = 160
_COUNTED = {"create": "to create", "update": "to update", "replace": "to replace", "delete": "to delete", "import": "to import"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `op` is the operation it belongs to, for colour."""

    op: str
    text: str


def lines(preview: Preview, *, values: bool = False) -> Iterator[Line]:
    """The tree: what changes under its parents, then outputs, then the count. `values` shows properties and values."""
    shown = {s.urn: s for s in preview.steps if s.op in MARKS}
    children: dict[str, list[Step]] = {}
    for step in shown.values():
        children.setdefault(_parent(step, shown), []).append(step)
    busy = _with_ancestors(shown)
    for step in children.get("", ()):
        yield from _branch(step, children, busy, 0, values)
    yield from _outputs(preview)
    yield Line("same", told(preview))


def told(preview: Preview) -> str:
    """The count in one line."""
    counted = preview.summary
    parts = [f"{MARKS[op]} {counted[op]} {word}" for op, word in _COUNTED.items() if counted.get(op)]
    kept = counted.get("same", 0) + counted.get("read", 0)
    return ", ".join([*parts, f"{kept} unchanged"]) if parts else f"No change: {kept} unchanged"


def _parent(step: Step, shown: Mapping[str, Step]) -> str:
    state = step.new or step.old or {}
    parent = str(state.get("parent", ""))
    return parent if parent in shown else ""


def _with_ancestors(shown: Mapping[str, Step]) -> set[str]:
    """Everything that changes, and what it stands under."""
    busy: set[str] = set()
    for step in shown.values():
        at = step.urn if step.op not in ("same", "read") else ""
        while at and at not in busy:
            busy.add(at)
            at = _parent(shown[at], shown)
    return busy


def _branch(step: Step, children: Mapping[str, list[Step]], busy: set[str], depth: int, values: bool) -> Iterator[Line]:
    if step.urn not in busy:
        return
    indent = "    " * depth
    yield Line(step.op, f"{MARKS[step.op]:>2} {indent}{urns.type_of(step.urn)} {urns.name_of(step.urn)}{_why(step)}")
    if values:
        yield from _properties(step, f"       {indent}")
    for child in children.get(step.urn, ()):
        yield from _branch(child, children, busy, depth + 1, values)


def _why(step: Step) -> str:
    kinds = step.detailed_diff or {}
    if step.op not in ("update", "replace") or not kinds:
        return ""
    marks = {"add": "+", "delete": "-", "update": "~"}
    return " [" + ", ".join(f"{marks[k.split('-')[0]]}{p}{' replaces' if k.endswith('replace') else ''}" for p, k in kinds.items()) + "]"


def _properties(step: Step, indent: str) -> Iterator[Line]:
    old, new = ((s or {}).get("inputs", {}) for s in (step.old, step.new))
    if step.op in ("create", "import"):
        for key, value in sorted(cast("dict[str, Any]", new).items()):
            yield Line(step.op, f"{indent}{key}: {shown(value)}")
    for path, kind in (step.detailed_diff or {}).items() if step.op in ("update", "replace") else ():
        before, after = _at(old, path), _at(new, path)
        match kind.split("-")[0]:
            case "add":
                yield Line("create", f"{indent}+ {path}: {shown(after)}")
            case "delete":
                yield Line("delete", f"{indent}- {path}: {shown(before)}")
            case _:
                told = f"{shown(before)} => {shown(after)}" if before != after else "what it names is replaced"
                yield Line("update", f"{indent}~ {path}: {told}")


def _at(value: Any, path: str) -> Any:
    for part in diff.parsed(path):
        if isinstance(value, Mapping):
            value = cast("Mapping[str, Any]", value).get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(cast("list[Any]", value)):
            value = cast("list[Any]", value)[part]
        else:
            return None
    return value


def shown(value: Any) -> str:
    """A value in a line, cut at 160 characters: secrets hidden, unknowns told, signed objects named."""
    text = json.dumps(_readable(value), ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"


def _readable(value: Any) -> Any:
    names = {SECRET: HIDDEN, ASSET: "[asset]", ARCHIVE: "[archive]", RESOURCE: "[resource]"}
    if found := names.get(signature(value)):
        return found
    if isinstance(value, Mapping):
        return {k: _readable(v) for k, v in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_readable(v) for v in cast("list[Any]", value)]
    return "[unknown]" if value == UNKNOWN else value


def _outputs(preview: Preview) -> Iterator[Line]:
    """The stack's outputs that are new, other or gone."""
    root = next((s for s in preview.steps if urns.type_of(s.urn) == urns.STACK_TYPE), None)
    old, new = ((s or {}).get("outputs", {}) for s in ((root.old, root.new) if root else (None, None)))
    changed = {str(c.path[0]): c for c in diff.changes(old, new) if c.path}
    if changed:
        yield Line("same", "Outputs:")
    for key, change in sorted(changed.items()):
        op = "update" if len(change.path) > 1 else {"add": "create", "delete": "delete"}.get(change.kind, "update")
        yield Line(op, f" {MARKS[op]}  {key}: {shown(new.get(key, old.get(key)))}")
