"""`unless bootstrap`: what `pulumi up` needs on its first day, as a template that Azure shows and carries out."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.exits import Exit
from console.options import JsonOption
from console.output import fail, note, say, show_json, table
from console.workspace import WorkspaceError

if TYPE_CHECKING:
    from stacks.bootstrap import BootstrapSettings

SettingsArgument = Annotated[
    Path, typer.Argument(metavar="SETTINGS.toml", help="Names, places and whom to trust (docs/guides/bootstrap.md).")
]
OutputOption = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the template goes.")]
PipelineOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where the workflow of GitHub Actions goes; else landing-zone.github.yml beside the template."),
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Write over a workflow that differs, such as one that somebody edited.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(bootstrap)


def bootstrap(
    settings: SettingsArgument = Path("bootstrap.toml"),
    output: OutputOption = Path("bootstrap.template.json"),
    pipeline: PipelineOption = None,
    replace: ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the template of what `pulumi up` needs on its first day: state, its key, and identities that need no stored secret.

    Nothing is asked of Azure. The lines to run are printed: the first shows what would change, the second asks and does it.
    """
    from inventory.whole import write_whole
    from stacks.bootstrap import read_settings, template_of, workflow_of

    if settings.resolve() in {f.resolve() for f in (output, pipeline) if f is not None}:
        fail([f"{settings} holds the settings, and would be written over. Name another file."], Exit.USAGE)
    held = read_settings(settings)
    made, workflow = template_of(held), workflow_of(held)
    target = pipeline or output.with_name("landing-zone.github.yml")
    if workflow is not None:
        _refuse_to_spoil(target, workflow, replace=replace)
    write_whole(output, json.dumps(made, indent=2) + "\n")
    if workflow is not None:
        write_whole(target, workflow)
    rows = list(_rows(made["resources"]))
    lines = _lines(held, output)
    if as_json:
        show_json({"template": str(output), "workflow": str(target) if workflow else None, "makes": rows, "run": lines})
        return
    table(rows, ("type", "name", "why"), as_json=False, title=f"{len(rows)} resources, in {output}")
    if workflow is not None:
        note(f"The workflow is in {target}: read it, and put it under .github/workflows/ of {held.github and held.github.repository}.")
    note("Read it, then run, in this order:")
    for line in lines:
        say(line)


def _refuse_to_spoil(file: Path, text: str, *, replace: bool) -> None:
    """Before anything is written. A file with the same text is left to be written again: nothing is lost."""
    if not file.parent.is_dir():
        raise WorkspaceError(f"{file.parent} is not a folder that is there. Make it, or say another place with --pipeline.")
    if file.is_dir():
        raise WorkspaceError(f"{file} is a folder. Name a file with --pipeline.")
    if file.exists() and not replace and file.read_bytes() != text.encode():
        raise WorkspaceError(f"{file} differs from what would be written, and somebody may have edited it. Say --replace to write over it.")


def _rows(resources: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Each resource, those of a nested template in its place. A grant is shown by its scope: its name is a GUID that Azure works out."""
    rows: list[dict[str, str]] = []
    for resource in resources:
        properties = resource.get("properties", {})
        if "template" in properties:
            rows += _rows(properties["template"]["resources"])
            continue
        why = properties.get("description") or properties.get("notes") or properties.get("subject") or ""
        rows.append({"type": resource["type"], "name": resource.get("scope", resource["name"]), "why": why})
    return rows


def _lines(settings: BootstrapSettings, output: Path) -> list[str]:
    from stacks.bootstrap.pipeline import backend_of
    from stacks.bootstrap.template import KEY

    common = f"--name cloud-unless-bootstrap --subscription {settings.subscription} --location {settings.region}"
    deployment = f"{common} --template-file {shlex.quote(str(output))}"
    return [
        f"az deployment sub what-if {deployment}",
        f"az deployment sub create --confirm-with-what-if {deployment}",
        f"pulumi login '{backend_of(settings)}'",
        f"pulumi stack init landing-zone --secrets-provider 'azurekeyvault://{settings.key_vault}.vault.azure.net/keys/{KEY}'",
    ]
