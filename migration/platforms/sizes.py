"""The size of a managed database: the smallest whose every limit covers the demand.

Smallest is fewest vCores, then least memory, then the tier that stands first in `platforms.toml`. That order is total, and more demand only
leaves out sizes, so more demand can never give a smaller one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migration.knowledge.model import Knowledge, PlatformService, PlatformSize, PlatformTier


@dataclass(frozen=True)
class Demand:
    """What a database needs: decimal gigabytes of storage; `iops` is 0 where nobody measured them."""

    vcpus: float
    memory_gib: float
    storage_gb: float
    iops: float = 0


@dataclass(frozen=True)
class Choice:
    """A size of a tier, and the gigabytes of storage to ask for: what is stored, or what the I/Os take."""

    tier: PlatformTier
    size: PlatformSize
    storage_gb: int


def choices(kind: str, demand: Demand, knowledge: Knowledge) -> tuple[Choice, ...]:
    """Every size of a service that covers the demand, smallest first, those that are only shown among them."""
    service = knowledge.platforms[kind]
    held = [(c, rank) for rank, tier in enumerate(knowledge.tiers) if tier.kind == kind for c in _of_tier(tier, service, demand)]
    return tuple(c for c, _ in sorted(held, key=lambda row: (row[0].size.vcores, row[0].size.memory_gib, row[1])))


def chosen(kind: str, demand: Demand, knowledge: Knowledge) -> Choice | None:
    """The smallest that covers the demand and may be chosen; None when none does."""
    return next((c for c in choices(kind, demand, knowledge) if c.tier.choose), None)


def too_much(kind: str, demand: Demand, knowledge: Knowledge) -> str:
    """Which of the demand no size covers, as a clause, for a demand that none covers."""
    sizes = [s for t in knowledge.tiers if t.kind == kind and t.choose for s in t.offers]
    limits = (
        (demand.vcpus, max(s.vcores for s in sizes), "vCores"),
        (demand.memory_gib, max(s.memory_gib for s in sizes), "GiB of memory"),
        (demand.storage_gb, max(s.most_gb for s in sizes), "GB"),
        (demand.iops, most_iops(kind, knowledge), "I/Os a second"),
    )
    over = [f"{wanted:.2f} {what}, and the most is {most:.10g}" for wanted, most, what in limits if wanted > most]
    return "; ".join(over) or (
        f"{demand.vcpus:.2f} vCores, {demand.memory_gib:.2f} GiB, {demand.storage_gb:g} GB and {demand.iops:g} I/Os a second together"
    )


def most_iops(kind: str, knowledge: Knowledge) -> int:
    """The most I/Os a second of any size of a service that may be chosen."""
    tiers = [t for t in knowledge.tiers if t.kind == kind and t.choose]
    return max(min(s.most_iops or most, most) for t in tiers for s in t.offers for most in (_most_of_disks(t, s),))


def _most_of_disks(tier: PlatformTier, size: PlatformSize) -> int:
    return max((iops for _, iops in tier.iops_from_gb), default=size.most_iops)


def _of_tier(tier: PlatformTier, service: PlatformService, demand: Demand) -> Iterator[Choice]:
    storage = _storage_gb(tier, service, demand)
    for size in tier.offers if storage is not None else ():
        if storage is not None and storage <= size.most_gb and _covers(size, demand):
            yield Choice(tier, size, storage)


def _covers(size: PlatformSize, demand: Demand) -> bool:
    enough = size.vcores >= demand.vcpus and size.memory_gib >= demand.memory_gib
    return enough and (size.most_iops == 0 or size.most_iops >= demand.iops)


def _storage_gb(tier: PlatformTier, service: PlatformService, demand: Demand) -> int | None:
    """The least storage, as it is sold, that holds what is stored and gives the I/Os; None when none gives them."""
    least = max(demand.storage_gb, service.least_gb)
    if tier.iops_from_gb:
        enough = [gb for gb, iops in tier.iops_from_gb if iops >= demand.iops]
        if not enough:
            return None
        least = max(least, enough[0])
    whole = -int(-least // 1)
    return 1 << (whole - 1).bit_length() if service.doubles else -(-whole // service.step_gb) * service.step_gb
