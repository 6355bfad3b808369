"""`unless plan`: waves, and requests for the first of them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, note, say, show_json, table
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from inventory.model import Estate
    from migration.model import Plan
    from migration.request_files import Written
    from migration.requests import Requests

OnOption = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The date of the plan; the settings' or today's when left out.")
]


def register(app: typer.Typer) -> None:
    """Add `plan` and `plan show`."""
    group = typer.Typer(invoke_without_command=True, help="Plan move groups and waves, and write requests for the first wave.")
    group.callback()(plan)
    group.command("show")(show)
    app.add_typer(group, name="plan")


def plan(context: typer.Context, workspace: WorkspaceOption = DEFAULT_WORKSPACE, on: OnOption = None, as_json: JsonOption = False) -> None:
    """Plan move groups and waves, and write requests for the first wave.

    Groups what shares servers or depends strongly on one another, puts the groups into waves within the capacity and
    outside the freezes of the calendar, easiest first, and says why for everything that is in no wave. Writes plan.json
    and, for the first wave, the requests of [plan] requests. A request that a person edited is kept.
    """
    if context.invoked_subcommand is not None:
        return
    held = open_workspace(workspace)
    made, requests, written = planned(held, on.date() if on else held.on)
    if as_json:
        show_json({"waves": made.waves, "unplanned": made.unplanned, "notes": made.notes, "requests": written, "refused": requests.refused})
        return
    _print_plan(made)
    _print_requests(requests, written, held)


def planned(held: Workspace, on: date) -> tuple[Plan, Requests, Written]:
    """Plan what was assessed; write plan.json and the requests of the first wave."""
    from migration.plan import write_plan
    from migration.request_files import write_requests
    from migration.requests import requests_of

    made, estate = _make(held, on)
    requests = requests_of(made, estate)
    try:
        written = write_requests(held.requests, requests.texts, held.settings.council.id)
        write_plan(held.path("plan.json"), made, estate)
    except OSError as wrong:
        fail([_why_not(wrong, Path(wrong.filename or held.requests))])
    return made, requests, written


def _why_not(wrong: OSError, path: Path) -> str:
    """What stopped the plan from being written, and what to do."""
    if path.is_symlink() and not path.exists():
        return f"{path} is a link that leads nowhere. Mend the link or remove it, and plan again."
    return f"{path} cannot be written: {wrong.strerror or wrong}. Make room for it, or name another folder."


def _make(held: Workspace, on: date) -> tuple[Plan, Estate]:
    from inventory.store import open_store
    from migration.assess import read
    from migration.plan import PlanTerms, make_plan

    file = held.path("assessments.json")
    assessments = {a.workload_id: a for a in read(file)}
    with open_store(held.estate_url) as store:
        estate, calendar_faults = store.load(), len(store.faults_in("freeze"))
    settings = held.settings.plan
    terms = PlanTerms(
        on=on,
        region=held.settings.assess.region,
        estate_digest=_digest(file, estate),
        first_wave_starts=settings.first_wave_starts,
        wave_days=settings.wave_days,
        workloads_per_wave=settings.workloads_per_wave,
        servers_per_wave=settings.servers_per_wave,
        calendar_faults=calendar_faults,
    )
    return make_plan(estate, assessments, terms), estate


def _digest(file: Path, estate: Estate) -> str:
    """The estate's digest, if it is the one that was assessed: a plan must not rest on another."""
    from migration.assessment_file import estate_digest

    now = estate_digest(estate)
    if json.loads(file.read_text("utf-8")).get("estate_digest") != now:
        fail(["The estate has changed since it was assessed. Run: unless assess"])
    return now


def _print_plan(made: Plan) -> None:
    from migration.plan.reasons import kind_of

    rows = [
        {
            "wave": w.id,
            "starts": w.starts,
            "ends": w.ends,
            "groups": len(w.group_ids),
            "workloads": len(w.workload_ids),
            "servers": len(w.server_ids),
        }
        for w in made.waves
    ]
    columns = ("wave", "starts", "ends", "groups", "workloads", "servers")
    if rows:
        table(rows, columns, as_json=False, title="Waves")
    else:
        say("No workload can be put into a wave yet.")
    reasons = Counter(kind_of(why) for why in made.unplanned.values())
    if reasons:
        table(
            [{"in no wave because": k, "workloads": n} for k, n in reasons.most_common()],
            ("in no wave because", "workloads"),
            as_json=False,
        )
    for sentence in made.notes:
        note(sentence)


def _print_requests(requests: Requests, written: Written, held: Workspace) -> None:
    if not requests.texts and not requests.refused and not written.removed:
        return
    how_many = "1 request" if len(requests.texts) == 1 else f"{len(requests.texts)} requests"
    say(
        f"{how_many} for the first wave in {held.settings.plan.requests}: {len(written.written)} written, "
        f"{len(written.same)} unchanged, {len(written.removed)} removed."
    )
    for name in written.kept:
        say(f"Kept {held.settings.plan.requests / name}: a person edited it. Delete it to have it written anew.")
    for sentence in requests.refused.values():
        say(f"No request for {sentence}")


def show(
    what: Annotated[str, typer.Argument(metavar="WAVE|ID", help="A wave, a move group or a workload, by id.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Show one wave, move group or workload of the plan, and why it stands where it stands."""
    from migration.plan import read_document

    document = read_document(open_workspace(workspace).path("plan.json"))
    for kind, draw in (("waves", _show_wave), ("groups", _show_group), ("workloads", _show_workload)):
        found = next((row for row in document[kind] if row["id"] == what), None)
        if found is not None:
            show_json(found) if as_json else draw(found, document)
            return
    fail([f"The plan has no wave, move group or workload {what!r}. Run unless plan to see the waves, or unless inventory for ids."])


def _show_wave(wave: dict[str, Any], document: dict[str, Any]) -> None:
    rows = [w for w in document["workloads"] if w["wave"] == wave["id"]]
    title = f"{wave['id']}: {wave['starts']} to {wave['ends']}, {len(wave['server_ids'])} servers"
    table(rows, ("id", "name", "readiness", "disposition", "group"), as_json=False, title=title)


def _show_group(group: dict[str, Any], document: dict[str, Any]) -> None:
    rows = [w for w in document["workloads"] if w["group"] == group["id"]]
    table(rows, ("id", "name", "readiness", "disposition", "wave"), as_json=False, title=group["id"])
    for heading, sentences in (("They move together because", group["because"]), ("What will reach across", group["crossings"])):
        if sentences:
            say(f"{heading}:")
            for sentence in sentences:
                say(f"  {sentence}")


def _show_workload(w: dict[str, Any], document: dict[str, Any]) -> None:
    where = f"{w['wave']}, in {w['group']}" if w["wave"] else document.get("unplanned", {}).get(w["id"], "in no wave")
    say(f"{w['name']} ({w['id']}): {where}")
    say(f"{w['readiness']}, {w['disposition'] or 'no disposition'}. {w['disposition_reason']}")
    if overruled := w.get("overruled"):
        say(overruled)
    rows = [t | {"pounds_a_month": f"{t['price']['monthly_pence'] / 100:.2f}" if t["price"] else "no price"} for t in w["targets"]]
    if rows:
        table(rows, ("subject", "kind", "sku", "region", "storage_gb", "pounds_a_month"), as_json=False, title="Targets")
