"""`unless check`: judge what would be deployed, the plan and the exception register by the golden rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.azure_types import absent, built_ins, no_built_ins, type_files
from console.check_forms import FORMS, asked, dump, keep_apart, shown_and_written, write
from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, LibraryOption, WorkspaceOption
from console.output import fail
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from policies.check import ByTypes
    from policies.report.base import Base

_SHOWN = 15
_HELP = """Judge what would be deployed, the plan and the exception register by the golden rules.

Without FILES, everything in the workspace is judged: the last preview of every rehearsed stack, the plan, the runbooks and the journals of
their runs. FILES may be these, stack exports (pulumi stack export), templates of Azure Resource Manager and resources as az writes them;
they are recognised by what they hold. A preview comes from: pulumi preview --json --show-sames.

Where Azure's type files are at hand, what is asked of Azure is judged by its own types as well; where its policy definitions are, by
every policy that the landing zone assigns.

One run gives every form that is asked for: unless check --format sarif=findings.sarif --format junit=junit.xml --format markdown=comment.md

--defer lets through what cannot be told yet only because it waits on another resource's output, and writes it to obligations.json; after
the deployment --state judges exactly that on what was deployed. What nobody judges again within a week fails.

Ends with 0 when all that was to be judged was judged and nothing blocks; 1 when a mandatory control fails; 3 when none fails, but one
cannot tell or something that was to be judged was not: a file that cannot be read, a stack that was asked for or whose last rehearsal
failed, resources that no control knows. What was never there (a plan, a runbook, a register, type files) is a line of the report and no
reason to stop.
"""
FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Previews, stack exports, templates, exported resources, plans, runbooks, journals.", show_default=False, readable=False
    ),
]
StackOption = Annotated[list[str] | None, typer.Option("--stack", "-s", help="Judge only this rehearsed stack (may be repeated).")]
OnOption = Annotated[
    str,
    typer.Option(
        "--on", help="Judge as on this day, YYYY-MM-DD; today in London, or [estate] on of unless.toml, unless given.", show_default=False
    ),
]
SarifOption = Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0 instead of the report, as --format sarif does.")]
FormatOption = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORM[=FILE]",
        help=f"Print this form, or write it to FILE (may be repeated): {', '.join(FORMS)}.",
        show_default=False,
    ),
]
BaseOption = Annotated[
    Path | None,
    typer.Option(
        "--base",
        help="The findings.json of the branch that a change is for: SARIF and Markdown then say what is new, mended and still open.",
        show_default=False,
    ),
]
AllOption = Annotated[bool, typer.Option("--all", help=f"Show every judgement in the report, not only {_SHOWN} of each control.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Write what would be printed to this file.")]
DeferOption = Annotated[bool, typer.Option("--defer", help="Record what waits on another resource's output, and go on.")]
StateOption = Annotated[
    list[Path] | None,
    typer.Option("--state", help="Judge on this stack export what was deferred (may be repeated).", readable=False),
]
ObligationsOption = Annotated[
    Path | None, typer.Option("--obligations", help="Where deferred judgements are kept; the workspace's unless given.", show_default=False)
]
RegisterOption = Annotated[
    Path | None, typer.Option("--exceptions", help="Another exception register than the workspace's.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("check", help=_HELP)(check)


def check(  # noqa: PLR0913 - one parameter for each option
    files: FilesArgument = None,
    *,
    stack: StackOption = None,
    on: OnOption = "",
    exceptions: RegisterOption = None,
    as_json: JsonOption = False,
    as_sarif: SarifOption = False,
    forms: FormatOption = None,
    base: BaseOption = None,
    show_all: AllOption = False,
    output: OutputOption = None,
    library: LibraryOption = None,
    defer: DeferOption = False,
    state: StateOption = None,
    obligations: ObligationsOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Read, judge, write findings.json, show, and end with the code that the verdicts give."""
    from policies.check import Owing, check_state
    from policies.check import check as judge
    from policies.errors import PoliciesError
    from policies.obligations import as_data, read_obligations
    from policies.report.findings import findings

    wanted = asked([*(forms or []), *(["json"] if as_json else []), *(["sarif"] if as_sarif else [])], output)
    compared, faults = _base(base)
    if state and (files or stack or defer):
        fail(["Give --state by itself, without FILES, --stack or --defer."], Exit.USAGE)
    held = open_workspace(workspace) if not (files or state) or (workspace / "unless.toml").is_file() else None
    kept = obligations or (held.path("obligations.json") if held else None)
    if kept is None and (defer or state):
        fail(["Say with --obligations where deferred judgements are kept: there is no workspace here."], Exit.USAGE)
    keep_apart(wanted, [*(files or []), *(state or []), exceptions, held.exceptions if held else None, kept])
    try:
        owing = Owing(read_obligations(kept, _shown(kept, held)) if kept else (), _shown(kept, held) if kept else "", defer)
        register_file, missing = _register(exceptions, held)
        day, today = _day(on, held), _today()
        if state:
            done = check_state(_named(state, held), register_file, day, owing, today)
        else:
            chosen = Chosen(_named(files, held)) if files else _in_workspace(held, stack or [])
            by_types, untyped = _by_types(library, held, is_all=not files)
            absent = [*_another_day(day, today, on), *chosen.lacking, *missing, *untyped]
            done = judge(chosen.files, register_file, day, absent, by_types=by_types, unjudged=chosen.unjudged, owing=owing, today=today)
    except PoliciesError as wrong:
        fail([*wrong.faults, *faults], Exit.CANNOT_TELL)
    if faults:
        fail(faults, Exit.CANNOT_TELL)
    found = findings(done.judgements, done.judged, done.on, done.not_judged)
    if kept is not None and (defer or state):
        write(kept, dump(as_data(done.owed)))
    if held is not None:
        write(held.path("findings.json"), dump(found))
    shown_and_written(wanted, done, found, compared, None if show_all else _SHOWN)
    raise typer.Exit(Exit.FOUND if done.breaks else Exit.CANNOT_TELL if done.cannot_tell else Exit.FINE)


