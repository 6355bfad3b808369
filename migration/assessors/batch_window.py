"""Whether the nightly batch leaves room: a longer way to what it reads lengthens it."""

from __future__ import annotations

from inventory.model import Estate, Workload
from migration.assessors.finding import from_source
from migration.disposition import decide
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "batch-window"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding on the batch of a workload that moves; none where the register names none, or says that it takes no time."""
    if not workload.batch_hours or not decide(workload, estate, terms).moves_servers:
        return ()
    return (_finding(workload, workload.batch_hours, estate, terms),)


def _finding(w: Workload, takes: float, estate: Estate, terms: Terms) -> Finding:
    least, left = terms.knowledge.operation.least_room_percent, w.batch_room_percent
    lines = from_source(w.sources, "batch_hours")
    if left is None:
        reason = f"The nightly batch of {w.name} takes {takes:g} hours, and nobody has said within how many it must end."
        return _condition(w, reason, "Ask its owner by when what it makes is needed.", "find-out", terms, lines)
    evidence = (*lines, *from_source(w.sources, "batch_limit_hours"))
    said = f"The nightly batch of {w.name} takes {takes:g} of the {w.batch_limit_hours:g} hours that it may"
    if left < 0:
        return _condition(w, f"{said}: it is late already.", "Shorten it before anything moves.", "tie-condition", terms, evidence)
    if left < least:
        reason = f"{said}, and {least:g} % of them should be left for a longer way to what it reads."
        return _condition(w, reason, "Measure it in a rehearsal with all that it reads in its place.", "tie-condition", terms, evidence)
    if behind := _left_behind(w, estate, terms):
        reason = f"{said}, and reads over a longer way what stays: {', '.join(behind)}."
        return _condition(w, reason, "Measure it in a rehearsal with what stays where it is.", "tie-condition", terms, evidence)
    return Finding(NAME, w.id, w.id, Effect.NONE, f"{said}: there is room.", "", None, evidence)


def _left_behind(w: Workload, estate: Estate, terms: Terms) -> list[str]:
    """What it needs and what does not move with it."""
    needed = {d.to_id for d in estate.dependencies_by_workload.get(w.id, ()) if d.from_id == w.id}
    return sorted(i for i in needed if (o := estate.workload_by_id.get(i)) and not decide(o, estate, terms).moves_servers)


def _condition(w: Workload, reason: str, remedy: str, effort: str, terms: Terms, lines: tuple[str, ...]) -> Finding:
    return Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts[effort], lines)
