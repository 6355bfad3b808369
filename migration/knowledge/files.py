"""The knowledge files as they stand on disk, one dataclass each; pydantic checks a file against its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Day  # noqa: N812 - `date` is the name of a field

from migration.knowledge.carbon_model import Copies, Grid, Overhead, Processor, StorageDraw
from migration.knowledge.disk_model import DiskTier, FlexibleDisk, MachineDisks
from migration.knowledge.known import Known
from migration.knowledge.model import (
    Band,
    Category,
    DataClass,
    LicenceFamily,
    LicenceTerm,
    PersonalData,
    Place,
    Product,
    RecoveryService,
    ReliabilityDesign,
    RetailMeter,
    Series,
    SizingRules,
    Spelling,
    UseRules,
    WeightGroup,
)
from migration.knowledge.operation_model import Boot, Jitter, Latency, MachineLimits, Multicast, Posture, Skill, Tie
from migration.knowledge.platform_model import Desktops, FileService, PlatformService, PlatformTier, WebPlans


@dataclass(frozen=True, kw_only=True)
class Head(Known):
    """The keys that every knowledge file begins with."""

    format: str
    date: Day
    stale_after: Day
    source: str


@dataclass(frozen=True, kw_only=True)
class ReleaseRow(Known):
    """One release of `lifecycles.toml`."""

    release: str
    ends: Day | None = None
    extended_ends: Day | None = None


@dataclass(frozen=True, kw_only=True)
class ProductRow(Known):
    """One product of `lifecycles.toml`."""

    title: str
    releases: tuple[ReleaseRow, ...]


@dataclass(frozen=True, kw_only=True)
class LifecycleRules(Known):
    """How long before its end support counts as a condition."""

    warn_days: int
    source: str
    date: Day


@dataclass(frozen=True, kw_only=True)
class Lifecycles(Head):
    """`lifecycles.toml`."""

    rules: LifecycleRules
    product: Mapping[str, ProductRow]


@dataclass(frozen=True, kw_only=True)
class Names(Head):
    """`names.toml`."""

    product: Mapping[str, Product]
    system: tuple[Spelling, ...]
    engine: tuple[Spelling, ...]
    runtime: tuple[Spelling, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Platforms(Head):
    """`platforms.toml`."""

    service: tuple[PlatformService, ...]
    tier: tuple[PlatformTier, ...]
    files: tuple[FileService, ...]
    web: WebPlans
    desktop: Desktops


@dataclass(frozen=True, kw_only=True)
class Sizes(Head):
    """`sizes.toml`."""

    retirements_source: str
    retirements_date: Day
    baselines_source: str
    baselines_date: Day
    rules: SizingRules
    retiring: Mapping[str, Day]
    series: tuple[Series, ...]


@dataclass(frozen=True, kw_only=True)
class Prices(Head):
    """`prices.toml`: rows of sku, region, US dollars an hour, pence a month, key of the source."""

    currency: str
    hours: int
    usd_to_gbp: str
    source_of: Mapping[str, str]
    date_of: Mapping[str, Day]
    prices: tuple[tuple[str, str, str, int, str], ...]


@dataclass(frozen=True, kw_only=True)
class Ties(Head):
    """`ties.toml`."""

    tie: tuple[Tie, ...]
    link: tuple[Tie, ...]
    latency: Latency


@dataclass(frozen=True, kw_only=True)
class Authentication(Head):
    """`authentication.toml`."""

    way: tuple[Tie, ...]


@dataclass(frozen=True, kw_only=True)
class Machines(Head):
    """`machines.toml`."""

    limits: MachineLimits
    boot: Boot


@dataclass(frozen=True, kw_only=True)
class Security(Head):
    """`security.toml`."""

    posture: Posture


@dataclass(frozen=True, kw_only=True)
class Classifications(Head):
    """`classifications.toml`."""

    classification: tuple[DataClass, ...]
    personal_data: PersonalData


@dataclass(frozen=True, kw_only=True)
class Licences(Head):
    """`licences.toml`."""

    term: tuple[LicenceTerm, ...]
    family: tuple[LicenceFamily, ...]


@dataclass(frozen=True, kw_only=True)
class Use(Head):
    """`use.toml`."""

    use: UseRules


@dataclass(frozen=True, kw_only=True)
class Saas(Head):
    """`saas.toml`."""

    category: tuple[Category, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Efforts(Head):
    """`efforts.toml`: person-days by kind of work."""

    days: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class RetailMeters(Head):
    """`retail-meters.toml`."""

    meter: tuple[RetailMeter, ...]


@dataclass(frozen=True, kw_only=True)
class ReliabilityRules(Known):
    """The limits of `reliability.toml`."""

    accept_per_year: float
    forbid_per_year: float
    confidence_percent: float
    over_engineered_times: float
    spread_criticalities: tuple[str, ...]
    spread_below_rto_hours: float


@dataclass(frozen=True, kw_only=True)
class ReliabilityFile(Head):
    """`reliability.toml`."""

    rules: ReliabilityRules
    design: tuple[ReliabilityDesign, ...]


@dataclass(frozen=True, kw_only=True)
class Recovery(Head):
    """`recovery.toml`."""

    service: tuple[RecoveryService, ...]


@dataclass(frozen=True, kw_only=True)
class Residency(Head):
    """`residency.toml`."""

    place: tuple[Place, ...]


@dataclass(frozen=True, kw_only=True)
class ContractRules(Known):
    """The limits of `contracts.toml`."""

    statement_holds_days: int
    reassuring: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ContractsFile(Head):
    """`contracts.toml`."""

    rules: ContractRules
    statement: tuple[LicenceTerm, ...]


@dataclass(frozen=True, kw_only=True)
class InterfaceLimits(Known):
    """The limits of `interfaces.toml`."""

    many: int
    unsaid_days: float


@dataclass(frozen=True, kw_only=True)
class Interfaces(Head):
    """`interfaces.toml`."""

    rules: InterfaceLimits
    days: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Network(Head):
    """`network.toml`."""

    jitter: Jitter
    multicast: Multicast


@dataclass(frozen=True, kw_only=True)
class Devices(Head):
    """`devices.toml`."""

    used_on: tuple[Tie, ...]
    attached: tuple[Tie, ...]


@dataclass(frozen=True, kw_only=True)
class BatchRules(Known):
    """The limits of `batch.toml`."""

    least_room_percent: float


@dataclass(frozen=True, kw_only=True)
class Batch(Head):
    """`batch.toml`."""

    rules: BatchRules


@dataclass(frozen=True, kw_only=True)
class Skills(Head):
    """`skills.toml`."""

    skill: tuple[Skill, ...]


@dataclass(frozen=True, kw_only=True)
class WeightsFile(Head):
    """`weights.toml`."""

    condition_percent: int
    condition_reason: str
    group: tuple[WeightGroup, ...]
    band: tuple[Band, ...]


@dataclass(frozen=True, kw_only=True)
class RelocationFile(Head):
    """`relocation.toml`."""

    service: str
    least_hosts: int


@dataclass(frozen=True, kw_only=True)
class CarbonFile(Head):
    """`carbon.toml`."""

    left_out: tuple[str, ...]
    grid: tuple[Grid, ...]
    overhead: tuple[Overhead, ...]
    processor: tuple[Processor, ...]
    storage: tuple[StorageDraw, ...]
    copies: Copies


@dataclass(frozen=True, kw_only=True)
class Disks(Head):
    """`disks.toml`."""

    tier: tuple[DiskTier, ...]
    flexible: FlexibleDisk
    machine: tuple[MachineDisks, ...]
