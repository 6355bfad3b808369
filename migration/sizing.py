"""The right size of a machine: the smallest that covers what was measured, or what was given to it where nothing was.

Need is the highest monthly 95th percentile that may be believed, with headroom on top:
``vCPUs = vCPUs given x cpu_p95 % x (1 + headroom %)`` and ``GiB = memory given x memory_p95 % x (1 + headroom %)``.
Smallest is fewest vCPUs, then least memory, then the series that stands first in `sizes.toml`. That order is total, and
more need only leaves out candidates, so more headroom can never give a smaller size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from inventory.model import Estate, Server, Utilisation
from migration.knowledge.model import Knowledge, Size
from migration.terms import Terms


@dataclass(frozen=True)
class Need:
    """What a server needs. `measured_cpu` and `measured_memory` say whether each was measured, `lines` how it was reckoned."""

    vcpus: float
    memory_gib: float
    measured_cpu: bool
    measured_memory: bool
    lines: tuple[str, ...]


def need_of(server: Server, estate: Estate, terms: Terms) -> Need | None:
    """What a server needs; None when its cores or memory are not recorded, or cannot be what they are said to be."""
    cores, memory = vcpus_of(server, terms), server.memory_gb
    if unsized_because(server, terms) or memory is None:
        return None
    held = believable(estate.utilisations_by_server.get(server.id, ()), terms)
    cpu = max((u.cpu_p95_percent for u in held if u.cpu_p95_percent is not None), default=None)
    ram = max((u.memory_p95_percent for u in held if u.memory_p95_percent is not None), default=None)
    lines = (_line("vCPUs", cores, cpu, terms), _line("GiB of memory", memory, ram, terms))
    return Need(_grown(cores, cpu, terms), _grown(memory, ram, terms), cpu is not None, ram is not None, lines)


def vcpus_of(server: Server, terms: Terms) -> int:
    """A server's processors in vCPUs: a virtual one's are vCPUs already, a core of a physical one has two threads; 0 when unknown."""
    each = terms.knowledge.sizing.vcpus_per_physical_core if server.kind == "physical" else 1
    return (server.cpu_cores or 0) * each


def unsized_because(server: Server, terms: Terms) -> str:
    """Why a server cannot be sized, as a clause; "" when it can."""
    least = terms.knowledge.sizing.least_memory_gib
    if not server.cpu_cores or server.cpu_cores < 0 or not server.memory_gb or server.memory_gb < 0:
        return "its cores or its memory are not recorded"
    if not least <= server.memory_gb < math.inf:
        return f"its memory of {server.memory_gb:g} GiB cannot be right"
    return ""


def believable(utilisations: Iterable[Utilisation], terms: Terms) -> tuple[Utilisation, ...]:
    """The measurements that are recent and whole enough by the rules of `sizes.toml`; a coverage nobody stated is believed."""
    rules = terms.knowledge.sizing
    oldest = terms.on - timedelta(days=rules.oldest_measurement_days)
    recent = sorted((u for u in utilisations if oldest <= u.month <= terms.on), key=lambda u: u.month)
    return tuple(u for u in recent if u.coverage_percent is None or u.coverage_percent >= rules.least_coverage_percent)


def size_for(need: Need, knowledge: Knowledge) -> Size | None:
    """The smallest candidate that covers the need; None when none is large enough."""
    return next((s for s in candidates(knowledge) if covers(s, need)), None)


def covers(size: Size, need: Need) -> bool:
    """Whether a size covers a need. A burstable size must do so with what it may use for ever, and only for what was measured."""
    burstable = size.baseline_percent < 100
    if burstable and not need.measured_cpu:
        return False
    return size.vcpus * size.baseline_percent / 100 >= need.vcpus and size.memory_gib >= need.memory_gib


@lru_cache(maxsize=4)
def candidates(knowledge: Knowledge) -> tuple[Size, ...]:
    """Every size that may be chosen, smallest first."""
    held = (
        (s.vcpus, s.memory_gib, rank, s) for rank, series in enumerate(knowledge.series) if series.role == "candidate" for s in series.sizes
    )
    return tuple(s for *_, s in sorted(held, key=lambda row: row[:3]))


def yardsticks(size: Size, knowledge: Knowledge) -> tuple[Size, ...]:
    """Sizes of the same vCPUs and memory in series that are only compared with."""
    mine = (s for series in knowledge.series if series.role == "comparison" for s in series.sizes)
    return tuple(s for s in mine if (s.vcpus, s.memory_gib) == (size.vcpus, size.memory_gib))


def _grown(given: float, percent: float | None, terms: Terms) -> float:
    return given if percent is None else given * percent / 100 * (1 + terms.headroom_percent / 100)


def _line(what: str, given: float, percent: float | None, terms: Terms) -> str:
    if percent is None:
        return f"{what}: {given:g} given to it; its use was not measured"
    return f"{what}: {given:g} x {percent:g} % at p95 x {1 + terms.headroom_percent / 100:g} = {_grown(given, percent, terms):.2f}"
