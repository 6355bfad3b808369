"""`unless carbon`: what workloads give off a year where they are and where they will be, from the least to the most that is published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import between, fail, note, plain, say, show_json, table
from console.workspace import Workspace, open_workspace
from inventory.whole import write_whole

if TYPE_CHECKING:
    from inventory.model import Estate
    from migration.carbon import EstateCarbon, Range, Side, WorkloadCarbon
    from migration.knowledge.carbon_model import CarbonFacts
    from migration.model import Assessment

FORMAT: Final = "cloud-unless/carbon-figures/1"
_WHOLE: Final = ("where", "workloads", "kWh a year", "kg CO2e a year")
_DRAWN: Final = ("where", "subject", "what", "watts")


def register(app: typer.Typer) -> None:
    """Add `carbon`."""
    app.command("carbon")(carbon)


def carbon(
    what: Annotated[str | None, typer.Argument(metavar="[ID]", help="A workload, by id; the whole estate when left out.")] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Say what workloads give off a year, on premises and afterwards: a range, with the sources of each end.

    Reads the estate and assessments.json. Publishers disagree about the grid, data centres and processors, so there is never one figure:
    each runs from the least to the most that is published (docs/concepts/carbon.md). What nobody knows is not known, never nothing, and
    only workloads of which both sides are known are set against each other. Without an ID, writes carbon.json, which the report shows.
    Exit code 1 when no workload has the id, or a file cannot be read.
    """
    from migration.assess import read

    held = open_workspace(workspace)
    path = held.path("assessments.json")
    assessments = read(path)
    estate, digest = _estate(held)
    if strange := sorted({a.workload_id for a in assessments} - set(estate.workload_by_id)):
        fail([f"{path} has a workload {i}, which the estate lacks. Run: unless assess" for i in strange])
    made, facts = _reckoned(held, assessments, estate)
    if what is not None:
        _one(what, made, assessments, facts, as_json=as_json)
        return
    told = {"format": FORMAT, "estate_digest": digest} | document(made, estate, facts)
    _write(held, json.dumps(plain(told), indent=2, ensure_ascii=False) + "\n")
    if as_json:
        show_json(told)
    else:
        _print(made, facts)


def document(made: EstateCarbon, estate: Estate, facts: CarbonFacts) -> dict[str, Any]:
    """The figures as JSON types."""
    sums = {name: plain(s) for name, s in (("whole", made.whole), ("comparable", made.comparable))}
    rows = [plain(w) | {"name": estate.workload_by_id[w.workload_id].name} for w in made.workloads]
    unknown = {"now": sum(not w.now.is_known for w in made.workloads), "after": sum(not w.after.is_known for w in made.workloads)}
    return sums | {"not_known": unknown, "workloads": rows, "sources": _sources(facts), "left_out": facts.left_out}


def _estate(held: Workspace) -> tuple[Estate, str]:
    from inventory.store import open_store
    from migration.assessment_file import estate_digest, read_digest

    with open_store(held.estate_url) as store:
        estate = store.load()
    digest = estate_digest(estate)
    if digest != read_digest(held.path("assessments.json")):
        fail(["The estate has changed since it was assessed. Run: unless assess"])
    return estate, digest


def _reckoned(held: Workspace, assessments: Sequence[Assessment], estate: Estate) -> tuple[EstateCarbon, CarbonFacts]:
    from migration.assessment_file import read_days
    from migration.carbon import reckon
    from migration.knowledge import load_knowledge
    from migration.terms import Terms

    settings = held.settings
    on, cutover_on = read_days(held.path("assessments.json"))
    knowledge = load_knowledge()
    terms = Terms(on, cutover_on, settings.assess.region, settings.assess.headroom_percent, knowledge)
    return reckon(assessments, estate, terms, settings.carbon.pue), knowledge.carbon


def _one(what: str, made: EstateCarbon, assessments: Sequence[Assessment], facts: CarbonFacts, *, as_json: bool) -> None:
    from console.commands.assess_view import nearest

    found = next((w for w in made.workloads if w.workload_id == what), None)
    if found is None:
        fail([f"No workload assessed is called {what!r}.{nearest(assessments, what)} All ids: unless assess list"])
    if as_json:
        show_json(plain(found) | {"sources": _sources(facts), "left_out": facts.left_out})
        return
    rows = [{"where": name, "subject": d.subject, "what": d.what, "watts": _words(d.watts)} for name, s in _both(found) for d in s.draws]
    table(rows, _DRAWN, as_json=False, title=f"{what}: what it draws, as a mean over the year")
    for name, side in _both(found):
        say(f"{name}: {_said(side)}")
        for sentence in side.unknown:
            note(f"{name}, not known: {sentence}.")
    _rest_on(found.now.carbon_kg, found.after.carbon_kg)


def _both(held: WorkloadCarbon) -> tuple[tuple[str, Side], ...]:
    return (("On premises", held.now), ("Afterwards", held.after))


def _said(side: Side) -> str:
    figures = f"{_words(side.energy_kwh)} kWh and {_words(side.carbon_kg)} kg CO2e a year"
    if side.is_known:
        return f"{figures}."
    return f"not known; of what is known, {figures}." if side.draws else "not known."


def _print(made: EstateCarbon, facts: CarbonFacts) -> None:
    many, both = made.whole.workloads, made.comparable
    known = (sum(w.now.is_known for w in made.workloads), sum(w.after.is_known for w in made.workloads))
    sides = [
        ("On premises, as far as known", f"{known[0]:,} of {many:,}", made.whole.now_kwh, made.whole.now_kg),
        ("Afterwards, as far as known", f"{known[1]:,} of {many:,}", made.whole.after_kwh, made.whole.after_kg),
        ("On premises, where both are known", f"{both.workloads:,}", both.now_kwh, both.now_kg),
        ("Afterwards, where both are known", f"{both.workloads:,}", both.after_kwh, both.after_kg),
    ]
    rows = [(name, of, _words(kwh), _words(kg)) for name, of, kwh, kg in sides]
    table([dict(zip(_WHOLE, row, strict=True)) for row in rows], _WHOLE, as_json=False, title="Carbon of the estate")
    say("Only the last two lines may be set against each other. The grid is the same on both sides, so energy tells them apart better.")
    _rest_on(made.whole.now_kg, made.whole.after_kg)
    for sentence in facts.left_out:
        note(f"Not in it: {sentence}")


def _rest_on(*ranges: Range) -> None:
    for name, ends in (("least", [r.low for r in ranges]), ("most", [r.high for r in ranges])):
        if because := sorted({b for e in ends for b in e.because}):
            say(f"The {name} rests on: {', '.join(because)}.")


def _words(held: Range) -> str:
    return between(held.low.value, held.high.value)


def _sources(facts: CarbonFacts) -> list[dict[str, Any]]:
    return list(_each_source(facts))


def _each_source(facts: CarbonFacts) -> Iterator[dict[str, Any]]:
    from migration.carbon import MEASURED, SETTING

    for name, (what, source, on) in facts.names().items():
        yield {"id": name, "what": what, "source": source, "read_on": on}
    yield {"id": MEASURED, "what": "Power that was measured", "source": "the inventory: Power (W)", "read_on": None}
    yield {"id": SETTING, "what": "The council's own PUE", "source": "unless.toml: [carbon] pue", "read_on": None}


def _write(held: Workspace, text: str) -> None:
    path = held.path("carbon.json")
    try:
        write_whole(path, text)
    except OSError as wrong:
        fail([f"{path} cannot be written: {wrong.strerror or wrong}. Make room for it."])
