"""`unless runbook gate` and `approve`: how a run's go/no-go stands, and a person's signature under it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, say, show_json
from console.shared_runs import runs_of, shared_of
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from migration.gates.keeper import Keeper

RunArgument = Annotated[str, typer.Argument(help="The run, as `unless runbook status` lists it.")]


def keeper_of(held: Workspace) -> Keeper | None:
    """Who keeps the gates of the workspace's runs: nobody where there is no runbooks/gates.toml."""
    from migration.gates.file import read_gates
    from migration.gates.keeper import Keeper
    from migration.runbooks.knowledge import roles

    file = held.path("runbooks", "gates.toml")
    return Keeper(held.path("runs"), read_gates(file, frozenset(roles()))) if file.exists() else None


def _share(held: Workspace, run: str, keeper: Keeper, file: Path) -> None:
    """Lay a signature beside those of a shared run, and leave the run to workers where it decides the gate."""
    shared = shared_of(held)
    if shared is None:
        return
    shared.put(run, f"{file.parent.name}/{file.name}", file.read_bytes())
    found, _ = keeper.standing_now(run, datetime.now(UTC))
    if found.is_open or found.against:
        shared.want(run)
        say(f"That decides it: workers go on with {run}.")


def gate(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = DEFAULT_WORKSPACE) -> None:
    """Say how the go/no-go stands at which a run waits: who has signed, whose signature counts for nothing and why, what is missing.

    Exit code 0 when it is open, 1 when somebody signed no-go, 3 when something is missing.
    """
    held = open_workspace(workspace)
    runs_of(held)
    keeper = _keeper(held)
    found, step = keeper.standing_now(run, datetime.now(UTC))
    if as_json:
        show_json({"gate": step, "is_open": found.is_open, "refused": found.refused, "missing": found.missing, "signed": _signed(found)})
    else:
        say(f"{run} waits at {step}.")
        for row in _signed(found):
            word = "Go" if row["is_go"] else "No-go"
            say(f"{word}: {row['person']} as {row['role']}, until {row['expires_at']}. {row['remark']}".rstrip())
        for line in found.refused:
            say(f"Counts for nothing: {line}")
    if found.against:
        fail([f"{step}: somebody decided no-go. Undo the run, or let them decide again."])
    if found.missing:
        fail([m.replace("approve RUN", f"approve {run}") for m in found.missing], Exit.CANNOT_TELL)
    if not as_json:
        say(f"The gate is open: unless runbook resume {run}")


def approve(
    run: RunArgument,
    person: Annotated[str, typer.Option("--as", help="Who decides, by the id in runbooks/gates.toml.")],
    key: Annotated[Path, typer.Option("--key", help="The private SSH key that signs, or the public one of a key in the agent.")] = Path(
        "~/.ssh/id_ed25519"
    ),
    no_go: Annotated[bool, typer.Option("--no-go", help="Decide against it.")] = False,
    acting_for: Annotated[str, typer.Option("--for", help="Whose role it is, where gates.toml delegates it.")] = "",
    remark: Annotated[str, typer.Option("--remark", help="What to say beside it.")] = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Sign a decision at the go/no-go at which a run waits. It is good for this run, as it stands now, and for a limited time.

    Two people must sign, one as the role that does the step and one as the role that answers for it.
    """
    from migration.gates.approval import is_signed_by, sign, write

    held = open_workspace(workspace)
    runs_of(held)
    keeper = _keeper(held)
    draft = keeper.draft(run, person, datetime.now(UTC), is_go=not no_go, remark=remark, acting_for=acting_for)
    signed = sign(draft, key)
    who = next(p for p in keeper.gates.person if p.id == person)
    if not is_signed_by(signed, who):
        fail([f"{key} is not the key that gates.toml gives {who.name}. Name that one, or have the entry corrected."])
    file = write(signed, held.path("runs", run))
    say(f"{who.name} decided {'no-go' if no_go else 'go'} at {draft.gate} as {draft.role}, until {draft.expires_at.isoformat()}: {file}")
    say(f"What was signed: runbook {draft.runbook}, evidence {draft.evidence}.")
    _share(held, run, keeper, file)


def _keeper(held: Workspace) -> Keeper:
    keeper = keeper_of(held)
    if keeper is None:
        fail([f"There is no {held.path('runbooks', 'gates.toml')}: decisions are given by name, not signed (docs/guides/gates.md)."])
    return keeper


def _signed(found: Any) -> list[dict[str, Any]]:
    held = sorted((*found.counted, *found.against), key=lambda s: s.approval.made_at)
    names = ("person", "role", "acting_for", "is_go", "made_at", "expires_at", "remark", "digest")
    return [{n: str(v) if isinstance(v := getattr(s.approval, n), datetime) else v for n in names} for s in held]
