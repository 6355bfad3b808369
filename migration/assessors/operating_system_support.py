"""Whether each server's operating system is supported at the cut-over, and can run in the cloud at all."""

from __future__ import annotations

from inventory.model import Estate, Server, Workload
from migration.assessors.finding import from_source, known
from migration.assessors.standing import EFFECTS, dates, ends, soften
from migration.disposition import decide
from migration.knowledge.recognise import Recognised, Support, operating_system, support
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "operating-system-support"
REMEDIES = {
    Support.SUPPORTED: "",
    Support.ENDING: "Plan its upgrade before support ends.",
    Support.EXTENDED: "Upgrade it before the cut-over, or buy the extended support and plan the upgrade.",
    Support.ENDED: "Upgrade it, or build it again on a supported release, before the cut-over.",
    Support.UNKNOWN: "Find out the exact release on the server itself and correct it in the inventory.",
}


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each server that says what it runs; a server that does not is missing data, said elsewhere."""
    moves = decide(workload, estate, terms).moves_servers
    return tuple(_finding(s, workload, terms, moves) for s in estate.servers_of(workload) if s.operating_system.strip())


def _finding(server: Server, workload: Workload, terms: Terms, moves: bool) -> Finding:
    k = terms.knowledge
    recognised = operating_system(server.operating_system, k)
    if recognised.product and not recognised.product.runs_on_azure and moves:
        return _foreign(server, workload, recognised, terms)
    standing = support(recognised, terms.cutover_on, k.warn_days)
    effect, tail = soften(EFFECTS[standing.support], moves)
    extended = recognised.product.extended if recognised.product else ""
    reason = f"{server.name} runs {server.operating_system}: {dates(standing, extended, terms.cutover_on)}{tail}"
    days = k.efforts["find-out" if standing.support is Support.UNKNOWN else "operating-system-upgrade"]
    return Finding(
        NAME,
        workload.id,
        server.id,
        effect,
        reason,
        REMEDIES[standing.support],
        days if effect is not Effect.NONE else None,
        _evidence(server, recognised, terms),
    )


def _foreign(server: Server, workload: Workload, recognised: Recognised, terms: Terms) -> Finding:
    product = recognised.product
    reason = f"{server.name} runs {server.operating_system}: {product.why_not if product else ''}"
    remedy = "Move its application to Linux or Windows, buy it as a service, or apply for an exception."
    evidence = (*_evidence(server, recognised, terms), known("runs on Azure: no", product.source, product.date)) if product else ()
    return Finding(NAME, workload.id, server.id, Effect.BLOCKS, reason, remedy, terms.knowledge.efforts["platform-change"], evidence)


def _evidence(server: Server, recognised: Recognised, terms: Terms) -> tuple[str, ...]:
    note = next(n for n in terms.knowledge.files if n.file == "lifecycles.toml")
    lines = [known(ends(r), note.source, "") for r in recognised.releases[:3]]
    return (*from_source(server.sources, "operating_system"), *lines, *((recognised.note,) if recognised.note else ()))
