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
    """A finding where others of its council have its business function or its product, or a name that says the same."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    alike = others_alike(workload, estate, terms)
    if not alike.others:
        return ()
    some = ", ".join(alike.others[:5]) + (f" and {len(alike.others) - 5} more" if len(alike.others) > 5 else "")
    lines = from_source(workload.sources, "function" if alike.by == "business function" else alike.by)
    reason = f"{workload.name} may do the same work as {some}, by its {alike.by} ({alike.what})."
    remedy = "Weigh with their owners which one is kept, and move that one alone."
    return (Finding(NAME, workload.id, workload.id, Effect.NONE, reason, remedy, None, lines),)
