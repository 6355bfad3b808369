"""`benefits.toml`: what the council expects to gain, who answers for it, and how anybody will see that it came."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from migration.business_case.form import PLAIN, Day, Number, Said, sentence
from migration.errors import MigrationError
from migration.written import read_toml

FORMAT: Final = "cloud-unless/benefits/1"


class Benefit(BaseModel):
    """One benefit. `measure` says what is counted; it goes from `baseline` to `target` by `date`. `is_cashable`: a budget falls by it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
    owner: Said
    measure: Said
    baseline: Number
    target: Number
    date: Day
    is_cashable: bool


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal["cloud-unless/benefits/1"]
    benefit: tuple[Benefit, ...] = ()


def read_benefits(path: Path, shown_as: str) -> tuple[Benefit, ...]:
    """The register, by date and id. Raises MigrationError with every fault when something in it is wrong."""
    held = read_toml(path, shown_as, FORMAT, decimals=True)
    try:
        benefits = _File.model_validate(held).benefit
    except ValidationError as wrong:
        raise MigrationError(*(sentence(shown_as, e["loc"], PLAIN.get(e["type"], e["msg"])) for e in wrong.errors())) from wrong
    faults = [f"{shown_as}: the benefit {i} is there {n} times. Keep one." for i, n in Counter(b.id for b in benefits).items() if n > 1]
    faults += [f"{shown_as}: the benefit {b.id} changes nothing. Correct baseline or target." for b in benefits if b.baseline == b.target]
    if faults:
        raise MigrationError(*faults)
    return tuple(sorted(benefits, key=lambda b: (b.date, b.id)))
