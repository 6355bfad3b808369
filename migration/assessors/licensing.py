"""What licences ask when the workload moves: its own, and those of its systems and databases."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Estate, Workload
from migration.assessors.finding import EFFECT_OF, from_source, known
from migration.disposition import databases_of, decide
from migration.knowledge.model import LicenceFamily
from migration.knowledge.recognise import engine, operating_system
from migration.knowledge.words import says
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "licensing"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """Findings on the application's licence and on each family of licensed system or database that moves."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    return (*_application(workload, terms), *_families(workload, estate, terms))


def _application(w: Workload, terms: Terms) -> Iterator[Finding]:
    evidence = from_source(w.sources, "licence")
    days = terms.knowledge.efforts["licence"]
    if not w.licence.strip():
        if w.supplier.strip():
            reason = f"The licence of {w.name} from {w.supplier} is not recorded, so whether it may run in a cloud is not known."
            yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, "Ask the supplier, and record it in the register.", days, evidence)
        return
    term = next((t for t in terms.knowledge.licence_terms if says(w.licence, t.words)), None)
    if term is None:
        reason = f"What the licence of {w.name} ({w.licence}) allows in a cloud is not known."
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, "Ask the supplier whether it may run in a cloud.", days, evidence)
    else:
        effect = EFFECT_OF[term.effect]
        reason = f"{w.name} {term.reason} ({w.licence})."
        yield Finding(NAME, w.id, w.id, effect, reason, term.remedy, days if effect is not Effect.NONE else None, evidence)


def _families(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    held: dict[str, list[str]] = {}
    for server in estate.servers_of(w):
        if product := operating_system(server.operating_system, terms.knowledge).product:
            held.setdefault(product.family, []).append(server.id)
    for database in databases_of(w, estate):
        if product := engine(database.engine, database.version, terms.knowledge).product:
            held.setdefault(product.family, []).append(database.id)
    for name in sorted(held):
        if family := terms.knowledge.licence_families.get(name):
            yield _family(w, family, sorted(held[name]), terms)


def _family(w: Workload, family: LicenceFamily, subjects: list[str], terms: Terms) -> Finding:
    assured = bool(says(w.licence, family.assured))
    effect = EFFECT_OF[family.assured_effect if assured else family.effect]
    said, remedy = (family.assured_reason, family.assured_remedy) if assured else (family.reason, family.remedy)
    some = ", ".join(subjects[:3]) + (f" and {len(subjects) - 3} more" if len(subjects) > 3 else "")
    days = terms.knowledge.efforts["licence"] if effect is not Effect.NONE else None
    evidence = (known(family.reason, family.source, family.date),) if family.source else ()
    evidence = (*(from_source(w.sources, "licence") if assured else ()), *evidence)
    reason = f"{said[0].upper()}{said[1:]} ({some})."
    return Finding(NAME, w.id, subjects[0] if len(subjects) == 1 else w.id, effect, reason, remedy, days, evidence)
