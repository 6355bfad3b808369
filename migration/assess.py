"""Assessment: findings, readiness, disposition, targets and cost of each workload, each with its reason.

`assess` is a pure function of a workload, its estate and the terms. An assessor that fails costs one `unknown`
finding that names it, never the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from inventory.model import Estate, Workload
from migration.assessment_file import read, write
from migration.assessors import ASSESSORS, Assessor
from migration.cost import monthly
from migration.disposition import decide, decide_by_rule
from migration.model import Assessment, Effect, Finding
from migration.options import options_of
from migration.purchase import bought
from migration.readiness import readiness_of
from migration.score import score_of
from migration.targets import targets_of
from migration.terms import Terms

__all__ = ["Terms", "assess", "assess_estate", "read", "write"]


def assess(workload: Workload, estate: Estate, terms: Terms, assessors: tuple[tuple[str, Assessor], ...] = ASSESSORS) -> Assessment:
    """The whole answer for one workload, findings in the assessors' order."""
    findings = tuple(f for name, assessor in assessors for f in _asked(name, assessor, workload, estate, terms))
    decision = decide(workload, estate, terms)
    targets = tuple(bought(t, terms.purchase, terms.knowledge) for t in targets_of(workload, decision, estate, terms))
    pence, unpriced = monthly(targets)
    ruled, entry = readiness_of(findings), terms.overrules.get(workload.id)
    score = score_of(workload, estate, findings, terms.knowledge.weights)
    return Assessment(
        workload_id=workload.id,
        on=terms.on,
        readiness=entry.readiness if entry and entry.readiness else ruled,
        disposition=decision.disposition,
        disposition_reason=decision.reason,
        findings=findings,
        targets=targets,
        monthly_pence=pence,
        unpriced=unpriced,
        exception_id=decision.exception_id,
        overruled=entry.sentence(ruled, decide_by_rule(workload, estate, terms).disposition) if entry else "",
        options=options_of(workload, decision, estate, terms),
        score=score.value,
        band=score.band,
    )


def assess_estate(estate: Estate, terms: Terms, done: Callable[[], object] = lambda: None) -> tuple[Assessment, ...]:
    """Every workload of the estate, sorted by id; `done` is called after each, for a progress bar."""
    return tuple(_each(estate, terms, done))


def _each(estate: Estate, terms: Terms, done: Callable[[], object]) -> Iterator[Assessment]:
    for workload in sorted(estate.workloads, key=lambda w: w.id):
        yield assess(workload, estate, terms)
        done()


def _asked(name: str, assessor: Assessor, workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    try:
        return assessor(workload, estate, terms)
    except Exception as wrong:  # whatever it is, one assessor must not lose the run
        reason = f"The assessor {name} failed on this workload ({type(wrong).__name__}: {wrong}), so what it looks at is not known."
        remedy = "Report it with the workload's row; the other findings stand."
        return (Finding(name, workload.id, workload.id, Effect.UNKNOWN, reason, remedy),)
