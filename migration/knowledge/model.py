"""What is known: the records of the knowledge files, each with its source and date. Frozen, checked when loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Day  # noqa: N812 - `date` is the name of a field
from typing import Literal

from migration.knowledge.carbon_model import CarbonFacts
from migration.knowledge.disk_model import DiskFacts
from migration.knowledge.known import Known, Said
from migration.knowledge.operation_model import Boot, Latency, MachineLimits, Operation, Posture, Tie
from migration.knowledge.platform_model import Desktops, FileService, PlatformService, PlatformTier, WebPlans
from migration.model import Price


@dataclass(frozen=True)
class Release:
    """A release of a product. `ends` is the last day of ordinary support, `extended_ends` of what the maker sells after it.

    None means that no end is announced.
    """

    product: str
    release: str
    title: str
    ends: Day | None = None
    extended_ends: Day | None = None

    @property
    def name(self) -> str:
        """As a person would say it, such as `Microsoft Windows Server 2008 R2`."""
        return f"{self.title} {self.release.replace('-r2', ' R2')}"


@dataclass(frozen=True)
class Product(Known):
    """What a product is: its family for licences and prices, and the platform service that could take it over.

    `extended` names what its maker sells after ordinary support. `platform` is a target kind, one of `platforms.toml`.
    """

    family: str
    extended: str = "extended support"
    runs_on_azure: bool = True
    why_not: str = ""
    platform: str = ""
    source: str = ""
    date: Day | None = None


@dataclass(frozen=True)
class Spelling(Known):
    """How names of a product are written: a pattern and which releases it may mean, or why nobody can tell."""

    pattern: str
    product: str = ""
    releases: tuple[str, ...] = ()
    exact: bool = False
    prefix: str = ""
    builds: Mapping[str, str] = field(default_factory=dict[str, str])
    unknowable: str = ""
    note: str = ""


@dataclass(frozen=True)
class Size(Known):
    """An Azure machine size. `baseline_percent` is the share of all its vCPUs that a burstable size may use for ever.

    `most_iops` and `most_mbps` a second are what it can use of its disks together (disks.toml); 0 where nobody has published it.
    """

    name: str
    vcpus: int
    memory_gib: float
    baseline_percent: int = 100
    most_iops: int = 0
    most_mbps: int = 0


@dataclass(frozen=True)
class Series(Known):
    """Sizes of one series, ascending. Role `candidate` may be chosen; `comparison` is only a yardstick of price."""

    name: str
    role: Literal["candidate", "comparison"]
    why: str
    sizes: tuple[Size, ...]


@dataclass(frozen=True)
class SizingRules(Known):
    """When a measurement or a figure may be believed, and how many vCPUs a core of a physical server is worth."""

    least_coverage_percent: float
    oldest_measurement_days: int
    least_memory_gib: float
    vcpus_per_physical_core: int
    source: str
    date: Day


@dataclass(frozen=True)
class UseRules(Known):
    """When a server counts as doing nothing, as silent, and as working in bursts."""

    idle_cpu_percent: float
    idle_source: str
    idle_date: Day
    silent_network_mbps: float
    bursty_times: float


@dataclass(frozen=True)
class ReliabilityDesign(Known):
    """A way to build a machine and the availability that its maker promises; `machines` is how many stand where one would."""

    id: str
    name: str
    machines: int
    availability_percent: float
    source: str
    date: Day


@dataclass(frozen=True)
class Reliability:
    """How often a service may fail, what proves it, and the designs, cheapest first."""

    accept_per_year: float
    forbid_per_year: float
    confidence_percent: float
    over_engineered_times: float
    spread_criticalities: tuple[str, ...]
    spread_below_rto_hours: float
    designs: tuple[ReliabilityDesign, ...]


@dataclass(frozen=True)
class RecoveryService(Known):
    """How much the backups of a kind of target may lose, in hours; `other_region_loses_hours` None where nobody has published it."""

    kind: str
    name: str
    loses_hours: float
    source: str
    date: Day
    other_region_loses_hours: float | None = None


@dataclass(frozen=True)
class Place(Known):
    """Where data is said to have to stay, recognised by words, and the regions that are there; `anywhere` is every region."""

    id: str
    words: tuple[str, ...]
    regions: tuple[str, ...]
    anywhere: bool = False


@dataclass(frozen=True)
class Contracts:
    """How a supplier's statement of the cloud is read (without its `reassuring` words), and for how many days it holds."""

    statement_holds_days: int
    statements: tuple[LicenceTerm, ...]
    reassuring: tuple[str, ...]


