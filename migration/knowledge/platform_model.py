"""What is known about managed services: the records of platforms.toml, each with its source and date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Day  # noqa: N812 - `date` is the name of a field
from typing import Literal

from migration.knowledge.known import Known


@dataclass(frozen=True)
class PlatformService(Known):
    """A managed database service. `kind` is a target kind; `makes` is the release that the stacks make, "" where it has none of its own.

    `ends` is the day on which Azure's ordinary support of that release ends, None where none is announced. Storage is sold from `least_gb`
    in steps of `step_gb`, or, where it `doubles`, in powers of two. `instead_of` is the kind beside which it is shown.
    """

    kind: str
    title: str
    least_gb: int
    step_gb: int
    source: str
    date: Day
    most_databases: int = 0
    doubles: bool = False
    makes: str = ""
    ends: Day | None = None
    instead_of: str = ""
    gives_up: str = ""


@dataclass(frozen=True)
class PlatformSize:
    """A size of a managed database service: gibibytes of memory, most gigabytes, and most I/Os a second (0: its disks decide alone)."""

    sku: str
    vcores: int
    memory_gib: float
    most_gb: int
    most_iops: int


@dataclass(frozen=True)
class PlatformTier(Known):
    """Sizes of one tier, and the I/Os a second of one file or disk from so many gigabytes on. See platforms.toml."""

    kind: str
    name: str
    memory_unit: Literal["GiB", "GB"]
    gives_up: str
    source: str
    date: Day
    sizes: tuple[tuple[str, int, float, int, int], ...]
    iops_from_gb: tuple[tuple[int, int], ...] = ()
    choose: bool = True

    @property
    def offers(self) -> tuple[PlatformSize, ...]:
        """The sizes with their memory in gibibytes."""
        each = 1.0 if self.memory_unit == "GiB" else 10**9 / 2**30
        return tuple(PlatformSize(sku, vcores, memory * each, most_gb, most_iops) for sku, vcores, memory, most_gb, most_iops in self.sizes)


@dataclass(frozen=True)
class FileService(Known):
    """A service of file storage, in gibibytes and mebibytes a second. `_each_gib` is what each gibibyte that is provisioned adds."""

    kind: str
    title: str
    price_sku: str
    least_gib: int
    most_gib: int
    gives_up: str
    source: str
    date: Day
    iops: int = 0
    iops_each_gib: float = 0
    most_iops: int = 0
    mibps: float = 0
    mibps_each_gib: float = 0
    iops_unknown: bool = False


@dataclass(frozen=True)
class WebPlans(Known):
    """Sizes of App Service plans, ascending, each its name, vCPUs and gibibytes; `words` say that a server serves the web."""

    words: tuple[str, ...]
    gives_up: str
    source: str
    date: Day
    sizes: tuple[tuple[str, int, float], ...]


@dataclass(frozen=True)
class Desktops(Known):
    """The least vCPUs of a machine that carries one person's desktop."""

    least_vcpus: int
    gives_up: str
    source: str
    date: Day
