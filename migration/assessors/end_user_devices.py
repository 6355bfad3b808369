"""What people use the workload on: what has to change on their devices when it moves."""

from __future__ import annotations

from inventory.model import Estate, Workload
from migration.assessors.finding import EFFECT_OF, from_source, known
from migration.disposition import decide
from migration.knowledge.words import says
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "end-user-devices"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each kind of device or program that the register names; where it names none, nothing is looked at."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    return tuple(_finding(said, workload, terms) for said in workload.used_on)


def _finding(said: str, w: Workload, terms: Terms) -> Finding:
    held = next((t for t in terms.knowledge.operation.used_on if says(said, t.words)), None)
    lines = from_source(w.sources, "used_on")
    if held is None:
        reason = f"{w.name} is used on something that is not in the catalogue ({said}), so what has to change there is not known."
        remedy = "Say what it is used on and how that finds its servers, or add it to devices.toml."
        return Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["find-out"], lines)
    effect = EFFECT_OF[held.effect]
    days = terms.knowledge.efforts["devices"] if effect is not Effect.NONE else None
    evidence = (*lines, *((known(held.reason, held.source, held.date),) if held.source else ()))
    return Finding(NAME, w.id, w.id, effect, f"{w.name} {held.reason} ({said}).", held.remedy, days, evidence)
