"""Whether the runtimes that the application is built on are supported at the cut-over."""

from __future__ import annotations

from inventory.model import Estate, Workload
from migration.assessors.finding import from_source, known
from migration.assessors.standing import EFFECTS, dates, ends, soften
from migration.disposition import decide
from migration.knowledge.recognise import Support, runtime, support
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "runtime-support"
REMEDIES = {
    Support.SUPPORTED: "",
    Support.ENDING: "Plan its upgrade before support ends.",
    Support.EXTENDED: "Upgrade it before the cut-over, or buy the extended support and plan the upgrade.",
    Support.ENDED: "Upgrade it, and test the application on the new release, before the cut-over.",
    Support.UNKNOWN: "Find out the runtime, its maker and its release on the server itself and correct them in the register.",
}


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each runtime that the register names. Where it names none, nothing is looked at and nothing is said."""
    moves = decide(workload, estate, terms).moves_servers
    return tuple(_finding(said, workload, terms, moves) for said in dict.fromkeys(workload.runtimes))


def _finding(said: str, workload: Workload, terms: Terms, moves: bool) -> Finding:
    k = terms.knowledge
    recognised = runtime(said, k)
    standing = support(recognised, terms.cutover_on, k.warn_days)
    effect, tail = soften(EFFECTS[standing.support], moves)
    extended = recognised.product.extended if recognised.product else ""
    note = next(n for n in k.files if n.file == "lifecycles.toml")
    days = k.efforts["find-out" if standing.support is Support.UNKNOWN else "runtime-upgrade"]
    return Finding(
        NAME,
        workload.id,
        workload.id,
        effect,
        f"{workload.name} is built on {said}: {dates(standing, extended, terms.cutover_on)}{tail}",
        REMEDIES[standing.support],
        days if effect is not Effect.NONE else None,
        (*from_source(workload.sources, "runtimes"), *(known(ends(r), note.source, "") for r in recognised.releases)),
    )
