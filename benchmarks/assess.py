"""Assess, size and price an estate of 10,000 servers and 5,000 workloads, and one workload again after an edit.

    benchmarks/assess.py [SERVERS]

The estate is the reference estate over and over, each copy with ids of its own, so that every assessor meets what it was written for. The
measuring stick is reading and writing the same records as JSON, in the same process. Each size runs in a process of its own.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import count
from typing import Any, TypeVar

from inventory.importing import estate_from_files
from inventory.model import Estate
from inventory.records import encode
from inventory.reference import files
from migration.assess import Terms, assess, assess_estate
from migration.knowledge import load_knowledge

_ON, _CUTOVER = date(2026, 11, 22), date(2027, 6, 30)
_LISTS = tuple(f.name for f in fields(Estate) if f.init)
_IDS = frozenset({"id", "server_id", "workload_id", "from_id", "to_id", "server_ids", "subjects"})
_WORKLOADS_TO_SERVERS = 2
_T = TypeVar("_T")


@dataclass(frozen=True)
class Measured:
    """Seconds of CPU and MB of one size."""

    servers: int
    workloads: int
    assess: float
    again: float
    stick: float
    mb: float


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    made = [_apart(n) for n in (wanted // 10, wanted)]
    for m in made:
        times = f"{m.assess:.2f} s of CPU ({m.assess / m.stick:.1f} times their JSON, {m.stick:.2f} s)"
        print(f"{m.servers:,} servers, {m.workloads:,} workloads: {times}, {m.assess / m.servers * 1000:.2f} ms a server, {m.mb:.0f} MB")
        print(f"one workload again after an edit: {m.again:.3f} s")
    few, many = (m.assess / m.servers for m in made)
    print(f"ten times as many servers: {many / few:.2f} times as long for each")


def _apart(servers: int) -> Measured:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (servers,))


def measure(servers: int) -> Measured:
    terms = Terms(_ON, _CUTOVER, "uksouth", 20, load_knowledge())
    estate = enlarged(estate_from_files(files(), _ON)[0], servers)
    stick, _ = _cpu(lambda: json.loads(json.dumps([encode(r) for r in records(estate)], default=str)))
    whole, made = _cpu(lambda: assess_estate(estate, terms))
    edited = replace(estate.workloads[len(estate.workloads) // 2], owner="Somebody else")
    again, _ = _cpu(lambda: assess(edited, with_workload(estate, edited), terms))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(len(estate.servers), len(made), whole, again, stick, peak)


def with_workload(estate: Estate, edited: Any) -> Estate:
    """The estate with one workload in its new form."""
    return replace(estate, workloads=tuple(edited if w.id == edited.id else w for w in estate.workloads))


def records(estate: Estate) -> Iterator[Any]:
    """Every record."""
    for name in _LISTS:
        yield from getattr(estate, name)


def enlarged(estate: Estate, servers: int) -> Estate:
    """Copies of an estate until it has so many servers, and of the workloads that people registered one for two servers."""
    held: dict[str, list[Any]] = {name: [] for name in _LISTS}
    for copy in count():
        if len(held["servers"]) >= servers:
            break
        for name in _LISTS:
            held[name] += (_copied(r, f"-{copy}") for r in getattr(estate, name))
    kept = {s.id for s in sorted(held["servers"], key=lambda s: s.id)[:servers]}
    workloads = sorted((w for w in held["workloads"] if kept.intersection(w.server_ids)), key=lambda w: (not w.is_registered, w.id))
    chosen = {w.id for w in workloads[: servers // _WORKLOADS_TO_SERVERS]}
    held["workloads"] = [w for w in held["workloads"] if w.id in chosen]
    held["servers"] = [s for s in held["servers"] if s.id in kept]
    return Estate(**{name: tuple(sorted(rows, key=_order)) for name, rows in held.items()})


def _order(record: Any) -> tuple[str, str, str]:
    first = getattr(record, "id", "") or getattr(record, "server_id", "") or getattr(record, "from_id", "")
    return first, str(getattr(record, "month", "")), str(getattr(record, "to_id", ""))


def _copied(record: Any, suffix: str) -> Any:
    changed: dict[str, Any] = {}
    for field in fields(record):
        if field.name in _IDS:
            said: Any = getattr(record, field.name)
            each = [f"{s}{suffix}" for s in (said if isinstance(said, tuple) else [said] if said else [])]  # pyright: ignore[reportUnknownVariableType]
            changed[field.name] = tuple(each) if isinstance(said, tuple) else each[0] if each else said
    return replace(record, **changed)


def _cpu(do: Callable[[], _T]) -> tuple[float, _T]:
    gc.collect()
    begun = time.process_time()
    made = do()
    return time.process_time() - begun, made


if __name__ == "__main__":
    main()
