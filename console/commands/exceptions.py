"""`unless exceptions`: who waived what, until when, and which entries of the register fail."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, say, table
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from policies.model import Subject
    from policies.standing import Standing

OnOption = Annotated[str, typer.Option("--on", help="As on this day, YYYY-MM-DD; today in London unless given.", show_default=False)]
FileOption = Annotated[
    Path | None, typer.Option("--exceptions", help="Another exception register than the workspace's.", show_default=False, readable=False)
]
_COLUMNS = ("id", "state", "days_left", "expires_on", "approver", "requester", "controls", "subjects", "fails")


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("exceptions")(exceptions)


def exceptions(
    *, file: FileOption = None, on: OnOption = "", as_json: JsonOption = False, workspace: WorkspaceOption = DEFAULT_WORKSPACE
) -> None:
    """List the exception register: what each entry waives, who approved it, the days it has left, and which controls it fails.

    The plan is read too, when there is one, for the contracts that bound an entry.

    Ends with 0, with 1 when an entry fails a mandatory control, with 3 when none fails and one cannot be told.
    """
    from policies.register import read_register
    from policies.standing import standings

    held = open_workspace(workspace) if file is None or (workspace / "unless.toml").is_file() else None
    named = file or (held.exceptions if held else None)
    if named is None or (file is None and not named.is_file()):
        fail([f"There is no exception register at {named}, so nothing is waived. Name one with --exceptions."], Exit.CANNOT_TELL)
    read = read_register(named)
    found = standings(read, _workloads(held), _day(on, held))
    table([asdict(s) for s in found] if as_json else [_row(s) for s in found], _COLUMNS, as_json=as_json)
    if not as_json:
        failing = sum(s.blocks for s in found)
        say(f"{len(found)} {'entry' if len(found) == 1 else 'entries'}, {failing} of which {'fails' if failing == 1 else 'fail'}.")
    if any(s.blocks for s in found):
        raise typer.Exit(Exit.FOUND)
    if any(s.unknown for s in found):
        raise typer.Exit(Exit.CANNOT_TELL)


def _row(standing: Standing) -> dict[str, Any]:
    held: dict[str, Any] = {c: getattr(standing, c) for c in _COLUMNS}
    return held | {c: ", ".join(held[c]) for c in ("controls", "subjects", "fails")}


def _workloads(held: Workspace | None) -> tuple[Subject, ...]:
    """The plan's subjects. Raises PoliciesError when the plan cannot be read."""
    from policies.read.recognise import read_file

    plan = held.path("plan.json") if held else None
    return read_file(plan).subjects if plan is not None and plan.is_file() else ()


def _day(written: str, held: Workspace | None) -> date:
    from policies.waivers import london_day

    if not written:
        return (held.settings.estate.on if held else None) or london_day(datetime.now(UTC))
    try:
        return date.fromisoformat(written)
    except ValueError:
        fail([f"--on {written}: is not a date. Write it as 2026-11-22."], Exit.USAGE)
