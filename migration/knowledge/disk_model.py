"""What is known about managed disks: the records of disks.toml, each with its source and date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Day  # noqa: N812 - `date` is the name of a field
from functools import cached_property

from migration.knowledge.known import Known


@dataclass(frozen=True)
class DiskSize:
    """A size of a disk: gibibytes, I/Os a second, and megabytes (10^6 bytes) a second, without bursts."""

    name: str
    gib: int
    iops: int
    mbps: int


@dataclass(frozen=True)
class DiskTier(Known):
    """Disks of one kind, ascending. `production`: machines of production may have it. `gives_up` is said where it is only shown."""

    id: str
    title: str
    price_sku: str
    production: bool
    gives_up: str
    source: str
    date: Day
    sizes: tuple[tuple[str, int, int, int], ...]

    @cached_property
    def offers(self) -> tuple[DiskSize, ...]:
        """The rows as sizes."""
        return tuple(DiskSize(*row) for row in self.sizes)

    def sku(self, size: DiskSize) -> str:
        """The name under which prices know a size."""
        return self.price_sku.format(n=size.name[1:])


@dataclass(frozen=True)
class FlexibleDisk(Known):
    """A disk whose I/Os and throughput are bought apart from its size, up to so much for each GiB beyond `free_gib` and for each I/O."""

    id: str
    title: str
    price_sku: str
    least_gib: int
    most_gib: int
    iops: int
    iops_each_gib: int
    free_gib: int
    most_iops: int
    mbps_each_iops: float
    most_mbps: int
    gives_up: str
    source: str
    date: Day


@dataclass(frozen=True)
class MachineDisks(Known):
    """What the sizes of a series can use of their disks together: name, I/Os and megabytes a second."""

    series: str
    source: str
    date: Day
    sizes: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class DiskFacts:
    """All of disks.toml."""

    tiers: tuple[DiskTier, ...]
    flexible: FlexibleDisk
    machines: tuple[MachineDisks, ...]
