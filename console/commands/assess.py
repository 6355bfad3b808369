"""`unless assess`: what is ready to move, what becomes of it, on what size and at what price, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands import assess_view
from console.known_prices import known
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, progress, say, show_json, table
from console.questions import questions_of
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from inventory.model import Estate, ExceptionEntry, Fault
    from migration.model import Assessment
    from migration.overrules import Overrules

OnOption = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], metavar="DATE", help="The date of the assessment; the settings' or today's when left out."),
]
CutoverOption = Annotated[
    datetime | None,
    typer.Option(
        "--cutover",
        formats=["%Y-%m-%d"],
        metavar="DATE",
        help="The date on which support must still hold; the settings' or the assessment's when left out.",
    ),
]
ReadinessOption = Annotated[
    str | None, typer.Option("--readiness", metavar="WHICH", help="Only these: ready, ready-with-conditions, not-ready or unknown.")
]
DispositionOption = Annotated[
    str | None,
    typer.Option(
        "--disposition", metavar="WHICH", help="Only these: retire, repurchase, replatform, rehost, refactor, relocate or retain."
    ),
]


def register(app: typer.Typer) -> None:
    """Add `assess`, `assess list` and `assess show`."""
    group = typer.Typer(invoke_without_command=True, help="Assess every workload: readiness, disposition, size and price.")
    group.callback()(assess)
    group.command("list")(list_)
    group.command("show")(show)
    app.add_typer(group, name="assess")


def assess(
    context: typer.Context,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    on: OnOption = None,
    cutover: CutoverOption = None,
    as_json: JsonOption = False,
) -> None:
    """Assess every workload: readiness, disposition, size and price.

    Asks every assessor about every workload of the estate, writes assessments.json and prints how many workloads stand
    where. What nobody has said makes a workload unknown, never ready. Where policies/overrules.toml says who decided otherwise,
    why and until when, that counts, and is shown with what the rules say. Exit code 0 when it was done, whatever was found; 1 when the
    settings, the exception register or the estate cannot be read, an overrule counts for nothing, a price is left out, or an
    answer to a questionnaire is wrong.
    """
    if context.invoked_subcommand is not None:
        return
    held = open_workspace(workspace)
    made, faults = assessed(held, on.date() if on else held.on, cutover.date() if cutover else None)
    rows = assess_view.summary(made)
    table(rows, assess_view.SUMMARY, as_json=as_json, title=f"{len(made):,} workloads assessed")
    if not as_json:
        say(assess_view.money(made))
        if overruled := sum(bool(a.overruled) for a in made):
            say(f"{overruled:,} overruled by people: unless assess list --overruled.")
        say(f"Written to {held.path('assessments.json')}. Why: unless assess show ID, or unless assess list --readiness unknown.")
    if faults:
        fail(faults)


def assessed(held: Workspace, on: date, cutover: date | None = None) -> tuple[tuple[Assessment, ...], tuple[Fault | str, ...]]:
    """Assess the workspace's estate as on a date, with a progress bar, and write assessments.json.

    The faults, a sentence each, are of overrules that count for nothing, of prices that are left out and of answers to questionnaires.
    """
    from inventory.store import open_store
    from migration.assess import Terms, assess_estate, write
    from migration.purchase import Purchase

    settings = held.settings.assess
    cutover_on = cutover or settings.cutover_on or on
    if cutover_on < on:
        fail([f"The cut-over on {cutover_on} is before the assessment on {on}. Give a later --cutover, or correct [assess] cutover_on."])
    with open_store(held.estate_url) as store:
        estate = store.load()
    if not estate.workloads:
        fail([f"The estate in {held.folder} has no workload. Run: unless import FILE"])
    overrules = _overrules(held, estate, on)
    knowledge, wrong_prices = known(held, on)
    buys = Purchase(settings.prices.term, settings.prices.hours)
    terms = Terms(
        on,
        cutover_on,
        settings.region,
        settings.headroom_percent,
        knowledge,
        overrules.held,
        buys,
        settings.percentile,
        {m: v for m, v in settings.headroom.model_dump().items() if v is not None},
        settings.contract_years,
    )
    judged = replace(estate, exceptions=_exceptions(held, estate, on))
    questions = questions_of(held, judged, terms)
    terms = questions.terms
    with progress("Assessing", len(estate.workloads)) as bar:
        made = assess_estate(judged, terms, lambda: bar.advance(bar.task_ids[0]))
    write(held.path("assessments.json"), made, estate, terms)
    return made, (*overrules.faults, *wrong_prices, *questions.faults())


def _overrules(held: Workspace, estate: Estate, on: date) -> Overrules:
    """What people overrule on that day; nothing when there is no such file."""
    from migration.overrules import Overrules, read_overrules

    if not held.overrules.exists():
        return Overrules({})
    return read_overrules(held.overrules, held.settings.assess.overrules.as_posix(), estate, on)


def _exceptions(held: Workspace, estate: Estate, on: date) -> tuple[ExceptionEntry, ...]:
    """The estate's exceptions and those of the register that the settings name, which is the newer of the two."""
    from inventory.importing import estate_from_files

    if not held.exceptions.exists():
        return estate.exceptions
    register, faults = estate_from_files([held.exceptions], on)
    if faults:
        fail(faults)
    by_id = {e.id: e for e in (*estate.exceptions, *register.exceptions)}
    return tuple(by_id[i] for i in sorted(by_id))


def list_(
    readiness: ReadinessOption = None,
    disposition: DispositionOption = None,
    overruled: Annotated[bool, typer.Option("--overruled", help="Only those that somebody overruled.")] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """List the workloads as last assessed, with what decides each."""
    made = _read(workspace)
    wanted = assess_view.readiness_named(readiness) if readiness else None
    becomes = assess_view.disposition_named(disposition) if disposition else None
    chosen = [a for a in made if wanted in (None, a.readiness) and becomes in (None, a.disposition) and (a.overruled or not overruled)]
    table([assess_view.row(a) for a in chosen], assess_view.LISTED, as_json=as_json, title=f"{len(chosen):,} of {len(made):,} workloads")


def show(
    what: Annotated[str, typer.Argument(metavar="ID", help="A workload, by id; or a server, for the workloads it serves.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Say why one workload stands where it stands: finding by finding with evidence, then sizes and prices."""
    made = _read(workspace)
    found = assess_view.about(made, what)
    if not found:
        fail([f"Nothing assessed is called {what!r}.{assess_view.nearest(made, what)} All ids: unless assess list"])
    if as_json:
        show_json(found[0] if len(found) == 1 else found)
        return
    for assessment in found:
        assess_view.draw(assessment)


def _read(workspace: Path) -> Sequence[Assessment]:
    from migration.assess import read

    return read(open_workspace(workspace).path("assessments.json"))
