"""`prices/quoted.toml`: what somebody quoted for what no public price list holds, with who, when, and until when it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from migration.business_case.form import PLAIN, Day, Number, Said, sentence
from migration.errors import MigrationError
from migration.model import Target
from migration.written import read_toml

FORMAT: Final = "cloud-unless/quoted-prices/1"
STORED: Final = frozenset({"managed-disk", "database-storage", "file-share", "file-share-premium"})
"""Kinds of target whose gigabytes are what is stored; a machine's own are those of its disks."""


class Service(StrEnum):
    """What runs beside machines and is not in the price of any. Licences of personas stand in case.toml."""

    BACKUP = "backup"
    MONITORING = "monitoring"
    SUPPORT = "support"
    EGRESS = "egress"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Quote(_Part):
    """One price, a month: for each machine that moves, each gigabyte that is stored, or so many (`quantity`) of it in all."""

    what: Service
    per: Literal["server", "gb", "month"]
    pounds: Annotated[Number, Field(ge=0, le=10**7)]
    by: Said
    on: Day
    until: Day
    source: Said
    quantity: Annotated[Number, Field(gt=0, le=10**9)] | None = None

    @model_validator(mode="after")
    def _holds(self) -> Self:
        if self.until < self.on:
            raise ValueError("until is before on. Correct the dates")
        if self.quantity is not None and self.per != "month":
            raise ValueError(f"quantity is counted by the toolkit where per is {self.per}. Take it out, or write per = 'month'")
        return self

    def is_in_force(self, day: date) -> bool:
        """Whether it holds on a day, both ends included."""
        return self.on <= day <= self.until

    def count(self, targets: Iterable[Target]) -> Decimal:
        """How many of it some targets take: machines, or gigabytes; none of what is priced for the whole."""
        held = list(targets)
        if self.per == "server":
            return Decimal(sum(t.kind == "virtual-machine" for t in held))
        return Decimal(sum(t.storage_gb for t in held if t.kind in STORED)) if self.per == "gb" else Decimal(0)

    @property
    def because(self) -> str:
        """Whose it is and until when, a sentence."""
        return f"{self.by}, {self.on}, holds until {self.until}. {self.source}"


class _QuotedFile(_Part):
    format: Literal["cloud-unless/quoted-prices/1"]
    quote: tuple[Quote, ...] = ()


def read_quotes(path: Path, shown_as: str) -> tuple[Quote, ...]:
    """The quotes of a file. Raises MigrationError with every fault when something in it is wrong."""
    held = read_toml(path, shown_as, FORMAT, decimals=True)
    try:
        read = _QuotedFile.model_validate(held)
    except ValidationError as wrong:
        raise MigrationError(*(sentence(shown_as, e["loc"], PLAIN.get(e["type"], e["msg"])) for e in wrong.errors())) from wrong
    times = Counter((q.what, q.per) for q in read.quote)
    if twice := [f"{what} per {per}" for (what, per), n in times.items() if n > 1]:
        raise MigrationError(*(f"{shown_as}, part quote: {name} is there more than once. Keep the one that holds." for name in twice))
    return read.quote


def not_quoted(quotes: Iterable[Quote], on: date) -> Iterator[str]:
    """What no quote in force covers on a day, a clause each, with what to do."""
    held = list(quotes)
    for service in Service:
        mine = [q for q in held if q.what is service]
        if any(q.is_in_force(on) for q in mine):
            continue
        if mine:
            latest = max(mine, key=lambda q: q.until)
            day = f"ended on {latest.until}" if latest.until < on else f"does not hold before {latest.on}"
            yield f"{service.value} has no price, for the quote of {latest.by} {day}. Ask for another, in prices/quoted.toml."
        else:
            yield f"{service.value} has no price. Give what somebody quoted as a [[quote]] of prices/quoted.toml."
