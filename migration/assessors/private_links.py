"""Private networks that the workload uses."""

from __future__ import annotations

from inventory.model import Estate, Workload
from migration.assessors.finding import EFFECT_OF, from_source, known
from migration.disposition import decide
from migration.knowledge.words import says
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "private-links"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each private link of a workload that moves or is bought as a service."""
    moves = decide(workload, estate, terms).disposition.value not in ("retain", "retire")
    return tuple(_finding(link, workload, terms) for link in workload.private_links) if moves else ()


def _finding(said: str, w: Workload, terms: Terms) -> Finding:
    held = next((link for link in terms.knowledge.links if says(said, link.words)), None)
    evidence = from_source(w.sources, "private_links")
    days = terms.knowledge.efforts["link"]
    if held is None:
        reason = f"{w.name} uses a private link that is not in the catalogue ({said}), so what its move takes is not known."
        remedy = "Say what network it is and who runs it, or add it to ties.toml."
        return Finding(NAME, w.id, w.id, Effect.UNKNOWN, reason, remedy, days, evidence)
    lines = (*evidence, *((known(held.reason, held.source, held.date),) if held.source else ()))
    return Finding(NAME, w.id, w.id, EFFECT_OF[held.effect], f"{w.name} {held.reason} ({said}).", held.remedy, days, lines)
