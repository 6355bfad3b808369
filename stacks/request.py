"""Requests: the reviewed files that ask for a workload's landing zone (format: docs/reference/files.md)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stacks.errors import StacksError
from stacks.faults import sentences
from stacks.vended import Vended

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,150}$")]
Gigabytes = Annotated[float, Field(ge=0, le=500_000)]
Hours = Annotated[float, Field(ge=0, le=8784)]
Words = Annotated[str, Field(min_length=1, max_length=200)]

# Where nobody has said how critical a workload is, it is cared for as if it were high.
_CARED_FOR_AS = "high"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Part):
    """A virtual machine: `size` as Azure names it, storage apart from the system's own disk."""

    id: Id
    size: str = Field(pattern=r"^Standard_[A-Za-z0-9_-]{2,40}$", description="an Azure size such as Standard_D4s_v5")
    system: Literal["windows", "linux"]
    storage_gb: Gigabytes = 0


class Database(_Part):
    """A managed database. SKUs: GP_Gen5_4 for Azure SQL, a size such as Standard_D2ds_v5 for PostgreSQL and MySQL."""

    id: Id
    kind: Literal["sql-database", "sql-managed-instance", "postgresql", "mysql"]
    sku: str
    storage_gb: Gigabytes = 0

    @model_validator(mode="after")
    def _sku_is_of_its_kind(self) -> Database:
        azure_sql = self.kind.startswith("sql-")
        pattern = r"(GP|BC)_Gen5_\d{1,3}" if azure_sql else r"Standard_[BDE][A-Za-z0-9_]{1,30}"
        if not re.fullmatch(pattern, self.sku):
            example = "GP_Gen5_4" if azure_sql else "Standard_D2ds_v5"
            raise ValueError(f"sku {self.sku} is not one that a {self.kind} has; write one such as {example}")
        return self


class Share(_Part):
    """A file share."""

    id: Id
    storage_gb: Gigabytes


class Request(Vended):
    """One workload's landing zone, as asked for."""

    format: Literal["cloud-unless/request/1"]
    id: Id
    name: Words
    owner: Words
    service: Words
    wave: Words
    environment: Literal["production", "test", "development"]
    classification: Literal["public", "official", "official-sensitive"]
    region: Literal["uksouth", "ukwest"]
    criticality: str = ""
    rto_hours: Hours | None = None
    rpo_hours: Hours | None = None
    budget_monthly_pence: int = Field(gt=0, le=10_000_000_000, description="whole pence a month, more than 0")
    exception: str = ""
    server: tuple[Server, ...] = ()
    database: tuple[Database, ...] = ()
    share: tuple[Share, ...] = ()

    @model_validator(mode="after")
    def _asks_for_something_once(self) -> Request:
        ids = [part.id for part in (*self.server, *self.database, *self.share)]
        if not ids:
            raise ValueError("it asks for no server, database or share; add one, or remove the file")
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"{', '.join(twice)} is asked for more than once; remove the repetition or give it an id of its own")
        return self

    @property
    def care(self) -> Literal["critical", "high", "medium", "low"]:
        """How well it is backed up and spread: its criticality, and high where nobody has said."""
        said = self.criticality.strip().casefold()
        return said if said in ("critical", "high", "medium", "low") else _CARED_FOR_AS  # pyright: ignore[reportReturnType]


def read_requests(folder: Path, shown: str) -> tuple[Request, ...]:
    """Every request of a folder, in the order of waves and ids. `shown` is the folder as the settings name it.

    Raises StacksError with one sentence for each fault of every file, naming file and key.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise StacksError(f"{shown} holds no request (*.toml), and building nothing would take away what stands. Run: unless plan")
    faults: list[str] = []
    read = [request for file in files if (request := _read(file, f"{shown}/{file.name}", faults))]
    faults += [
        f"{shown}: requests {a.id} and {b.id} both ask for {x.id}; a thing can move only once, so remove one."
        for i, a in enumerate(read)
        for b in read[i + 1 :]
        for x in (*a.server, *a.database, *a.share)
        if x.id in {y.id for y in (*b.server, *b.database, *b.share)}
    ]
    faults += [
        f"{shown}: requests {a.id} and {b.id} both ask for subscription {a.own_subscription}, which must be its workload's own; "
        "give one of them another, or make both shared."
        for i, a in enumerate(read)
        for b in read[i + 1 :]
        if a.own_subscription and a.own_subscription == b.own_subscription
    ]
    if faults:
        raise StacksError(*faults)
    return tuple(sorted(read, key=lambda r: (_wave_order(r.wave), r.id)))


def _wave_order(wave: str) -> tuple[int, str]:
    """wave-10 comes after wave-9."""
    digits = "".join(c for c in wave if c.isdigit())
    return (int(digits) if digits else 0, wave)


def _read(file: Path, shown: str, faults: list[str]) -> Request | None:
    try:
        held: dict[str, Any] = tomllib.loads(file.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as wrong:
        faults.append(f"{shown} is not readable as TOML: {wrong}. Mend the line that it names.")
        return None
    try:
        request = Request.model_validate(held, strict=False)
    except ValidationError as wrong:
        found = sentences(Request, wrong)
        faults.extend(f"{shown}, key {key}: {what}" if key else f"{shown}: {what}" for key, what in found)
        return None
    if file.stem != request.id:
        faults.append(f"{shown}, key id: it says {request.id}; a request's file is named after its workload, {request.id}.toml.")
    return request
