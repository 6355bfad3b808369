"""What a council has: the nouns of the estate.

Every record is a frozen dataclass. Every field that came from a file has a `Source` in `sources`, under the
field's own name, so a person can be told where a figure came from. Money is whole pence, storage is decimal
gigabytes (10^9 bytes), memory is binary gibibytes as hypervisors count it, dates are `date`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final, TypeVar

from inventory.addresses import private_addresses, share_root


class Power(StrEnum):
    """Whether a server is switched on."""

    ON = "on"
    OFF = "off"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"


class Environment(StrEnum):
    """What a server or workload is for."""

    PRODUCTION = "production"
    TEST = "test"
    DEVELOPMENT = "development"
    UNKNOWN = "unknown"


class Classification(StrEnum):
    """Government security classification of data, with the council's own public level."""

    PUBLIC = "public"
    OFFICIAL = "official"
    OFFICIAL_SENSITIVE = "official-sensitive"
    UNKNOWN = "unknown"


class DependencyKind(StrEnum):
    """Who says that two workloads depend on one another."""

    DECLARED = "declared"
    OBSERVED = "observed"


class Strength(StrEnum):
    """Strong: the two must move together. Weak: they can be apart for a while."""

    STRONG = "strong"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Source:
    """Where one field came from.

    `layout` is the recognised kind of file (`rvtools-vinfo`, `azure-migrate`, …), `row` is the row as the
    person sees it in the spreadsheet (1 is the first), `read_on` is the date of the import.
    """

    layout: str
    file: str
    sheet: str
    row: int
    column: str
    read_on: date

    def __str__(self) -> str:
        """One line for a trace: where the value is, as a person would look it up."""
        sheet = f", sheet {self.sheet}" if self.sheet else ""
        return f"{self.file}{sheet}, row {self.row}, column {self.column} (read {self.read_on.isoformat()})"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in the input, addressed to the person who can mend it.

    `row` 0 means the whole sheet or file; `column` "" the whole row. `what` and `remedy` are sentences.
    """

    file: str
    what: str
    remedy: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        """File, sheet, row, column: what. Remedy."""
        where = [self.file]
        if self.sheet:
            where.append(f"sheet {self.sheet}")
        if self.row:
            where.append(f"row {self.row}")
        if self.column:
            where.append(f"column {self.column}")
        return f"{', '.join(where)}: {self.what} {self.remedy}"


Sources = Mapping[str, Source]


def _no_sources() -> Sources:
    return {}


@dataclass(frozen=True, slots=True)
class Server:
    """One physical or virtual machine. None means nobody has said. `firmware` and `architecture` are as an export writes them.

    `devices` are what is plugged into it or passed through to it, as an export names them (`USB 1`, `Serial port 1`).
    `power_watts` is what it was measured to draw, as a mean.
    """

    id: str
    name: str
    kind: str = "virtual"
    power: Power = Power.UNKNOWN
    environment: Environment = Environment.UNKNOWN
    is_template: bool = False
    cpu_cores: int | None = None
    memory_gb: float | None = None
    storage_gb: float | None = None
    storage_used_gb: float | None = None
    disks: int | None = None
    network_cards: int | None = None
    operating_system: str = ""
    host: str = ""
    cluster: str = ""
    datacenter: str = ""
    ip_address: str = ""
    description: str = ""
    firmware: str = ""
    architecture: str = ""
    last_patched_on: date | None = None
    power_watts: float | None = None
    sources: Sources = field(default_factory=_no_sources)
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Utilisation:
    """One server's use in one month: percentiles and maxima, in per cent of what it has. `month` is its first day.

    `coverage_percent` is the share of expected samples that were taken. `disk_p95_mbps` is megabytes (10^6) a second.
    """

    server_id: str
    month: date
    cpu_p95_percent: float | None = None
    memory_p95_percent: float | None = None
    disk_p95_iops: float | None = None
    network_p95_mbps: float | None = None
    coverage_percent: float | None = None
    cpu_p50_percent: float | None = None
    cpu_p99_percent: float | None = None
    cpu_max_percent: float | None = None
    memory_p50_percent: float | None = None
    memory_p99_percent: float | None = None
    memory_max_percent: float | None = None
    disk_p95_mbps: float | None = None
    sources: Sources = field(default_factory=_no_sources)


@dataclass(frozen=True, slots=True)
class Database:
    """One database on a server; `engine` as written, such as `SQL Server`, with its `version` and `edition`."""

    id: str
    name: str
    server_id: str
    workload_id: str = ""
    engine: str = ""
    version: str = ""
    edition: str = ""
    size_gb: float | None = None
    sources: Sources = field(default_factory=_no_sources)


@dataclass(frozen=True, slots=True)
class Share:
    """One file share on a server."""

    id: str
    name: str
    server_id: str
    workload_id: str = ""
    path: str = ""
    size_gb: float | None = None
    files: int | None = None
    sources: Sources = field(default_factory=_no_sources)


@dataclass(frozen=True, slots=True)
class Workload:
    """One application with the servers it needs: what we score, decide and cut over.

    `is_registered` is False for a server that no application register claims: the server then stands as a
    workload of its own until somebody says whose it is. `failures_per_year_tolerated` is the chief executive's
    question: once in five years is 0.2. `saas_product` names a service that could replace it. `ties` are
    reasons of hardware or place (`scada`, `fax-board`, `dongle`). `latency_ms` is the longest round trip that
    its users or partners bear. `public_facing` says that residents use it, `accessibility_reviewed_on` when its accessibility
    statement was last reviewed. `unread` are fields for which a file had a cell that says nothing readable: not known, though stated.
    `failures_observed` in `observed_years` is what its fault log shows, `restore_hours` how long its last tested restore took.
    `cloud_statement` is what its supplier says of running it in a public cloud, `cloud_statement_on` when, `cloud_versions` of which
    versions. `notice_months` before its end the contract must be given up, and `early_exit_pence` is what leaving it sooner costs.
    `kept_in` is where its data must stay, `skills` what those who run it can do. `runtimes` are what it is built on (`PHP 7.4`),
    `authentication` how it signs people in and secures its connections (`NTLM`, `TLS 1.0`),
    `exposed_ports` what it opens to the internet, `certificates_expire_on` the day on which the first of its certificates does.
    `fixed_addresses` are the IP addresses written into it, or yes or no; `shared_paths` the shares it reaches by a path (`\\\\fs1\\pay`).
    `batch_hours` its nightly batch takes, of `batch_limit_hours` that it may. `jitter_ms` is how far apart its packets may come,
    `multicast` whether it sends to many at once. `used_on` is what people use it on, `function` the council's business that it serves.
    `council` is whose it is, where an estate holds those of several.
    """

    id: str
    name: str
    is_registered: bool = True
    owner: str = ""
    service: str = ""
    supplier: str = ""
    product: str = ""
    version: str = ""
    users: int | None = None
    environment: Environment = Environment.UNKNOWN
    classification: Classification = Classification.UNKNOWN
    personal_data: bool | None = None
    criticality: str = ""
    rto_hours: float | None = None
    rpo_hours: float | None = None
    failures_per_year_tolerated: float | None = None
    support_ends: date | None = None
    contract_ends: date | None = None
    intent: str = ""
    saas_product: str = ""
    licence: str = ""
    latency_ms: float | None = None
    ties: tuple[str, ...] = ()
    private_links: tuple[str, ...] = ()
    annual_cost_pence: int | None = None
    public_facing: bool | None = None
    accessibility_reviewed_on: date | None = None
    server_ids: tuple[str, ...] = ()
    description: str = ""
    unread: tuple[str, ...] = ()
    council: str = ""
    sources: Sources = field(default_factory=_no_sources)
    failures_observed: int | None = None
    observed_years: float | None = None
    restore_hours: float | None = None
    cloud_statement: str = ""
    cloud_statement_on: date | None = None
    cloud_versions: tuple[str, ...] = ()
    notice_months: int | None = None
    early_exit_pence: int | None = None
    kept_in: str = ""
    skills: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    authentication: tuple[str, ...] = ()
    exposed_ports: tuple[str, ...] = ()
    certificates_expire_on: date | None = None
    fixed_addresses: str = ""
    shared_paths: tuple[str, ...] = ()
    batch_hours: float | None = None
    batch_limit_hours: float | None = None
    jitter_ms: float | None = None
    multicast: bool | None = None
    used_on: tuple[str, ...] = ()
    function: str = ""

    @property
    def batch_room_percent(self) -> float | None:
        """How much of the time that its nightly batch may take is left, below 0 where it is late; None where either is not said."""
        return None if self.batch_hours is None or not self.batch_limit_hours else 100 - 100 * self.batch_hours / self.batch_limit_hours


OPTIONAL = ("cloud_statement", "notice_months", "skills", "restore_hours", "fixed_addresses")
"""Fields of a workload that many registers do not have: an empty one is a question not answered only where the register asks it."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """A directed link: `from_id` needs `to_id` (both workloads)."""

    from_id: str
    to_id: str
    kind: DependencyKind = DependencyKind.DECLARED
    strength: Strength = Strength.WEAK
    port: int | None = None
    description: str = ""
    sources: Sources = field(default_factory=_no_sources)


@dataclass(frozen=True, slots=True)
class Interface:
    """A flow of data between a workload and another workload or an outside partner.

    `standard` is the open standard it speaks (`HL7 FHIR R4`, `LGSL`, `none`), `medium` is how
    (`api`, `file`, `database`, `private-link`, `manual`).
    """

    id: str
    from_id: str
    to: str
    data: str = ""
    standard: str = ""
    medium: str = ""
    direction: str = ""
    sources: Sources = field(default_factory=_no_sources)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Data as a corporate resource. `workload_id` is its system of record; "" when it has none yet."""

    id: str
    name: str
    workload_id: str = ""
    owner: str = ""
    steward: str = ""
    classification: Classification = Classification.UNKNOWN
    personal_data: bool | None = None
    retention_years: int | None = None
    shared_with: str = ""
    sharing_agreement_ends: date | None = None
    export_route: str = ""
    description: str = ""
    sources: Sources = field(default_factory=_no_sources)
    kept_in: str = ""


