"""`assessments.json`: written whole or not at all, and read back, as docs/reference/files.md says."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, cast

from inventory.model import Estate
from inventory.records import estate_digest
from inventory.whole import write_whole
from migration.errors import MigrationError
from migration.model import Alternative, Assessment, Disposition, Effect, Finding, Offer, Option, Price, Readiness, Target
from migration.terms import Terms

__all__ = ["FORMAT", "estate_digest", "read", "write"]

FORMAT = "cloud-unless/assessments/1"


def write(path: Path, assessments: Iterable[Assessment], estate: Estate, terms: Terms) -> None:
    """Write the file beside its final name and move it there, so that nobody ever reads half of it."""
    held = {
        "format": FORMAT,
        "on": terms.on.isoformat(),
        "cutover_on": terms.cutover_on.isoformat(),
        "region": terms.region,
        "headroom_percent": terms.headroom_percent,
        "estate_digest": estate_digest(estate),
        "assessments": [_row(a, estate) for a in sorted(assessments, key=lambda a: a.workload_id)],
    }
    _replace(path, json.dumps(held, indent=1, ensure_ascii=False, default=_plain) + "\n")


def _replace(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as wrong:
        raise MigrationError(f"{path} cannot be written: {wrong.strerror}. Make room or correct its permissions.") from wrong


def read(path: Path) -> tuple[Assessment, ...]:
    """The assessments of a file, in its order. Raises MigrationError when it is not there or is not one."""
    try:
        read_as: object = json.loads(path.read_text("utf-8"))
        if not isinstance(read_as, dict):
            raise MigrationError(f"{path} is not a file of assessments: it holds no JSON object. Run: unless assess")
        held = cast("dict[str, Any]", read_as)
        if held.get("format") != FORMAT:
            raise MigrationError(f"{path}: its format is {held.get('format', 'not given')!r}, not {FORMAT!r}. Run: unless assess")
        return tuple(_assessment(row) for row in held["assessments"])
    except OSError as wrong:
        raise MigrationError(f"{path} cannot be read: {wrong.strerror}. Run: unless assess") from wrong
    except ValueError as wrong:
        raise MigrationError(f"{path} is not a file of assessments ({wrong}). Run: unless assess") from wrong
    except (KeyError, TypeError, AttributeError) as wrong:
        raise MigrationError(
            f"{path} is not a file of assessments: something in it is missing or of the wrong kind. Run: unless assess"
        ) from wrong


def read_days(path: Path) -> tuple[date, date]:
    """The day of the assessments of a file and the day of the cut-over. Raises MigrationError when the file does not say."""
    on, cutover_on = _stated(path, "on", "cutover_on")
    try:
        return date.fromisoformat(on), date.fromisoformat(cutover_on)
    except (ValueError, TypeError) as wrong:
        raise MigrationError(f"{path} is not a file of assessments: its on or cutover_on is missing. Run: unless assess") from wrong


def read_digest(path: Path) -> str:
    """The digest of the estate that was assessed. Raises MigrationError when the file does not say."""
    return str(_stated(path, "estate_digest")[0])


def _stated(path: Path, *keys: str) -> tuple[Any, ...]:
    """What the head of the file says under some keys."""
    try:
        held: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        return tuple(held[k] for k in keys)
    except OSError as wrong:
        raise MigrationError(f"{path} cannot be read: {wrong.strerror}. Run: unless assess") from wrong
    except (ValueError, KeyError, TypeError) as wrong:
        raise MigrationError(f"{path} is not a file of assessments: its {' or '.join(keys)} is missing. Run: unless assess") from wrong


def _row(assessment: Assessment, estate: Estate) -> Mapping[str, object]:
    workload = estate.workload_by_id.get(assessment.workload_id)
    held = dataclasses.asdict(assessment)
    return {"workload_id": held.pop("workload_id"), "name": workload.name if workload else assessment.workload_id, **held}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _assessment(row: Mapping[str, Any]) -> Assessment:
    return Assessment(
        workload_id=row["workload_id"],
        on=date.fromisoformat(row["on"]),
        readiness=Readiness(row["readiness"]),
        disposition=Disposition(row["disposition"]),
        disposition_reason=row["disposition_reason"],
        findings=tuple(_finding(f) for f in row["findings"]),
        targets=tuple(_target(t) for t in row["targets"]),
        monthly_pence=row["monthly_pence"],
        unpriced=tuple(row["unpriced"]),
        exception_id=row["exception_id"],
        overruled=row.get("overruled", ""),
        options=tuple(_option(o) for o in row.get("options", ())),
        score=row.get("score"),
        band=row.get("band", ""),
    )


def _finding(row: Mapping[str, Any]) -> Finding:
    fields: dict[str, Any] = {**row, "effect": Effect(row["effect"]), "evidence": tuple(row["evidence"])}
    return Finding(**fields)


def _target(row: Mapping[str, Any]) -> Target:
    alternatives = tuple(_alternative(a) for a in row.get("alternatives", ()))
    offers = tuple(Offer(_price(o["price"]), o["gives_up"]) for o in row.get("offers", ()))
    price = _price(row["price"]) if row["price"] else None
    fields: dict[str, Any] = {**row, "price": price, "alternatives": alternatives, "offers": offers}
    return Target(**fields)


def _alternative(row: Mapping[str, Any]) -> Alternative:
    fields: dict[str, Any] = {**row, "price": _price(row["price"]) if row["price"] else None}
    return Alternative(**fields)


def _option(row: Mapping[str, Any]) -> Option:
    fields: dict[str, Any] = {**row, "disposition": Disposition(row["disposition"])}
    return Option(**fields)


def _price(row: Mapping[str, Any]) -> Price:
    fields: dict[str, Any] = {**row, "on": date.fromisoformat(row["on"])}
    return Price(**fields)
