"""`unless verify`: check an evidence pack, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.exits import Exit
from console.options import JsonOption
from console.output import fail, note, say, show_json


def register(app: typer.Typer) -> None:
    """Add `verify`."""
    app.command("verify")(verify)


def verify(
    pack: Annotated[Path, typer.Argument(help="The evidence pack, as `unless runbook pack` writes it.")],
    signer: Annotated[Path | None, typer.Option("--signer", help="The public SSH key (a .pub file) that must have signed it.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the evidence pack of a run, with no workspace and no network.

    Every file against the signed list, the journal's chain, the runbook that was carried out, the manifests of copies, and the
    signature under each decision that counted. Exit code 0 when all of it is right, 1 when anything differs, 3 when something cannot
    be told.
    """
    from migration.evidence.verify import check

    try:
        key = " ".join(signer.read_text("ascii").split()[:2]) if signer else ""
    except (OSError, UnicodeDecodeError) as wrong:
        fail([f"{signer} cannot be read as a public key: {wrong}. Name the .pub file."])
    found = check(pack, key)
    if as_json:
        show_json(found)
    else:
        say(f"{found.run}: {found.state}; {found.files} files, {found.records} records.")
        for line in found.right:
            say(f"  {line}")
    if found.differences:
        for line in found.cannot_tell:
            note(line)
        fail(found.differences)
    if found.cannot_tell:
        fail(found.cannot_tell, Exit.CANNOT_TELL)
