"""The workspace folder: where everything is (see docs/reference/files.md) and its settings, `unless.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class WorkspaceError(Exception):
    """The workspace cannot be used; `faults` are plain sentences, all of them at once."""

    def __init__(self, *faults: str) -> None:
        """Keep every fault."""
        super().__init__("\n".join(faults))
        self.faults = faults


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CouncilSettings(_Part):
    """Who this workspace is for."""

    name: str = "Our council"
    id: str = Field(default="council", pattern=r"^[a-z][a-z0-9-]{1,20}$")


class EstateSettings(_Part):
    """Where the estate is kept and the date at which it is judged."""

    url: str = ""
    on: date | None = None


class PriceSettings(_Part):
    """How machines are bought, how many hours of a month they run, where pages of retail prices lie, and what was quoted."""

    term: Literal["pay-as-you-go", "savings-1y", "savings-3y", "reserved-1y", "reserved-3y", "hybrid", "dev-test"] = "pay-as-you-go"
    hours: int = Field(default=730, ge=1, le=730)
    pages: Path | None = None
    quoted: Path = Path("prices/quoted.toml")


class HeadroomSettings(_Part):
    """Headroom of one measure, in the place of `headroom_percent`."""

    cpu: float | None = Field(default=None, ge=0, le=200)
    memory: float | None = Field(default=None, ge=0, le=200)


class AssessSettings(_Part):
    """What sizes and prices rest on."""

    region: str = Field(default="uksouth", pattern=r"^uk(south|west)$")
    cutover_on: date | None = None
    headroom_percent: float = Field(default=20, ge=0, le=200)
    headroom: HeadroomSettings = HeadroomSettings()
    percentile: Literal[50, 95, 99, 100] = 95
    contract_years: int = Field(default=5, ge=0, le=20)
    exceptions: Path = Path("policies/exceptions.toml")
    overrules: Path = Path("policies/overrules.toml")
    weights: Path = Path("policies/weights.toml")
    questionnaires: Path = Path("questionnaires")
    prices: PriceSettings = PriceSettings()


class PlanSettings(_Part):
    """Capacity of the people who move things, and where requests go."""

    first_wave_starts: date | None = None
    wave_days: int = Field(default=14, ge=1, le=90)
    workloads_per_wave: int = Field(default=10, ge=1, le=500)
    servers_per_wave: int = Field(default=40, ge=1, le=5000)
    requests: Path = Path("stacks/requests")


class RunsSettings(_Part):
    """Where runs are kept that several machines carry out: a PostgreSQL database, or nowhere."""

    database: str = ""


class CarbonSettings(_Part):
    """What the council measured of its own data centre."""

    pue: float | None = Field(default=None, ge=1, le=5)


class LibrarySettings(_Part):
    """Where public data that is not part of the project is kept: Azure's type files."""

    path: Path | None = None