@dataclass(frozen=True)
class InterfaceRules:
    """Days of work for an interface by its medium, and how many make work of their own."""

    many: int
    unsaid_days: float
    days: Mapping[str, float]


@dataclass(frozen=True)
class DataClass(Known):
    """A classification of data: its rank, where it may be kept, and what must be done first."""

    name: str
    rank: int
    regions: tuple[str, ...]
    source: str
    date: Day
    demands: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonalData(Known):
    """What personal data demands."""

    demand: str
    source: str
    date: Day


@dataclass(frozen=True)
class LicenceTerm(Known):
    """Words of a licence and what they mean for a move."""

    words: tuple[str, ...]
    effect: Said
    reason: str
    remedy: str = ""


@dataclass(frozen=True)
class LicenceFamily(Known):
    """What a maker's licence asks in a cloud, by family of product; `assured` are words of a licence with which it asks less."""

    name: str
    effect: Said
    reason: str
    remedy: str
    source: str = ""
    date: Day | None = None
    assured: tuple[str, ...] = ()
    assured_effect: Said = "none"
    assured_reason: str = ""
    assured_remedy: str = ""


@dataclass(frozen=True)
class Category(Known):
    """A category of council application and whether councils buy it as a service."""

    id: str
    words: tuple[str, ...]
    availability: Literal["established", "partial", "rare"]
    examples: tuple[str, ...] = ()
    source: str = ""
    date: Day | None = None


@dataclass(frozen=True)
class RetailMeter(Known):
    """Which meter of the Azure Retail Prices API is our `sku`; regular expressions of the whole text.

    `asked_in` is the file of the source that asks for it so. See retail-meters.toml.
    """

    sku: str
    service: str
    product: str
    sku_name: str
    meter: str
    per: Literal["month", "gb"]
    asked_in: str
    licence: str = ""


@dataclass(frozen=True)
class WeightGroup(Known):
    """A group of assessors, what it weighs, and the facts that must be said for it to earn anything."""

    id: str
    weight: int
    assessors: tuple[str, ...]
    facts: tuple[str, ...]
    reason: str
    date: Day


@dataclass(frozen=True)
class Band(Known):
    """A band of scores: those of `least` or more that are not in a higher one."""

    name: str
    least: int
    reason: str
    date: Day


@dataclass(frozen=True)
class Weights:
    """What the score rests on: the share of a group under a condition, the groups, and the bands from the highest down."""

    condition_percent: int
    groups: tuple[WeightGroup, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Relocation:
    """VMware as a service, and how many dedicated hosts of it there must be at the least."""

    service: str
    least_hosts: int


@dataclass(frozen=True)
class FileNote:
    """One knowledge file: whence it is, of which day, and the day after which it must be looked at again."""

    file: str
    date: Day
    stale_after: Day
    source: str


@dataclass(frozen=True, eq=False, repr=False)
class Knowledge:
    """Everything the assessors know. Load it once with `load_knowledge` and pass it on."""

    files: tuple[FileNote, ...]
    warn_days: int
    releases: Mapping[str, Release]
    products: Mapping[str, Product]
    systems: tuple[Spelling, ...]
    engines: tuple[Spelling, ...]
    platforms: Mapping[str, PlatformService]
    tiers: tuple[PlatformTier, ...]
    file_services: tuple[FileService, ...]
    web: WebPlans
    desktop: Desktops
    series: tuple[Series, ...]
    retiring: Mapping[str, Day]
    sizing: SizingRules
    use: UseRules
    prices: Mapping[tuple[str, str], Price]
    ties: tuple[Tie, ...]
    links: tuple[Tie, ...]
    latency: Latency
    limits: MachineLimits
    boot: Boot
    posture: Posture
    classifications: Mapping[str, DataClass]
    personal_data: PersonalData
    licence_terms: tuple[LicenceTerm, ...]
    licence_families: Mapping[str, LicenceFamily]
    categories: tuple[Category, ...]
    efforts: Mapping[str, float]
    reliability: Reliability
    recovery: Mapping[str, RecoveryService]
    places: tuple[Place, ...]
    contracts: Contracts
    interfaces: InterfaceRules
    weights: Weights
    relocation: Relocation
    operation: Operation
    carbon: CarbonFacts
    disks: DiskFacts
    retail_meters: tuple[RetailMeter, ...] = ()
    sold: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    other_terms: Mapping[tuple[str, str], tuple[Price, ...]] = field(default_factory=dict[tuple[str, str], tuple[Price, ...]])
    runtimes: tuple[Spelling, ...] = ()
    authentication: tuple[Tie, ...] = ()
