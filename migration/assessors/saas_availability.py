"""Whether councils buy such an application as a service: a reason to look, never to be less ready."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Estate, Workload
from migration.assessors.finding import from_source, known
from migration.disposition import category_of, decide
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "saas-availability"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """A finding where the register names a service or the application's category is bought as one."""
    if decide(workload, estate, terms).disposition is Disposition.RETIRE:
        return ()
    return tuple(_named(workload, estate, terms) if workload.saas_product else _category(workload, terms))


def _named(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    bought = decide(w, estate, terms).disposition is Disposition.REPURCHASE
    reason = f"{w.saas_product} could take over the work of {w.name}" + (
        "." if bought else ", but the register means to keep what there is."
    )
    remedy = "Ask for a quotation and for how its data comes out again." if bought else "Weigh the service when the contract ends."
    yield Finding(NAME, w.id, w.id, Effect.NONE, reason, remedy, None, from_source(w.sources, "saas_product"))


def _category(w: Workload, terms: Terms) -> Iterator[Finding]:
    held = category_of(w, terms)
    if held is None or held.availability == "rare":
        return
    how = "is bought as a service by councils" if held.availability == "established" else "is bought as a service in part"
    some = f", for example {', '.join(held.examples)}" if held.examples else ""
    reason = f"{w.name} looks like {held.id}, which {how}{some}."
    evidence = (known(f"{held.id}: {held.availability}", held.source or "judgement by category", held.date),)
    remedy = "Weigh a service before its servers are built again: off the shelf comes before building."
    yield Finding(NAME, w.id, w.id, Effect.NONE, reason, remedy, None, evidence)
