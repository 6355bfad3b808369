"""Options that commands share, spelt once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer


def _or_before(context: typer.Context, param: typer.CallbackParam, value: object) -> object:
    """What was written after the sub-command, else what was written before it: `assess -w DIR list` is `assess list -w DIR`."""
    before = cast("dict[str, object]", context.parent.params) if context.parent else {}
    name = param.name or ""
    source = context.get_parameter_source(name)
    is_written = source is not None and source.name == "COMMANDLINE"
    return before.get(name, value) if not is_written else value


WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        help="Folder that holds the estate and everything derived.",
        envvar="UNLESS_WORKSPACE",
        callback=_or_before,
        readable=False,  # what cannot be read is told by the room that reads it, with what to do
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.", callback=_or_before)]
LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library",
        help="Folder that holds the public data, Azure's types among it; else that of unless.toml, else the one in the user's cache.",
        envvar="UNLESS_LIBRARY",
        callback=_or_before,
        show_default=False,
    ),
]
DEFAULT_WORKSPACE = Path(".unless")
