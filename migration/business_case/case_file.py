"""`case.toml`: what only the council can say of its money. Every figure has a source, and what is left out is not in the case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from inventory.model import Estate
from migration.business_case.form import PLAIN, Day, Number, Percent, Pounds, Said, sentence
from migration.business_case.model import Key
from migration.business_case.quotes import Quote
from migration.errors import MigrationError
from migration.written import read_toml

FORMAT: Final = "cloud-unless/business-case/1"
TREASURY_PERCENT: Final = Decimal("3.5")
"""A year, in real terms, for the first thirty years.

HM Treasury, "Review of discounting in the Green Book: Terms of Reference" (gov.uk, published 16 December 2025; read 2026-11-25).
The review may change it: `discount_percent` overrules it.
"""


_MAY_FALL: Final = (Key.PRESENT_GROWTH, Key.CLOUD_GROWTH, Key.CLOUD_CHANGE)
_MOST: Final = {Key.DUAL_RUNNING: 60, Key.PRESENT_GROWTH: 50, Key.CLOUD_GROWTH: 50, Key.CLOUD_CHANGE: 500}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Assumption(_Part):
    """One assumption; `low` and `high` are how far it may be from `value`, and are given together."""

    key: Key
    value: Number
    source: Said
    low: Number | None = None
    high: Number | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high go together. Give both or neither")
        low, high = (self.value if self.low is None else self.low), (self.value if self.high is None else self.high)
        if not low <= self.value <= high:
            raise ValueError("value is not between low and high. Correct the three")
        least, most = (-50 if self.key in _MAY_FALL else 0), _MOST.get(self.key, 10**9)
        if low < least or high > most:
            raise ValueError(f"{self.key.value} must be from {least} to {most}. Correct the figure")
        return self


class Avoided(_Part):
    """What the minimum and the plan save of a cost line, in per cent, from the end of dual running."""

    line: Said
    minimum_percent: Percent = Decimal(0)
    plan_percent: Percent
    source: Said


class Licence(_Part):
    """What one licence of personas costs a person a month once the plan has begun."""

    licence: Said
    monthly_pounds: Pounds
    source: Said


class Penalty(_Part):
    """What leaving a workload's contract before it ends costs, once."""

    workload: Said
    pounds: Pounds
    source: Said


class CaseFile(_Part):
    """The whole file. `quotes` come from a file of their own (quotes.py)."""

    format: Literal["cloud-unless/business-case/1"]
    starts: Day
    years: Literal[5, 10]
    discount_percent: Annotated[Number, Field(ge=0, le=20)] = TREASURY_PERCENT
    assumption: tuple[Assumption, ...] = ()
    avoided: tuple[Avoided, ...] = ()
    licence: tuple[Licence, ...] = ()
    penalty: tuple[Penalty, ...] = ()
    quotes: tuple[Quote, ...] = ()

    @model_validator(mode="after")
    def _begins_a_year(self) -> Self:
        if (self.starts.month, self.starts.day) != (4, 1):
            raise ValueError("starts is not a 1 April. A case begins with a financial year")
        return self

    def value(self, key: Key) -> Decimal | None:
        """The assumption's value; None where nobody has given one."""
        return next((a.value for a in self.assumption if a.key is key), None)

    def assuming(self, **values: Decimal) -> CaseFile:
        """The same file with other values of assumptions, by the names of `Key`."""
        changed = tuple(a.model_copy(update={"value": values[a.key.name]}) if a.key.name in values else a for a in self.assumption)
        return self.model_copy(update={"assumption": changed})


def read_case(path: Path, shown_as: str, estate: Estate) -> CaseFile:
    """The file, checked against the estate. Raises MigrationError with every fault when something in it is wrong."""
    held = read_toml(path, shown_as, FORMAT, decimals=True)
    if "quotes" in held:
        raise MigrationError(f"{shown_as}, part quotes: quotes stand in prices/quoted.toml. Move them there.")
    try:
        case = CaseFile.model_validate(held)
    except ValidationError as wrong:
        raise MigrationError(*(sentence(shown_as, e["loc"], PLAIN.get(e["type"], e["msg"])) for e in wrong.errors())) from wrong
    if faults := tuple(_against(case, estate, shown_as)):
        raise MigrationError(*faults)
    return case


def _against(case: CaseFile, estate: Estate, file: str) -> Iterable[str]:
    """Faults of the file's names: unknown, or there twice."""
    known: dict[str, tuple[list[str], set[str]]] = {
        "assumption": ([a.key.value for a in case.assumption], {k.value for k in Key}),
        "avoided": ([a.line for a in case.avoided], {c.id for c in estate.cost_lines}),
        "licence": ([p.licence for p in case.licence], {p.licence for p in estate.personas}),
        "penalty": ([p.workload for p in case.penalty], set(estate.workload_by_id)),
    }
    for part, (named, there) in known.items():
        for name, times in Counter(named).items():
            if times > 1:
                yield f"{file}, part {part}: {name} is there {times} times. Keep one."
            if name not in there:
                yield f"{file}, part {part}: the estate has no {name}. Correct the name, or take the entry out."
