"""What the last policy check said, control by control, and the exceptions in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from console.report.charts import Bar, bars
from console.report.inputs import Inputs, JudgementRow
from console.report.words import count, humanised, sentence_case
from inventory.model import Estate, ExceptionEntry

STYLES: Mapping[str, str] = {"pass": "good", "waived": "fair", "fail": "bad", "unknown": "blank"}
SEVERITIES = ("critical", "high", "medium", "low", "")
MOST_SHOWN = 25
SOON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class ControlLine:
    """One control: how many subjects got each verdict; `waived` counts fails and unknowns that an exception covers."""

    id: str
    title: str
    severity: str
    rule: str
    mandatory: bool
    passed: int
    failed: int
    unknown: int
    waived: int
    blocks: int
    example: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """One entry of the register: `state` is in force, ends soon, expired, not yet in force, not approved or without end."""

    id: str
    subjects: str
    rationale: str
    approver: str
    expires_on: date | None
    state: str
    waives: int


@dataclass(frozen=True)
class Check:
    """The verdicts of the last check. The first `shown` controls have something to tell; the others are folded away.

    `deployment` says whether any resource of a deployment had a verdict: with none, nothing is known of what it would do.
    """

    on: date
    judged: tuple[str, ...]
    deployment: bool
    totals: Mapping[str, int]
    waived: int
    blocking: int
    chart: tuple[Bar, ...]
    by_rule: tuple[tuple[str, tuple[int, ...]], ...]
    controls: tuple[ControlLine, ...]
    shown: int


def check(inputs: Inputs) -> Check | None:
    """The verdicts by golden rule and by control, or None before there was a check."""
    if inputs.verdicts is None:
        return None
    rows = inputs.verdicts.judgements
    applicable = [j for j in rows if j.verdict != "not applicable"]
    by_rule = {r: Counter(_shown(j) for j in applicable if j.rule == r) for r in sorted({j.rule for j in applicable})}
    by_control: dict[str, list[JudgementRow]] = {}
    for j in applicable:
        by_control.setdefault(j.control, []).append(j)
    lines = sorted((_control(i, held) for i, held in by_control.items()), key=_weight)
    return Check(
        on=inputs.verdicts.on,
        judged=inputs.verdicts.judged,
        deployment=any(j.subject_kind == "resource" for j in applicable),
        totals=Counter(j.verdict for j in rows),
        waived=sum(1 for j in rows if j.waived_by),
        blocking=sum(1 for j in rows if j.blocks),
        chart=bars([(sentence_case(r) or "No rule", held, "") for r, held in by_rule.items()], STYLES),
        by_rule=tuple((sentence_case(r) or "No rule", tuple(held[v] for v in STYLES)) for r, held in by_rule.items()),
        controls=tuple(lines),
        shown=min(sum(1 for c in lines if c.failed + c.unknown + c.waived), MOST_SHOWN),
    )


def _shown(j: JudgementRow) -> str:
    return "waived" if j.waived_by and j.verdict in ("fail", "unknown") else j.verdict


def _control(control_id: str, held: Sequence[JudgementRow]) -> ControlLine:
    shown = Counter(_shown(j) for j in held)
    first = held[0]
    return ControlLine(
        id=control_id,
        title=first.title or humanised(control_id),
        severity=first.severity,
        rule=first.rule,
        mandatory=first.mandatory,
        passed=shown["pass"],
        failed=shown["fail"],
        unknown=shown["unknown"],
        waived=shown["waived"],
        blocks=sum(1 for j in held if j.blocks),
        example=_example(held),
        remedy=first.remedy if shown["fail"] or shown["unknown"] else "",
    )


def _example(held: Sequence[JudgementRow]) -> str:
    """The gravest verdict in words: one that blocks, else a failure, an unknown, or who waives the rest."""
    worst = next((j for j in held if j.blocks), None) or next((j for j in held if _shown(j) in ("fail", "unknown")), None)
    if worst:
        name = worst.subject_name or worst.subject_id
        return worst.reason if worst.reason.startswith(name) else f"{name}: {worst.reason}"
    waivers = sorted({j.waived_by for j in held if j.waived_by})
    return f"Nothing else fails; waived by {', '.join(waivers)}." if waivers else "All pass."


def _weight(c: ControlLine) -> tuple[bool, bool, int, int, int, str]:
    rank = SEVERITIES.index(c.severity) if c.severity in SEVERITIES else len(SEVERITIES)
    return (not c.blocks, not c.failed + c.unknown + c.waived, rank, -(c.failed + c.unknown), -c.waived, c.id)


def exceptions(inputs: Inputs) -> tuple[ExceptionLine, ...]:
    """The exception register as the estate holds it, those that end first at the top."""
    if inputs.estate is None:
        return ()
    waives = Counter(j.waived_by for j in inputs.verdicts.judgements if j.waived_by) if inputs.verdicts else Counter[str]()
    held = sorted(inputs.estate.exceptions, key=lambda e: (e.expires_on or date.min, e.id))
    return tuple(
        ExceptionLine(e.id, _subjects(e, inputs.estate), e.rationale, e.approver, e.expires_on, state_of(e, inputs.on), waives[e.id])
        for e in held
    )


def state_of(e: ExceptionEntry, on: date) -> str:
    """What the entry is worth on that day."""
    if e.approved_on is None or not e.approver:
        return "not approved"
    if e.expires_on is None:
        return "without end, so not in force"
    if e.expires_on < on:
        return "expired"
    if e.approved_on > on:
        return "not yet in force"
    return "ends soon" if e.expires_on <= on + SOON else "in force"


def _subjects(e: ExceptionEntry, estate: Estate) -> str:
    names = [estate.workload_by_id[s].name if s in estate.workload_by_id else s for s in e.subjects]
    return ", ".join(names[:4]) + (f" and {count(len(names) - 4, 'other')}" if len(names) > 4 else "")
