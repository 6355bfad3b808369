"""Other applications of the council that do the same work: a reason to move one of them, never to be less ready."""

from __future__ import annotations

from inventory.model import Estate, Workload
from migration.alike import others_alike
from migration.assessors.finding import from_source
from migration.disposition import decide
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "duplicate-function"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """A finding where others of its council have the same business function, or are of the same category where the register gives none."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    what, others = others_alike(workload, estate, terms)
    if not others:
        return ()
    some = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
    by = "business function" if workload.function.strip() else "category"
    lines = from_source(workload.sources, "function" if workload.function.strip() else "name")
    reason = f"{workload.name} does the same work as {some}, by its {by} ({what})."
    remedy = "Weigh with their owners which one is kept, and move that one alone."
    return (Finding(NAME, workload.id, workload.id, Effect.NONE, reason, remedy, None, lines),)
