"""What is known about carbon: the records of carbon.toml, each with its source and date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Day  # noqa: N812 - `date` is the name of a field
from typing import Literal

from migration.knowledge.known import Known

Place = Literal["on-premises", "cloud"]


@dataclass(frozen=True)
class Grid(Known):
    """What a publisher says that a kilowatt-hour of the grid gives off, in kg."""

    id: str
    name: str
    kg_per_kwh: float
    source: str
    date: Day


@dataclass(frozen=True)
class Overhead(Known):
    """How many times what its machines draw a site draws in all (power usage effectiveness)."""

    id: str
    name: str
    place: Place
    times: float
    source: str
    date: Day


@dataclass(frozen=True)
class Processor(Known):
    """What one thread of a server draws, with its share of all else in the server: doing nothing, and all it can.

    `server_` is what the whole server does; 0 where nobody has published it.
    """

    id: str
    name: str
    places: tuple[Place, ...]
    idle_watts: float
    full_watts: float
    source: str
    date: Day
    server_idle_watts: float = 0
    server_full_watts: float = 0

    def watts(self, busy_percent: float) -> float:
        """Of one thread at a share of use, from 0 to 100."""
        return self.idle_watts + (self.full_watts - self.idle_watts) * busy_percent / 100

    def server_watts(self, busy_percent: float) -> float:
        """Of the whole server at a share of use, from 0 to 100."""
        return self.server_idle_watts + (self.server_full_watts - self.server_idle_watts) * busy_percent / 100


@dataclass(frozen=True)
class StorageDraw(Known):
    """What a terabyte (10^12 bytes) of one copy draws."""

    id: str
    name: str
    watts_per_tb: float
    source: str
    date: Day


@dataclass(frozen=True)
class Copies(Known):
    """How often the cloud holds the same data, and how often at the most the machine of a managed database."""

    id: str
    name: str
    storage: int
    database: int
    source: str
    date: Day


@dataclass(frozen=True)
class CarbonFacts:
    """All of carbon.toml. `left_out` are sentences on what a result lacks."""

    grids: tuple[Grid, ...]
    overheads: tuple[Overhead, ...]
    processors: tuple[Processor, ...]
    storage: tuple[StorageDraw, ...]
    copies: Copies
    left_out: tuple[str, ...]

    def names(self) -> dict[str, tuple[str, str, Day]]:
        """Id of a fact -> what it is, its source, and the day on which that was read."""
        held = (*self.grids, *self.overheads, *self.processors, *self.storage, self.copies)
        return {f.id: (f.name, f.source, f.date) for f in held}
