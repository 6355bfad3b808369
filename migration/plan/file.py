"""`plan.json`: the plan as a file that people review and the other rooms read (docs/reference/files.md).

The same plan gives the same bytes: everything is sorted by id, nothing depends on a clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Final, cast

from inventory.model import Dataset, Estate, Interface, Server, Share, Workload
from inventory.whole import write_whole
from migration.errors import MigrationError
from migration.model import Assessment, Disposition, MoveGroup, Plan, Price, Readiness, Target, Wave

FORMAT = "cloud-unless/plan/1"
# What only assessors use; of these some say where a workload is weak, which a file that many review need not.
_ASSESSED_ONLY = (
    *("version", "licence", "latency_ms", "runtimes", "authentication", "exposed_ports", "certificates_expire_on", "fixed_addresses"),
    *("shared_paths", "batch_hours", "batch_limit_hours", "jitter_ms", "multicast", "used_on", "function"),
)
_WORKLOAD_LEFT_OUT = (*_ASSESSED_ONLY, "annual_cost_pence", "description", "unread", "sources")


def write_plan(path: Path, plan: Plan, estate: Estate) -> None:
    """Write the plan whole or not at all: to a file beside `path`, then over it."""
    write_whole(path, dump_plan(plan, estate))


def dump_plan(plan: Plan, estate: Estate) -> bytes:
    """The bytes of `plan.json`, UTF-8."""
    return (json.dumps(_document(plan, estate), indent=1, ensure_ascii=False, default=_plain) + "\n").encode("utf-8")


def _document(plan: Plan, estate: Estate) -> dict[str, Any]:
    group_of = {w: g.id for g in plan.groups for w in g.workload_ids}
    wave_of = {w: wave.id for wave in plan.waves for w in wave.workload_ids}
    workloads = sorted(estate.workloads, key=lambda w: w.id)
    return {
        "format": FORMAT,
        "on": plan.on,
        "estate_digest": plan.estate_digest,
        "region": plan.region,
        "notes": plan.notes,
        "workloads": [
            _workload(w, plan.assessments.get(w.id)) | {"group": group_of.get(w.id, ""), "wave": wave_of.get(w.id, "")} for w in workloads
        ],
        "groups": [asdict(g) for g in plan.groups],
        "waves": [asdict(w) for w in plan.waves],
        "unplanned": dict(sorted(plan.unplanned.items())),
        "servers": [_server(s) for s in sorted(estate.servers, key=lambda s: s.id)],
        "shares": [_without(s, "sources") for s in sorted(estate.shares, key=lambda s: s.id)],
        "databases": [_without(d, "sources", "edition") for d in sorted(estate.databases, key=lambda d: d.id)],
        "datasets": [_without(d, "sources", "description") for d in sorted(estate.datasets, key=lambda d: d.id)],
        "interfaces": [_without(i, "sources") for i in sorted(estate.interfaces, key=lambda i: i.id)],
    }


def _workload(w: Workload, a: Assessment | None) -> dict[str, Any]:
    return _without(w, *_WORKLOAD_LEFT_OUT) | {
        "readiness": a.readiness if a else Readiness.UNKNOWN,
        "disposition": a.disposition if a else None,
        "disposition_reason": a.disposition_reason if a else "",
        "exception_id": a.exception_id if a else "",
        "overruled": a.overruled if a else "",
        "monthly_pence": a.monthly_pence if a else None,
        "unpriced": sorted(a.unpriced) if a else [],
        "targets": [asdict(t) for t in sorted(a.targets, key=lambda t: (t.subject, t.kind))] if a else [],
    }


def _server(s: Server) -> dict[str, Any]:
    return {f: getattr(s, f) for f in ("id", "name", "ip_address", "operating_system", "storage_used_gb")}


def _without(record: Workload | Share | Dataset | Interface | Any, *fields: str) -> dict[str, Any]:
    return {f: getattr(record, f) for f in record.__dataclass_fields__ if f not in fields}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a plan")


def read_plan(path: Path) -> Plan:
    """The plan as written, without the findings behind it (they are in assessments.json).

    Raises MigrationError when the file is absent or is not a plan of this format.
    """
    document = read_document(path)
    try:
        return _plan(document)
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise MigrationError(f"{path} is not readable as a plan ({wrong!r}). Undo the change to it, or run: unless plan") from wrong


def read_document(path: Path) -> dict[str, Any]:
    """The plan as the JSON it is, its format checked. Raises MigrationError like `read_plan`."""
    try:
        held: object = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as wrong:
        raise MigrationError(f"There is no plan at {path} yet. Run: unless plan") from wrong
    except (ValueError, OSError) as wrong:
        raise MigrationError(f"{path} is not readable as a plan ({wrong}). Undo the change to it, or run: unless plan") from wrong
    document = cast("dict[str, Any]", held) if isinstance(held, dict) else {}
    if document.get("format") != FORMAT:
        raise MigrationError(f"{path} is not a plan of the format {FORMAT}. Run: unless plan")
    if lacking := [part for part in _PARTS if not _is_whole(document.get(part), _PARTS[part])]:
        raise MigrationError(
            *(f"{path}, {part}: not what a plan holds there. Undo the change to it, or run: unless plan" for part in lacking)
        )
    return document


_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "workloads": ("id", "name", "readiness", "disposition", "disposition_reason", "group", "wave", "targets"),
    "groups": ("id", "workload_ids", "server_ids", "because", "crossings"),
    "waves": ("id", "starts", "ends", "workload_ids", "server_ids"),
}
"""What readers of the document take for granted; the rest they look for one by one."""


def _is_whole(part: object, keys: Sequence[str]) -> bool:
    if not isinstance(part, list):
        return False
    return all(isinstance(row, dict) and all(k in row for k in keys) for row in cast("list[object]", part))


def _plan(held: Mapping[str, Any]) -> Plan:
    on = date.fromisoformat(held["on"])
    return Plan(
        on=on,
        estate_digest=held["estate_digest"],
        assessments={w["id"]: _assessment(w, on) for w in held["workloads"] if w["disposition"] is not None},
        groups=tuple(
            MoveGroup(g["id"], *(tuple(g.get(k, ())) for k in ("workload_ids", "server_ids", "because", "crossings")))
            for g in held["groups"]
        ),
        waves=tuple(_wave(w) for w in held["waves"]),
        unplanned=dict(held["unplanned"]),
        region=held["region"],
        notes=tuple(held.get("notes", ())),
    )


def _wave(w: Mapping[str, Any]) -> Wave:
    days = (date.fromisoformat(w["starts"]), date.fromisoformat(w["ends"]))
    return Wave(w["id"], *days, *(tuple(w[k]) for k in ("group_ids", "workload_ids", "server_ids")))


def _assessment(w: Mapping[str, Any], on: date) -> Assessment:
    return Assessment(
        workload_id=w["id"],
        on=on,
        readiness=Readiness(w["readiness"]),
        disposition=Disposition(w["disposition"]),
        disposition_reason=w["disposition_reason"],
        findings=(),
        targets=tuple(_target(t) for t in w["targets"]),
        monthly_pence=w["monthly_pence"],
        unpriced=tuple(w["unpriced"]),
        exception_id=w["exception_id"],
        overruled=w.get("overruled", ""),
    )


def _target(t: Mapping[str, Any]) -> Target:
    price: Mapping[str, Any] | None = t["price"]
    where = (t["subject"], t["kind"], t["sku"], t["region"])
    return Target(*where, t["storage_gb"], _price(price) if price else None, t["reason"])


def _price(p: Mapping[str, Any]) -> Price:
    told = {k: p[k] for k in ("term", "hours", "exact_pence") if k in p}
    return Price(p["sku"], p["region"], p["monthly_pence"], date.fromisoformat(p["on"]), p["source"], **told)
