"""The waves, the freezes around them, and why some workloads are in no wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from console.report.charts import Calendar, calendar
from console.report.inputs import Inputs, WaveRow
from console.report.words import count, span
from inventory.model import Freeze, Workload

BY_DECISION = ("Retires", "Bought as a service", "Stays")
WHAT_TO_DO: Mapping[str, str] = {
    "Not ready": "Meet what blocks each one; the findings below say what and how long it takes.",
    "Readiness unknown": "Supply the missing facts: see what is unknown.",
    "Waits for others": "It moves as soon as its partners can.",
    "Too large": "Raise the capacity of a wave, or loosen a tie within the group.",
    "No window": "Correct the calendar, or raise the capacity of a wave.",
    "Not assessed": "Assess the estate again.",
    "Retires": "Nothing moves; switch it off when its data may go.",
    "Bought as a service": "The supplier's timetable applies; plan the move of its data with them.",
    "Stays": "Review its exception before it ends.",
}
MOST_DRAWN = 20


@dataclass(frozen=True, slots=True)
class WaveLine:
    """One wave in words."""

    id: str
    title: str
    dates: str
    workloads: int
    servers: int
    groups: int
    names: str


@dataclass(frozen=True)
class Schedule:
    """The calendar drawn and in tables. `reasons` are (kind, number, what to do, whether by decision).

    `freezes` are those that fall between the first wave and the last, `waiting` is how many workloads should move and
    are in no wave.
    """

    on: date
    starts: date | None
    ends: date | None
    workloads: int
    servers: int
    waves: tuple[WaveLine, ...]
    chart: Calendar | None
    drawn: int
    freezes: tuple[Freeze, ...]
    reasons: tuple[tuple[str, int, str, bool], ...]
    waiting: int
    notes: tuple[str, ...]
    crossings: tuple[str, ...]


def schedule(inputs: Inputs) -> Schedule | None:
    """The wave plan, or None before there is one."""
    plan = inputs.plan
    if plan is None:
        return None
    drawn = plan.waves[:MOST_DRAWN]
    ends = max((w.ends for w in plan.waves), default=None)
    freezes = sorted(inputs.estate.freezes if inputs.estate else (), key=lambda f: (f.starts, f.id))
    met = tuple(f for f in freezes if ends and f.ends >= plan.waves[0].starts and f.starts <= ends)
    reasons = _reasons(plan.unplanned)
    return Schedule(
        on=plan.on,
        starts=plan.waves[0].starts if plan.waves else None,
        ends=ends,
        workloads=sum(len(w.workload_ids) for w in plan.waves),
        servers=sum(len(w.server_ids) for w in plan.waves),
        waves=tuple(_line(w, inputs) for w in plan.waves),
        chart=calendar([(_label(w), w.starts, w.ends) for w in drawn], met) if drawn else None,
        drawn=len(drawn),
        freezes=met,
        reasons=reasons,
        waiting=sum(n for _, n, _, by_decision in reasons if not by_decision),
        notes=plan.notes,
        crossings=tuple(c for g in plan.groups if g.workload_ids[0] not in plan.unplanned for c in g.crossings),
    )


def title_of(wave_id: str) -> str:
    """`wave-3` as `Wave 3`."""
    return wave_id.replace("-", " ").capitalize()


def _label(w: WaveRow) -> str:
    return f"{title_of(w.id)}: {count(len(w.workload_ids), 'workload')}, {count(len(w.server_ids), 'server')}"


def _line(w: WaveRow, inputs: Inputs) -> WaveLine:
    known: Mapping[str, Workload] = inputs.estate.workload_by_id if inputs.estate else {}
    names = sorted((known[i].name if i in known else i for i in w.workload_ids), key=str.casefold)
    return WaveLine(
        w.id, title_of(w.id), span(w.starts, w.ends), len(w.workload_ids), len(w.server_ids), len(w.group_ids), ", ".join(names)
    )


def _reasons(unplanned: Mapping[str, str]) -> tuple[tuple[str, int, str, bool], ...]:
    counts: dict[str, int] = {}
    for why in unplanned.values():
        kind = why.partition(":")[0]
        counts[kind] = counts.get(kind, 0) + 1
    ordered = sorted(counts.items(), key=lambda c: (c[0] in BY_DECISION, -c[1], c[0]))
    return tuple((kind, n, WHAT_TO_DO.get(kind, ""), kind in BY_DECISION) for kind, n in ordered)
