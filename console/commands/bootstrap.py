"""`unless bootstrap`: what `pulumi up` needs on its first day, as templates that Azure shows and carries out."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.azure_cli import carry_out, deployment, what_if
from console.exits import Exit
from console.options import JsonOption
from console.output import fail, note, say, show_json, table
from console.workspace import WorkspaceError

if TYPE_CHECKING:
    from stacks.bootstrap import BootstrapSettings

ACCESS = "bootstrap.access.json"


class Part(StrEnum):
    """What is carried out at once: each is a deployment of its own, at a place of its own."""

    STATE = "state"
    ACCESS = "access"


SettingsArgument = Annotated[
    Path, typer.Argument(metavar="SETTINGS.toml", help="Names, places and whom to trust (docs/guides/bootstrap.md).")
]
OutputOption = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE", help=f"Where the template of the state goes; that of access is {ACCESS} beside it."),
]
PipelineOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where the workflow of GitHub Actions goes; else landing-zone.github.yml beside the template."),
]
AzurePipelineOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where the pipeline of Azure DevOps goes; else landing-zone.azure-devops.yml beside the template."),
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Write over a pipeline that differs, such as one that somebody edited.")]
ApplyOption = Annotated[
    Part | None,
    typer.Option(
        "--apply", help="Have the Azure CLI show what would change, ask, and do it, as whoever is signed in: state first, then access."
    ),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(bootstrap)


def bootstrap(
    settings: SettingsArgument = Path("bootstrap.toml"),
    output: OutputOption = Path("bootstrap.template.json"),
    pipeline: PipelineOption = None,
    azure_pipeline: AzurePipelineOption = None,
    replace: ReplaceOption = False,
    apply: ApplyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the templates of what `pulumi up` needs on its first day: state, its key, identities without a stored secret, and their roles.

    Nothing is asked of Azure without --apply. The lines to run are printed: each first shows what would change, then asks and does it.
    """
    from stacks.bootstrap import pipelines_of, read_settings

    if apply and as_json:
        fail(["--json and --apply do not go together: the Azure CLI asks on the terminal."], Exit.USAGE)
    access = output.with_name(ACCESS)
    if settings.resolve() in {f.resolve() for f in (output, access, pipeline, azure_pipeline) if f is not None}:
        fail([f"{settings} holds the settings, and would be written over. Name another file."], Exit.USAGE)
    if output == access:
        fail([f"{output} is where the template of access goes. Name another file."], Exit.USAGE)
    held = read_settings(settings)
    asked = {"landing-zone.github.yml": pipeline, "landing-zone.azure-devops.yml": azure_pipeline}
    pipelines = {asked[name] or output.with_name(name): text for name, text in pipelines_of(held).items()}
    made = _write(held, output, access, pipelines, replace=replace)
    if as_json:
        lines = [shlex.join(line) for line in _lines(held, output, access)]
        show_json({"templates": [str(output), str(access)], "pipelines": [str(p) for p in pipelines], "makes": made, "run": lines})
        return
    _tell(held, made, output, access, list(pipelines))
    if apply:
        _apply(held, apply, output, access)


def _write(
    settings: BootstrapSettings, output: Path, access: Path, pipelines: Mapping[Path, str], *, replace: bool
) -> list[dict[str, str]]:
    """Everything or nothing: what would be spoilt is found before the first file is written. The resources, for people to read."""
    from inventory.whole import write_whole
    from stacks.bootstrap import access_of, template_of

    for file, text in pipelines.items():
        _refuse_to_spoil(file, text, replace=replace)
    templates = {output: template_of(settings), access: access_of(settings)}
    for file, template in templates.items():
        write_whole(file, json.dumps(template, indent=2) + "\n")
    for file, text in pipelines.items():
        write_whole(file, text)
    return [row for template in templates.values() for row in _rows(template["resources"])]


def _tell(settings: BootstrapSettings, made: list[dict[str, str]], output: Path, access: Path, pipelines: list[Path]) -> None:
    from stacks.bootstrap import warnings_of

    table(made, ("type", "name", "why"), as_json=False, title=f"{len(made)} resources, in {output} and {access}")
    for file in pipelines:
        note(f"The pipeline is in {file}: read it, and put it where your repository keeps pipelines (docs/guides/bootstrap.md).")
    for warning in warnings_of(settings):
        note(warning)
    note("Read them, then run, in this order; the two of access once the council's management group is there:")
    for line in _lines(settings, output, access):
        say(shlex.join(line))


def _apply(settings: BootstrapSettings, part: Part, output: Path, access: Path) -> None:
    command = deployment(*(_state(settings, output) if part is Part.STATE else _access(settings, access)))
    if code := carry_out(command, tenant=settings.tenant):
        fail([f"The Azure CLI ended with {code}: read what it said above. Running it again goes on where it stopped."], Exit.FOUND)


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
            rows += [{**row, "name": resource.get("scope", row["name"])} for row in _rows(properties["template"]["resources"])]
            continue
        why = properties.get("description") or properties.get("notes") or properties.get("subject") or ""
        name = properties.get("roleName") or resource.get("scope", resource["name"])
        rows.append({"type": resource["type"], "name": name, "why": why})
    return rows


def _state(settings: BootstrapSettings, file: Path) -> tuple[str, str, list[str], str, Path]:
    return "sub", "cloud-unless-bootstrap", ["--subscription", settings.subscription], settings.region, file


def _access(settings: BootstrapSettings, file: Path) -> tuple[str, str, list[str], str, Path]:
    from stacks.bootstrap.access import parent_of

    return "mg", f"cloud-unless-access-{settings.council}", ["--management-group-id", parent_of(settings)], settings.region, file


def _lines(settings: BootstrapSettings, output: Path, access: Path) -> list[list[str]]:
    from stacks.bootstrap.pipeline import backend_of
    from stacks.bootstrap.template import KEY

    key = f"azurekeyvault://{settings.key_vault}.vault.azure.net/keys/{KEY}"
    return [
        ["az", *what_if(*_state(settings, output))],
        ["az", *deployment(*_state(settings, output))],
        ["pulumi", "login", backend_of(settings)],
        ["pulumi", "stack", "init", "landing-zone", "--secrets-provider", key],
        ["az", *what_if(*_access(settings, access))],
        ["az", *deployment(*_access(settings, access))],
    ]
