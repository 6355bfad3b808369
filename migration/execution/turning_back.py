"""The latest time at which a wave can still turn back and have its services open again before the window's contingency begins.

latest safe abort = window's end - contingency - the time that it takes to undo what has been begun.

A step may start while it, and its own undoing, still end before that. The way back is taken at its measured 95th percentile, where runs or
rehearsals have measured it, else at the runbook's estimate.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from migration.execution.measured import Measured
from migration.runbooks.model import Runbook, Step
from migration.runbooks.timeline import AWAY


@dataclass(frozen=True, slots=True)
class TurningBack:
    """`latest` is the latest safe abort as things stand; `back_minutes` the length of the way back, `measured_minutes` of it measured."""

    latest: datetime
    back_minutes: int
    measured_minutes: int


def turning_back(runbook: Runbook, begun: Collection[str], measured: Measured) -> TurningBack | None:
    """As things stand, `begun` being the steps that have an intent and are not undone; None while no window is agreed."""
    if runbook.window is None:
        return None
    steps = [s for s in runbook.steps if s.id in begun and s.undo]
    back = sum(_back(s, measured) for s in steps)
    known = sum(measured.back[s.kind] for s in steps if s.kind in measured.back)
    return TurningBack(runbook.window.usable_until - timedelta(minutes=back), back, known)


def is_too_late(runbook: Runbook, step: Step, begun: Collection[str], measured: Measured, now: datetime) -> TurningBack | None:
    """Where the step must not start now: how turning back would stand with it begun. None when it may start.

    Only steps of the night count, up to the point of no return: after it there is no turning back, and before the freeze nothing is away.
    """
    line = runbook.point_of_no_return
    is_past = line is not None and runbook.steps.index(step) > runbook.steps.index(line)
    found = turning_back(runbook, {*begun, step.id}, measured)
    if found is None or is_past or step.phase not in AWAY:
        return None
    return found if now + timedelta(minutes=_there(step, measured)) > found.latest else None


def _there(step: Step, measured: Measured) -> int:
    return measured.there.get(step.kind, step.minutes)


def _back(step: Step, measured: Measured) -> int:
    return measured.back.get(step.kind, step.undo_minutes)
