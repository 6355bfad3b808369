"""`unless runbook lag`: how far the databases that a run replicates are behind their sources."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Annotated

import typer

from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, note, table
from console.shared_runs import runs_of
from console.workspace import open_workspace


def lag(
    run: Annotated[str, typer.Argument(help="The run, as `unless runbook status` lists it.")],
    as_json: JsonOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Ask the source of every database that the run replicates how far its target is behind, and whether anybody reads its slot."""
    from migration.execution.lag import lags

    rows, cannot_tell = lags(runs_of(open_workspace(workspace), run), run, os.environ)
    if rows or not cannot_tell:
        columns = ("database", "source", "target", "bytes_behind", "is_followed")
        table([asdict(row) for row in rows], columns, as_json=as_json)
    if not rows and not cannot_tell:
        note("This run replicates no database now.")
    if cannot_tell:
        fail(cannot_tell, Exit.CANNOT_TELL)
    if any(not row.is_followed for row in rows):
        note("A slot that nobody reads keeps the source's WAL until its disk is full: the target's log says why.")
        raise typer.Exit(Exit.FOUND)
