"""The right size of a machine: the smallest that covers what was measured. What was not measured has no size.

Need is the highest monthly percentile that may be believed, with headroom on top:
``vCPUs = vCPUs given x CPU % x (1 + headroom %)`` and ``GiB = memory given x memory % x (1 + headroom %)``; the terms say which percentile.
Smallest is fewest vCPUs, then least memory, then the series that stands first in `sizes.toml`. That order is total, and
more need only leaves out candidates, so more headroom or a higher percentile can never give a smaller size.

An architect may accept what was given to a server in the place of a measurement, in an overrule: then that is its need, without headroom.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from inventory.model import Estate, Server, Utilisation, Workload
from migration.knowledge.model import Knowledge, Size
from migration.terms import Terms

_WORD = {50: "the median", 95: "p95", 99: "p99", 100: "the maximum"}
_FIELD = {50: "p50", 95: "p95", 99: "p99", 100: "max"}


@dataclass(frozen=True)
class Need:
    """What a server needs. `measured_cpu` and `measured_memory` say whether each was measured, `lines` how it was reckoned.

    `iops` and `mbps` (10^6 bytes) a second are of all its disks together; None where nobody measured them.
    """

    vcpus: float
    memory_gib: float
    measured_cpu: bool
    measured_memory: bool
    lines: tuple[str, ...]
    iops: float | None = None
    mbps: float | None = None

    @property
    def unmeasured(self) -> str:
        """What was not measured, in words; "" when both were."""
        return " and ".join(w for w, held in (("CPU", self.measured_cpu), ("memory", self.measured_memory)) if not held)


def need_of(server: Server, estate: Estate, terms: Terms) -> Need | None:
    """What a server needs; None when its cores or memory are not recorded, or cannot be what they are said to be.

    Where use was not measured the need is what was given to it, and the need says so: whether that may be believed is another question.
    """
    cores, memory = vcpus_of(server, terms), server.memory_gb
    if unsized_because(server, terms) or memory is None:
        return None
    held = believable(estate.utilisations_by_server.get(server.id, ()), terms)
    cpu, ram = (_highest(held, metric, terms.percentile) for metric in ("cpu", "memory"))
    iops, mbps = disk_use(server, estate, terms)
    lines = (_line("vCPUs", cores, cpu, terms, "cpu"), _line("GiB of memory", memory, ram, terms, "memory"))
    return Need(_grown(cores, cpu, terms, "cpu"), _grown(memory, ram, terms, "memory"), cpu is not None, ram is not None, lines, iops, mbps)


def disk_use(server: Server, estate: Estate, terms: Terms) -> tuple[float | None, float | None]:
    """The I/Os and megabytes (10^6 bytes) a second that a server's disks must give: the highest month's p95 with headroom; None unmeasured.

    No other percentile of them is kept, whichever the terms ask for.
    """
    held, times = believable(estate.utilisations_by_server.get(server.id, ()), terms), 1 + terms.headroom_percent / 100
    iops = max((u.disk_p95_iops for u in held if u.disk_p95_iops is not None), default=None)
    mbps = max((u.disk_p95_mbps for u in held if u.disk_p95_mbps is not None), default=None)
    return None if iops is None else iops * times, None if mbps is None else mbps * times


def _highest(held: Sequence[Utilisation], metric: str, percentile: int) -> float | None:
    """The highest month's figure of a percentile; the maximum stands in for a p99 that was not kept, being no less."""
    names = [f"{metric}_{_FIELD[p]}_percent" for p in ((99, 100) if percentile == 99 else (percentile,))]
    found = (next((v for n in names if (v := getattr(u, n)) is not None), None) for u in held)
    return max((v for v in found if v is not None), default=None)


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


def unmeasured_because(need: Need) -> str:
    """Why a need cannot be believed, as a clause; "" when all of it was measured."""
    if not need.unmeasured:
        return ""
    return f"its use of {need.unmeasured} was not measured, or too little or too long ago to be believed"


def accepts_what_was_given(workload: Workload, terms: Terms) -> bool:
    """Whether an overrule in force takes what was given to the workload's servers in the place of a measurement."""
    entry = terms.overrules.get(workload.id)
    return entry is not None and entry.size == "as-given"


def believable(utilisations: Iterable[Utilisation], terms: Terms) -> tuple[Utilisation, ...]:
    """The measurements that are recent and whole enough by the rules of `sizes.toml`; a coverage nobody stated is believed."""
    rules = terms.knowledge.sizing
    oldest = terms.on - timedelta(days=rules.oldest_measurement_days)
    recent = sorted((u for u in utilisations if oldest <= u.month <= terms.on), key=lambda u: u.month)
    return tuple(u for u in recent if u.coverage_percent is None or u.coverage_percent >= rules.least_coverage_percent)


