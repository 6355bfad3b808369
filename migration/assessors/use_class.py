"""What each server's use says before it is sized: one that does nothing should be questioned, not moved."""

from __future__ import annotations

from inventory.model import Estate, Server, Workload
from migration.assessors.finding import known
from migration.disposition import decide, is_off
from migration.model import Effect, Finding
from migration.targets import counted_with
from migration.terms import Terms
from migration.use import UseClass, use_of

NAME = "use-class"
_SAID = {
    UseClass.ZOMBIE: "{} does nothing, and nobody talks to it",
    UseClass.IDLE: "{} does next to nothing",
    UseClass.BURSTY: "{} works in bursts",
    UseClass.STEADY: "{} works steadily",
    UseClass.IN_USE: "{} is in use",
}


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each measured server that moves; of what was not measured the assessor of sizes says so."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    moving = (s for s in estate.servers_of(workload) if not is_off(s))
    mine = (s for s in moving if counted_with(s, workload, estate, terms).id == workload.id)
    return tuple(f for s in mine if (f := _finding(s, workload, estate, terms)))


def _finding(server: Server, workload: Workload, estate: Estate, terms: Terms) -> Finding | None:
    use, rules = use_of(server, estate, terms), terms.knowledge.use
    if use.kind is UseClass.NO_DATA:
        return None
    reason = f"{_SAID[use.kind].format(server.name)}: {use.because}."
    if use.kind is UseClass.ZOMBIE:
        remedy = "Ask its owner whether anybody needs it; switch it off for a month and see, rather than move it."
        lines = (known(f"under {rules.idle_cpu_percent:g} % of CPU", rules.idle_source, rules.idle_date),)
        return Finding(NAME, workload.id, server.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["find-out"], lines)
    remedy = "Ask whether another server could do its work beside its own." if use.kind is UseClass.IDLE else ""
    return Finding(NAME, workload.id, server.id, Effect.NONE, reason, remedy)
