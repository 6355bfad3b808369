"""`unless case`: what staying, the minimum and the plan cost, by financial year, and how sure that is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, note, plain, say, show_json, table
from console.workspace import open_workspace
from inventory.whole import write_whole

if TYPE_CHECKING:
    from migration.business_case.model import BusinessCase
    from migration.business_case.sensitivity import Spread, Swing

FORMAT: Final = "cloud-unless/business-case-figures/1"

CaseOption = Annotated[
    Path | None,
    typer.Option("--case", metavar="FILE", help="The council's assumptions; case.toml beside the workspace when left out."),
]
BenefitsOption = Annotated[
    Path | None,
    typer.Option(
        "--benefits", metavar="FILE", help="The benefits register; benefits.toml beside the workspace when left out, if it is there."
    ),
]
XlsxOption = Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="Write a workbook with live formulas and charts here.")]
DrawsOption = Annotated[int, typer.Option("--draws", min=0, max=10_000, help="How many times to draw the assumptions; 0 for none.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Where the drawing begins: the same seed gives the same figures.")]


def register(app: typer.Typer) -> None:
    """Add `case`."""
    app.command("case")(case)


def case(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    file: CaseOption = None,
    benefits: BenefitsOption = None,
    xlsx: XlsxOption = None,
    draws: DrawsOption = 200,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Set out what staying, the minimum and the plan cost.

    Reads the estate, plan.json and case.toml, where the council gives its day rate, its dual running and what else only it can
    say, and prices/quoted.toml, which holds what was quoted for backup, monitoring, support and egress. Prints the cost of each by
    financial year, net present saving and payback, and how far the assumptions move them.
    What nobody has given is named and is not in the case. Writes business-case.json,
    which the report shows. Exit code 0 when it was done; 1 when a file cannot be read or is wrong.
    """
    from inventory.store import open_store
    from migration.assess import read
    from migration.assessment_file import estate_digest
    from migration.business_case import build, read_case
    from migration.business_case.benefits import read_benefits
    from migration.business_case.quotes import read_quotes
    from migration.business_case.sensitivity import simulate, tornado
    from migration.plan import read_plan

    held = open_workspace(workspace)
    path = file or held.project / "case.toml"
    if not path.exists():
        fail([f"{path} is not there. Write it as docs/guides/business-case.md shows, or name another with --case."])
    with open_store(held.estate_url) as store:
        estate = store.load()
    given = read_case(path, str(path), estate)
    if held.quoted.exists():
        given = given.model_copy(update={"quotes": read_quotes(held.quoted, str(held.quoted))})
    register_file = benefits or held.project / "benefits.toml"
    gains = read_benefits(register_file, str(register_file)) if benefits or register_file.exists() else ()
    plan = read_plan(held.path("plan.json"))
    if plan.estate_digest != estate_digest(estate):
        fail(["The estate has changed since it was planned. Run: unless assess, then unless plan"])
    plan = replace(plan, assessments={a.workload_id: a for a in read(held.path("assessments.json"))})
    made = build(estate, plan, given)
    if not any(w.lines for w in made.ways):
        fail(["The estate has no cost line and the plan costs nothing, so there is no case. Run: unless import costs.csv"])
    swings, spread = tornado(estate, plan, given), simulate(estate, plan, given, draws, seed) if draws else None
    if xlsx:
        from migration.business_case.workbook import workbook

        _write(xlsx, workbook(made, given, swings))
    told = (
        {"format": FORMAT, "estate_digest": plan.estate_digest}
        | document(made, swings, spread)
        | {"benefits": [b.model_dump(mode="json") for b in gains]}
    )
    _write(held.path("business-case.json"), json.dumps(plain(told), indent=2, ensure_ascii=False).encode() + b"\n")
    if as_json:
        show_json(told)
        return
    _print(made, swings, spread)
    if gains:
        columns = ("id", "owner", "measure", "baseline", "target", "date", "is_cashable")
        table([b.model_dump() for b in gains], columns, as_json=False, title="Benefits")
    if xlsx:
        say(f"Written to {xlsx}.")


