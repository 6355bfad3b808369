"""When each step of the night begins: the steps run one after another, so each begins when those before it should be over.

T is the beginning of the freeze: from then on the services are away. What comes before is T minus, what comes after is T plus.
Hypercare and decommissioning are days later and have no place in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from migration.runbooks.model import Phase, Runbook, Step

AWAY = (Phase.FREEZE, Phase.COPY, Phase.VERIFY, Phase.CUT_OVER)
"""The phases in which the services are away from their users."""
_BEFORE = (Phase.PRE_CHECKS, Phase.GO_NO_GO)


@dataclass(frozen=True, slots=True)
class Slot:
    """One step of the night: `offset` is minutes from T, and `at` the time, None while the window is not agreed."""

    step: Step
    offset: int
    minutes: int
    at: datetime | None

    @property
    def when(self) -> str:
        """As people say it: T-2 h 15 min."""
        hours, minutes = divmod(abs(self.offset), 60)
        length = " ".join(p for p in (f"{hours} h" if hours else "", f"{minutes} min" if minutes or not hours else "") if p)
        return "T" if not self.offset else f"T{'-' if self.offset < 0 else '+'}{length}"


def timeline(runbook: Runbook, measured: Mapping[str, int] | None = None) -> tuple[Slot, ...]:
    """The steps from the pre-checks to the cut over, in order. `measured` are minutes by kind that replace the estimates."""
    held = [(s, (measured or {}).get(s.kind, s.minutes)) for s in runbook.steps if s.phase in (*_BEFORE, *AWAY)]
    offset = -sum(minutes for s, minutes in held if s.phase in _BEFORE)
    made: list[Slot] = []
    for step, minutes in held:
        at = runbook.window.opens + timedelta(minutes=offset) if runbook.window else None
        made.append(Slot(step, offset, minutes, at))
        offset += minutes
    return tuple(made)


def minutes_away(runbook: Runbook) -> int:
    """For how many minutes the services are away, by the estimates."""
    return sum(s.minutes for s in runbook.steps if s.phase in AWAY)


def minutes_back(steps: Iterable[Step]) -> int:
    """How many minutes it takes to undo these steps, by the estimates."""
    return sum(s.undo_minutes for s in steps)
