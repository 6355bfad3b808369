"""`unless runbook`: compile, show, start, resume, status, undo, verify."""

from __future__ import annotations

import os
import shlex
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.runbook_gates import approve, gate, keeper_of
from console.commands.runbook_lag import lag
from console.commands.runbook_record import lengths, pack, verify
from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, note, say, table
from console.shared_runs import runs_of, shared_of
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from migration.execution.interpreter import Hands
    from migration.execution.runs import Outcome

WaveArgument = Annotated[str, typer.Argument(help="The wave, as plan.json names it, such as wave-1.")]
RunArgument = Annotated[str, typer.Argument(help="The run, as `unless runbook status` lists it.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Answer every task and go/no-go with yes; the journal says that it was so.")]
NameOption = Annotated[str, typer.Option("--as", help="Who answers, for the journal. Default: the name you are logged in with.")]
LeaveOption = Annotated[bool, typer.Option("--leave", help="Leave the rest to workers (unless worker), over the [runs] database.")]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="Connections that a copy uses at once.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(help="Runbooks: compiled from the plan, read by people, carried out as they are.", no_args_is_help=True)
    group.command("compile")(compile_)
    for command in (show, rehearse, start, gate, approve, answer, resume, stop, status, lag, undo, verify, lengths, pack):
        group.command()(command)
    app.add_typer(group, name="runbook")


