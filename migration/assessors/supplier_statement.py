"""What the supplier says of running the application in a public cloud: whether, which versions, and how long ago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from inventory.model import Estate, Workload
from migration.assessors.finding import EFFECT_OF, from_source
from migration.disposition import decide
from migration.knowledge.words import says, without
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "supplier-statement"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """Findings on the statement of a workload that moves. A register that never asks is not faulted; one that does, is for each gap."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    if workload.cloud_statement.strip():
        return (_said(workload, terms), *_version(workload, terms), *_age(workload, terms))
    return tuple(_unsaid(workload, terms)) if "cloud_statement" in estate.asked_of_workloads else ()


def _said(w: Workload, terms: Terms) -> Finding:
    days, lines = terms.knowledge.efforts["contract"], from_source(w.sources, "cloud_statement")
    rules = terms.knowledge.contracts
    said = without(w.cloud_statement, rules.reassuring)
    term = next((t for t in rules.statements if says(said, t.words)), None)
    who = w.supplier.strip() or "Its supplier"
    if term is None:
        reason = f"What {who} says of running {w.name} in a public cloud ({w.cloud_statement}) is neither yes nor no."
        return Finding(NAME, w.id, w.id, Effect.UNKNOWN, reason, "Ask again, and record yes, no, or on which conditions.", days, lines)
    effect = EFFECT_OF[term.effect]
    reason = f"{who} {term.reason} ({w.name}: {w.cloud_statement})."
    return Finding(NAME, w.id, w.id, effect, reason, term.remedy, days if effect is not Effect.NONE else None, lines)


def _version(w: Workload, terms: Terms) -> Iterator[Finding]:
    runs = w.version.strip()
    if w.cloud_versions and runs and not any(f"{runs} ".startswith((f"{v} ", f"{v}.")) for v in w.cloud_versions):
        reason = f"{w.name} runs {runs}, and its supplier speaks of {', '.join(w.cloud_versions)} in a public cloud only."
        remedy = "Upgrade it to such a version before the cut-over, or have the statement widened."
        lines = from_source(w.sources, "cloud_versions")
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["platform-change"], lines)


def _age(w: Workload, terms: Terms) -> Iterator[Finding]:
    said, holds = w.cloud_statement_on, timedelta(days=terms.knowledge.contracts.statement_holds_days)
    if said and said > terms.on:
        reason = f"The statement of {w.name}'s supplier is dated {said}, after the assessment on {terms.on}, so it cannot be right."
        lines = from_source(w.sources, "cloud_statement_on")
        yield Finding(NAME, w.id, w.id, Effect.UNKNOWN, reason, "Correct its date.", terms.knowledge.efforts["record"], lines)
    elif said and said + holds < terms.cutover_on:
        reason = f"The statement of {w.name}'s supplier is of {said}, too old to rest on at the cut-over on {terms.cutover_on}."
        lines = from_source(w.sources, "cloud_statement_on")
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, "Ask for it again.", terms.knowledge.efforts["find-out"], lines)


def _unsaid(w: Workload, terms: Terms) -> Iterator[Finding]:
    if w.supplier.strip():
        reason = f"{w.supplier} has not said whether {w.name} may run in a public cloud."
        remedy = "Ask for a statement in writing, with the versions it holds for."
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["find-out"], ())
