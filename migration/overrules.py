"""Where people overrule an assessment: a reviewed file with who, why and until when. What the rules say is kept beside it.

An overrule changes how ready a workload is, or what becomes of it, until its last day. It cannot let a workload stay: that takes an
exception of the register, which is judged. It changes no finding, so everything that stood against the workload can still be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from inventory.model import Estate, Fault
from migration.errors import MigrationError
from migration.model import Disposition, Readiness
from migration.written import read_toml

FORMAT: Final = "cloud-unless/overrules/1"
_STAYS: Final = (Disposition.RETAIN, Disposition.REFACTOR)
_EXAMPLE: Final = "Write the date as 2027-03-31, without quotation marks."


def day_as_written(said: object) -> object:
    """A date as TOML has it; raises ValueError, with how to write one, for anything else."""
    if isinstance(said, datetime) or not isinstance(said, date):
        raise ValueError(f"it is not a date. {_EXAMPLE}")
    return said


Day = Annotated[date, BeforeValidator(day_as_written)]


class Overrule(BaseModel):
    """One decision of a person on one workload. `by` is a name and a role; `on` and `until` are its first and last day.

    `size` "as-given" sizes its servers by what was given to them where their use was not measured.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    workload: str = Field(min_length=1)
    readiness: Readiness | None = None
    disposition: Disposition | None = None
    size: Literal["as-given"] | None = None
    because: str = Field(min_length=1)
    by: str = Field(min_length=1)
    on: Day
    until: Day

    def in_force(self, day: date) -> bool:
        """Whether it counts on that day, both ends included."""
        return self.on <= day <= self.until

    def sentence(self, readiness: Readiness, disposition: Disposition) -> str:
        """Who overruled what, why and until when; the arguments are what the rules say."""
        because = self.because if self.because.endswith((".", "!", "?")) else f"{self.because}."
        size = " What was given to its servers is taken where their use was not measured." if self.size else ""
        ruled = f"By the rules it is {readiness.value}, {disposition.value}."
        return f"Overruled by {self.by} on {self.on} until {self.until}: {because}{size} {ruled}"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal["cloud-unless/overrules/1"]
    overrule: tuple[Overrule, ...] = ()


@dataclass(frozen=True)
class Overrules:
    """Those in force on the day, by workload, and the faults of the file: what is wrong in it counts for nothing."""

    held: Mapping[str, Overrule]
    faults: tuple[Fault, ...] = ()


def read_overrules(path: Path, shown_as: str, estate: Estate, day: date) -> Overrules:
    """What the file overrules on that day. An entry that is wrong is a fault, and the others count.

    Raises MigrationError with every fault when the file cannot be read or an entry is not of its form.
    """
    held = read_toml(path, shown_as, FORMAT)
    try:
        entries = _File.model_validate(held).overrule
    except ValidationError as wrong:
        raise MigrationError(*(_sentence(shown_as, held, e["loc"], e["msg"]) for e in wrong.errors())) from wrong
    return _counted(entries, shown_as, estate, day)


def _counted(entries: Sequence[Overrule], file: str, estate: Estate, day: date) -> Overrules:
    made: dict[str, Overrule] = {}
    faults: list[Fault] = []
    for number, entry in enumerate(entries, 1):
        wrong = _wrong(entry, estate, day) or (
            ("The workload is overruled twice.", "Keep one of the two.") if entry.workload in made else None
        )
        if wrong:
            faults.append(Fault(file, f"{entry.workload}: {wrong[0]}", wrong[1], row=number, column="overrule"))
        elif entry.in_force(day):
            made[entry.workload] = entry
    return Overrules(made, tuple(faults))


def _wrong(entry: Overrule, estate: Estate, day: date) -> tuple[str, str] | None:
    """What is wrong with an entry, and what to do."""
    if entry.workload not in estate.workload_by_id:
        return "No workload of the estate has this id.", "Correct the id (unless inventory list --kind workloads), or take the entry out."
    if entry.readiness is None and entry.disposition is None and entry.size is None:
        return "It overrules nothing.", "Say which readiness, which disposition or which size it gives."
    if entry.readiness is Readiness.UNKNOWN:
        return "Nobody can decide that something is unknown.", "Give ready, ready with conditions or not ready."
    if entry.disposition is not None and entry.disposition in _STAYS:
        what = f"An overrule cannot give {entry.disposition.value}."
        return what, "Under the rule cloud, unless that takes an exception to workload-goes-to-the-cloud in the exception register."
    if entry.until < entry.on:
        return f"It ends on {entry.until}, before it begins on {entry.on}.", "Correct the dates."
    if entry.until < day:
        return f"It ended on {entry.until}, so the assessment stands as the rules make it.", "Decide anew with a later day, or take it out."
    return None


def _sentence(file: str, held: Mapping[str, Any], place: Sequence[int | str], what: str) -> str:
    """One fault of the form: which entry, which key, what is wrong."""
    entries = cast("list[Any]", held.get("overrule") if isinstance(held.get("overrule"), list) else [])
    number = place[1] if len(place) > 1 and isinstance(place[1], int) else None
    entry: object = entries[number] if number is not None and number < len(entries) else None
    name = cast("dict[str, Any]", entry).get("workload") if isinstance(entry, dict) else None
    where = f", entry {number + 1}" + (f" ({name})" if name else "") if number is not None else ""
    key = next((f", key {p}" for p in reversed(place) if isinstance(p, str) and p != "overrule"), "")
    return f"{file}{where}{key}: {what.removeprefix('Value error, ').rstrip('.')}."