def compile_(
    wave: WaveArgument,
    targets: Annotated[
        Path | None,
        typer.Option("--targets", help="Where shares and databases are and go. Default: the workspace's runbooks/targets.toml."),
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Compile the runbook of a wave from plan.json: YAML to run; Markdown, HTML, PDF and Word to read and sign."""
    from inventory.whole import write_whole
    from migration import runbooks
    from migration.plan.file import read_document
    from migration.runbooks import file, paper, render

    held = open_workspace(workspace)
    default = held.path("runbooks", "targets.toml")
    file_of_places = targets or (default if default.is_file() else None)
    places = runbooks.read_targets(file_of_places) if file_of_places else dict[str, runbooks.ShareTargets]()
    windows = runbooks.read_windows(file_of_places) if file_of_places else dict[str, runbooks.Window]()
    services = runbooks.read_services(file_of_places) if file_of_places else ()
    databases = runbooks.read_databases(file_of_places) if file_of_places else ()
    runbook = runbooks.compile_runbook(read_document(held.path("plan.json")), wave, places, windows, services, databases)
    folder = held.path("runbooks")
    file.write(runbook, folder / f"{wave}.yaml")
    write_whole(folder / f"{wave}.md", render.as_markdown(runbook).encode("utf-8"))
    write_whole(folder / f"{wave}.html", render.as_html(runbook).encode("utf-8"))
    write_whole(folder / f"{wave}.pdf", paper.as_pdf(runbook))
    write_whole(folder / f"{wave}.docx", paper.as_docx(runbook))
    by_hand = sum(s.kind in render.BY_HAND for s in runbook.steps)
    say(f"{runbook.title}: {len(runbook.steps)} steps, {by_hand} by people. {runbook.digest}")
    say(f"Read {folder / f'{wave}.html'}; run it with: unless runbook start {wave}{_where(held)}")


def show(wave: WaveArgument, as_json: JsonOption = False, workspace: WorkspaceOption = DEFAULT_WORKSPACE) -> None:
    """List a runbook's steps in order."""
    from migration.runbooks import file

    runbook = file.read(open_workspace(workspace).path("runbooks", f"{wave}.yaml"))
    columns = ("number", "phase", "id", "title", "role", "kind", "minutes", "way_back")
    rows = [
        {
            "number": number,
            "phase": s.phase,
            "id": s.id,
            "title": s.title,
            "role": s.role,
            "kind": s.kind,
            "minutes": s.minutes,
            "way_back": "POINT OF NO RETURN" if s.is_point_of_no_return else ("undo" if s.undo else "none needed"),
            "do": s.do,
            "verify": s.verify,
            "undo": s.undo,
            "no_undo_because": s.no_undo_because,
            "after": s.after,
        }
        for number, s in enumerate(runbook.steps, start=1)
    ]
    table(rows, columns, as_json=as_json, title=runbook.title)


def start(
    wave: WaveArgument,
    yes: YesOption = False,
    by: NameOption = "",
    run: Annotated[str, typer.Option("--run", help="Name of the run. Default: the wave and the time.")] = "",
    workers: WorkersOption = 8,
    leave: LeaveOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Carry out a runbook. It survives being killed: `unless runbook resume` goes on where the journal says it is."""
    from migration.execution import runs
    from migration.runbooks import file

    held = open_workspace(workspace)
    runbook = file.read(held.path("runbooks", f"{wave}.yaml"))
    run = run or f"{wave}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    note(f"Run {run}")
    _end(runs.start(runs_of(held), run, runbook, hands(held, yes=yes, by=by, workers=workers, leave=leave)), held)


def rehearse(
    wave: WaveArgument,
    stand_ins: Annotated[Path, typer.Option("--stand-ins", help="A file like targets.toml: the places that stand in for the real ones.")],
    yes: YesOption = False,
    by: NameOption = "",
    run: Annotated[str, typer.Option("--run", help="Name of the run. Default: the wave, `rehearsal` and the time.")] = "",
    workers: WorkersOption = 8,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Rehearse a runbook on places that stand in for the real ones: every step up to the point of no return, and all of it undone.

    Nothing of the real places is touched: a place that nothing stands in for is refused. It can be resumed like any run.
    """
    from migration import runbooks
    from migration.execution import rehearsal, runs
    from migration.plan.file import read_document
    from migration.runbooks import file

    held = open_workspace(workspace)
    runbook = file.read(held.path("runbooks", f"{wave}.yaml"))
    windows = {wave: runbook.window} if runbook.window else {}
    places = runbooks.read_targets(stand_ins)
    services = runbooks.read_services(stand_ins)
    databases = runbooks.read_databases(stand_ins)
    standing_in = runbooks.compile_runbook(read_document(held.path("plan.json")), wave, places, windows, services, databases)
    found = rehearsal.stand_ins(runbook, standing_in)
    run = run or f"{wave}-rehearsal-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    note(f"Rehearsal {run}")
    _end(runs.start(runs_of(held), run, runbook, hands(held, yes=yes, by=by, workers=workers), stand_ins=found), held)


def resume(
    run: RunArgument,
    yes: YesOption = False,
    by: NameOption = "",
    workers: WorkersOption = 8,
    leave: LeaveOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Go on with a run that was stopped or killed, forwards or backwards as it was going."""
    from migration.execution import runs

    held = open_workspace(workspace)
    _end(runs.resume(runs_of(held, run), run, hands(held, yes=yes, by=by, workers=workers, leave=leave)), held)


def undo(
    run: RunArgument,
    yes: YesOption = False,
    by: NameOption = "",
    workers: WorkersOption = 8,
    leave: LeaveOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Roll a run back, latest step first. Refused after the point of no return."""
    from migration.execution import runs

    held = open_workspace(workspace)
    _end(runs.undo(runs_of(held, run), run, hands(held, yes=yes, by=by, workers=workers, leave=leave)), held)


def answer(
    run: RunArgument,
    yes: YesOption = False,
    by: NameOption = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Answer the step at which a run waits for a person, and that alone: workers go on with a run that they share."""
    from migration.execution import runs

    held = open_workspace(workspace)
    _end(runs.answer(runs_of(held, run), run, hands(held, yes=yes, by=by, workers=1, leave=shared_of(held) is not None)), held)


def stop(run: RunArgument, workspace: WorkspaceOption = DEFAULT_WORKSPACE) -> None:
    """Have the worker that carries a shared run out stop at the next safe point; no worker takes it until it is resumed."""
    held = open_workspace(workspace)
    shared = shared_of(held)
    if shared is None:
        fail([f"{run} is carried out by whoever resumed it: stop it there, with Ctrl-C. Only runs that are shared are stopped from here."])
    holder = shared.ask_to_stop(run)
    say(f"{run} stops at the next safe point ({holder}): unless runbook status {run}" if holder else f"Nobody carries {run} out now.")


def status(
    run: Annotated[str, typer.Argument(help="One run; all when left out.")] = "",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Say where runs are, from their journals."""
    from migration.errors import MigrationError
    from migration.execution import runs

    held = open_workspace(workspace)
    folder, shared = runs_of(held, run), shared_of(held)
    holders = shared.holders() if shared else {}
    rows: list[dict[str, object]] = []
    damaged: list[str] = []
    for name in [run] if run else runs.names(folder):
        try:
            found = runs.status(folder, name)
        except MigrationError as wrong:
            damaged += wrong.faults
            continue
        by = holders.get(name, "")
        rows.append({**_row(found.as_running() if by else found), **({"by": by} if shared else {})})
    columns = ("run", "wave", "state", "done", "steps", "undone", "at_step", "latest_safe_abort", "resumed", "started", "last")
    table(rows, (*columns, "by") if shared else columns, as_json=as_json)
    if damaged:
        fail(damaged)


def hands(held: Workspace, *, yes: bool, by: str, workers: int, leave: bool = False) -> Hands:
    """What a run from this terminal has: the clock, the environment, the person at the keyboard, the keeper of its gates."""
    from console.answers import answers
    from migration.execution.interpreter import Hands

    return Hands(
        lambda: datetime.now(UTC),
        dict(os.environ),
        answers(yes=yes, by=by),
        note,
        _stop_on_interrupt(),
        workers,
        gates=keeper_of(held),
        shared=shared_of(held),
        leaves=leave,
    )


def _stop_on_interrupt() -> threading.Event:
    """The first Ctrl-C asks the run to stop at the next safe point; the second ends the program, which a run survives too."""
    import signal

    stop = threading.Event()

    def ask(number: int, frame: object) -> None:
        del number, frame
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        note("Stopping at the next safe point; once more to end at once.")

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, ask)
    return stop


def _row(record: object) -> dict[str, object]:
    import dataclasses

    return {f.name: getattr(record, f.name) for f in dataclasses.fields(record)}  # type: ignore[arg-type]


def _where(held: Workspace) -> str:
    """What a command needs to find this workspace again: nothing where it is the usual one."""
    return "" if held.folder == DEFAULT_WORKSPACE else f" -w {shlex.quote(str(held.folder))}"


def _end(outcome: Outcome, held: Workspace) -> None:
    """Say how it ended, and what to do next."""
    s, where = outcome.status, _where(held)
    if outcome.answer == "done" and s.is_rehearsal and s.state == "rolled back":
        say(f"{s.run} is rehearsed: {s.done} steps there and {s.undone} back.")
        return
    if outcome.answer == "left":
        on = "Workers go on with it" if held.settings.runs.database else f"Go on with it: unless runbook resume {s.run}{where}"
        say(f"{s.run}: {s.done} of {s.steps} steps done. {on}. How it stands: unless runbook status {s.run}{where}")
        return
    if outcome.answer == "done":
        done = s.undone if s.state == "rolled back" else s.done
        say(f"{s.run} is {s.state}: {done} steps. Check it with: unless runbook verify {s.run}{where}")
        return
    back = "" if s.is_past_point_of_no_return else f"; go back with: unless runbook undo {s.run}{where}"
    tail = f"{s.run} is {outcome.answer} at {s.at_step} ({s.done} of {s.steps} steps done)."
    on = f"Go on with: unless runbook resume {s.run}{where}{back}"
    fail([*outcome.faults, f"{tail} {on}"], Exit.CANNOT_TELL if outcome.answer == "waiting" else Exit.FOUND)
