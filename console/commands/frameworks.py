"""`unless frameworks`: which published demands the controls serve, and what people still owe for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.exits import Exit
from console.options import JsonOption
from console.output import fail, say, show_json, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.coverage import Covered
    from policies.frameworks import Framework

FrameworkOption = Annotated[
    str, typer.Option("--framework", "-f", help="Only this framework, by its id; all of them unless given.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(
        invoke_without_command=True, help="Published frameworks: their clauses, the controls that serve them, what people still owe."
    )
    group.callback()(frameworks)
    group.command()(coverage)
    app.add_typer(group, name="frameworks")


def frameworks(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the frameworks: their version, how many clauses controls answer for, and where and when each was read."""
    if context.invoked_subcommand is not None:
        return
    from policies.coverage import coverage as covered
    from policies.coverage import sums

    rows: list[dict[str, Any]] = []
    for f in _frameworks():
        counted = sums(covered(f))
        rows.append({"id": f.id, "title": f.title, "clauses": sum(counted.values()), **counted, "read_on": f.read_on, "source": f.source})
    table(rows, [c for c in rows[0] if c != "source"], as_json=as_json)


def coverage(framework: FrameworkOption = "", as_json: JsonOption = False) -> None:
    """Show for each clause who answers for it: its controls, how much of it a program can decide, and the evidence that people owe.

    Ends with 0, since this says what is covered and not what is met; with 3 when a framework names a control that is not there.
    """
    from policies.coverage import coverage as covered
    from policies.coverage import sums

    chosen = [f for f in _frameworks() if framework in ("", f.id)]
    if not chosen:
        fail([f"There is no framework {framework}. There are: {', '.join(f.id for f in _frameworks())}."], Exit.USAGE)
    lines = {f.id: covered(f) for f in chosen}
    if as_json:
        show_json([{"framework": f.id, "title": f.title, "sums": sums(lines[f.id]), "clauses": lines[f.id]} for f in chosen])
        return
    for f in chosen:
        say(f"{f.title}, {f.version} ({f.id}): {_summed(sums(lines[f.id]))}")
        for line in lines[f.id]:
            say(f"{line.clause} {line.title}".rstrip() + f": {line.covered} (a program can decide: {line.machine})")
            if line.controls:
                say(f"  controls: {', '.join(line.controls)}")
            if line.evidence:
                say(f"  people owe: {line.evidence}")


def _summed(counted: Mapping[Covered, int]) -> str:
    return f"{sum(counted.values())} clauses, answered for by " + ", ".join(f"{kind} {n}" for kind, n in counted.items() if n)


def _frameworks() -> tuple[Framework, ...]:
    """The frameworks; a file that cannot be read, or names a control that is not there, is a plain fault that lets nothing be told."""
    from policies.catalogue import all_controls
    from policies.errors import PoliciesError
    from policies.frameworks import frameworks as read

    try:
        all_controls()
        return read()
    except PoliciesError as wrong:
        fail(list(wrong.faults), Exit.CANNOT_TELL)
