"""Whether each database engine is supported at the cut-over."""

from __future__ import annotations

from inventory.model import Database, Estate, Workload
from migration.assessors.finding import from_source, known
from migration.assessors.standing import EFFECTS, dates, ends, soften
from migration.disposition import databases_of, decide
from migration.knowledge.recognise import Support, engine, support
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "database-support"
REMEDIES = {
    Support.SUPPORTED: "",
    Support.ENDING: "Plan its upgrade before support ends.",
    Support.EXTENDED: "Upgrade it before the cut-over, or buy the extended support and plan the upgrade.",
    Support.ENDED: "Upgrade it before the cut-over.",
    Support.UNKNOWN: "Find out the engine and its version and correct them in the inventory.",
}


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each database of the workload. A platform service brings its own version, so there an old one is a condition."""
    decision = decide(workload, estate, terms)
    replaced = decision.disposition is Disposition.REPLATFORM
    return tuple(_finding(d, workload, terms, decision.moves_servers, replaced) for d in databases_of(workload, estate))


def _finding(database: Database, workload: Workload, terms: Terms, moves: bool, replaced: bool) -> Finding:
    k = terms.knowledge
    recognised = engine(database.engine, database.version, k)
    standing = support(recognised, terms.cutover_on, k.warn_days)
    effect, tail = soften(EFFECTS[standing.support], moves)
    if replaced and effect is Effect.BLOCKS:
        effect, tail = Effect.CONDITION, " It moves to a platform service, which upgrades it: test the application on the new version."
    extended = recognised.product.extended if recognised.product else ""
    said = " ".join(f"{database.engine} {database.version}".split()) or "an engine that nobody has named"
    note = next(n for n in k.files if n.file == "lifecycles.toml")
    lines = (known(ends(r), note.source, "") for r in recognised.releases[:3])
    return Finding(
        NAME,
        workload.id,
        database.id,
        effect,
        f"{database.name} is on {said}: {dates(standing, extended, terms.cutover_on)}{tail}",
        REMEDIES[standing.support],
        k.efforts["find-out" if standing.support is Support.UNKNOWN else "database-upgrade"] if effect is not Effect.NONE else None,
        (*from_source(database.sources, "engine"), *from_source(database.sources, "version"), *lines),
    )