def document(made: BusinessCase, swings: tuple[Swing, ...], spread: Spread | None) -> dict[str, Any]:
    """The case as JSON types; money is whole pence."""
    return {
        "starts": made.starts,
        "discount_percent": str(made.discount_percent),
        "years": made.year_names,
        "ways": [w | {"lines": list(_lines(made, w["choice"]))} for w in _ways(made)],
        "tornado": [
            {"key": s.key, "low": str(s.low), "high": str(s.high), "low_pence": s.low_pence, "high_pence": s.high_pence} for s in swings
        ],
        "simulation": spread,
        "not_in_this_case": made.missing,
    }


def _ways(made: BusinessCase) -> list[dict[str, Any]]:
    from migration.business_case import Choice, Kind, payback_months, present_pence, saving_by_month
    from migration.business_case.sensitivity import net_saving_pence

    stay = made.way(Choice.STAY)
    return [
        {
            "choice": w.choice.value,
            "is_at_least": w.is_at_least,
            "total_pence": w.total,
            "capital_pence": sum(w.years_of(Kind.CAPITAL)),
            "revenue_pence": sum(w.years_of(Kind.REVENUE)),
            "year_pence": w.years,
            "present_pence": present_pence(w.years, made.discount_percent),
            "net_present_saving_pence": net_saving_pence(made, w.choice),
            "payback_months": None if w.choice is Choice.STAY else payback_months(saving_by_month(stay.months, w.months)),
            "by_workload_pence": w.by_workload(),
            "by_service_pence": w.by_service(),
            "reasons": w.reasons,
        }
        for w in made.ways
    ]


def _lines(made: BusinessCase, choice: str) -> list[dict[str, Any]]:
    way = next(w for w in made.ways if w.choice.value == choice)
    return [
        {
            "name": line.name,
            "kind": line.kind,
            "workload_id": line.workload_id,
            "service": line.service,
            "year_pence": line.years,
            "because": line.because,
        }
        for line in way.lines
    ]


def _print(made: BusinessCase, swings: tuple[Swing, ...], spread: Spread | None) -> None:
    ways = _ways(made)
    rows = [
        {
            "": w["choice"],
            **{y: _pounds(p) for y, p in zip(made.year_names, w["year_pence"], strict=True)},
            "total": _pounds(w["total_pence"]),
        }
        for w in ways
    ]
    table(rows, ("", *made.year_names, "total"), as_json=False, title="Cost by financial year")
    for w in ways:
        at_least = " at least, because something has no price or no estimate" if w["is_at_least"] else ""
        say(f"{w['choice']}: {_pounds(w['present_pence'])} at the value of the first year{at_least}. {_payback(w, made)}")
    if swings:
        moved = [{"assumption": s.key, "at its low": _pounds(s.low_pence), "at its high": _pounds(s.high_pence)} for s in swings]
        table(moved, ("assumption", "at its low", "at its high"), as_json=False, title="Net present saving of the plan")
    if spread:
        low, middle, high = (_pounds(p) for p in (spread.p10_pence, spread.p50_pence, spread.p90_pence))
        say(f"In {spread.draws:,} draws the plan saves {middle} in the middle, {low} at one in ten, {high} at nine in ten.")
    for sentence in made.missing:
        note(sentence)


def _payback(way: dict[str, Any], made: BusinessCase) -> str:
    """The saving of a way against staying, and when it has paid for itself."""
    if way["choice"] == "stay":
        return ""
    saves, months = way["net_present_saving_pence"], way["payback_months"]
    said = f"It saves {_pounds(saves)}" if saves >= 0 else f"It costs {_pounds(-saves)} more"
    if months is None:
        return f"{said} than staying, and does not pay back within the case."
    if months == 0:
        return f"{said} against staying, and never costs more."
    year, month = divmod(made.starts.month - 1 + months - 1, 12)
    return f"{said} against staying, and has paid back in {made.starts.year + year}-{month + 1:02d}."


def _pounds(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def _write(path: Path, held: bytes) -> None:
    try:
        write_whole(path, held)
    except OSError as wrong:
        fail([f"{path} cannot be written: {wrong.strerror or wrong}. Make room for it, or name another file."])
