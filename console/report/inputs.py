"""What the report rests on: the workspace's files, parsed. A file that is absent is None, and the page says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.report.words import sentence_case
from console.workspace import WorkspaceError
from inventory.model import Estate


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class PriceRow(_Part):
    """A published price, as in plan.json."""

    sku: str
    region: str
    monthly_pence: int
    on: date
    source: str


class TargetRow(_Part):
    """Where one server, database or share goes."""

    subject: str
    kind: str
    sku: str
    region: str
    price: PriceRow | None = None


class FindingRow(_Part):
    """One thing that an assessor said of a workload."""

    assessor: str
    workload_id: str
    subject: str
    effect: str
    reason: str
    remedy: str = ""
    effort_days: float | None = None


class AssessmentRow(_Part):
    """One workload's assessment."""

    workload_id: str
    name: str = ""
    readiness: str
    disposition: str
    disposition_reason: str = ""
    exception_id: str = ""
    overruled: str = ""
    score: float | None = None
    monthly_pence: int | None = None
    unpriced: tuple[str, ...] = ()
    targets: tuple[TargetRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()


class Assessments(_Part):
    """assessments.json."""

    format: str = Field(pattern=r"^cloud-unless/assessments/1$")
    on: date
    region: str = ""
    estate_digest: str = ""
    assessments: tuple[AssessmentRow, ...]


class GroupRow(_Part):
    """A move group."""

    id: str
    workload_ids: tuple[str, ...]
    because: tuple[str, ...] = ()
    crossings: tuple[str, ...] = ()


class WaveRow(_Part):
    """A wave, both days included."""

    id: str
    starts: date
    ends: date
    group_ids: tuple[str, ...]
    workload_ids: tuple[str, ...]
    server_ids: tuple[str, ...]


class Plan(_Part):
    """plan.json, as far as the report reads it."""

    format: str = Field(pattern=r"^cloud-unless/plan/1$")
    on: date
    estate_digest: str = ""
    region: str = ""
    notes: tuple[str, ...] = ()
    groups: tuple[GroupRow, ...] = ()
    waves: tuple[WaveRow, ...] = ()
    unplanned: dict[str, str] = {}


class JudgementRow(_Part):
    """One verdict of a control on a subject."""

    control: str
    title: str = ""
    severity: str = ""
    rule: str = ""
    mandatory: bool = True
    verdict: str
    reason: str = ""
    remedy: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    subject_name: str = ""
    waived_by: str | None = None
    blocks: bool = False


class Verdicts(_Part):
    """findings.json."""

    format: str = Field(pattern=r"^cloud-unless/findings/1$")
    on: date
    judged: tuple[str, ...] = ()
    judgements: tuple[JudgementRow, ...] = ()


class WayRow(_Part):
    """What one way costs, in pence, and what follows from it."""

    choice: str
    is_at_least: bool
    total_pence: int
    capital_pence: int
    revenue_pence: int
    year_pence: tuple[int, ...]
    present_pence: int
    net_present_saving_pence: int
    payback_months: int | None = None


class Figures(_Part):
    """business-case.json."""

    format: str = Field(pattern=r"^cloud-unless/business-case-figures/1$")
    starts: date
    estate_digest: str = ""
    discount_percent: str
    years: tuple[str, ...]
    ways: tuple[WayRow, ...]
    not_in_this_case: tuple[str, ...] = ()


class EndRow(_Part):
    """One end of a range, and the ids of the sources that make it."""

    value: float
    because: tuple[str, ...] = ()


class RangeRow(_Part):
    """From the least to the most."""

    low: EndRow
    high: EndRow


class SumRow(_Part):
    """Some workloads together, on premises and afterwards: energy in kWh and carbon in kg, a year."""

    workloads: int
    now_kwh: RangeRow
    now_kg: RangeRow
    after_kwh: RangeRow
    after_kg: RangeRow


class NotKnown(_Part):
    """How many workloads are not known on each side."""

    now: int
    after: int


class SourceRow(_Part):
    """A figure that was published, where it was read and when."""

    id: str
    what: str
    source: str
    read_on: date | None = None


class Carbon(_Part):
    """carbon.json, as far as the report reads it."""

    format: str = Field(pattern=r"^cloud-unless/carbon-figures/1$")
    estate_digest: str = ""
    whole: SumRow
    comparable: SumRow
    not_known: NotKnown
    sources: tuple[SourceRow, ...] = ()
    left_out: tuple[str, ...] = ()


class FaultRow(_Part):
    """One fault of an imported file."""

    what: str
    remedy: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""

    @property
    def sentence(self) -> str:
        """Where in the file, what is wrong, and what to do."""
        parts = (("Sheet", self.sheet), ("row", self.row), ("column", self.column))
        where = ", ".join(f"{word} {value}" for word, value in parts if value)
        said = f"{self.what} {self.remedy}".strip()
        return f"{sentence_case(where)}: {said}" if where else said


class Faults(_Part):
    """faults.json: the faults of every file as last imported."""

    format: str = Field(pattern=r"^cloud-unless/faults/1$")
    files: dict[str, tuple[FaultRow, ...]] = {}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a runbook, as its journal tells. `faults` say why it stopped, or why its journal is not believed."""

    id: str
    wave: str
    state: str
    steps: int
    done: int
    started: str
    last: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inputs:
    """Everything the page is made from. `faults` are the import's, as (file, sentence); None means there is no such file."""

    council: str
    on: date
    estate: Estate | None = None
    assessments: Assessments | None = None
    plan: Plan | None = None
    verdicts: Verdicts | None = None
    faults: tuple[tuple[str, str], ...] | None = None
    runs: tuple[Run, ...] = ()
    estate_digest: str = ""
    case: Figures | None = None
    carbon: Carbon | None = None


M = TypeVar("M", bound=BaseModel)


def read_inputs(folder: Path, council: str, on: date, estate: Estate | None) -> Inputs:
    """Every file of the workspace that the report reads, and the estate's digest, which tells what is older than it.

    Raises WorkspaceError, naming all the files that are there and cannot be read, and what to do about each.
    """
    from migration.assessment_file import estate_digest

    wrong: list[str] = []

    def held(name: str, model: type[M], command: str) -> M | None:
        return _read(folder / name, model.model_validate_json, command, wrong)

    assessments = held("assessments.json", Assessments, "unless assess")
    plan = held("plan.json", Plan, "unless plan")
    verdicts = held("findings.json", Verdicts, "unless check")
    faults = held("faults.json", Faults, "unless import")
    case = held("business-case.json", Figures, "unless case")
    carbon = held("carbon.json", Carbon, "unless carbon")
    if wrong:
        raise WorkspaceError(*wrong)
    said = tuple((file, f.sentence) for file, held in faults.files.items() for f in held) if faults else None
    digest = estate_digest(estate) if estate else ""
    return Inputs(council, on, estate, assessments, plan, verdicts, said, read_runs(folder / "runs"), digest, case, carbon)


T = TypeVar("T")


def _read(path: Path, parse: Callable[[str], T], command: str, wrong: list[str]) -> T | None:
    try:
        return parse(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValidationError as invalid:
        first = invalid.errors()[0]
        what = ": ".join(p for p in (".".join(str(p) for p in first["loc"]), first["msg"]) if p)
    except (ValueError, OSError) as unreadable:
        what = str(unreadable)
    wrong.append(f"{path} cannot be read ({what}). Undo the change to it, or run: {command}")
    return None


def read_runs(folder: Path) -> tuple[Run, ...]:
    """Every run, by id; one whose journal is damaged is there too, with what is wrong with it."""
    from migration.errors import MigrationError
    from migration.execution import runs

    held: list[Run] = []
    for run_id in runs.names(folder) if folder.is_dir() else ():
        try:
            s = runs.status(folder, run_id)
            held.append(Run(run_id, s.wave, s.state, s.steps, s.undone if "roll" in s.state else s.done, s.started, s.last, s.faults))
        except MigrationError as wrong:
            held.append(Run(run_id, "", "cannot be read", 0, 0, "", "", wrong.faults))
    return tuple(held)
