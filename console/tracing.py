"""What the workspace's derived files say of one id: the same ids are everywhere, so one look follows a thing through."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from console.workspace import Workspace

Line = tuple[str, str, str]
_FILES = ("assessments.json", "plan.json", "findings.json")
_KEYS = ("id", "workload_id", "subject", "subject_id", "server_id", "workload_ids", "server_ids", "group_ids")
_SAID = (
    *("readiness", "disposition", "disposition_reason", "effect", "reason", "remedy", "sku", "kind", "region"),
    *("verdict", "group", "wave", "starts", "ends"),
)
_LABELS = ("id", "control", "assessor", "workload_id", "subject")


def traced(place: Workspace, wanted: str) -> list[Line]:
    """File, place in it, and what it says, for every object of the derived files that names the id."""
    return [line for name in _FILES for line in _of_file(place.path(name), wanted)]


def _of_file(file: Path, wanted: str) -> Iterator[Line]:
    if not file.is_file():
        return
    try:
        held = json.loads(file.read_text("utf-8"))
    except ValueError:
        yield file.name, "whole file", "is not readable; make it anew."
        return
    for where, found in _naming(held, wanted, ""):
        yield file.name, where, _sentence(found)


def _naming(held: object, wanted: str, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(held, dict):
        part = cast("dict[str, Any]", held)
        if any(wanted == part.get(k) or (isinstance(part.get(k), list) and wanted in part[k]) for k in _KEYS):
            yield where, part
        if where == "unplanned" and wanted in part:
            yield where, {"reason": part[wanted]}
        yield from _below(((f"{where}.{k}" if where else k, v) for k, v in part.items()), wanted)
    elif isinstance(held, list):
        yield from _below(((f"{where}[{_label(v, n)}]", v) for n, v in enumerate(cast("list[Any]", held))), wanted)


def _below(parts: Iterable[tuple[str, object]], wanted: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for where, part in parts:
        if isinstance(part, (dict, list)):
            yield from _naming(cast("object", part), wanted, where)


def _label(held: Any, number: int) -> str:
    if isinstance(held, dict):
        part = cast("dict[str, Any]", held)
        return str(
            part.get("id") or part.get("control") or part.get("assessor") or part.get("workload_id") or part.get("subject") or number
        )
    return str(number)


def _sentence(found: Mapping[str, Any]) -> str:
    said = [f"{k} {found[k]}" for k in _SAID if found.get(k) not in (None, "", [])]
    return "; ".join(said) or "names it"
