"""What we decide: the nouns of assessment and planning. All frozen; money is whole pence per month, GBP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final


class Readiness(StrEnum):
    """Whether a workload can move. Unknown is never ready."""

    READY = "ready"
    CONDITIONS = "ready with conditions"
    NOT_READY = "not ready"
    UNKNOWN = "unknown"


class Disposition(StrEnum):
    """What becomes of a workload; earlier is preferred: reuse > SaaS > PaaS > IaaS > bespoke."""

    RETIRE = "retire"
    REPURCHASE = "repurchase"
    REPLATFORM = "replatform"
    REHOST = "rehost"
    REFACTOR = "refactor"
    RELOCATE = "relocate"
    RETAIN = "retain"


class Effect(StrEnum):
    """What a finding does to readiness. Worst wins: blocks, then unknown, then condition, then none."""

    NONE = "none"
    CONDITION = "condition"
    UNKNOWN = "unknown"
    BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an assessor says of one workload.

    `subject` is the id of the workload, server, database or interface that it is about. `reason` is a sentence
    for a person, `remedy` what would lift it, `effort_days` person-days to do so (None: not estimated),
    `evidence` the sources and facts it rests on, each a line.
    """

    assessor: str
    workload_id: str
    subject: str
    effect: Effect
    reason: str
    remedy: str = ""
    effort_days: float | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """A published price turned into pounds. `region` is where it was published for, `source` whence, `on` when.

    Region `global` is the same everywhere, as licences are. `term` is how it is bought (migration/purchase.py), `hours` of a month
    what it is for. `exact_pence`, a decimal, is the price before it was rounded: what is bought by the gigabyte costs parts of a penny.
    """

    sku: str
    region: str
    monthly_pence: int
    on: date
    source: str
    term: str = "pay-as-you-go"
    hours: int = 730
    exact_pence: str = ""

    def times(self, quantity: Decimal | int) -> int:
        """Whole pence for so many of it: rounded once, half to even."""
        return int((Decimal(self.exact_pence or self.monthly_pence) * quantity).quantize(Decimal(1), ROUND_HALF_EVEN))

    def caveat(self, wanted_region: str) -> str:
        """A sentence where the price is of another region than the one wanted, else ""."""
        if self.region in (wanted_region, "global"):
            return ""
        return f"Price of {self.sku} is for {self.region}, not {wanted_region}; no price for {wanted_region} is in the snapshot."


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another size or service that a subject could have had. `gives_up` is a sentence: what is lost by it against the one chosen."""

    kind: str
    sku: str
    price: Price | None
    gives_up: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The same thing bought on other terms, at a price; `gives_up` is a sentence."""

    price: Price
    gives_up: str


@dataclass(frozen=True, slots=True)
class Option:
    """One of the seven dispositions as weighed for a workload, in order of preference; `reason` says why it won, or why it lost."""

    disposition: Disposition
    is_chosen: bool
    reason: str


COST_ONLY: Final = frozenset({"licence", "managed-disk", "database-storage"})
"""Kinds of target that cost money beside a machine or database of the same subject and are never asked for by themselves."""
ON_INSTANCE: Final = "database-on-instance"
"""The kind of a database that stands on the instance of another, which is its `sku`: it is moved, and costs and asks for nothing itself."""
COSTS_NOTHING: Final = frozenset({"none", ON_INSTANCE})
"""Kinds of target that have no price because there is nothing to pay."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where one server, database or share goes.

    `kind` is a workload component of the stacks (`virtual-machine`, `sql-managed-instance`, `postgresql`, `mysql`,
    `file-share` …), `software-service`, `none`, `database-on-instance`, or one of `COST_ONLY`. `sku` is its size, `price` None where no
    price is known: never invented. `alternatives` are what else would do, or nearly, each with its price and what it gives up; `offers` are
    the terms on which this one is sold, each with its price.
    """

    subject: str
    kind: str
    sku: str
    region: str
    storage_gb: int
    price: Price | None
    reason: str
    alternatives: tuple[Alternative, ...] = ()
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer for one workload, and why. `exception_id` is what a retain cites.

    `monthly_pence` is None when any target has no price; `unpriced` then names them. `overruled` says who decided otherwise than the rules,
    why and until when; readiness and disposition are then theirs, and the findings stay. `options` are all seven dispositions as weighed.
    """

    workload_id: str
    on: date
    readiness: Readiness
    disposition: Disposition
    disposition_reason: str
    findings: tuple[Finding, ...]
    targets: tuple[Target, ...] = ()
    monthly_pence: int | None = None
    unpriced: tuple[str, ...] = ()
    exception_id: str = ""
    overruled: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveGroup:
    """Workloads that must move together, with the links that tie them, each a sentence.

    `crossings` are the links, each a sentence, that will reach from the group to what does not move with it.
    """

    id: str
    workload_ids: tuple[str, ...]
    server_ids: tuple[str, ...]
    because: tuple[str, ...] = ()
    crossings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wave:
    """Move groups in one change window (both days included)."""

    id: str
    starts: date
    ends: date
    group_ids: tuple[str, ...]
    workload_ids: tuple[str, ...]
    server_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What moves when and what does not, and why; written as `plan.json`.

    `notes` are sentences about what the plan rests on and what may be wrong with it.
    """

    on: date
    estate_digest: str
    assessments: Mapping[str, Assessment]
    groups: tuple[MoveGroup, ...]
    waves: tuple[Wave, ...]
    unplanned: Mapping[str, str]
    region: str = ""
    notes: tuple[str, ...] = ()
