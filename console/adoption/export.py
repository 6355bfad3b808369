"""An export of Azure Resource Graph: JSON as `az graph query` and the portal write it, or the portal's CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from console.adoption.model import Existing

_SHOWN = 10
# The most rows of one answer: Microsoft Learn, working with large Azure resource data sets, read 2026-11-25.
_PAGE = 1000
_LONGEST_CELL = 16 * 1024 * 1024


def read_exports(files: Iterable[Path]) -> tuple[tuple[Existing, ...], list[str], list[Path]]:
    """Every resource of all the exports once, the faults of each, and files that hold as many as Azure answers at once."""
    read = {file: read_export(file) for file in dict.fromkeys(files)}
    found: dict[str, Existing] = {}
    for held, _ in read.values():
        for each in held:
            found.setdefault(each.id.lower(), each)
    full = [file for file, (held, _) in read.items() if len(held) == _PAGE]
    return tuple(found.values()), [fault for _, faults in read.values() for fault in faults], full


def read_export(file: Path) -> tuple[tuple[Existing, ...], list[str]]:
    """Every resource of the export once, and the faults: rows without an id of Azure's, a file that is no export."""
    try:
        text = file.read_text("utf-8-sig")
        rows = _csv(text) if file.suffix.lower() == ".csv" else _json(json.loads(text))
    except (json.JSONDecodeError, csv.Error) as wrong:
        return (), [f"{file}: is not readable ({wrong}). Export it again."]
    except (OSError, UnicodeDecodeError, RecursionError) as wrong:
        return (), [f"{file}: cannot be read ({wrong}). Correct the path, or export it again."]
    if rows is None:
        return (), [f'{file}: is no export of Resource Graph; it must hold a list of resources, or {{"data": [...]}}.']
    found: dict[str, Existing] = {}
    faults: list[str] = []
    for number, row in enumerate(rows, 1):
        held = _row(row)
        if held is None:
            faults.append(f"{file}, row {number}: it has no id that begins with /; add `id` to the query's columns.")
        else:
            found.setdefault(held.id.lower(), held)
    if not rows:
        faults.append(f"{file}: holds no resource. Widen the query, or ask as somebody who may read the tenant.")
    more = [f"{file}: and {len(faults) - _SHOWN} more rows."] if len(faults) > _SHOWN else []
    return tuple(found.values()), faults[:_SHOWN] + more


def _json(held: object) -> list[object] | None:
    inner: object = cast("Mapping[str, object]", held).get("data") if isinstance(held, dict) else held
    return cast("list[object]", inner) if isinstance(inner, list) else None


def _csv(text: str) -> list[object]:
    before = csv.field_size_limit(_LONGEST_CELL)  # the module has one limit for everybody
    try:
        return [{k.lower(): _cell(v) for k, v in row.items() if k} for row in _table(text)]
    finally:
        csv.field_size_limit(before)


def _table(text: str) -> Iterable[Mapping[str, str | None]]:
    return csv.DictReader(io.StringIO(text), strict=True)


def _cell(value: object) -> object:
    """A cell of JSON as what it says; the portal writes objects and lists so."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (json.JSONDecodeError, RecursionError):
            return value
    return value


def _row(row: object) -> Existing | None:
    held: Mapping[str, Any] = cast("Mapping[str, Any]", row) if isinstance(row, Mapping) else {}
    place = held.get("id")
    if not isinstance(place, str) or not place.startswith("/"):
        return None
    return Existing(place, str(held.get("name") or place.rstrip("/").rsplit("/", 1)[-1]), held)
