"""`runbooks/targets.toml`: where each share and database is and goes. Reviewed by people; it names credentials, never holds them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from migration.errors import MigrationError
from migration.runbooks.model import Window
from migration.steps.endpoints import ObjectPlace, SharePlace, SshPlace, Url
from migration.steps.postgresql.place import PostgresLink, PostgresPlace, PostgresTarget

FORMAT = "cloud-unless/targets/1"


class ShareTargets(SharePlace):
    """One share: its server and folder, its targets, and how users are switched over.

    `locator` is the absolute path of the published file on the same server that says where the share is. `check_url` is
    asked once after the cut over.
    """

    id: str = Field(min_length=1)
    locator: str = Field(default="", pattern=r"^(/.*)?$")
    check_url: Url = Field(default="", pattern=r"^(https?://[^@\s]+)?$")
    check_status: int = 200
    target: tuple[ObjectPlace, ...]

    def source(self) -> SharePlace:
        """The server and folder alone, as steps take them."""
        return SharePlace(**{name: getattr(self, name) for name in SharePlace.model_fields})


class ServicePlace(SshPlace):
    """One service of a workload on an SSH server: how it is stopped and started, and how to see that it is stopped.

    Shell text for that server. `stopped` ends with code 0 when the service is stopped and with 1 when it runs.
    """

    workload: str = Field(min_length=1)
    service: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9@._-]{0,62}$")
    stop: str = Field(min_length=1)
    start: str = Field(min_length=1)
    stopped: str = Field(min_length=1)

    @property
    def id(self) -> str:
        """What tells it apart: its workload, its name and its server."""
        return f"{self.workload}/{self.service}@{self.host}"

    def server(self) -> SshPlace:
        """The server alone, as steps take it."""
        return SshPlace(**{name: getattr(self, name) for name in SshPlace.model_fields})


class SwitchPlace(SshPlace):
    """How programs are pointed at the new database: shell text for an SSH server. The checks end with 0 when it is so and 1 when not."""

    command: str = Field(min_length=1)
    check: str = Field(min_length=1)
    undo: str = Field(min_length=1)
    undo_check: str = Field(min_length=1)

    def server(self) -> SshPlace:
        """The server alone, as steps take it."""
        return SshPlace(**{name: getattr(self, name) for name in SshPlace.model_fields})


class DatabasePlace(BaseModel):
    """One database: where it is, where it goes, and by which way: `dump` through a pipe in the freeze, or `replicate` before it.

    `link` is how the target's server reaches the source when it replicates; left out: as this machine does, with the same user.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(min_length=1)
    engine: Literal["postgresql"]
    way: Literal["dump", "replicate"] = "dump"
    source: PostgresPlace
    target: PostgresTarget
    link: PostgresLink | None = None
    switch: SwitchPlace | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> DatabasePlace:
        here, there = ((p.host, p.port, p.database) for p in (self.source, self.target))
        if here == there:
            raise ValueError("source and target are one and the same database")
        if self.target.database == self.target.maintenance:
            raise ValueError("the target's maintenance database must be another than the target")
        if self.way == "replicate" and self.link is None and not self.source.password_env:
            raise ValueError("to replicate, the target's server needs the password: give source.password_env, or a link with one")
        if self.link is not None and self.way != "replicate":
            raise ValueError('a link is for way = "replicate" only')
        return self


class WaveWindow(BaseModel):
    """The hours of one wave, written with their distance from UTC: 2027-01-15T18:00:00+00:00."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    wave: str = Field(min_length=1)
    opens: AwareDatetime
    closes: AwareDatetime
    contingency_minutes: int = Field(ge=0)

    def window(self) -> Window:
        """As the runbook has it."""
        return Window(self.opens, self.closes, self.contingency_minutes)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    format: Literal["cloud-unless/targets/1"]
    share: tuple[ShareTargets, ...] = ()
    service: tuple[ServicePlace, ...] = ()
    database: tuple[DatabasePlace, ...] = ()
    window: tuple[WaveWindow, ...] = ()


def read_targets(file: Path) -> Mapping[str, ShareTargets]:
    """The shares that the file places, by id. Raises MigrationError naming every mistake with its key."""
    return {s.id: s for s in _read(file).share}


def read_windows(file: Path) -> Mapping[str, Window]:
    """The hours that the file gives to waves, by wave. Raises MigrationError as `read_targets` does."""
    return {w.wave: w.window() for w in _read(file).window}


def read_services(file: Path) -> tuple[ServicePlace, ...]:
    """The services that the file names, in its order: they are stopped in it. Raises MigrationError as `read_targets` does."""
    return _read(file).service


def read_databases(file: Path) -> tuple[DatabasePlace, ...]:
    """The databases that the file places, in its order. Raises MigrationError as `read_targets` does."""
    return _read(file).database


def _read(file: Path) -> _File:
    try:
        held = _File.model_validate(tomllib.loads(file.read_text("utf-8")))
    except FileNotFoundError as wrong:
        raise MigrationError(f"{file} does not exist. Write where each share is and goes (docs/guides/runbook.md shows how).") from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise MigrationError(f"{file} is not readable as TOML: {wrong}. Mend the line that it names.") from wrong
    except ValidationError as wrong:
        raise MigrationError(*(_sentence(file, e["loc"], e["msg"], e["type"]) for e in wrong.errors())) from wrong
    twice = sorted({s.id for s in held.share if sum(o.id == s.id for o in held.share) > 1})
    nowhere = [s.id for s in held.share if not s.target]
    waves = sorted({w.wave for w in held.window if sum(o.wave == w.wave for o in held.window) > 1})
    services = sorted({s.id for s in held.service if sum(o.id == s.id for o in held.service) > 1})
    databases = sorted({d.id for d in held.database if sum(o.id == d.id for o in held.database) > 1})
    if twice or nowhere or waves or services or databases:
        raise MigrationError(
            *(f"{file}: the service {i} is there more than once. Keep one." for i in services),
            *(f"{file}: the database {i} is there more than once. Keep one." for i in databases),
            *(f"{file}: the share {i} is there more than once. Keep one." for i in twice),
            *(f"{file}: the share {i} goes nowhere. Give it a [[share.target]], or remove it." for i in nowhere),
            *(f"{file}: the wave {i} has more than one window. Keep one." for i in waves),
        )
    return held


def _sentence(file: Path, where: tuple[int | str, ...], what: str, kind: str) -> str:
    key = ".".join(str(w) for w in where)
    if kind == "extra_forbidden":
        return f"{file}, key {key}: nothing has this name here. Correct its spelling or remove it."
    return f"{file}, key {key}: {what.removeprefix('Value error, ')}. Correct the value."
