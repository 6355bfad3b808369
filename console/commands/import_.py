"""`unless import FILE…`: read the council's files into the estate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import counted, err, note, plain, progress, say, show_json
from console.workspace import Workspace, open_workspace
from inventory.whole import write_whole

if TYPE_CHECKING:
    from inventory.importing import FileResult, ImportResult
    from inventory.model import Fault

_SHOWN = 40


def register(app: typer.Typer) -> None:
    """Add `unless import`."""
    app.command("import")(import_)


def _path(text: str) -> Path:
    """A path as it was typed: an empty one, such as an unset variable leaves, would mean this folder."""
    if not text.strip():
        raise typer.BadParameter("A file's name is empty. Name a file or a folder; this folder is called .")
    return Path(text)


def import_(
    files: Annotated[list[Path], typer.Argument(help="Files to read, or folders whose files to read.", show_default=False, parser=_path)],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Read files into the estate: RVTools workbooks, Azure Migrate CSVs, your spreadsheets, the exception register.

    Each is recognised by its headings (docs/guides/import.md lists them). Good rows are kept; every bad cell is named
    with its file, sheet, row and column and what to do, and the exit code is 1. A file imported again replaces what a
    file of the same name said before; the same file imported again changes nothing.
    """
    place = open_workspace(workspace)
    result = imported(place, files)
    if as_json:
        show_json(_as_json(result))
    else:
        _print(result, place.path("faults.json"))
    if result.faults:
        raise typer.Exit(Exit.FOUND)


def imported(place: Workspace, files: Sequence[Path]) -> ImportResult:
    """Read the files into the workspace's estate, with a progress bar, and write faults.json."""
    from inventory.importing import import_files
    from inventory.store import open_store

    with open_store(place.estate_url) as store, progress("Reading", total=None) as bar:
        result = import_files(
            store, files, _today(), beside=place.project, on_step=lambda step: bar.update(bar.task_ids[0], description=escape(step))
        )
        write_faults(place.path("faults.json"), store.faults())
    return result


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the day on which a person reads the file, as they would write it


def write_faults(path: Path, faults: Mapping[str, Iterable[Fault]]) -> None:
    """Write `faults.json`: every file that has any, and those."""
    held = {"format": "cloud-unless/faults/1", "files": {file: [plain(f) for f in of] for file, of in sorted(faults.items()) if of}}
    write_whole(path, json.dumps(held, indent=2, ensure_ascii=False) + "\n")


def _as_json(result: ImportResult) -> Mapping[str, object]:
    return {
        "files": [
            {"file": f.file, "is_unchanged": f.is_unchanged, "sheets": f.sheets, "records": f.counts, "faults": f.faults}
            for f in result.files
        ],
        "records": result.counts,
        "other_faults": {file: len(of) for file, of in result.other_faults.items()},
    }


def _print(result: ImportResult, faults_file: Path) -> None:
    for file in result.files:
        say(f"{file.file}: {_summary(file)}")
        for sheet in () if file.is_refused else file.sheets:
            where = f"sheet {sheet.sheet}" if sheet.sheet else "table"
            said = f"{sheet.layout}, {counted(sheet.rows, 'row')}" if sheet.layout else sheet.note
            say(f"  {where}: {said}" + (f". {sheet.note}" if sheet.layout and sheet.note else ""))
    for kind, counts in result.counts.items():
        say(f"{kind.replace('_', ' ')}: " + ", ".join(f"{n:,} {how}" for how, n in counts.items() if n))
    _print_faults(result, faults_file)


def _summary(file: FileResult) -> str:
    if file.is_unchanged:
        return "the same as when it was last imported; nothing changed."
    if not file.is_used:
        return "nothing in it was used."
    said = [f"{n:,} {how}" for how, n in file.counts.items() if n]
    return f"records {', '.join(said) or 'none'}."


def _print_faults(result: ImportResult, faults_file: Path) -> None:
    shown = result.faults[:_SHOWN]
    if shown:
        kept = "What is good was kept" if any(f.is_used for f in result.files) else "Nothing was taken"
        note(f"{counted(len(result.faults), 'fault')}. {kept}; mend what follows, and import again:")
    for fault in shown:
        err().print(f"  {fault}", markup=False)
    if len(result.faults) > _SHOWN:
        note(f"  … and {len(result.faults) - _SHOWN:,} more: unless inventory faults, or {faults_file}")
    if result.other_faults:
        others = sum(len(of) for of in result.other_faults.values())
        note(f"{counted(others, 'fault')} of files imported earlier remain: unless inventory faults")
