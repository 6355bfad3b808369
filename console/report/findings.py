"""The findings that matter most: what stands in the way of most workloads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from console.report.inputs import AssessmentRow, FindingRow, Inputs
from console.report.portfolio import name_of, names
from console.report.words import humanised

WEIGHT: Mapping[str, int] = {"blocks": 0, "unknown": 1, "condition": 2}
EFFECTS: Mapping[str, str] = {"blocks": "Blocks the move", "unknown": "Cannot be judged", "condition": "Condition to meet"}


@dataclass(frozen=True, slots=True)
class TopFinding:
    """What one assessor says with one effect: how many workloads it touches, an example, what would lift it.

    `effort_days` sums the estimates; `unestimated` is how many findings have none.
    """

    title: str
    effect: str
    workloads: int
    who: str
    example: str
    example_of: str
    remedy: str
    effort_days: float
    unestimated: int


def top_findings(inputs: Inputs) -> tuple[TopFinding, ...]:
    """Findings by assessor and effect, those of most workloads first; findings that change nothing are left out."""
    held: dict[tuple[str, str], list[tuple[AssessmentRow, FindingRow]]] = {}
    for a in inputs.assessments.assessments if inputs.assessments else ():
        for f in a.findings:
            if f.effect in WEIGHT:
                held.setdefault((f.assessor, f.effect), []).append((a, f))
    found = [_top(assessor, effect, pairs) for (assessor, effect), pairs in held.items()]
    return tuple(sorted(found, key=lambda t: (-t.workloads, t.title, t.effect)))


def _top(assessor: str, effect: str, pairs: list[tuple[AssessmentRow, FindingRow]]) -> TopFinding:
    a, f = min(pairs, key=lambda p: (len(p[1].reason), name_of(p[0])))
    return TopFinding(
        title=humanised(assessor),
        effect=EFFECTS[effect],
        workloads=len({a.workload_id for a, _ in pairs}),
        who=names(a for a, _ in pairs),
        example=f.reason,
        example_of=name_of(a),
        remedy=f.remedy,
        effort_days=sum(f.effort_days or 0 for _, f in pairs),
        unestimated=sum(1 for _, f in pairs if f.effort_days is None),
    )
