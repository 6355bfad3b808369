"""Ways of signing in, and of securing a connection, that the cloud's services do not accept or that send secrets in the clear."""

from __future__ import annotations

from inventory.model import Estate, Workload
from migration.assessors.finding import EFFECT_OF, from_source, known
from migration.disposition import decide
from migration.knowledge.words import says
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "legacy-authentication"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each way that the register names; where it names none, nothing is looked at. What retires signs nobody in."""
    if decide(workload, estate, terms).disposition is Disposition.RETIRE:
        return ()
    return tuple(_finding(said, workload, terms) for said in dict.fromkeys(workload.authentication))


def _finding(said: str, w: Workload, terms: Terms) -> Finding:
    held = next((way for way in terms.knowledge.authentication if says(said, way.words)), None)
    evidence = from_source(w.sources, "authentication")
    if held is None:
        reason = f"{w.name} signs people in or secures its connections in a way that is not in the catalogue ({said})."
        remedy = "Find out before the cut-over whether it works with Entra ID and TLS 1.2, or add it to authentication.toml."
        return Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["find-out"], evidence)
    effect = EFFECT_OF[held.effect]
    days = terms.knowledge.efforts["authentication"] if effect is not Effect.NONE else None
    lines = (*evidence, *((known(held.reason, held.source, held.date),) if held.source else ()))
    return Finding(NAME, w.id, w.id, effect, f"{w.name} {held.reason} ({said}).", held.remedy, days, lines)
