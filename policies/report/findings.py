"""`findings.json` (docs/reference/files.md): every judgement, and the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from policies.model import Judgement, Verdict

FORMAT: Final = "cloud-unless/findings/1"


def findings(judgements: Sequence[Judgement], judged: Sequence[str], on: date, not_judged: Sequence[str] = ()) -> dict[str, Any]:
    """All judgements as JSON types. `judged` says what was read, one line each; `not_judged` what was read and met no control."""
    return {
        "format": FORMAT,
        "on": on.isoformat(),
        "judged": list(judged),
        "not_judged": list(not_judged),
        "summary": summary(judgements),
        "judgements": [as_row(j) for j in judgements],
    }


def summary(judgements: Sequence[Judgement]) -> dict[str, int]:
    """How many judgements there are of each verdict, how many are waived, deferred, and block."""
    verdicts = Counter(j.answer.verdict for j in judgements)
    return {
        **{v.value: verdicts[v] for v in Verdict},
        "waived": sum(bool(j.waived_by) for j in judgements),
        "deferred": sum(j.deferred for j in judgements),
        "blocking": sum(j.blocks for j in judgements),
    }


def as_row(judgement: Judgement) -> dict[str, Any]:
    """One judgement as JSON types."""
    control, subject, answer = judgement.control, judgement.subject, judgement.answer
    return {
        "control": control.id,
        "title": control.title,
        "severity": control.severity.value,
        "rule": control.rule.value,
        "mandatory": control.mandatory,
        "verdict": answer.verdict.value,
        "reason": answer.reason,
        "path": answer.path,
        "about": judgement.about,
        "remedy": control.remedy,
        "clauses": list(control.clauses),
        "subject_kind": subject.kind,
        "subject_type": subject.type,
        "subject_id": subject.id,
        "subject_name": subject.name,
        "file": subject.file,
        "line": judgement.line,
        "waived_by": judgement.waived_by,
        "waiver": judgement.waiver,
        "deferred": judgement.deferred,
        "blocks": judgement.blocks,
    }
