"""`unless rehearse STACK`: preview, up, refresh and destroy, with no cloud and no Pulumi CLI."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.azure_types import told_of_rehearsal, type_files
from console.cost import CostOption, PricesOption, QuantitiesOption, cost_of, read_prices_of, show_cost
from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, LibraryOption, WorkspaceOption
from console.output import err, fail, note, out, show_json
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from migration.metering.bill import Prices
    from rehearsal import PolicyPack, Preview

MOST = 50
"""Enough to decommission a workload or two; a stack that goes as a whole is asked for by its number."""
_COLOURS = {"create": "green", "update": "yellow", "replace": "magenta", "delete": "red", "read": "cyan", "import": "cyan"}


PackOption = Annotated[
    list[Path] | None,
    typer.Option("--policy-pack", help="Judge by the policy pack in this folder, as pulumi preview does; may be given many times."),
]
PackSettingsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--policy-pack-config", help="Settings of the policy pack in the same place, JSON; given once for each pack or not at all."
    ),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(rehearse)


def rehearse(  # noqa: PLR0913 - one parameter for each option
    stack: Annotated[str, typer.Argument(help="The stack: landing-zone, workloads, microsoft365 or dynamics.")],
    *,
    project: Annotated[
        Path | None, typer.Option(help="Folder of the Pulumi project; by default this folder, else cloud-unless's own.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only look: keep no state; what is not yet made is unknown.")] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Read what the pretend Azure holds into the state, without running the program.")
    ] = False,
    drift: Annotated[
        bool,
        typer.Option("--drift", help="Say what in the pretend Azure is not as the state has it; change nothing. Exit code 1 if anything."),
    ] = False,
    destroy: Annotated[bool, typer.Option("--destroy", help="Delete everything the stack made, what stands on others first.")] = False,
    most: Annotated[int, typer.Option(min=0, help="The most resources that this run may delete or replace; more is refused.")] = MOST,
    diff: Annotated[bool, typer.Option("--diff", help="Show properties and their values.")] = False,
    config: Annotated[list[str] | None, typer.Option(help="A configuration value KEY=VALUE; may be given many times.")] = None,
    policy_pack: PackOption = None,
    policy_pack_config: PackSettingsOption = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of a program that fails unexpectedly.")] = False,
    cost: CostOption = False,
    prices: PricesOption = None,
    quantities: QuantitiesOption = None,
    as_json: JsonOption = False,
    library: LibraryOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Rehearse a stack: run its unmodified Pulumi program against a pretend cloud and show what would change.

    State is kept in the workspace in Pulumi's own format, so a second rehearsal shows only what is new; what the pretend cloud holds is
    kept beside it. With --refresh, --drift or --destroy the program is not run. Add --preview to only look. Where Azure's type files are
    at hand, inputs of the program that do not fit them are told, and the exit code is 1. With --cost, what would stand is priced as far as
    published prices or a download of them reach; what has no price is told by name, and sums say "at least".

    A policy pack runs as Pulumi runs it. What it finds is told; a breach of a mandatory policy is an error, and nothing is kept of the run.
    """
    from rehearsal import ProgramError

    opened, place, given = open_workspace(workspace), project_folder(project), _given(config or [])
    files = type_files(library, opened)
    packs = _packs(policy_pack or [], policy_pack_config or [])
    kind = _kind({"--refresh": refresh, "--drift": drift, "--destroy": destroy}, {"--config": given, "--policy-pack": packs})
    priced = _priced(cost, prices, quantities)
    _is_stack(place, stack, is_written=not given and not kind)
    try:
        if kind:
            found = _without_program(opened, place, stack, kind, preview_only=preview or drift, most=most)
        else:
            found = rehearsed(opened, place, stack, given, preview_only=preview, most=most, packs=packs)
    except ProgramError as wrong:
        _failed(wrong.preview, as_json, debug)
        fail(wrong.faults)
    bills = cost_of(found, priced) if priced else None
    if as_json:
        show_json(found.to_json() | ({"cost": bills.to_json()} if bills else {}))
    else:
        _show(found, diff)
        if bills:
            show_cost(bills)
    if drift and found.has_changes:
        raise typer.Exit(Exit.FOUND)
    if not kind:
        raise typer.Exit(told_of_rehearsal(found.to_json(), files))


def _priced(cost: bool, prices: Path | None, quantities: Path | None) -> Prices | None:
    """What prices can come from, read before anything is rehearsed; None where no cost is asked for."""
    if not cost and (prices or quantities):
        fail(["--prices and --quantities have no effect without --cost. Add it, or leave them out."], Exit.USAGE)
    return read_prices_of(prices, quantities) if cost else None


def _packs(folders: list[Path], settings: list[Path]) -> list[PolicyPack]:
    """The packs to judge by; as in Pulumi, settings are given for each or for none."""
    from rehearsal import PolicyPack

    if settings and len(settings) != len(folders):
        fail(["--policy-pack-config: give it once for each --policy-pack, in the same order, or not at all."], Exit.USAGE)
    return [PolicyPack(folder, file) for folder, file in zip_longest(folders, settings)]


