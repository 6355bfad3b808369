"""`unless adopt`: take over what stands in a tenant already, instead of building it a second time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, note, say, show_json
from console.workspace import open_workspace

if TYPE_CHECKING:
    from console.adoption.model import Adoption, Difference, Planned

_HELP = """Match what exists in a tenant with what a rehearsed stack would make, and write the file for pulumi import --file.

EXPORT is what Azure Resource Graph answers, a file for each query or page: JSON from az graph query or the portal, or the portal's CSV,
with id, name, type, location and properties. Rehearse the stack first. Nothing is asked of Azure and nothing is changed.

Ends with 0 when all that is adopted stays as it is, 1 when pulumi up would change something of it or build beside something alike.
"""
_SHOWN = 20
_LONGEST = 100


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("adopt", help=_HELP)(adopt)


def adopt(
    exports: Annotated[list[Path], typer.Argument(metavar="EXPORT...", help="Exports of Azure Resource Graph.", readable=False)],
    *,
    stack: Annotated[str, typer.Option("--stack", "-s", help="The rehearsed stack that adopts.")] = "landing-zone",
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path("import.json"),
    options: Annotated[bool, typer.Option("--options", help="Also print each resource's name and the id for its option import_.")] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Read both, match, write the import file, and say what must be looked at."""
    from console.adoption.export import read_exports
    from console.adoption.importing import import_file
    from console.adoption.match import adoption
    from inventory.whole import write_whole

    planned, faults = _rehearsed(open_workspace(workspace).path("rehearsal", f"{stack}.json"), stack)
    existing, wrong, full = read_exports(exports)
    for page in full:
        note(f"{page} holds as many rows as Azure answers at once. If there are more, ask for the next page and give it as well.")
    if faults or wrong:
        fail([*faults, *wrong])
    found = adoption(planned, existing)
    content, waiting, first = import_file(found, planned)
    write_whole(output, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    if as_json:
        show_json(_as_json(found, waiting, first))
    else:
        say("\n".join(_lines(found, waiting, first, options)))
    note(f"Written to {output}.")
    if found.differences or found.alike:
        raise typer.Exit(Exit.FOUND)


def _rehearsed(file: Path, stack: str) -> tuple[list[Planned], list[str]]:
    from console.adoption.model import Planned
    from rehearsal import RehearsalError
    from rehearsal.checkpoint import load

    if not file.is_file():
        return [], [f"Stack {stack} is not rehearsed, so that nobody knows what it would make. Run: unless rehearse {stack}"]
    try:
        held = load(file).resources
    except RehearsalError as wrong:
        return [], list(wrong.faults)
    return [Planned(r.urn, r.type, r.id, r.inputs, r.parent, r.provider) for r in held], []


def _lines(found: Adoption, waiting: tuple[Planned, ...], first: tuple[str, ...], options: bool) -> Iterator[str]:
    yield f"{len(found.pairs)} resources of the stack exist and are adopted; {len(found.unknown)} others exist and are left alone."
    kinds = Counter(e.type for e in found.unknown)
    yield from (f"  left alone: {n} {kind}" for kind, n in kinds.most_common(_SHOWN))
    if found.alike:
        yield f"Would be built beside something alike ({len(found.alike)}):"
        yield from _some([f"  {p.name}: {e.id}: {why}." for p, e, why in found.alike])
    if found.differences:
        yield f"pulumi up would change, once they are adopted ({len(found.differences)}), most dangerous first:"
        yield from _some([_difference(d) for d in found.differences])
    if found.unseen:
        yield f"{found.unseen} inputs of adopted resources are not in the export: whether they would change cannot be told. Preview says."
    yield from (f"  waits until what it stands under exists: {p.name}" for p in waiting)
    if first:
        yield "Before the import, make the components and providers that it refers to, which are nothing in Azure:"
        targets = " ".join(f"--target '{urn}'" for urn in first)
        yield f"  pulumi up {targets}"
    if options:
        yield from (f"  {p.name}: import_={p.id!r}" for p, _ in found.pairs)


def _some(lines: list[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"  and {len(lines) - _SHOWN} more; --json shows all"


def _difference(held: Difference) -> str:
    was, now = (_cut(json.dumps(v, ensure_ascii=False, default=str)) for v in (held.was, held.will_be))
    return f"  {held.planned.name}: {held.key} is {was} and becomes {now}{f': {held.why}' if held.why else ''}."


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _as_json(found: Adoption, waiting: tuple[Planned, ...], first: tuple[str, ...]) -> dict[str, Any]:
    return {
        "adopted": [{"name": p.name, "type": p.type, "id": p.id} for p, _ in found.pairs],
        "waiting": [p.name for p in waiting],
        "alike": [{"name": p.name, "exists": e.id, "why": why} for p, e, why in found.alike],
        "changes": [{"name": d.planned.name, "key": d.key, "was": d.was, "becomes": d.will_be, "why": d.why} for d in found.differences],
        "cannot_tell": found.unseen,
        "left_alone": [e.id for e in found.unknown],
        "make_first": first,
    }
