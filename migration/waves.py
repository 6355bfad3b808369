"""Move groups into waves: first fit, easiest first, within capacity and outside freezes.

`place` is a pure function from candidates to placements, so that an optimiser can take its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from inventory.model import Environment, Freeze, Workload
from migration.calendar import Window, applicable
from migration.model import Assessment, MoveGroup, Readiness, Wave

CRITICALITIES: Mapping[str, int] = {"low": 0, "medium": 1, "high": 2, "critical": 3}
UNKNOWN_CRITICALITY = CRITICALITIES["high"]


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the people who move things can move in one window."""

    workloads: int
    servers: int

    def excess(self, group: MoveGroup) -> str:
        """Why no wave can ever take the group, or ""."""
        over: list[str] = []
        if len(group.workload_ids) > self.workloads:
            over.append(f"{len(group.workload_ids)} workloads where a wave takes {self.workloads}")
        if len(group.server_ids) > self.servers:
            over.append(f"{len(group.server_ids)} servers where a wave takes {self.servers}")
        return " and ".join(over)


@dataclass(frozen=True, slots=True, order=True)
class Risk:
    """How risky a group is to move, least first; compared field by field. Booleans: False is the lesser risk."""

    has_conditions: bool
    is_production: bool
    criticality: int

    @property
    def suits_pilot(self) -> bool:
        """Whether it may go in the first wave, from which everybody learns: nothing that many would miss for long."""
        return not self.is_production or self.criticality < CRITICALITIES["high"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A move group that may be placed, with what decides when. `freezes` are those that bind its members."""

    group: MoveGroup
    risk: Risk
    freezes: tuple[Freeze, ...]

    @property
    def turn(self) -> tuple[bool, Risk, int, str]:
        """Its turn in the queue: what suits a pilot, least risk, then most servers (they fit worst later), then id."""
        return (not self.risk.suits_pilot, self.risk, -len(self.group.server_ids), self.group.id)


def risk_of(members: Sequence[tuple[Workload, Assessment]]) -> Risk:
    """The group's risk is its riskiest member's. What nobody has said counts as production and as high."""
    harmless = (Environment.TEST, Environment.DEVELOPMENT)
    return Risk(
        has_conditions=any(a.readiness is not Readiness.READY for _, a in members),
        is_production=any(w.environment not in harmless for w, _ in members),
        criticality=max(CRITICALITIES.get(w.criticality.strip().casefold(), UNKNOWN_CRITICALITY) for w, _ in members),
    )


def candidate(group: MoveGroup, members: Sequence[tuple[Workload, Assessment]], freezes: Iterable[Freeze]) -> Candidate:
    """The group with its risk and the freezes of its members' services."""
    return Candidate(group, risk_of(members), applicable(freezes, {w.service for w, _ in members}))


@dataclass(slots=True)
class _Slot:
    window: Window
    groups: list[MoveGroup] = field(default_factory=list[MoveGroup])
    workloads: int = 0
    servers: int = 0

    def takes(self, c: Candidate, capacity: Capacity) -> bool:
        return (
            self.workloads + len(c.group.workload_ids) <= capacity.workloads
            and self.servers + len(c.group.server_ids) <= capacity.servers
            and not any(self.window.meets(f) for f in c.freezes)
        )

    def add(self, group: MoveGroup) -> None:
        self.groups.append(group)
        self.workloads += len(group.workload_ids)
        self.servers += len(group.server_ids)


def place(candidates: Iterable[Candidate], windows: Iterable[Window], capacity: Capacity) -> tuple[tuple[Wave, ...], tuple[MoveGroup, ...]]:
    """Waves in order of time, and the groups that no window took. Groups stay whole; order of input changes nothing.

    The first window in which a group that suits a pilot can go is the pilot: nothing riskier joins or precedes it.
    Where no group suits, the least risky go first. Windows that stay empty make no wave.
    """
    slots = [_Slot(w) for w in windows]
    pilot = -1
    left: list[MoveGroup] = []
    for c in sorted(candidates, key=lambda c: c.turn):
        start = 0 if c.risk.suits_pilot else pilot + 1
        found = next((i for i in range(start, len(slots)) if slots[i].takes(c, capacity)), None)
        if found is None:
            left.append(c.group)
            continue
        slots[found].add(c.group)
        if c.risk.suits_pilot:
            pilot = found if pilot < 0 else min(pilot, found)
    used = [s for s in slots if s.groups]
    return tuple(_wave(f"wave-{n}", s) for n, s in enumerate(used, 1)), tuple(left)


def _wave(wave_id: str, slot: _Slot) -> Wave:
    return Wave(
        id=wave_id,
        starts=slot.window.starts,
        ends=slot.window.ends,
        group_ids=tuple(sorted(g.id for g in slot.groups)),
        workload_ids=tuple(sorted(w for g in slot.groups for w in g.workload_ids)),
        server_ids=tuple(sorted(s for g in slot.groups for s in g.server_ids)),
    )
