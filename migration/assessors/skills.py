"""Whether those who run the workload can do what it will need in the cloud."""

from __future__ import annotations

from inventory.model import Estate, Workload
from migration.assessors.finding import from_source
from migration.disposition import databases_of, decide, is_off
from migration.knowledge.recognise import engine, operating_system, runtime
from migration.knowledge.words import says
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "skills"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding on a workload that moves. A register that never asks is not faulted; one that does, is for each gap."""
    if "skills" not in estate.asked_of_workloads or not decide(workload, estate, terms).moves_servers:
        return ()
    return (_finding(workload, estate, terms),)


def _finding(w: Workload, estate: Estate, terms: Terms) -> Finding:
    lines, efforts = from_source(w.sources, "skills"), terms.knowledge.efforts
    if not w.skills:
        reason = f"Nobody has said what those who run {w.name} can do."
        return Finding(NAME, w.id, w.id, Effect.CONDITION, reason, "Ask its team, and record it.", efforts["find-out"], lines)
    families = _families(w, estate, terms)
    needed = [s for s in terms.knowledge.operation.skills if not s.families or families & set(s.families)]
    lacking = [s.id for s in needed if not any(says(held, s.words) for held in w.skills)]
    if not lacking:
        names = ", ".join(s.id for s in needed)
        return Finding(NAME, w.id, w.id, Effect.NONE, f"Those who run {w.name} can do what it will need: {names}.", "", None, lines)
    reason = f"Those who run {w.name} lack what it will need in the cloud: {', '.join(lacking)}."
    remedy = "Train somebody, or agree with a supplier who will run it, before the cut-over."
    return Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, efforts["training"], lines)


def _families(w: Workload, estate: Estate, terms: Terms) -> set[str]:
    """The families of what runs on its servers, of its databases and of what it is built on, as far as they can be told."""
    known = terms.knowledge
    systems = [operating_system(s.operating_system, known) for s in estate.servers_of(w) if not is_off(s)]
    engines = [engine(d.engine, d.version, known) for d in databases_of(w, estate)]
    return {found.product.family for found in (*systems, *engines, *(runtime(r, known) for r in w.runtimes)) if found.product}
