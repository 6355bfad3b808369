"""Whether the agreements under which the workload's data is shared outlive the cut-over."""

from __future__ import annotations

from inventory.model import Dataset, Estate, Workload
from migration.assessors.finding import from_source
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "sharing-agreements"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each dataset that is shared, or whose agreement is dated."""
    held = estate.datasets_by_workload.get(workload.id, ())
    return tuple(_finding(d, workload, terms) for d in held if d.shared_with.strip() or d.sharing_agreement_ends)


def _finding(d: Dataset, w: Workload, terms: Terms) -> Finding:
    days = terms.knowledge.efforts["agreement"]
    if d.sharing_agreement_ends is None:
        reason = f"Dataset {d.name} is shared with {d.shared_with}, and nobody has said until when that is agreed."
        remedy = "Find the agreement and record its last day; where there is none, make one that names the new place."
        return Finding(NAME, w.id, d.id, Effect.CONDITION, reason, remedy, days, from_source(d.sources, "shared_with"))
    lines = from_source(d.sources, "sharing_agreement_ends")
    if d.sharing_agreement_ends <= terms.cutover_on:
        reason = f"The agreement under which dataset {d.name} is shared ends on {d.sharing_agreement_ends}, by the cut-over."
        return Finding(NAME, w.id, d.id, Effect.CONDITION, reason, "Renew it and name the new place in it.", days, lines)
    reason = f"The agreement under which dataset {d.name} is shared holds until {d.sharing_agreement_ends}, after the cut-over."
    return Finding(NAME, w.id, d.id, Effect.NONE, reason, "", None, lines)