class Settings(_Part):
    """`unless.toml`, checked."""

    council: CouncilSettings = CouncilSettings()
    estate: EstateSettings = EstateSettings()
    assess: AssessSettings = AssessSettings()
    plan: PlanSettings = PlanSettings()
    runs: RunsSettings = RunsSettings()
    carbon: CarbonSettings = CarbonSettings()
    library: LibrarySettings = LibrarySettings()


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace that exists. `project` is the folder that holds it: relative paths of settings start there."""

    folder: Path
    settings: Settings

    @property
    def project(self) -> Path:
        """The folder beside the workspace."""
        return self.folder.resolve().parent

    def path(self, *parts: str) -> Path:
        """A file of the workspace by its name in docs/reference/files.md."""
        return self.folder.joinpath(*parts)

    @property
    def estate_url(self) -> str:
        """SQLAlchemy URL of the estate: SQLite in the workspace unless the settings name another."""
        return self.settings.estate.url or f"sqlite:///{self.path('estate.sqlite').resolve().as_posix()}"

    @property
    def on(self) -> date:
        """The date at which everything is judged: the settings', else today's."""
        return self.settings.estate.on or date.today()  # noqa: DTZ011 - a calendar day as people mean it

    @property
    def requests(self) -> Path:
        """Folder of landing-zone requests."""
        return self.project / self.settings.plan.requests

    @property
    def library(self) -> Path | None:
        """The folder of public data that the settings name."""
        named = self.settings.library.path
        return None if named is None else self.project / named

    @property
    def price_pages(self) -> Path | None:
        """The file or folder of retail prices that the settings name."""
        named = self.settings.assess.prices.pages
        return None if named is None else self.project / named

    @property
    def quoted(self) -> Path:
        """What somebody quoted for what no public price list holds."""
        return self.project / self.settings.assess.prices.quoted

    @property
    def synced_prices(self) -> Path:
        """The folder of price books that `unless prices sync` brought."""
        return self.path("prices")

    @property
    def exceptions(self) -> Path:
        """The exception register."""
        return self.project / self.settings.assess.exceptions

    @property
    def overrules(self) -> Path:
        """Where people overrule assessments."""
        return self.project / self.settings.assess.overrules

    @property
    def weights(self) -> Path:
        """The council's own weights for the score."""
        return self.project / self.settings.assess.weights

    @property
    def questionnaires(self) -> Path:
        """The council's own questionnaires, and in its folder `answers` what was answered."""
        return self.project / self.settings.assess.questionnaires


def open_workspace(folder: Path) -> Workspace:
    """Read the workspace's settings.

    Raises WorkspaceError, naming each mistake with its key, when the folder or its settings cannot be used.
    """
    file = folder / "unless.toml"
    if not file.is_file():
        raise WorkspaceError(f"{folder} is not a workspace: it has no unless.toml. Run: unless init --workspace {folder}")
    try:
        held = tomllib.loads(file.read_text("utf-8-sig"))
    except UnicodeDecodeError as wrong:
        raise WorkspaceError(f"{file} is not text in UTF-8: {wrong.reason} at byte {wrong.start + 1}. Save it again as UTF-8.") from wrong
    except OSError as wrong:
        raise WorkspaceError(f"{file} cannot be read: {wrong.strerror}. Look at its permissions.") from wrong
    except (ValueError, RecursionError) as wrong:
        raise WorkspaceError(f"{file} is not readable as TOML: {wrong}. Mend the line that it names.") from wrong
    try:
        return Workspace(folder, Settings.model_validate(held))
    except ValidationError as wrong:
        raise WorkspaceError(
            *(_sentence(file, e["loc"], e["type"], {"msg": e["msg"], **e.get("ctx", {})}) for e in wrong.errors())
        ) from wrong


_WHAT = {
    "string_pattern_mismatch": "the text must match {pattern}",
    "string_type": "this must be text in quotation marks",
    "int_parsing": "this must be a whole number",
    "int_type": "this must be a whole number",
    "int_from_float": "this must be a whole number",
    "float_parsing": "this must be a number",
    "float_type": "this must be a number",
    "date_type": "this must be a date such as 2026-11-22, without quotation marks",
    "date_parsing": "this must be a date such as 2026-11-22, without quotation marks",
    "date_from_datetime_parsing": "this must be a date such as 2026-11-22, without quotation marks",
    "date_from_datetime_inexact": "this must be a date such as 2026-11-22, with no time",
    "greater_than_equal": "this must be {ge} or more",
    "less_than_equal": "this must be {le} or less",
    "literal_error": "this must be one of {expected}",
    "path_type": "this must be a path in quotation marks",
    "model_type": "this is a part with settings of its own: write [{key}] on a line and its settings below it",
}


def _sentence(file: Path, where: tuple[int | str, ...], kind: str, told: Mapping[str, object]) -> str:
    key = ".".join(str(w) for w in where)
    if kind == "extra_forbidden":
        return f"{file}, key {key}: no setting has this name. Correct its spelling or remove it."
    what = _WHAT.get(kind, "{msg}").format(**told, key=key)
    return f"{file}, key {key}: {what}. Correct the value."
