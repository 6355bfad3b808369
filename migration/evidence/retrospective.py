"""What a run took against what was estimated, what went wrong on the way and who decided, as data and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from migration.execution.measured import of_journal
from migration.execution.status import status_of
from migration.journal import Record
from migration.runbooks.model import Runbook
from migration.runbooks.render import in_code, plain_markdown


def timings(run: str, runbook: Runbook, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Each step that ended, there or back: estimated and taken minutes, in the order in which it ended."""
    steps = {s.id: s for s in runbook.steps}
    return [
        {
            "step": t.step,
            "kind": t.kind,
            "is_back": t.is_back,
            "estimated_minutes": steps[t.step].undo_minutes if t.is_back else steps[t.step].minutes,
            "taken_minutes": round(t.minutes, 2),
        }
        for t in of_journal(run, records)
        if t.step in steps
    ]


def as_markdown(run: str, runbook: Runbook, records: Sequence[Record]) -> str:
    """The retrospective for people; nothing in it is markup of the journal's."""
    state = status_of(run, runbook, records)
    rows = timings(run, runbook, records)
    told = sum(r["estimated_minutes"] for r in rows), sum(r["taken_minutes"] for r in rows)
    lines = [
        f"# Retrospective of {plain_markdown(run)}",
        "",
        f"{plain_markdown(runbook.title)}. It is {state.state}: {state.done} of {state.steps} steps done, {state.undone} undone; resumed "
        f"{state.resumed} times. Estimated {told[0]} minutes, taken {told[1]:.1f}.",
        "",
        "## Estimate and actual",
        "",
        "| Step | Way | Estimated minutes | Taken minutes |",
        "|---|---|---|---|",
        *(
            f"| `{in_code(r['step'])}` | {'back' if r['is_back'] else 'there'} | {r['estimated_minutes']} | {r['taken_minutes']:.1f} |"
            for r in rows
        ),
        "",
        "## What went wrong",
        "",
        *(_faults(records) or ["Nothing stopped it."]),
        "",
        "## Who decided and who did it",
        "",
        *(_names(records) or ["Nobody was asked."]),
        "",
    ]
    return "\n".join(lines)


def _faults(records: Sequence[Record]) -> list[str]:
    held = (r for r in records if r.kind in ("fault", "undo-fault"))
    return [f"- {r.at}, `{in_code(r.step)}`: {plain_markdown(' '.join(map(str, r.body.get('faults', ()))))}" for r in held]


def _names(records: Sequence[Record]) -> list[str]:
    made: list[str] = []
    for r in records:
        facts: Mapping[str, Any] = r.body if r.kind == "late" else r.body.get("facts", {}) if r.kind in ("effect", "undo-effect") else {}
        if facts.get("by"):
            remark = f": {plain_markdown(facts['remark'])}" if facts.get("remark") else ""
            made.append(f"- {r.at}, `{in_code(r.step)}`: {plain_markdown(facts['by'])} ({plain_markdown(facts['how'])}){remark}")
    return made
