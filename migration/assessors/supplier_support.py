"""Whether the application's own supplier supports it at the cut-over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from inventory.model import Estate, Workload
from migration.assessors.finding import from_source
from migration.assessors.standing import soften
from migration.disposition import decide
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "supplier-support"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """A finding on the end of support, where the register dates it."""
    return tuple(_support(workload, estate, terms))


def _support(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    if w.support_ends is None:
        return
    evidence = from_source(w.sources, "support_ends")
    product = " ".join(f"{w.product} {w.version}".split()) or w.name
    if w.support_ends <= terms.cutover_on:
        effect, tail = soften(Effect.BLOCKS, decide(w, estate, terms).moves_servers)
        reason = (
            f"{w.supplier or 'Its supplier'} ends support of {product} on {w.support_ends}, by the cut-over on {terms.cutover_on}.{tail}"
        )
        remedy = "Upgrade it to a supported version before the cut-over, or replace it."
        yield Finding(NAME, w.id, w.id, effect, reason, remedy, terms.knowledge.efforts["contract"], evidence)
    elif w.support_ends <= terms.cutover_on + timedelta(days=terms.knowledge.warn_days):
        reason = f"Support of {product} ends on {w.support_ends}, soon after the cut-over on {terms.cutover_on}."
        remedy = "Decide between its upgrade and its replacement before it moves."
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["contract"], evidence)
    else:
        reason = f"{product} is supported at the cut-over on {terms.cutover_on}, until {w.support_ends}."
        yield Finding(NAME, w.id, w.id, Effect.NONE, reason, "", None, evidence)