def size_for(need: Need, terms: Terms) -> Size | None:
    """The smallest candidate that covers the need; None when none is large enough."""
    return next((s for s in candidates(terms.knowledge, terms.contract_ends, terms.region) if covers(s, need)), None)


def kept_up_by_disks(size: Size, need: Need, terms: Terms) -> str:
    """A sentence where a smaller size would do but for what it can use of its disks; "" where none would."""
    without = size_for(replace(need, iops=None, mbps=None), terms)
    if without is None or without == size:
        return ""
    measured = [f"{n:.{places}f} {what}" for n, places, what in ((need.iops, 0, "I/Os"), (need.mbps, 1, "MB")) if n is not None]
    most = f"{without.most_iops:,} I/Os and {without.most_mbps:,} MB a second"
    return f" {without.name} would do but for its disks: it can use {most} of them, and {' and '.join(measured)} a second are needed."


def covers(size: Size, need: Need) -> bool:
    """Whether a size covers a need. A burstable size must do so with what it may use for ever, and only for what was measured."""
    burstable = size.baseline_percent < 100
    if (burstable and not need.measured_cpu) or (size.most_iops and size.most_iops < (need.iops or 0)):
        return False
    if size.most_mbps and size.most_mbps < (need.mbps or 0):
        return False
    return size.vcpus * size.baseline_percent / 100 >= need.vcpus and size.memory_gib >= need.memory_gib


@lru_cache(maxsize=8)
def candidates(knowledge: Knowledge, until: date, region: str) -> tuple[Size, ...]:
    """Every size that may be chosen, smallest first: of a series that does not retire by `until`, and sold in the region.

    What a region sells is known where its whole price list is at hand; where it is not, nothing is left out for that.
    """
    sold = knowledge.sold.get(region)
    held = (
        (s.vcpus, s.memory_gib, rank, s)
        for rank, series in enumerate(knowledge.series)
        if series.role == "candidate" and not _retires(series.name, knowledge, until)
        for s in series.sizes
        if sold is None or s.name in sold
    )
    return tuple(s for *_, s in sorted(held, key=lambda row: row[:3]))


def _retires(series: str, knowledge: Knowledge, until: date) -> bool:
    ends = knowledge.retiring.get(series)
    return ends is not None and ends <= until


def others(size: Size, need: Need, terms: Terms) -> Iterator[tuple[Size, str]]:
    """Other sizes that would do, each with what it gives up: the smallest of each other series, and the next of the chosen one's own."""
    series_of = {s.name: series.name for series in terms.knowledge.series for s in series.sizes}
    fitting = [s for s in candidates(terms.knowledge, terms.contract_ends, terms.region) if covers(s, need) and s != size]
    seen: set[str] = set()
    for other in fitting:
        if series_of[other.name] not in seen:
            seen.add(series_of[other.name])
            yield other, _gives_up(size, other)


def _gives_up(size: Size, other: Size) -> str:
    """A sentence on what is lost by taking the other size."""
    if other.baseline_percent < 100 <= size.baseline_percent:
        return f"May use only {other.baseline_percent} % of its {other.vcpus} vCPUs for ever, and saves up for bursts."
    less = [
        f"{abs(mine - theirs):g} {'fewer' if theirs < mine and word == 'vCPUs' else 'less' if theirs < mine else 'more'} {word}"
        for mine, theirs, word in ((size.vcpus, other.vcpus, "vCPUs"), (size.memory_gib, other.memory_gib, "GiB"))
        if mine != theirs
    ]
    sentence = f"Has {' and '.join(less)} than the one chosen" if less else "Is as large as the one chosen"
    steady = ", and all of its CPU at any time" if size.baseline_percent < 100 <= other.baseline_percent else ""
    return f"{sentence}{steady}: what is not needed is paid for."


def yardsticks(size: Size, knowledge: Knowledge) -> tuple[Size, ...]:
    """Sizes of the same vCPUs and memory in series that are only compared with."""
    mine = (s for series in knowledge.series if series.role == "comparison" for s in series.sizes)
    return tuple(s for s in mine if (s.vcpus, s.memory_gib) == (size.vcpus, size.memory_gib))


def _grown(given: float, percent: float | None, terms: Terms, metric: str) -> float:
    return given if percent is None else given * percent / 100 * (1 + terms.headroom(metric) / 100)


def _line(what: str, given: float, percent: float | None, terms: Terms, metric: str) -> str:
    if percent is None:
        return f"{what}: {given:g} given to it; its use was not measured"
    times = 1 + terms.headroom(metric) / 100
    return f"{what}: {given:g} x {percent:g} % at {_WORD[terms.percentile]} x {times:g} = {_grown(given, percent, terms, metric):.2f}"
