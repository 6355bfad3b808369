"""Whether each server has more disks or network cards than any machine in Azure can have."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Estate, Server, Workload
from migration.assessors.finding import from_source, known
from migration.disposition import decide, is_off
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "machine-limits"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each limit that a server which moves goes over. What nobody has counted is not looked at."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    return tuple(f for s in estate.servers_of(workload) if not is_off(s) for f in _over(s, workload, terms))


def _over(server: Server, w: Workload, terms: Terms) -> Iterator[Finding]:
    limits = terms.knowledge.limits
    note = next(n for n in terms.knowledge.files if n.file == "machines.toml")
    for field, counted, most, what in (
        ("disks", server.disks, limits.most_disks, "disks"),
        ("network_cards", server.network_cards, limits.most_network_cards, "network cards"),
    ):
        if counted is not None and counted > most:
            reason = f"{server.name} has {counted} {what}, and a machine in Azure at most {most}."
            remedy = f"Join its {what}, or split its work over several machines, before it moves."
            evidence = (*from_source(server.sources, field), known(f"at most {most} {what}", note.source, ""))
            days = terms.knowledge.efforts["platform-change"]
            yield Finding(NAME, w.id, server.id, Effect.BLOCKS, reason, remedy, days, evidence)