@dataclass(frozen=True, slots=True)
class Freeze:
    """Dates, both included, when nothing moves. `service` "" means the whole council."""

    id: str
    name: str
    starts: date
    ends: date
    service: str = ""
    sources: Sources = field(default_factory=_no_sources)


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the costs sheet, in pence. `kind` is `capital` or `revenue` (a year)."""

    id: str
    name: str
    kind: str
    amount_pence: int
    category: str = ""
    year: str = ""
    sources: Sources = field(default_factory=_no_sources)


@dataclass(frozen=True, slots=True)
class Persona:
    """One of the kinds of staff found by focus groups, with how many there are and what each needs."""

    id: str
    name: str
    headcount: int | None = None
    device: str = ""
    licence: str = ""
    workplace: str = ""
    description: str = ""
    sources: Sources = field(default_factory=_no_sources)


FEWEST_OPTIONS: Final = 2
"""How many ways must have been weighed before something may stay out of the cloud or be built anew."""


@dataclass(frozen=True, slots=True)
class CostedOption:
    """One way that was weighed before an exception was asked for; None means that nobody has said what it costs over five years."""

    name: str
    five_year_cost_pence: int | None = None


@dataclass(frozen=True, slots=True)
class ExceptionEntry:
    """One entry of the exception register, as far as a disposition needs it; `policies` judges it in full.

    `options` are the ways that were weighed, each with its cost over five years.
    """

    id: str
    subjects: tuple[str, ...]
    controls: tuple[str, ...]
    rationale: str = ""
    requester: str = ""
    approver: str = ""
    approved_on: date | None = None
    expires_on: date | None = None
    options: tuple[CostedOption, ...] = ()
    sources: Sources = field(default_factory=_no_sources)

    @property
    def has_costed_options(self) -> bool:
        """Whether at least two ways were weighed, each with what it costs."""
        return len(self.options) >= FEWEST_OPTIONS and all(o.five_year_cost_pence is not None for o in self.options)

    @property
    def is_approved(self) -> bool:
        """Whether somebody other than its requester approved it, on a day that it gives."""
        approver = self.approver.strip().casefold()
        return bool(approver) and approver != self.requester.strip().casefold() and self.approved_on is not None

    def covers(self, subject_id: str, control: str, on: date) -> bool:
        """Whether this entry, approved and unexpired `on` that date, lets `subject_id` depart from `control`."""
        in_time = self.approved_on is not None and self.expires_on is not None and self.approved_on <= on <= self.expires_on
        return in_time and bool(self.approver) and subject_id in self.subjects and control in self.controls


Record = (
    Server | Utilisation | Database | Share | Workload | Dependency | Interface | Dataset | Freeze | CostLine | Persona | ExceptionEntry
)


@dataclass(frozen=True)
class Estate:
    """All on-premise things in scope at one date, each tuple sorted by id. Look-ups are by id."""

    servers: tuple[Server, ...] = ()
    utilisations: tuple[Utilisation, ...] = ()
    databases: tuple[Database, ...] = ()
    shares: tuple[Share, ...] = ()
    workloads: tuple[Workload, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    cost_lines: tuple[CostLine, ...] = ()
    personas: tuple[Persona, ...] = ()
    exceptions: tuple[ExceptionEntry, ...] = ()
    server_by_id: Mapping[str, Server] = field(init=False, repr=False, compare=False)
    workload_by_id: Mapping[str, Workload] = field(init=False, repr=False, compare=False)
    utilisations_by_server: Mapping[str, tuple[Utilisation, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index once; the estate never changes afterwards."""
        by_server: dict[str, list[Utilisation]] = {}
        for u in self.utilisations:
            by_server.setdefault(u.server_id, []).append(u)
        object.__setattr__(self, "server_by_id", {s.id: s for s in self.servers})
        object.__setattr__(self, "workload_by_id", {w.id: w for w in self.workloads})
        object.__setattr__(self, "utilisations_by_server", {k: tuple(v) for k, v in by_server.items()})

    @cached_property
    def exceptions_by_subject(self) -> Mapping[str, tuple[ExceptionEntry, ...]]:
        """Exceptions by each thing that they name."""
        return _grouped(self.exceptions, lambda e: e.subjects)

    @cached_property
    def workloads_by_server(self) -> Mapping[str, tuple[Workload, ...]]:
        """Which workloads name each server, in the estate's order."""
        return _grouped(self.workloads, lambda w: w.server_ids)

    @cached_property
    def databases_by_server(self) -> Mapping[str, tuple[Database, ...]]:
        """Databases by the server that holds them."""
        return _grouped(self.databases, lambda d: (d.server_id,))

    @cached_property
    def databases_by_workload(self) -> Mapping[str, tuple[Database, ...]]:
        """Databases by the workload that the register gives them to."""
        return _grouped(self.databases, lambda d: (d.workload_id,))

    @cached_property
    def shares_by_workload(self) -> Mapping[str, tuple[Share, ...]]:
        """File shares by the workload that the register gives them to."""
        return _grouped(self.shares, lambda s: (s.workload_id,))

    @cached_property
    def shares_by_server(self) -> Mapping[str, tuple[Share, ...]]:
        """File shares by the server that holds them."""
        return _grouped(self.shares, lambda s: (s.server_id,))

    @cached_property
    def datasets_by_workload(self) -> Mapping[str, tuple[Dataset, ...]]:
        """Datasets by their system of record."""
        return _grouped(self.datasets, lambda d: (d.workload_id,))

    @cached_property
    def dependencies_by_workload(self) -> Mapping[str, tuple[Dependency, ...]]:
        """Dependencies by either of their ends."""
        return _grouped(self.dependencies, lambda d: (d.from_id, d.to_id))

    @cached_property
    def interfaces_by_workload(self) -> Mapping[str, tuple[Interface, ...]]:
        """Interfaces by either of their ends, as far as the ends are workloads."""
        return _grouped(self.interfaces, lambda i: (i.from_id, i.to))

    @cached_property
    def servers_by_address(self) -> Mapping[str, tuple[Server, ...]]:
        """Servers by each private address that they have."""
        return _grouped(self.servers, lambda s: (str(a) for a in private_addresses(s.ip_address)))

    @cached_property
    def workloads_by_fixed_address(self) -> Mapping[str, tuple[Workload, ...]]:
        """Workloads by each private address that is written into them."""
        return _grouped(self.workloads, lambda w: (str(a) for a in private_addresses(w.fixed_addresses)))

    @cached_property
    def workloads_by_share(self) -> Mapping[tuple[str, str], tuple[Workload, ...]]:
        """Workloads by the server and share of each path that they use."""
        return _grouped(self.workloads, lambda w: (root for p in w.shared_paths if (root := share_root(p))))

    @cached_property
    def asked_of_workloads(self) -> frozenset[str]:
        """Those of the `OPTIONAL` fields that somebody has filled in for at least one workload: what the council's register asks."""
        return frozenset(name for name in OPTIONAL if any(getattr(w, name) not in (None, "", ()) for w in self.workloads))

    def servers_of(self, workload: Workload) -> tuple[Server, ...]:
        """The workload's servers that the inventory knows, in the workload's order."""
        return tuple(self.server_by_id[i] for i in workload.server_ids if i in self.server_by_id)


_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")


def _grouped(rows: Iterable[_T], keys: Callable[[_T], Iterable[_K]]) -> Mapping[_K, tuple[_T, ...]]:
    held: dict[_K, list[_T]] = {}
    for row in rows:
        for key in dict.fromkeys(keys(row)):
            if key:
                held.setdefault(key, []).append(row)
    return {k: tuple(v) for k, v in held.items()}
