"""Dependencies that will reach across once the workload has moved."""

from __future__ import annotations

from inventory.model import Dependency, Estate, Strength, Workload
from migration.assessors.finding import from_source
from migration.disposition import decide
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "dependencies-crossing"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each dependency, either way, on something that does not move the same way or is not known."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    held = sorted(estate.dependencies_by_workload.get(workload.id, ()), key=lambda d: (d.from_id, d.to_id, d.strength, d.port or 0))
    findings = (_finding(d, workload, estate, terms) for d in held if d.from_id != d.to_id)
    return tuple(dict.fromkeys(f for f in findings if f))


def _finding(d: Dependency, workload: Workload, estate: Estate, terms: Terms) -> Finding | None:
    other_id = d.to_id if d.from_id == workload.id else d.from_id
    link = f"{'needs' if d.from_id == workload.id else 'is needed by'} {other_id} ({d.strength}, {d.kind})"
    other = estate.workload_by_id.get(other_id)
    if other is None:
        what = f"{workload.name} {link}, which is not in the estate."
        return _said(d, workload, Effect.UNKNOWN, what, "Register it, or correct the dependency.", terms)
    decision = decide(other, estate, terms)
    if decision.disposition is Disposition.RETAIN:
        return _staying(d, workload, link, decision.exception_id, terms)
    if decision.disposition in (Disposition.REPURCHASE, Disposition.RETIRE):
        becomes = "is bought as a service" if decision.disposition is Disposition.REPURCHASE else "retires"
        reason = f"{workload.name} {link}, which {becomes}: the link must be built again or ended."
        return _said(d, workload, Effect.CONDITION, reason, "Agree with its owner what takes the link's place, and when.", terms)
    if d.strength is Strength.STRONG and not other.is_registered:
        reason = f"{workload.name} {link}, of which nobody has said what it does, so when it moves is not decided."
        return _said(d, workload, Effect.UNKNOWN, reason, "Find out what it does and register it.", terms)
    return None


def _staying(d: Dependency, workload: Workload, link: str, exception_id: str, terms: Terms) -> Finding:
    reason = f"{workload.name} {link}, which stays under exception {exception_id}: the link will cross into the data centre."
    if d.strength is Strength.STRONG:
        remedy = "Loosen the link, move both, or apply for an exception for this workload too."
        return _said(d, workload, Effect.BLOCKS, reason, remedy, terms)
    return _said(d, workload, Effect.CONDITION, reason, "Measure what the longer way does to it before the cut-over.", terms)


def _said(d: Dependency, workload: Workload, effect: Effect, reason: str, remedy: str, terms: Terms) -> Finding:
    evidence = (*from_source(d.sources, "from_id"), *((d.description,) if d.description else ()))
    other_id = d.to_id if d.from_id == workload.id else d.from_id
    return Finding(NAME, workload.id, other_id, effect, reason, remedy, terms.knowledge.efforts["interface"], evidence)
