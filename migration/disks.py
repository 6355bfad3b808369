"""The managed disks of a machine: the smallest that hold what it stores and give the I/Os and throughput that were measured.

Smallest is fewest gibibytes, then the tier that stands first in `disks.toml`. That order is total, and more need only leaves out disks, so
more need can never give a smaller one. There are as few disks as hold what is stored; the I/Os and the throughput must all fit on one, for
nobody has said how they are divided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from inventory.model import Environment, Workload
from migration.knowledge.disk_model import DiskFacts, DiskSize, DiskTier, FlexibleDisk
from migration.model import Alternative, Price, Target
from migration.prices import for_quantity, price_of
from migration.terms import Terms

KIND = "managed-disk"


@dataclass(frozen=True, slots=True)
class DiskNeed:
    """Decimal gigabytes to store, and I/Os and megabytes (10^6 bytes) a second; None where nobody measured them."""

    gb: float
    iops: float | None = None
    mbps: float | None = None


@dataclass(frozen=True, slots=True)
class DiskChoice:
    """So many disks of a size; `storage_gb` is what to ask for: what is stored, or all of the disk where its speed is what is wanted."""

    tier: DiskTier
    size: DiskSize
    count: int
    storage_gb: int

    @property
    def sku(self) -> str:
        """The name under which prices know one of the disks."""
        return self.tier.sku(self.size)


def choices(need: DiskNeed, facts: DiskFacts, *, production: bool) -> tuple[DiskChoice, ...]:
    """All disks that cover the need and that such a machine may have, smallest first."""
    tiers = [t for t in facts.tiers if t.production or not production]
    held = [(c.count * c.size.gib, rank, c) for rank, tier in enumerate(tiers) for c in _of_tier(tier, need)]
    return tuple(c for *_, c in sorted(held, key=lambda row: row[:2]))


def _of_tier(tier: DiskTier, need: DiskNeed) -> Iterator[DiskChoice]:
    count = max(1, ceil(need.gb / tier.offers[-1].gib))
    each = ceil(need.gb / count)
    holding = [s for s in tier.offers if s.gib >= each]
    for size in holding:
        if size.iops >= (need.iops or 0) and size.mbps >= (need.mbps or 0):
            yield DiskChoice(tier, size, count, ceil(need.gb) if size == holding[0] else count * size.gib)


def disk_target(subject: str, need: DiskNeed, workload: Workload, terms: Terms) -> Target | None:
    """The disks of a machine, with what else would do; None where nothing is stored, or nobody has said how much."""
    if need.gb <= 0:
        return None
    # A workload of which nobody has said what it is for is cared for as if it were production.
    production = workload.environment in (Environment.PRODUCTION, Environment.UNKNOWN)
    facts = terms.knowledge.disks
    choice = next(iter(choices(need, facts, production=production)), None)
    others = tuple(_alternatives(need, choice, terms))
    if choice is None:
        why = f"No disk: none that may be chosen gives {_told(need)}. Spread it over several by hand, or take one of another kind."
        return Target(subject, KIND, "", terms.region, ceil(need.gb), None, why, others)
    price = _price(choice, terms)
    return Target(subject, KIND, choice.sku, terms.region, choice.storage_gb, price, _why(need, choice), others)


def _alternatives(need: DiskNeed, choice: DiskChoice | None, terms: Terms) -> Iterator[Alternative]:
    """The smallest of every other tier that would do, and the disk whose parts are bought apart."""
    facts = terms.knowledge.disks
    fitting = choices(need, facts, production=False)
    for tier in facts.tiers:
        found = next((c for c in fitting if c.tier == tier), None)
        if found and (choice is None or tier != choice.tier):
            yield Alternative(KIND, found.sku, _price(found, terms), tier.gives_up)
    if does(facts.flexible, need):
        yield Alternative(KIND, facts.flexible.price_sku, None, facts.flexible.gives_up)


def does(disk: FlexibleDisk, need: DiskNeed) -> bool:
    """Whether one disk whose parts are bought apart can be made to cover the need."""
    gib = max(ceil(need.gb), disk.least_gib)
    iops = min(disk.most_iops, disk.iops + disk.iops_each_gib * max(0, gib - disk.free_gib))
    return gib <= disk.most_gib and iops >= (need.iops or 0) and min(disk.most_mbps, iops * disk.mbps_each_iops) >= (need.mbps or 0)


def _price(choice: DiskChoice, terms: Terms) -> Price | None:
    each = price_of(choice.sku, terms.region, terms.knowledge)
    return for_quantity(each, choice.count) if each else None


def _why(need: DiskNeed, choice: DiskChoice) -> str:
    size, many = choice.size, f"{choice.count} disks of" if choice.count > 1 else "one of"
    said = [
        f"Smallest {choice.tier.title} for {_told(need)}: {many} {size.gib:,} GiB ({size.name}), "
        f"{size.iops:,} I/Os and {size.mbps} MB a second each."
    ]
    if choice.storage_gb > ceil(need.gb):
        said.append(f"{choice.storage_gb:,} GB are asked for, because disks of fewer are too slow.")
    return " ".join(said)


def _told(need: DiskNeed) -> str:
    iops = "I/Os that nobody measured" if need.iops is None else f"{need.iops:.0f} I/Os a second"
    mbps = "throughput that nobody measured" if need.mbps is None else f"{need.mbps:.1f} MB a second"
    return f"{need.gb:g} GB, {iops} and {mbps}"
