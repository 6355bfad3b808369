"""What a kind of step is: parameters, do, verify, undo; and what it has at hand when it runs.

A kind never decides whether to run: the interpreter does, from the journal. `do` and `undo` must be safe to run
again with the same token, because a process can be killed after the effect and before the record of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from migration.errors import MigrationError

Facts = dict[str, Any]


class StepError(MigrationError):
    """A step could not be done, verified or undone; the run stops there and can be resumed."""


class StepWaitsError(MigrationError):
    """A step needs a person who is not there; the run waits there and can be resumed."""


class Found(StrEnum):
    """What reading back says."""

    DONE = "done"
    NOT_DONE = "not done"
    UNDONE = "undone"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What was found, why in a sentence, and the facts it rests on."""

    found: Found
    reason: str
    facts: Facts = field(default_factory=dict[str, Any])


class Parameters(BaseModel):
    """Parameters of a kind of step; misspelt ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask a person: `kind` is `task` (was it done?) or `decision` (go or no-go?)."""

    kind: str
    title: str
    text: str
    role: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A named person's answer, and how it was given (`typed`, `--yes`, `signed`); of signed ones the digests of what was signed."""

    is_yes: bool
    by: str
    how: str
    remark: str = ""
    signed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """What a step has at hand.

    `folder` is the run's own, `token` marks this step's effects and is the same on every attempt, `effect` is what
    the journal holds of an earlier attempt's effect. `environment` has the credentials that parameters name.
    `ask` raises StepWaitsError when nobody can answer. `say` takes one progress line. `stop` is set when a person interrupts.
    """

    folder: Path
    run: str
    step: str
    token: str
    role: str
    title: str
    text: str
    environment: Mapping[str, str]
    now: Callable[[], datetime]
    ask: Callable[[Question], Reply]
    say: Callable[[str], None]
    stop: threading.Event
    effect: Facts | None = None
    workers: int = 8


P = TypeVar("P", bound=Parameters)


def checked(parameters: type[P], held: Mapping[str, Any]) -> P:
    """A step's parameters. Raises StepError with each that this version does not take: the runbook may be of an older one."""
    try:
        return parameters.model_validate(dict(held))
    except ValidationError as wrong:
        faults = ((".".join(map(str, e["loc"])) or "all", e["msg"].removeprefix("Value error, ")) for e in wrong.errors())
        raise StepError(
            *(
                f"The runbook's parameter {name}: {what}. Undo with the version that began the run, or start a new run."
                for name, what in faults
            )
        ) from wrong


@dataclass(frozen=True, slots=True)
class Kind(Generic[P]):
    """One kind of step. `changes` says that it changes something outside the journal, so it needs an undo or a reason."""

    name: str
    changes: bool
    parameters: type[P]
    do: Callable[[Bench, P], Facts]
    verify: Callable[[Bench, P], ReadBack]
    undo: Callable[[Bench, P], Facts] | None = None
    verify_undone: Callable[[Bench, P], ReadBack] | None = None
