"""`unless library diff`: what an upgrade of the Azure Landing Zones library changes, of whom, and what to do first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, LibraryOption, WorkspaceOption
from console.output import fail, say, show_json
from console.public_data import library_folder

_HELP = """Say what an upgrade of the Azure Landing Zones library changes, of whom, and what to do first.

BEFORE and AFTER are published versions, looked for at --library by the digest of their files, or folders that hold platform/. Nothing is
asked of Azure and nothing is changed.

Ends with 0 when nothing is breaking, 1 when something is.
"""
_BUILT_INS = "azure-policy"
ReleaseArgument = Annotated[str, typer.Argument(help="A version such as 2026.04.2, or a folder that holds platform/.")]
BuiltInsOption = Annotated[
    Path | None,
    typer.Option("--built-ins", help="A copy of Azure/azure-policy; azure-policy at --library unless given.", show_default=False),
]


def register(group: typer.Typer) -> None:
    """Add the command to the group `library`."""
    group.command("diff", help=_HELP)(diff)


def diff(  # noqa: PLR0913 - one parameter for each option
    before: ReleaseArgument,
    after: ReleaseArgument,
    *,
    library: LibraryOption = None,
    built_ins: BuiltInsOption = None,
    member: Annotated[str, typer.Option(help="The member of the library whose versions are compared.")] = "platform/alz",
    also: Annotated[list[str] | None, typer.Option(help="Another member that is read with it (may be repeated).")] = None,
    own: Annotated[Path | None, typer.Option(help="The council's own folder, laid on both.", show_default=False)] = None,
    architecture: Annotated[str, typer.Option(help="The architecture; the last member's unless given.", show_default=False)] = "",
    show_all: Annotated[bool, typer.Option("--all", help="Show every point of every change, also mere changes of text.")] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Read both, compare, show, and end with the code that the changes give."""
    from console.library_difference import as_json_of, text
    from stacks.errors import StacksError
    from stacks.library.copies import copy_of
    from stacks.library.derive import architecture_of
    from stacks.library.difference import Release, Weight, difference
    from stacks.library.read import Member, read_library

    place = library_folder(library, workspace)
    definitions = built_ins or (place / _BUILT_INS if (place / _BUILT_INS).is_dir() else None)
    wanted = [Member(path) for path in (member, *(also or []))]
    releases: list[Release] = []
    faults: list[str] = []
    for said in (before, after):
        try:
            held = read_library(copy_of(said, place, member), wanted, own, definitions)
            releases.append(Release(held, architecture_of(held, architecture)))
        except StacksError as wrong:
            faults += wrong.faults
    if faults:
        fail(dict.fromkeys(faults))
    found = difference(*releases)
    if as_json:
        show_json(as_json_of(found))
    else:
        say("\n".join(text(found, show_all)))
    if found.of(Weight.BREAKING):
        raise typer.Exit(Exit.FOUND)
