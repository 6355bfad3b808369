"""`unless telemetry`: samples of what servers use, and their exact figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.markup import escape

from console.commands.import_ import write_faults
from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import counted, err, fail, note, progress, say, show_json, table
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from inventory.model import Fault
    from inventory.telemetry.importing import SampleResult
    from inventory.telemetry.store import Telemetry
    from inventory.telemetry.summary import Window

_SHOWN = 40
telemetry = typer.Typer(help="Samples of what servers use, and their exact figures.", invoke_without_command=True)
FromOption = Annotated[
    str, typer.Option("--from", help="First day, YYYY-MM-DD; the first that has samples unless given.", show_default=False)
]
ToOption = Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD; the last that has samples unless given.", show_default=False)]
PercentileOption = Annotated[
    list[float] | None, typer.Option("--percentile", "-p", help="A percentile to show (may be repeated); 50, 95 and 99 unless given.")
]


def register(app: typer.Typer) -> None:
    """Add `unless telemetry` and its sub-commands."""
    app.add_typer(telemetry, name="telemetry")


@telemetry.callback()
def held(context: typer.Context, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    """Samples of what servers use, and their exact figures. Without a sub-command: what was imported."""
    if context.invoked_subcommand:
        return
    place = _telemetry(open_workspace(workspace))
    files = place.files
    if as_json:
        show_json({"servers": len(place.servers), "days": place.days, "files": files})
        return
    if not files:
        say("There are no samples yet. Start with: unless telemetry import FILE…")
        return
    rows = [
        {"file": f.file, "layout": f.layout, "servers": f.servers, "samples": f.samples, "first": f.first, "last": f.last} for f in files
    ]
    table(rows, ("file", "layout", "servers", "samples", "first", "last"), as_json=False)
    say(f"{counted(len(place.servers), 'server')}, {counted(len(place.days), 'day')}.")


@telemetry.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Files of samples.", show_default=False, readable=False)],
    timezone: Annotated[str, typer.Option("--timezone", help="Where times are of that name no zone of their own.")] = "Europe/London",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Read samples: CSV of Performance Monitor, sar and sadf -d, Bitbrains, or a table with a server, a time and a metric.

    Good samples are kept and every fault is named; the exit code is then 1. Samples that come again replace those that are
    there. Each month's 95th percentiles then stand in the estate, for sizes, with their coverage.
    """
    from inventory.store import open_store
    from inventory.telemetry.importing import SOURCE, import_samples, utilisation_of

    place = open_workspace(workspace)
    zone, today = _zone(timezone), _today()
    with progress("Reading", total=None) as bar:

        def step(text: str) -> None:
            bar.update(bar.task_ids[0], description=escape(text))

        results = import_samples(_telemetry(place), files, today, zone, on_step=step)
        step("Summing up")
        with open_store(place.estate_url) as store:
            if any(not r.is_unchanged and r.samples for r in results):
                store.save([utilisation_of(_telemetry(place), today)])
            of_estate = tuple(store.faults().get(SOURCE, ()))
            write_faults(place.path("faults.json"), store.faults())
    if as_json:
        show_json({"files": results, "faults_in_the_estate": of_estate})
    else:
        _print(results, of_estate)
    if of_estate or any(r.faults for r in results):
        raise typer.Exit(Exit.FOUND)


@telemetry.command("summary")
def summary(
    server: Annotated[str, typer.Option("--server", help="Only servers whose name holds this text, whatever its case.")] = "",
    first: FromOption = "",
    last: ToOption = "",
    percentile: PercentileOption = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the table to this file as CSV.")] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Exact percentiles, maximum, coverage and gaps of each server and metric.

    A percentile is by nearest rank: the smallest sample that at least that share of the samples does not exceed. Coverage is the
    samples taken against those that the days have room for; a gap is more than one and a half intervals without a sample.
    """
    import polars as pl

    from inventory.telemetry.figures import table_of
    from inventory.whole import write_whole

    place = _telemetry(open_workspace(workspace))
    wanted = sorted(set(percentile or (50.0, 95.0, 99.0)))
    if any(not 0 < p <= 100 for p in wanted):
        fail(["A percentile is above 0 and at most 100."], Exit.USAGE)
    window = _window(place, first, last)
    whole = table_of(place, window, wanted)
    chosen = whole.filter(pl.col("server").str.contains(server.casefold(), literal=True))
    if output is not None:
        try:
            write_whole(output, chosen.write_csv())
        except OSError as wrong:
            fail([f"{output}: cannot be written ({wrong.strerror or wrong}). Choose another place."])
        note(f"Written to {output}: {len(chosen):,} rows.")
    elif as_json:
        show_json({"from": window.first, "to": window.last, "rows": chosen.to_dicts()})
    else:
        table([_shown(r) for r in chosen.to_dicts()], tuple(_shown(dict.fromkeys(chosen.columns))), as_json=False)
        say(f"{window.first} to {window.last}, {counted(chosen['server'].n_unique(), 'server')}.")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row as a person reads it: nothing measured is a dash, seconds are minutes or hours."""
    hidden = ("interval_seconds", "longest_gap_seconds", "expected")
    kept = {k: "-" if v is None else f"{v:g}" if isinstance(v, float) else v for k, v in row.items() if k not in hidden}
    return {**kept, "every": _span(row["interval_seconds"]), "longest_gap": _span(row["longest_gap_seconds"])}


def _span(seconds: int | None) -> str:
    if not seconds:
        return "-"
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f} min".replace(".0 ", " ")
    return f"{seconds / 3600:.1f} h"


def _telemetry(place: Workspace) -> Telemetry:
    from inventory.telemetry.store import Telemetry

    return Telemetry(place.path("telemetry"))


def _window(place: Telemetry, first: str, last: str) -> Window:
    from inventory.telemetry.summary import Window

    whole = place.window()
    if whole is None:
        fail(["There are no samples yet. Start with: unless telemetry import FILE…"], Exit.FOUND)
    days = [_day("--from", first) or whole.first, _day("--to", last) or whole.last]
    if days[0] > days[1]:
        fail([f"--from {days[0]} is after --to {days[1]}."], Exit.USAGE)
    return Window(*days)


def _day(option: str, written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        fail([f"{option} {written}: is not a date. Write it as 2026-11-22."], Exit.USAGE)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fail([f"--timezone {name}: is not a time zone. Write it as Europe/London or UTC."], Exit.USAGE)


def _today() -> date:
    return datetime.now(UTC).date()


def _print(results: Sequence[SampleResult], of_estate: Sequence[Fault]) -> None:
    for r in results:
        held = f"{r.layout}, {r.samples:,} samples of {counted(r.servers, 'server')}"
        said = held if r.layout and r.samples else "nothing in it was used"
        say(f"{r.file}: {said}" + ("; the same as when it was last imported." if r.is_unchanged else "."))
    faults = [*(f for r in results for f in r.faults), *of_estate]
    if faults:
        note(f"{counted(len(faults), 'fault')}. What is good was kept; mend what follows, and import again:")
    for fault in faults[:_SHOWN]:
        err().print(f"  {fault}", markup=False)
    if len(faults) > _SHOWN:
        note(f"  … and {len(faults) - _SHOWN:,} more: use --json to see all.")
