"""The portfolio: every workload by disposition and readiness, and what decides each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from console.report.charts import READINESS, Bar, bars
from console.report.inputs import AssessmentRow, Inputs
from inventory.model import Workload

DISPOSITIONS: Mapping[str, str] = {
    "retire": "Retire: switched off",
    "repurchase": "Repurchase: bought as a service",
    "replatform": "Replatform: to a managed service",
    "rehost": "Rehost: to a virtual machine",
    "refactor": "Refactor: rewritten for the cloud",
    "relocate": "Relocate: moved as it is",
    "retain": "Retain: stays, by exception",
}
STYLES: Mapping[str, str] = {"ready": "good", "ready with conditions": "fair", "not ready": "bad", "unknown": "blank"}
DECIDES: Mapping[str, tuple[str, ...]] = {
    "not ready": ("blocks",),
    "unknown": ("unknown",),
    "ready with conditions": ("condition",),
}
LONGEST_LIST = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One workload in the full list. `monthly_pence` None: not every target has a price."""

    id: str
    name: str
    service: str
    readiness: str
    disposition: str
    wave: str
    monthly_pence: int | None
    priced: bool
    why: str
    score: float | None = None


@dataclass(frozen=True)
class Portfolio:
    """Counts by disposition and readiness, and the list. `left_out` is how many the list does not show."""

    total: int
    by_readiness: Mapping[str, int]
    by_disposition: Mapping[str, int]
    table: tuple[tuple[str, tuple[int, ...], int], ...]
    chart: tuple[Bar, ...]
    lines: tuple[Line, ...]
    left_out: int


def portfolio(inputs: Inputs) -> Portfolio | None:
    """The portfolio, or None before there is an assessment."""
    if inputs.assessments is None:
        return None
    rows = inputs.assessments.assessments
    by_both = Counter((a.disposition, a.readiness) for a in rows)
    present = [d for d in DISPOSITIONS if any(by_both[d, r] for r in READINESS)]
    values = {d: {r: by_both[d, r] for r in READINESS} for d in present}
    return Portfolio(
        total=len(rows),
        by_readiness=Counter(a.readiness for a in rows),
        by_disposition=Counter(a.disposition for a in rows),
        table=tuple((DISPOSITIONS[d], tuple(values[d].values()), sum(values[d].values())) for d in present),
        chart=bars([(DISPOSITIONS[d], values[d], "") for d in present], STYLES),
        lines=_lines(rows, inputs),
        left_out=max(len(rows) - LONGEST_LIST, 0),
    )


def _lines(rows: Sequence[AssessmentRow], inputs: Inputs) -> tuple[Line, ...]:
    plan, estate = inputs.plan, inputs.estate
    wave_of = {w: wave.id for wave in plan.waves for w in wave.workload_ids} if plan else {}
    known: Mapping[str, Workload] = estate.workload_by_id if estate else {}
    unplanned: Mapping[str, str] = plan.unplanned if plan else {}
    ordered = sorted(rows, key=lambda a: (READINESS.index(a.readiness) if a.readiness in READINESS else 9, name_of(a), a.workload_id))
    return tuple(
        Line(
            id=a.workload_id,
            name=name_of(a),
            service=known[a.workload_id].service if a.workload_id in known else "",
            readiness=a.readiness,
            disposition=a.disposition,
            wave=wave_of.get(a.workload_id, ""),
            monthly_pence=a.monthly_pence,
            priced=bool(a.targets),
            score=a.score,
            why=unplanned.get(a.workload_id) or deciding(a),
        )
        for a in ordered[:LONGEST_LIST]
    )


def name_of(a: AssessmentRow) -> str:
    """The workload's name, or its id."""
    return a.name or a.workload_id


def deciding(a: AssessmentRow) -> str:
    """Who overruled it, else the reason of the first finding that decides the readiness, or the disposition's where none does."""
    if a.overruled:
        return a.overruled
    wanted = DECIDES.get(a.readiness, ())
    return next((f.reason for f in a.findings if f.effect in wanted), a.disposition_reason)


def names(rows: Iterable[AssessmentRow], most: int = 3) -> str:
    """`A, B, C and 4 more`: some of the workloads by name."""
    held = sorted({name_of(a) for a in rows}, key=str.casefold)
    shown = ", ".join(held[:most])
    return f"{shown} and {len(held) - most} more" if len(held) > most else shown
