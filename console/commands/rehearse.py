"""`unless rehearse STACK`: what a deployment would do, with no cloud and no Pulumi CLI."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.azure_types import LibraryOption, told_of_rehearsal, type_files
from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import err, fail, note, out, show_json
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from rehearsal import Preview

_COLOURS = {"create": "green", "update": "yellow", "replace": "magenta", "delete": "red", "read": "cyan", "import": "cyan"}


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(rehearse)


def rehearse(  # noqa: PLR0913 - one parameter for each option
    stack: Annotated[str, typer.Argument(help="The stack: landing-zone, workloads, microsoft365 or dynamics.")],
    *,
    project: Annotated[
        Path | None, typer.Option(help="Folder of the Pulumi project; by default this folder, else cloud-unless's own.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only look: keep no state; what is not yet made is unknown.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show properties and their values.")] = False,
    config: Annotated[list[str] | None, typer.Option(help="A configuration value KEY=VALUE; may be given many times.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of a program that fails unexpectedly.")] = False,
    as_json: JsonOption = False,
    library: LibraryOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Rehearse a stack: run its unmodified Pulumi program against a pretend cloud and show what would change.

    State is kept in the workspace in Pulumi's own format, so a second rehearsal shows only what is new.
    Where Azure's type files are at hand, inputs that do not fit them are told, and the exit code is 1.
    """
    from rehearsal import ProgramError

    opened, place, given = open_workspace(workspace), project_folder(project), _given(config or [])
    files = type_files(library, opened)
    if not given:
        _has_settings(place, stack)
    try:
        found = rehearsed(opened, place, stack, given, preview_only=preview)
    except ProgramError as wrong:
        _failed(wrong.preview, as_json, debug)
        fail(wrong.faults)
    if as_json:
        show_json(found.to_json())
    else:
        _show(found, diff)
    raise typer.Exit(told_of_rehearsal(found.to_json(), files))


def rehearsed(opened: Workspace, project: Path, stack: str, config: Mapping[str, str], *, preview_only: bool = False) -> Preview:
    """Rehearse the stack against the workspace's state and write its preview. Raises ProgramError when the program is wrong.

    Unless it is only looked at, networks that it gave to workloads are written down beside their requests.
    """
    from console.networks import keep_networks
    from rehearsal import rehearse as run
    from rehearsal.checkpoint import write_json

    config = {**_requests(opened, project, stack), **config}
    found = run(project, stack, opened.path("rehearsal", f"{stack}.json"), config=config, preview_only=preview_only)
    write_json(opened.path("rehearsal", f"{stack}.preview.json"), found.to_json())
    if not preview_only and (file := keep_networks(found, project)):
        note(f"Wrote the networks of new workloads to {file}. Commit it with the requests: it keeps them where they are.")
    return found


def _requests(opened: Workspace, project: Path, stack: str) -> dict[str, str]:
    """Where a stack of workloads finds its requests: with the workspace that planned them, when that is not the project's own."""
    import yaml

    file = project / f"Pulumi.{stack}.yaml"
    if opened.project == project.resolve() or not file.is_file() or not any(opened.requests.glob("*.toml")):
        return {}
    try:
        held: Any = yaml.safe_load(file.read_text("utf-8"))
        named = held["config"]["cloud-unless:stack"]
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError):
        return {}  # the rehearsal says what is wrong with the file
    return {"cloud-unless:requests": str(opened.requests.resolve())} if named == "workloads" else {}


def project_folder(given: Path | None) -> Path:
    """The folder given, else this one, else the one that holds this program, whichever has Pulumi.yaml."""
    own = Path(__file__).resolve().parents[2]
    here = Path.cwd()
    return given or next((p for p in (here, own) if (p / "Pulumi.yaml").is_file()), here)


def _has_settings(project: Path, stack: str) -> None:
    """A stack without its settings file is most likely a slip of the pen; what is no project is told by the rehearsal."""
    there = sorted(f.name.removeprefix("Pulumi.").removesuffix(".yaml") for f in project.glob("Pulumi.*.yaml"))
    if there and stack not in there and (project / "Pulumi.yaml").is_file():
        fail([f"There is no stack {stack!r}: {project} has no Pulumi.{stack}.yaml. Stacks here: {', '.join(there)}."])


def _given(config: list[str]) -> dict[str, str]:
    wrong = [c for c in config if "=" not in c]
    if wrong:
        fail((f"--config {c.split('=')[0]}: write KEY=VALUE." for c in wrong), Exit.USAGE)
    return dict(c.split("=", 1) for c in config)


def _show(found: Preview, diff: bool) -> None:
    from rich.text import Text

    from rehearsal.tree import lines

    for told in found.diagnostics:
        if told.severity != "debug":
            note(f"{told.severity}: {told.message}")
    for line in lines(found, values=diff):
        out().print(Text(line.text, style=_COLOURS.get(line.op, "")))


def _failed(found: Preview, as_json: bool, debug: bool) -> None:
    from rich.text import Text

    if as_json:
        show_json(found.to_json())
    for told in found.diagnostics:
        if told.severity == "warning" or (debug and told.severity == "debug"):
            err().print(Text(told.message))
