"""`unless bootstrap`: what `pulumi up` needs on its first day, as a template that Azure shows and carries out."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import JsonOption
from console.output import note, say, show_json, table

if TYPE_CHECKING:
    from stacks.bootstrap import BootstrapSettings

SettingsArgument = Annotated[
    Path, typer.Argument(metavar="SETTINGS.toml", help="Names, places and whom to trust (docs/guides/bootstrap.md).")
]
OutputOption = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the template goes.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(bootstrap)


def bootstrap(
    settings: SettingsArgument = Path("bootstrap.toml"),
    output: OutputOption = Path("bootstrap.template.json"),
    as_json: JsonOption = False,
) -> None:
    """Write the template of what `pulumi up` needs on its first day: state, its key, and identities that need no stored secret.

    Nothing is asked of Azure. The lines to run are printed: the first shows what would change, the second asks and does it.
    """
    from stacks.bootstrap import read_settings, template_of

    held = read_settings(settings)
    made = template_of(held)
    output.write_text(json.dumps(made, indent=2) + "\n", "utf-8")
    rows = list(_rows(made["resources"]))
    lines = _lines(held, output)
    if as_json:
        show_json({"template": str(output), "makes": rows, "run": lines})
        return
    table(rows, ("type", "name", "why"), as_json=False, title=f"{len(rows)} resources, in {output}")
    note("Read it, then run, in this order:")
    for line in lines:
        say(line)


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
    from stacks.bootstrap.template import CONTAINER, KEY

    common = f"--name cloud-unless-bootstrap --subscription {settings.subscription} --location {settings.region}"
    deployment = f"{common} --template-file {shlex.quote(str(output))}"
    return [
        f"az deployment sub what-if {deployment}",
        f"az deployment sub create --confirm-with-what-if {deployment}",
        f"pulumi login 'azblob://{CONTAINER}?storage_account={settings.storage_account}'",
        f"pulumi stack init landing-zone --secrets-provider 'azurekeyvault://{settings.key_vault}.vault.azure.net/keys/{KEY}'",
    ]
