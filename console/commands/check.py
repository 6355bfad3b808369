"""`unless check`: judge what would be deployed, the plan and the exception register by the golden rules."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.azure_types import absent, built_ins, no_built_ins, type_files
from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, LibraryOption, WorkspaceOption
from console.output import fail, note, say, show_json
from console.workspace import Workspace, open_workspace
from inventory.whole import write_whole

if TYPE_CHECKING:
    from policies.check import ByTypes

_SHOWN = 15
_HELP = """Judge what would be deployed, the plan and the exception register by the golden rules.

Without FILES, everything in the workspace is judged: the last preview of every rehearsed stack, the plan, the runbooks and the journals of
their runs. FILES may be these and stack exports (pulumi stack export); they are recognised by what they hold. A preview comes from: pulumi
preview --json --show-sames.

Where Azure's type files are at hand, what is asked of Azure is judged by its own types as well; where its policy definitions are, by
every policy that the landing zone assigns.

Ends with 0 when nothing blocks, 1 when a mandatory control fails, 3 when none fails but one cannot tell, or something was not judged.
"""
FilesArgument = Annotated[
    list[Path] | None, typer.Argument(help="Previews, stack exports, plans, runbooks and journals.", show_default=False, readable=False)
]
StackOption = Annotated[list[str] | None, typer.Option("--stack", "-s", help="Judge only this rehearsed stack (may be repeated).")]
OnOption = Annotated[str, typer.Option("--on", help="Judge as on this day, YYYY-MM-DD; today in London unless given.", show_default=False)]
SarifOption = Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0 instead of the report.")]
AllOption = Annotated[bool, typer.Option("--all", help=f"Show every judgement in the report, not only {_SHOWN} of each control.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Write what would be printed to this file.")]
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
    show_all: AllOption = False,
    output: OutputOption = None,
    library: LibraryOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Read, judge, write findings.json, show, and end with the code that the verdicts give."""
    from policies.check import check as judge
    from policies.report.findings import findings

    if as_json and as_sarif:
        fail(["Give --json or --sarif, not both."], Exit.USAGE)
    held = open_workspace(workspace) if not files or (workspace / "unless.toml").is_file() else None
    chosen, lacking = _named(files, held) if files else _in_workspace(held, stack or [])
    register_file, missing = _register(exceptions, held)
    by_types, untyped = _by_types(library, held, is_all=not files)
    done = judge(chosen, register_file, _day(on, held), [*lacking, *missing, *untyped], by_types=by_types)
    found = findings(done.judgements, done.judged, done.on, done.not_judged)
    if held is not None:
        _write(held.path("findings.json"), _dump(found))
    _show(done, found, "json" if as_json else "sarif" if as_sarif else "text", output, None if show_all or output else _SHOWN)
    raise typer.Exit(Exit.FOUND if done.breaks else Exit.CANNOT_TELL if done.cannot_tell else Exit.FINE)


def checked(held: Workspace) -> dict[str, Any]:
    """Judge everything in the workspace as `unless check` does without arguments; write findings.json and return what it holds.

    Raises PoliciesError with the faults of every file that cannot be judged.
    """
    from policies.check import check as judge
    from policies.report.findings import findings

    chosen, lacking = _in_workspace(held, [])
    register_file, missing = _register(None, held)
    by_types, untyped = _by_types(None, held, is_all=True)
    done = judge(chosen, register_file, _day("", held), [*lacking, *missing, *untyped], by_types=by_types)
    found = findings(done.judgements, done.judged, done.on, done.not_judged)
    _write(held.path("findings.json"), _dump(found))
    return found


def _named(files: list[Path], held: Workspace | None) -> tuple[list[tuple[Path, str]], list[str]]:
    return [(f, _shown(f, held)) for f in dict.fromkeys(files)], []


def _in_workspace(held: Workspace | None, stacks: list[str]) -> tuple[list[tuple[Path, str]], list[str]]:
    """The previews and the plan that are there, and a sentence for each that is not."""
    if held is None:
        return [], []
    folder = held.path("rehearsal")
    if stacks:
        return _rehearsed(folder, stacks, held), ["Only the stacks named are judged, and not the plan."]
    previews = sorted(folder.glob("*.preview.json"))
    lacking: list[str] = []
    if not previews:
        lacking.append("No rehearsed stack: not judged. Run: unless rehearse landing-zone")
    failed = [s for f in sorted(folder.glob("*.json")) if "." not in (s := f.stem) and not (folder / f"{s}.preview.json").is_file()]
    lacking += [f"Stack {s}: its last rehearsal failed, so it is not judged. Run: unless rehearse {s}" for s in failed]
    plan = held.path("plan.json")
    if not plan.is_file():
        lacking.append("No plan: workloads, datasets and interfaces are not judged. Run: unless plan")
    runbooks = [*sorted(held.path("runbooks").glob("*.yaml")), *sorted(held.path("runs").glob("*/journal.jsonl"))]
    if not runbooks:
        lacking.append("No runbook: not judged. Run: unless runbook compile WAVE")
    return [(f, _shown(f, held)) for f in (*previews, plan, *runbooks) if f.is_file()], lacking


def _rehearsed(folder: Path, stacks: list[str], held: Workspace) -> list[tuple[Path, str]]:
    """The previews of the stacks that were asked for; not to find one is not to judge it, so it is no result."""
    chosen = {s: folder / f"{s}.preview.json" for s in stacks}
    lacking = [f"Stack {s} is not rehearsed. Run: unless rehearse {s}" for s, file in chosen.items() if not file.is_file()]
    if lacking:
        fail(lacking, Exit.CANNOT_TELL)
    return [(file, _shown(file, held)) for file in chosen.values()]


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


def _day(written: str, held: Workspace | None) -> date:
    from policies.waivers import london_day

    if not written:
        return (held.settings.estate.on if held else None) or london_day(datetime.now(UTC))
    try:
        return date.fromisoformat(written)
    except ValueError:
        fail([f"--on {written}: is not a date. Write it as 2026-11-22."], Exit.USAGE)


def _show(done: Any, found: dict[str, Any], shape: str, output: Path | None, most: int | None) -> None:
    from policies.report.text import report, sum_of_it

    if shape == "text":
        text = "\n".join(report(done.judgements, done.judged, most, done.not_judged)) + "\n"
    else:
        text = _dump(found if shape == "json" else _as_sarif(done))
    if output is not None:
        _write(output, text)
        note(f"Written to {output}. {sum_of_it(done.judgements)}")
    elif shape == "text":
        say(text.rstrip("\n"))
    else:
        show_json(json.loads(text))


def _as_sarif(done: Any) -> dict[str, Any]:
    from importlib.metadata import version

    from policies.catalogue import known_controls
    from policies.frameworks import frameworks
    from policies.report.sarif import sarif

    return sarif(done.judgements, known_controls(), frameworks(), done.judged, version("cloud-unless"), done.on, done.not_judged)


def _dump(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _write(file: Path, text: str) -> None:
    """Whole or not at all."""
    try:
        write_whole(file, text)
    except OSError as wrong:
        fail([f"{file}: cannot be written ({wrong.strerror or wrong}). Choose another place."])
