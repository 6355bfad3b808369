"""Requests: the reviewed files that ask for a workload's landing zone (format: docs/reference/files.md)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from stacks.errors import StacksError
from stacks.faults import sentences
from stacks.request_parts import Api, Container, Desktop, Gigabytes, Id, Port, Sftp, Storage, Volume, Web
from stacks.vended import Vended

Hours = Annotated[float, Field(ge=0, le=8784)]


def _shown_as_it_is(said: str) -> str:
    """Text becomes tags: what no reader sees, or sees in another order, is no part of it."""
    if wrong := [c for c in said if not c.isprintable()]:
        raise ValueError(f"it has a sign that nobody sees ({wrong[0]!a}); type the text again")
    return said


Words = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_shown_as_it_is)]

_CARES = ("critical", "high", "medium", "low")


def _criticality(said: str) -> str:
    if said.strip() and said.strip().casefold() not in _CARES:
        raise ValueError(f"{said} is no degree of criticality; write {', '.join(_CARES)}, or leave it out")
    return said


# Where nobody has said how critical a workload is, it is cared for as if it were high.
_CARED_FOR_AS = "high"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Part):
    """A virtual machine: `size` as Azure names it, storage apart from the system's own disk.

    `disks` are those of the system and of its data; None is premium-ssd in production and standard-ssd elsewhere.
    With `count` it is a set of machines that are all alike, and `ports` are shared out among them by a load balancer.
    """

    id: Id
    size: str = Field(pattern=r"^Standard_[A-Za-z0-9_-]{2,40}$", description="an Azure size such as Standard_D4s_v5")
    system: Literal["windows", "linux"]
    storage_gb: Gigabytes = 0
    disks: Literal["standard-ssd", "premium-ssd"] | None = None
    count: int = Field(default=1, ge=1, le=100)
    ports: tuple[Port, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _only_a_set_shares_out_ports(self) -> Server:
        if self.ports and self.count == 1:
            raise ValueError("ports are shared out among the machines of a set; give a count of 2 or more, or remove ports")
        return self


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
    criticality: Annotated[str, AfterValidator(_criticality)] = ""
    rto_hours: Hours | None = None
    rpo_hours: Hours | None = None
    budget_monthly_pence: int = Field(gt=0, le=10_000_000_000, description="whole pence a month, more than 0")
    exception: Annotated[str, Field(max_length=200), AfterValidator(_shown_as_it_is)] = ""
    server: tuple[Server, ...] = ()
    database: tuple[Database, ...] = ()
    share: tuple[Share, ...] = ()
    storage: tuple[Storage, ...] = ()
    sftp: tuple[Sftp, ...] = ()
    web: tuple[Web, ...] = ()
    container: tuple[Container, ...] = ()
    volume: tuple[Volume, ...] = ()
    desktop: tuple[Desktop, ...] = ()
    api: tuple[Api, ...] = ()
    own_key: bool = Field(default=False, description="whether a key of the council's own encrypts what is stored")

    @model_validator(mode="after")
    def _asks_for_something_once(self) -> Request:
        ids = self.ids
        if not ids:
            raise ValueError("it asks for no server, database, share or other thing; add one, or remove the file")
        if not self.exception and (open_to := [s.id for s in self.storage if s.vaulted]):
            raise ValueError(
                f"storage {', '.join(open_to)} asks for vaulted, which lets Azure copy blobs to a tenant of Microsoft's; "
                "name the exception that allows it in exception, or remove vaulted"
            )
        if self.own_key and self.classification != "official-sensitive":
            raise ValueError(f"own_key is for official-sensitive data, and this is {self.classification}; remove own_key")
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"{', '.join(twice)} is asked for more than once; remove the repetition or give it an id of its own")
        return self

    @property
    def ids(self) -> list[str]:
        """The ids of everything that is asked for, and those that the machines of desktops get."""
        few = (*self.server, *self.database, *self.share)
        more = (*self.storage, *self.sftp, *self.web, *self.container, *self.volume, *self.desktop, *self.api)
        return [*(part.id for part in (*few, *more)), *(host for desktop in self.desktop for host in desktop.host_ids)]

    @property
    def machine_ids(self) -> list[str]:
        """The ids of the machines that are kept: single servers, and those that carry desktops."""
        return [*(s.id for s in self.server if s.count == 1), *(host for desktop in self.desktop for host in desktop.host_ids)]

    @property
    def care(self) -> Literal["critical", "high", "medium", "low"]:
        """How well it is backed up and spread: its criticality, and high where nobody has said."""
        said = self.criticality.strip().casefold()
        return said if said in _CARES else _CARED_FOR_AS  # pyright: ignore[reportReturnType]


def read_requests(folder: Path, shown: str, *, may_be_none: bool = False) -> tuple[Request, ...]:
    """Every request of a folder, in the order of waves and ids. `shown` is the folder as the settings name it.

    A folder without any is a fault unless it `may_be_none`, where something else watches over what stands.
    Raises StacksError with one sentence for each fault of every file, naming file and key.
    """
    files = sorted(folder.glob("*.toml"))
    if not files and not (may_be_none and folder.is_dir()):
        raise StacksError(f"{shown} holds no request (*.toml), and building nothing would take away what stands. Run: unless plan")
    faults: list[str] = []
    read = [request for file in files if (request := _read(file, f"{shown}/{file.name}", faults))]
    faults += [
        f"{shown}: requests {a.id} and {b.id} both ask for {x}; a thing can move only once, so remove one."
        for i, a in enumerate(read)
        for b in read[i + 1 :]
        for x in a.ids
        if x in b.ids
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
    except UnicodeDecodeError:
        faults.append(f"{shown} is not text in UTF-8. Save it as UTF-8.")
        return None
    except OSError as wrong:
        faults.append(f"{shown} cannot be read: {wrong.strerror or wrong}. A request is a file that everybody may read.")
        return None
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