def checked(held: Workspace) -> dict[str, Any]:
    """Judge everything in the workspace as `unless check` does without arguments; write findings.json and return what it holds.

    Raises PoliciesError with the faults of every file that cannot be judged.
    """
    from policies.check import check as judge
    from policies.report.findings import findings

    chosen = _in_workspace(held, [])
    register_file, missing = _register(None, held)
    by_types, untyped = _by_types(None, held, is_all=True)
    absent = [*chosen.lacking, *missing, *untyped]
    done = judge(chosen.files, register_file, _day("", held), absent, by_types=by_types, unjudged=chosen.unjudged)
    found = findings(done.judgements, done.judged, done.on, done.not_judged)
    write(held.path("findings.json"), dump(found))
    return found


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files to judge, what was never there, and what is there and cannot be judged, a sentence each."""

    files: list[tuple[Path, str]]
    lacking: list[str] = field(default_factory=list[str])
    unjudged: list[str] = field(default_factory=list[str])


def _named(files: list[Path], held: Workspace | None) -> list[tuple[Path, str]]:
    return [(f, _shown(f, held)) for f in dict.fromkeys(files)]


def _in_workspace(held: Workspace | None, stacks: list[str]) -> Chosen:
    """The previews, the plan, the runbooks and their runs."""
    if held is None:
        return Chosen([])
    folder = held.path("rehearsal")
    if stacks:
        return Chosen(_rehearsed(folder, stacks, held), ["Only the stacks named are judged, and neither the plan nor the runbooks."])
    previews = sorted(folder.glob("*.preview.json"))
    failed = [s for f in sorted(folder.glob("*.json")) if "." not in (s := f.stem) and not (folder / f"{s}.preview.json").is_file()]
    lacking: list[str] = []
    if not previews and not failed:
        lacking.append("No rehearsed stack: not judged. Run: unless rehearse landing-zone")
    plan = held.path("plan.json")
    if not plan.is_file():
        lacking.append("No plan: workloads, datasets and interfaces are not judged. Run: unless plan")
    runbooks = [*sorted(held.path("runbooks").glob("*.yaml")), *sorted(held.path("runs").glob("*/journal.jsonl"))]
    if not runbooks:
        lacking.append("No runbook: not judged. Run: unless runbook compile WAVE")
    unjudged = [f"Stack {s}: its last rehearsal failed, so it is not judged. Run: unless rehearse {s}" for s in failed]
    return Chosen([(f, _shown(f, held)) for f in (*previews, plan, *runbooks) if f.is_file()], lacking, unjudged)


def _rehearsed(folder: Path, stacks: list[str], held: Workspace) -> list[tuple[Path, str]]:
    """The previews of the stacks that were asked for; not to find one is not to judge it, so it is no result."""
    chosen = {s: folder / f"{s}.preview.json" for s in stacks}
    lacking = [f"Stack {s} is not rehearsed. Run: unless rehearse {s}" for s, file in chosen.items() if not file.is_file()]
    if lacking:
        fail(lacking, Exit.CANNOT_TELL)
    return [(file, _shown(file, held)) for file in chosen.values()]


def _base(file: Path | None) -> tuple[Base | None, tuple[str, ...]]:
    """The findings to compare with, or why they cannot be read."""
    from policies.errors import PoliciesError
    from policies.report.base import read_base

    try:
        return (None if file is None else read_base(file)), ()
    except PoliciesError as wrong:
        return None, wrong.faults


def _register(named: Path | None, held: Workspace | None) -> tuple[tuple[Path, str] | None, list[str]]:
    file = named or (held.exceptions if held else None)
    if named is None and (file is None or not file.is_file()):
        return None, ["No exception register: nothing is waived."]
    return (None if file is None else (file, _shown(file, held))), []


def _by_types(library: Path | None, held: Workspace | None, *, is_all: bool) -> tuple[ByTypes | None, list[str]]:
    """Azure's types and policy definitions, and a sentence on each that is not at hand."""
    from policies.check import ByTypes

    files = type_files(library, held)
    definitions = built_ins(library, held)
    lacking = [] if definitions is not None else [no_built_ins()]
    return (None, [absent(), *lacking]) if files is None else (ByTypes(files, is_all, definitions), lacking)


def _shown(file: Path, held: Workspace | None) -> str:
    """The file's name in findings: as seen from the project, so that it is the same on every machine."""
    root = held.project if held else Path.cwd()
    resolved = file.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else file.as_posix()


def now() -> datetime:
    """The clock. Tests move it."""
    return datetime.now(UTC)


def _today() -> date:
    from policies.waivers import london_day

    return london_day(now())


def _another_day(day: date, today: date, written: str) -> list[str]:
    """A line on a day that is not today: a check of another day says nothing of this one."""
    why = "--on" if written else "unless.toml, key estate.on"
    return [] if day == today else [f"Judged as on {day} ({why}); today is {today}."]


def _day(written: str, held: Workspace | None) -> date:
    if not written:
        return (held.settings.estate.on if held else None) or _today()
    try:
        return date.fromisoformat(written)
    except ValueError:
        fail([f"--on {written}: is not a date. Write it as 2026-11-22."], Exit.USAGE)
