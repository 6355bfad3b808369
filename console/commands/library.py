"""`unless library`: the public data that the toolkit can use, brought here at reviewed commits and told apart from any other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from console.commands import library_diff
from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, LibraryOption, WorkspaceOption
from console.output import fail, note, progress, table
from console.public_data import library_folder

if TYPE_CHECKING:
    from stacks.library.pins import Copy, Pin
    from stacks.library.sync import Source

_COLUMNS = ("name", "state", "files", "what", "commit")
NamesArgument = Annotated[list[str] | None, typer.Argument(help="Which, by the names that unless library lists; all when left out.")]
FromOption = Annotated[
    Path | None, typer.Option("--from", metavar="FILE.tar.gz", help="Take the one that is named from this archive, and ask no network.")
]
MirrorOption = Annotated[
    str, typer.Option("--mirror", metavar="URL", help="Ask this address, which serves the same paths, instead of GitHub. HTTPS only.")
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Remove a copy that is not the pinned one, though unless did not bring it.")]


def register(app: typer.Typer) -> None:
    """Add `library`, `library sync` and `library diff`."""
    group = typer.Typer(
        invoke_without_command=True, help="Public data that the toolkit can use: what is here, and whether it is as pinned."
    )
    group.callback()(library)
    group.command("sync")(sync)
    library_diff.register(group)
    app.add_typer(group, name="library")


def library(
    context: typer.Context, folder: LibraryOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    """List the public data that the toolkit can use: what is here, of which commit, and whether it is as pinned."""
    if context.invoked_subcommand:
        return
    from stacks.library.pins import CopyState, copy_of, pins

    root = library_folder(folder, workspace)
    copies = [copy_of(root, p) for p in pins()]
    _show(root, copies, as_json=as_json)
    if wrong := [f"{c.folder}: {_remedy(c)}" for c in copies if c.state in (CopyState.DIFFERENT, CopyState.OTHER_PIN)]:
        fail(wrong)


def sync(
    names: NamesArgument = None,
    folder: LibraryOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    archive: FromOption = None,
    mirror: MirrorOption = "",
    is_replaced: ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the public data here, each at its pinned commit: put in its place only when its files have the digest that was reviewed.

    What is as pinned already is left alone, so running it again goes on where it stopped.
    """
    from stacks.library.pins import chosen_pins

    pins = chosen_pins(tuple(names or ()))
    if wrong := _wrong_usage(pins, archive, mirror):
        fail([wrong], Exit.USAGE)
    root = library_folder(folder, workspace)
    copies, faults = _brought(root, pins, _source(archive, mirror), is_replaced=is_replaced)
    if copies or as_json:
        _show(root, copies, as_json=as_json)
    if faults:
        fail(faults)


def _brought(root: Path, pins: Sequence[Pin], source: Source, *, is_replaced: bool) -> tuple[list[Copy], list[str]]:
    """One that cannot be had does not keep the others from coming: what came, and every fault."""
    from stacks.errors import StacksError
    from stacks.library.sync import sync as bring

    copies: list[Copy] = []
    faults: list[str] = []
    for pin in pins:
        with progress(pin.name) as bar:
            heard = partial(bar.advance, bar.task_ids[0])
            try:
                copies.append(bring(root, pin, source, is_replaced=is_replaced, heard=heard))
            except StacksError as refused:
                faults += refused.faults
    return copies, faults


def _source(archive: Path | None, mirror: str) -> Source:
    from stacks.library.download import HOST, archive_file, archive_of

    return archive_file(archive) if archive else partial(archive_of, host=mirror or HOST)


def _show(root: Path, copies: Sequence[Copy], *, as_json: bool) -> None:
    from stacks.library.pins import CopyState

    rows = [
        {
            "name": c.pin.name,
            "state": c.state,
            "files": c.files,
            "what": c.pin.what,
            "repository": c.pin.repository,
            "commit": c.pin.commit if as_json else c.pin.commit[:7],
            "folder": c.folder,
            "digest": c.digest,
            "pinned_digest": c.pin.digest,
        }
        for c in copies
    ]
    table(rows, _COLUMNS, as_json=as_json)
    if not as_json:
        is_whole = all(c.state is not CopyState.ABSENT for c in copies)
        note(f"In {root}." + ("" if is_whole else " Bring what is absent: unless library sync"))


def _remedy(copy: Copy) -> str:
    from stacks.library.pins import CopyState

    if copy.state is CopyState.OTHER_PIN:
        return f"was brought by another version of unless. Bring what this one pins: unless library sync {copy.pin.name}"
    return (
        f"is not the pinned copy: {copy.files} files with the digest {copy.digest}, and {copy.pin.digest} is pinned. "
        f"If it is not your own to keep: unless library sync {copy.pin.name} --replace"
    )


def _wrong_usage(pins: Sequence[Pin], archive: Path | None, mirror: str) -> str:
    """What is wrong with the options together; "" when nothing is."""
    if archive and len(pins) != 1:
        return "--from takes the archive of one: name it, as in: unless library sync azure-policy --from FILE.tar.gz"
    if archive and mirror:
        return "--from asks no network and --mirror says whom to ask: give one of them."
    if mirror and not _is_https(mirror):
        return f"--mirror {mirror}: it must begin with https:// and name a server."
    return ""


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname) and parts.port != 0 and address.isprintable() and " " not in address
    except ValueError:
        return False
