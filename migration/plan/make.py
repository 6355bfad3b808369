"""From assessments to a plan: groups, then waves, then a reason for everything that is in no wave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inventory.model import Estate
from migration.calendar import first_start, last_known, unmatched, windows
from migration.errors import MigrationError
from migration.model import Assessment, MoveGroup, Plan, Readiness, Wave
from migration.move_groups import STAYING, move_groups
from migration.plan.reasons import cannot_move, no_window, not_assessed, stands, too_large, waits
from migration.waves import Candidate, Capacity, candidate, place

READY_ENOUGH = (Readiness.READY, Readiness.CONDITIONS)


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a plan is made under. `on` is the date of the plan; without `first_wave_starts` it follows from it.

    `wave_days` is the length of a change window in days; the two capacities are per window. `calendar_faults` is how
    many cells or rows of the calendar could not be read: each may be a freeze that the plan does not know.
    """

    on: date
    region: str
    estate_digest: str = ""
    first_wave_starts: date | None = None
    wave_days: int = 14
    workloads_per_wave: int = 10
    servers_per_wave: int = 40
    calendar_faults: int = 0

    @property
    def first(self) -> date:
        """The first day of the first window."""
        return self.first_wave_starts or first_start(self.on)


def make_plan(estate: Estate, assessments: Mapping[str, Assessment], terms: PlanTerms) -> Plan:
    """The plan for every workload of the estate: in exactly one wave, or in `unplanned` with the reason.

    Assessments of workloads that the estate does not have are left out and noted. Deterministic: the order of rows
    changes nothing. Raises MigrationError when the first wave would start before the plan's own date.
    """
    if terms.first < terms.on:
        early = f"The first wave would start on {terms.first}, before the date of the plan, {terms.on}."
        raise MigrationError(f"{early} Set a later first_wave_starts under [plan] in unless.toml.")
    held = {w.id: assessments[w.id] for w in estate.workloads if w.id in assessments}
    groups = move_groups(estate, {i: a.disposition for i, a in held.items()})
    capacity = Capacity(terms.workloads_per_wave, terms.servers_per_wave)
    reasons = dict(_blocked(groups, estate, held, capacity))
    waves, left = _waves([g for g in groups if g.workload_ids[0] not in reasons], estate, held, terms)
    reasons |= {w: no_window(terms.first, terms.wave_days) for g in left for w in g.workload_ids}
    reasons |= _never_grouped(estate, held)
    return Plan(
        on=terms.on,
        estate_digest=terms.estate_digest,
        assessments=dict(sorted(held.items())),
        groups=groups,
        waves=waves,
        unplanned=dict(sorted(reasons.items())),
        region=terms.region,
        notes=(*_unread(terms), *_notes(estate, assessments, waves)),
    )


def _blocked(groups: Sequence[MoveGroup], estate: Estate, held: Mapping[str, Assessment], capacity: Capacity) -> Iterator[tuple[str, str]]:
    for group in groups:
        stuck = [w for w in group.workload_ids if held[w].readiness not in READY_ENOUGH]
        if stuck:
            yield from ((w, cannot_move(held[w]) if w in stuck else waits(held[w], stuck, estate, held)) for w in group.workload_ids)
        elif excess := capacity.excess(group):
            yield from ((w, too_large(group.id, excess)) for w in group.workload_ids)


def _waves(
    groups: Sequence[MoveGroup], estate: Estate, held: Mapping[str, Assessment], terms: PlanTerms
) -> tuple[tuple[Wave, ...], tuple[MoveGroup, ...]]:
    candidates: list[Candidate] = [
        candidate(g, [(estate.workload_by_id[w], held[w]) for w in g.workload_ids], estate.freezes) for g in groups
    ]
    slots = windows(terms.first, terms.wave_days, estate.freezes)
    return place(candidates, slots, Capacity(terms.workloads_per_wave, terms.servers_per_wave))


def _never_grouped(estate: Estate, held: Mapping[str, Assessment]) -> dict[str, str]:
    unassessed = {w.id: not_assessed() for w in estate.workloads if w.id not in held}
    staying = {i: stands(estate.workload_by_id[i], a) for i, a in held.items() if a.disposition in STAYING}
    return unassessed | staying


def _unread(terms: PlanTerms) -> Iterator[str]:
    if n := terms.calendar_faults:
        held = "1 fault: a freeze may be missing" if n == 1 else f"{n} faults: freezes may be missing"
        yield f"The calendar has {held}, and a wave may stand in one. Mend it (unless inventory faults), import it again, and plan again."


def _notes(estate: Estate, assessments: Mapping[str, Assessment], waves: Sequence[Wave]) -> Iterator[str]:
    for freeze in sorted(unmatched(estate.freezes, {w.service for w in estate.workloads}), key=lambda f: f.id):
        yield (
            f'Freeze "{freeze.name}" is for the service "{freeze.service}", which no workload names, so it holds nothing back. '
            "Correct its spelling in the calendar."
        )
    known = last_known(estate.freezes)
    if known is None and waves:
        yield "The calendar has no freeze at all: import one before relying on the dates of the waves."
    elif known and (late := [w for w in waves if w.ends > known]):
        yield f"The calendar says nothing after {known}: {_these(late)} may meet a freeze that nobody has written down yet."
    strays = sorted(set(assessments) - set(estate.workload_by_id))
    if strays:
        yield f"The assessments name {len(strays)} workloads that the estate no longer has ({_some(strays)}). Run: unless assess"


def _these(waves: Sequence[Wave]) -> str:
    return waves[0].id if len(waves) == 1 else f"{waves[0].id} to {waves[-1].id}"


def _some(names: Iterable[str]) -> str:
    held = list(names)
    return ", ".join(held[:3]) + (", …" if len(held) > 3 else "")
