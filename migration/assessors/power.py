"""Servers that do no work: switched off, suspended or templates."""

from __future__ import annotations

from inventory.model import Estate, Power, Server, Workload
from migration.assessors.finding import from_source
from migration.disposition import is_off
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "power"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each server that is off, suspended or a template; none for those that run."""
    idle = (s for s in estate.servers_of(workload) if is_off(s) or s.power is Power.SUSPENDED)
    return tuple(_finding(s, workload, terms) for s in idle)


def _finding(server: Server, workload: Workload, terms: Terms) -> Finding:
    state = "is a template" if server.is_template else f"is switched {server.power.value}" if server.power is Power.OFF else "is suspended"
    return Finding(
        NAME,
        workload.id,
        server.id,
        Effect.CONDITION,
        f"{server.name} {state}, so it may be retired.",
        "Ask whoever used it last to confirm that nobody needs it, then retire it.",
        terms.knowledge.efforts["find-out"],
        (*from_source(server.sources, "power"), *from_source(server.sources, "is_template")),
    )
