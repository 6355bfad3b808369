"""`unless runbook verify`, `lengths` and `pack`: what a run leaves behind, checked, measured and packed."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, say, show_json, table
from console.shared_runs import runs_of
from console.workspace import open_workspace

RunArgument = Annotated[str, typer.Argument(help="The run, as `unless runbook status` lists it.")]


def verify(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = DEFAULT_WORKSPACE) -> None:
    """Check a run: the journal's chain, and every file at its target by digest.

    Exit 1 when anything differs, 3 when a target cannot be read.
    """
    from console.commands.runbook import hands
    from migration.execution.proof import prove

    held = open_workspace(workspace)
    proof = prove(runs_of(held, run), run, hands(held, yes=False, by="", workers=8))
    if as_json:
        show_json(proof)
    else:
        say(f"{proof.run}: {proof.records} records, the chain is whole; the run is {proof.state}.")
        for copy in proof.copies:
            say(f"{copy.share} at {copy.target}: {copy.files} files, {copy.bytes} bytes, {len(copy.differences)} differences.")
    if proof.differences:
        fail(proof.differences)
    if proof.cannot_tell:
        fail(proof.cannot_tell, Exit.CANNOT_TELL)


def lengths(as_json: JsonOption = False, workspace: WorkspaceOption = DEFAULT_WORKSPACE) -> None:
    """Say how long steps have taken in this workspace's runs and rehearsals, against the estimates: 95th percentiles in minutes by kind."""
    from migration.execution.measured import measured, of_runs
    from migration.runbooks.knowledge import templates

    found = measured(of_runs(runs_of(open_workspace(workspace))))
    estimates: dict[str, list[int]] = {}
    for t in templates():
        estimates.setdefault(t.kind, []).append(t.minutes)
    rows = [
        {
            "kind": kind,
            "times": n,
            "minutes": found.there[kind],
            "estimates": _span(estimates.get(kind, [])),
            "undo_minutes": found.back.get(kind, ""),
        }
        for kind, n in sorted(found.times.items())
    ]
    table(rows, ("kind", "times", "minutes", "estimates", "undo_minutes"), as_json=as_json, title="What steps have taken")


def pack(
    run: RunArgument,
    output: Annotated[Path | None, typer.Option("--output", help="Where to write it. Default: RUN.evidence.zip in the workspace.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="The private SSH key that signs it; not signed when left out.")] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Pack the evidence of a run into one file: journal, runbook, certificates, manifests, approvals, rehearsal, timings, retrospective.

    `unless verify` checks it, on any machine.
    """
    from migration.evidence.pack import make

    held = open_workspace(workspace)
    out = output or held.path(f"{run}.evidence.zip")
    made = make(runs_of(held), run, out, datetime.now(UTC), gates=held.path("runbooks", "gates.toml"), key=key)
    how = ", signed" if key else ""
    say(f"{run} is {made['state']}: {len(made['files'])} files{how}. Check it with: unless verify {shlex.quote(str(out))}")


def _span(minutes: list[int]) -> str:
    """The estimates of one kind of step, from the least to the most."""
    return "" if not minutes else str(min(minutes)) if min(minutes) == max(minutes) else f"{min(minutes)}-{max(minutes)}"
