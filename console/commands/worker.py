"""`unless worker`: carry out the runs that are left to workers."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from console.options import DEFAULT_WORKSPACE, WorkspaceOption
from console.output import fail, note, say
from console.shared_runs import shared_of
from console.workspace import open_workspace

if TYPE_CHECKING:
    from migration.execution.runs import Outcome
    from migration.steps.model import Question


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(worker)


def worker(
    once: Annotated[bool, typer.Option("--once", help="End when no run wants a worker, instead of waiting for more.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Connections that a copy uses at once.")] = 8,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Carry out runs that were left to workers, one after the other, until it is told to end (Ctrl-C, or SIGTERM).

    As many as wanted can run, on one machine or several, over the database that [runs] names. When one dies, another goes on
    with its run within half a minute. Exit code 1 when the settings name no database or it cannot be used.
    """
    from console.commands.runbook import hands
    from migration.execution.worker import work

    held = open_workspace(workspace)
    shared = shared_of(held)
    if shared is None:
        fail([f"{held.path('unless.toml')} names no database for runs. Give [runs] database (docs/guides/workers.md)."])
    mine = replace(hands(held, yes=False, by="", workers=workers), ask=_nobody)
    signal.signal(signal.SIGTERM, lambda number, frame: mine.stop.set())
    note(f"Worker: {shared.holder}. Waiting for runs.")
    work(shared, held.path("runs"), mine, is_once=once, tell=_tell, warn=_warn)


def _nobody(question: Question) -> NoReturn:
    from migration.steps.model import StepWaitsError

    raise StepWaitsError(
        f"{question.title}: this waits for the {question.role}. Say that it is done, or what is decided: unless runbook answer RUN"
    )


def _tell(outcome: Outcome) -> None:
    s = outcome.status
    where = f" at {s.at_step}" if s.at_step else ""
    say(f"{s.run}: {outcome.answer}{where}, {s.undone if s.undone else s.done} of {s.steps} steps.")
    _warn(outcome.faults)


def _warn(faults: tuple[str, ...]) -> None:
    for line in faults:
        note(line)
