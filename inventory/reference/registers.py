"""Reads the hand-written registers in `registers/`: applications by service area, loose machines, hosts.

An application's entry keeps what belongs together on one line, its parts separated by `|`:

- `sells`: supplier | product | version | software as a service that could replace it | licence
- `facts`: users | data classification | personal data | criticality | outages tolerated a year
- `dates`: supplier support ends | contract ends | intent | annual cost in pounds
- `public`: when the accessibility statement of what the public uses was last reviewed, or `none`; left out where the public does not use it
- `servers`: `[p:|t:|off:]ROLE COUNT SYSTEM COREsxMEMORY STORAGE` (GiB, GB); p physical, t test, off switched off
- `also`: servers of another application that this one uses too
- `databases`: `NAME ENGINE GB [SERVER]`; without a server, the application's own first database server
- `shares`: share | path | GB | files | server
- `strong`, `weak`: application needed | port | why
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

Entry = Mapping[str, object]
_SERVER = re.compile(r"^(?:(p|t|off):)?([a-z]+) (\d+) (\w+) (\d+)x(\d+) (\d+)$")
_DATABASE_ROLES = ("sql", "ora", "pg", "db")


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """`count` like servers of one role. `kind` is "", `p` (physical), `t` (test) or `off` (switched off)."""

    kind: str
    role: str
    count: int
    system: str
    cores: int
    memory_gb: int
    storage_gb: int

    def names(self, code: str) -> list[str]:
        """Server names, such as EXRNBORA01 and, for a test server, EXRNBORAT01."""
        stem = f"EX{code}{self.role.upper()}{'T' if self.kind == 't' else ''}"
        return [f"{stem}{n:02}" for n in range(1, self.count + 1)]


@dataclass(frozen=True, slots=True)
class Link:
    """One declared dependency of an application on another."""

    to: str
    port: str
    why: str
    strength: str


@dataclass(frozen=True, slots=True)
class Application:
    """One entry of the register; texts are as they go into the council's file."""

    name: str
    code: str
    area: str
    owner: str
    environment: str
    sells: tuple[str, ...]
    facts: tuple[str, ...]
    dates: tuple[str, ...]
    latency: str
    ties: tuple[str, ...]
    private_links: tuple[str, ...]
    public: str
    specs: tuple[ServerSpec, ...]
    also: tuple[str, ...]
    databases: tuple[tuple[str, ...], ...]
    shares: tuple[tuple[str, ...], ...]
    links: tuple[Link, ...]
    description: str

    @property
    def own_servers(self) -> list[str]:
        """Names of the servers that are this application's own."""
        return [name for spec in self.specs for name in spec.names(self.code)]

    @property
    def database_server(self) -> str:
        """The application's first database server, else ""."""
        return next((s.names(self.code)[0] for s in self.specs if s.role in _DATABASE_ROLES), "")


def folder() -> Path:
    """Where the hand-written registers are."""
    return Path(__file__).parent / "registers"


def load(name: str) -> Entry:
    """One register, by its file's name."""
    return tomllib.loads((folder() / name).read_text("utf-8"))


def entries(register: Entry, key: str) -> list[Entry]:
    """The tables under `key`, [] when there are none."""
    return cast("list[Entry]", register.get(key, []))


def applications() -> list[Application]:
    """All applications, in the order of the registers."""
    names = ("customer.toml", "finance.toml", "care.toml", "place.toml", "technology.toml")
    areas = [area for name in names for area in entries(load(name), "area")]
    return [_application(entry, area) for area in areas for entry in entries(area, "application")]


def texts(entry: Entry, key: str) -> tuple[str, ...]:
    """A list of texts, () when the entry has none."""
    return tuple(cast("Sequence[str]", entry.get(key, ())))


def parts(line: str) -> tuple[str, ...]:
    """The parts of a line that `|` separates."""
    return tuple(part.strip() for part in line.split("|"))


def spec(line: str) -> ServerSpec:
    """One line of `servers`. Raises ValueError, quoting the line, when it is not of that form."""
    match = _SERVER.match(line)
    if match is None:
        raise ValueError(f"not a server line: {line}")
    kind, role, count, system, cores, memory, storage = match.groups()
    return ServerSpec(kind or "", role, int(count), system, int(cores), int(memory), int(storage))


def _application(entry: Entry, area: Entry) -> Application:
    links = [_link(line, "Strong") for line in texts(entry, "strong")] + [_link(line, "Weak") for line in texts(entry, "weak")]
    return Application(
        name=str(entry["name"]),
        code=str(entry["code"]),
        area=str(area["name"]),
        owner=str(entry.get("owner", area["owner"])),
        environment=str(entry.get("environment", "production")),
        sells=parts(str(entry["sells"])),
        facts=parts(str(entry["facts"])),
        dates=parts(str(entry["dates"])),
        latency=str(entry.get("latency", "")),
        ties=texts(entry, "ties"),
        private_links=texts(entry, "links"),
        public=str(entry.get("public", "")),
        specs=tuple(spec(line) for line in texts(entry, "servers")),
        also=texts(entry, "also"),
        databases=tuple(tuple(line.split()) for line in texts(entry, "databases")),
        shares=tuple(parts(line) for line in texts(entry, "shares")),
        links=tuple(links),
        description=str(entry["description"]),
    )


def _link(line: str, strength: str) -> Link:
    to, port, why = parts(line)
    return Link(to, port, why, strength)
