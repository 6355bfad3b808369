"""The runbook: one object that is read, signed and executed. Frozen; its digest is of its content, not of its layout."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

FORMAT = "cloud-unless/runbook/2"


class Phase(StrEnum):
    """The parts of a wave's runbook, in their order."""

    PRE_CHECKS = "pre-checks"
    GO_NO_GO = "go/no-go"
    FREEZE = "freeze"
    COPY = "copy"
    VERIFY = "verify"
    CUT_OVER = "cut over"
    HYPERCARE = "hypercare"
    DECOMMISSION = "decommission"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    `kind` names what does it (`migration.steps.kinds`) with these `parameters`; `do`, `verify` and `undo` say the same to
    a person. A step that changes something has an `undo` or a `no_undo_because`. `after` are ids of earlier steps it
    needs. `minutes` and `undo_minutes` are estimates. `subject` is the id of the workload, share, server or database that it is about.
    `role` is responsible: it does the step; `accountable` answers for it, `consulted` are asked before, `informed` are told, in the words
    of `tell`. `precondition` must hold before it begins; `evidence` says what is kept of it.
    """

    id: str
    title: str
    phase: Phase
    role: str
    kind: str
    parameters: Mapping[str, Any]
    do: str
    verify: str
    undo: str = ""
    no_undo_because: str = ""
    after: tuple[str, ...] = ()
    minutes: int = 5
    workload_id: str = ""
    subject: str = ""
    is_point_of_no_return: bool = False
    accountable: str = ""
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    precondition: str = ""
    evidence: str = ""
    tell: str = ""
    undo_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """The hours in which the services of a wave may be away, both aware; the last `contingency_minutes` are kept for what goes wrong."""

    opens: datetime
    closes: datetime
    contingency_minutes: int = 0

    @property
    def usable_until(self) -> datetime:
        """When the contingency begins."""
        return self.closes - timedelta(minutes=self.contingency_minutes)


@dataclass(frozen=True, slots=True)
class Runbook:
    """The steps of one wave, in the order in which they run. `plan_digest` is of the plan it was compiled from.

    `starts` and `ends` are the days of the wave; `window` the hours within them, None until somebody has agreed them.
    """

    id: str
    wave_id: str
    title: str
    starts: date
    ends: date
    plan_digest: str
    workloads: Mapping[str, str]
    steps: tuple[Step, ...]
    window: Window | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical content: what is signed, executed and replayed."""
        return "sha256:" + hashlib.sha256(canonical(self)).hexdigest()

    @property
    def point_of_no_return(self) -> Step | None:
        """The first step whose undo is a restore from backup, if there is one."""
        return next((s for s in self.steps if s.is_point_of_no_return), None)


def as_data(runbook: Runbook) -> dict[str, Any]:
    """The runbook as plain JSON data, without format and digest."""
    return json.loads(json.dumps(asdict(runbook), default=str))


def canonical(runbook: Runbook) -> bytes:
    """The bytes that the digest is of: JSON with sorted keys and no spaces."""
    return json.dumps(as_data(runbook), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