def _kind(asked: Mapping[str, bool], given: Mapping[str, Collection[object]]) -> str:
    """Which of the runs without the program is asked for; empty for none."""
    chosen = [name for name, wanted in asked.items() if wanted]
    if len(chosen) > 1:
        fail([f"{' and '.join(chosen)} cannot be done in one run. Run them one after the other."], Exit.USAGE)
    idle = [option for option, held in given.items() if held]
    if chosen and idle:
        fail([f"{chosen[0]} does not run the program, so {' and '.join(idle)} has no effect. Leave it out."], Exit.USAGE)
    return chosen[0] if chosen else ""


def _without_program(opened: Workspace, project: Path, stack: str, kind: str, *, preview_only: bool, most: int) -> Preview:
    """Refresh or destroy the stack in the workspace. What was done, unless only looked at, is the stack's last preview."""
    from rehearsal import destroy, refresh
    from rehearsal.checkpoint import write_json

    state = opened.path("rehearsal", f"{stack}.json")
    if kind == "--destroy":
        found = destroy(project, state, preview_only=preview_only, most=most)
    else:
        found = refresh(project, state, preview_only=preview_only)
    if not preview_only:
        write_json(opened.path("rehearsal", f"{stack}.preview.json"), found.to_json())
    return found


def rehearsed(
    opened: Workspace,
    project: Path,
    stack: str,
    config: Mapping[str, str],
    *,
    preview_only: bool = False,
    most: int | None = MOST,
    packs: Sequence[PolicyPack] = (),
) -> Preview:
    """Rehearse the stack against the workspace's state and write its preview. Raises ProgramError when the program is wrong.

    Unless it is only looked at, networks that it gave to workloads are written down beside their requests.
    """
    from console.networks import keep_networks
    from rehearsal import rehearse as run
    from rehearsal.checkpoint import write_json

    config = {**_requests(opened, project, stack), **config}
    preview = opened.path("rehearsal", f"{stack}.preview.json")
    try:
        found = run(
            project, stack, opened.path("rehearsal", f"{stack}.json"), config=config, preview_only=preview_only, most=most, packs=packs
        )
    except BaseException:
        preview.unlink(missing_ok=True)  # what it shows is no longer what the stack asks for, and must not be judged
        raise
    write_json(preview, found.to_json())
    if not preview_only and (file := keep_networks(found, project)):
        note(f"Wrote the networks of new workloads to {file}. Commit it with the requests: it keeps them where they are.")
    return found


def _requests(opened: Workspace, project: Path, stack: str) -> dict[str, str]:
    """Where a stack of workloads finds its requests: with the workspace that planned them, when that is not the project's own."""
    import yaml

    file = project / f"Pulumi.{stack}.yaml"
    if opened.project == project.resolve() or not file.is_file() or not any(opened.requests.glob("*.toml")):
        return {}
    try:
        held: Any = yaml.safe_load(file.read_text("utf-8"))
        named = held["config"]["cloud-unless:stack"]
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError):
        return {}  # the rehearsal says what is wrong with the file
    return {"cloud-unless:requests": str(opened.requests.resolve())} if named == "workloads" else {}


def project_folder(given: Path | None) -> Path:
    """The folder given, else this one, else the one that holds this program, whichever has Pulumi.yaml."""
    own = Path(__file__).resolve().parents[2]
    here = Path.cwd()
    return given or next((p for p in (here, own) if (p / "Pulumi.yaml").is_file()), here)


def _is_stack(project: Path, stack: str, *, is_written: bool) -> None:
    """A stack without its settings file is most likely a slip of the pen; what is no project is told by the rehearsal."""
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", stack):
        fail([f"{stack!r} cannot be a stack's name: letters, digits, dots, dashes and underscores make one."], Exit.USAGE)
    if not is_written:
        return
    there = sorted(f.name.removeprefix("Pulumi.").removesuffix(".yaml") for f in project.glob("Pulumi.*.yaml"))
    if there and stack not in there and (project / "Pulumi.yaml").is_file():
        fail([f"There is no stack {stack!r}: {project} has no Pulumi.{stack}.yaml. Stacks here: {', '.join(there)}."])


def _given(config: list[str]) -> dict[str, str]:
    wrong = [c for c in config if "=" not in c]
    if wrong:
        fail((f"--config {c.split('=')[0]}: write KEY=VALUE." for c in wrong), Exit.USAGE)
    return dict(c.split("=", 1) for c in config)


def _show(found: Preview, diff: bool) -> None:
    from rich.text import Text

    from rehearsal.tree import lines

    for told in found.diagnostics:
        if told.severity != "debug":
            note(f"{told.severity}: {told.message}")
    for line in lines(found, values=diff):
        out().print(Text(line.text, style=_COLOURS.get(line.op, "")))


def _failed(found: Preview, as_json: bool, debug: bool) -> None:
    from rich.text import Text

    if as_json:
        show_json(found.to_json())
    for told in found.diagnostics:
        if told.severity == "warning" or (debug and told.severity == "debug"):
            err().print(Text(told.message))
