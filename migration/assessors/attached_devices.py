"""What is plugged into each server, or passed through to it: a machine in the cloud has no socket."""

from __future__ import annotations

from inventory.model import Estate, Server, Workload
from migration.assessors.finding import EFFECT_OF, from_source, known
from migration.disposition import decide, is_off
from migration.knowledge.words import says
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "attached-devices"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each device of a server that moves and runs. Of a server of which no export says, nothing is looked at."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    running = [s for s in estate.servers_of(workload) if not is_off(s)]
    return tuple(_finding(said, s, workload, terms) for s in running for said in s.devices)


def _finding(said: str, server: Server, w: Workload, terms: Terms) -> Finding:
    held = next((t for t in (*terms.knowledge.ties, *terms.knowledge.operation.attached) if says(said, t.words)), None)
    lines, efforts = from_source(server.sources, "devices"), terms.knowledge.efforts
    if held is None:
        reason = f"{server.name} has a device attached ({said}), and a machine in Azure has no socket for one."
        remedy = "Find out what it is for; ask its supplier for one on the network, or for a licence without a device."
        return Finding(NAME, w.id, server.id, Effect.CONDITION, reason, remedy, efforts["tie-condition"], lines)
    effect = EFFECT_OF[held.effect]
    days = {Effect.BLOCKS: efforts["tie-blocks"], Effect.CONDITION: efforts["tie-condition"]}.get(effect)
    evidence = (*lines, *((known(held.reason, held.source, held.date),) if held.source else ()))
    return Finding(NAME, w.id, server.id, effect, f"{server.name} {held.reason} ({said}).", held.remedy, days, evidence)
