"""Whether somebody answers for each dataset, for how long it is kept, and how it comes out of what is left behind."""

from __future__ import annotations

from inventory.model import Dataset, Estate, Workload
from migration.assessors.finding import from_source
from migration.disposition import decide
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "retention"
_NO_WAY = ("", "none", "no")


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each dataset of which the workload is the system of record; a council without such a register is not faulted."""
    held = estate.datasets_by_workload.get(workload.id, ())
    left = decide(workload, estate, terms).disposition in (Disposition.REPURCHASE, Disposition.RETIRE)
    return tuple(_finding(d, workload, terms, left=left) for d in held)


def _finding(d: Dataset, w: Workload, terms: Terms, *, left: bool) -> Finding:
    lacks = [what for what, is_missing in _questions(d, left=left) if is_missing]
    lines = from_source(d.sources, "name")
    if lacks:
        reason = f"Nobody has said {' or '.join(lacks)} dataset {d.name}."
        remedy = "Ask the council's records manager, and complete the register of datasets before anything of it is moved or wiped."
        return Finding(NAME, w.id, d.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["record"], lines)
    years = "1 year" if d.retention_years == 1 else f"{d.retention_years} years"
    steward = f"{d.steward} looks after it" if d.steward.strip() else "nobody is named who looks after it day by day"
    reason = f"{d.owner} answers for dataset {d.name}, which is kept for {years}; {steward}."
    return Finding(NAME, w.id, d.id, Effect.NONE, reason, "", None, lines)


def _questions(d: Dataset, *, left: bool) -> tuple[tuple[str, bool], ...]:
    return (
        ("who answers for", not d.owner.strip()),
        ("how long to keep", d.retention_years is None),
        ("how to get out", left and d.export_route.strip().casefold() in _NO_WAY),
    )
