"""`unless providers`: pretend providers, with which the real Pulumi CLI runs the stacks against the pretend Azure."""

from __future__ import annotations

import typer

from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import note, say, show_json
from console.workspace import open_workspace


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(providers)


def providers(as_json: JsonOption = False, workspace: WorkspaceOption = DEFAULT_WORKSPACE) -> None:
    """Write the pretend providers into the workspace and say which folder to put on PATH for `pulumi preview` and `pulumi up`.

    Their pretend Azure is a file of its own, apart from that of `unless rehearse`: remove it to begin anew.
    """
    from rehearsal.providers import launchers

    opened = open_workspace(workspace)
    folder, file = opened.path("rehearsal", "pulumi", "bin").resolve(), opened.path("rehearsal", "pulumi", "azure.jsonl").resolve()
    written = launchers.write(folder, file)
    if as_json:
        show_json({"folder": str(folder), "cloud": str(file), "providers": [str(p) for p in written]})
        return
    say(str(folder))
    note(
        f"Put this folder first on PATH, for this terminal only. The pretend Azure is {file}. Do not use it with the state of a real stack."
    )
