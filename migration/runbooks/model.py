"""The runbook: one object that is read, signed and executed. Frozen; its digest is of its content, not of its layout."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

FORMAT = "cloud-unless/runbook/1"


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
    needs. `minutes` is an estimate. `subject` is the id of the workload, share, server or database that it is about.
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


@dataclass(frozen=True, slots=True)
class Runbook:
    """The steps of one wave, in the order in which they run. `plan_digest` is of the plan it was compiled from."""

    id: str
    wave_id: str
    title: str
    starts: date
    ends: date
    plan_digest: str
    workloads: Mapping[str, str]
    steps: tuple[Step, ...]

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
