"""`unless report`: one page for a director."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, note, say, show_json
from console.workspace import Workspace, open_workspace
from inventory.whole import write_whole

if TYPE_CHECKING:
    from console.report import Inputs
    from inventory.model import Estate

OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; the workspace's report.html when left out.")]


def register(app: typer.Typer) -> None:
    """Add `report`."""
    app.command("report")(report)


def report(workspace: WorkspaceOption = DEFAULT_WORKSPACE, output: OutputOption = None, as_json: JsonOption = False) -> None:
    """Write the report: one self-contained HTML page that a director can read, print and pass on.

    Made from the workspace's files alone. What has not been done yet (no plan, no check) is said on the page. With
    --json the figures of the page are printed as well.
    """
    held = open_workspace(workspace)
    inputs = _inputs(held)
    file = written(held, inputs, output)
    if as_json:
        show_json(_figures(inputs) | {"report": file})
        return
    for sentence in _figures(inputs)["summary"]:
        note(sentence)
    say(f"The report is in {file}. Open it in a browser, or print it from there.")


def written(held: Workspace, inputs: Inputs | None = None, output: Path | None = None) -> Path:
    """Write the page from what the workspace holds, and say where it is."""
    from console.report import render

    file = output or held.path("report.html")
    _write(file, render(inputs or _inputs(held)))
    return file


def _inputs(held: Workspace) -> Inputs:
    from console.report import read_inputs

    return read_inputs(held.folder, held.settings.council.name, held.on, _estate(held))


def _estate(held: Workspace) -> Estate | None:
    from inventory.store import open_store

    if not held.settings.estate.url and not held.path("estate.sqlite").exists():
        return None
    with open_store(held.estate_url) as store:
        return store.load()


def _write(file: Path, page: str) -> None:
    try:
        write_whole(file, page)
    except OSError as wrong:
        fail([f"{file} cannot be written: {wrong.strerror or wrong}. Name another file with --output."])


def _figures(inputs: Inputs) -> dict[str, Any]:
    from console.report.money import after
    from console.report.portfolio import portfolio
    from console.report.schedule import schedule
    from console.report.summary import paragraphs
    from console.report.unknowns import decisions, gaps
    from console.report.verdicts import check, exceptions

    held, waves, verdicts = portfolio(inputs), schedule(inputs), check(inputs)
    return {
        "summary": paragraphs(inputs),
        "decisions": decisions(inputs),
        "unknown": gaps(inputs),
        "readiness": held.by_readiness if held else None,
        "dispositions": held.by_disposition if held else None,
        "waves": waves.waves if waves else None,
        "cost_after": after(inputs),
        "verdicts": verdicts.totals if verdicts else None,
        "exceptions": exceptions(inputs),
    }
