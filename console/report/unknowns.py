"""What nobody knows yet, and what to do about it; and what a director is asked to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from console.report.inputs import Inputs
from console.report.money import after
from console.report.portfolio import names
from console.report.verdicts import check, exceptions
from console.report.words import count, place


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing unknown: how much of it, why it matters, and what to do. `anchor` is where the page says more."""

    what: str
    matters: str
    remedy: str
    anchor: str


def gaps(inputs: Inputs) -> tuple[Gap, ...]:
    """Everything the page cannot tell, most fundamental first."""
    return (*_missing_files(inputs), *_unknown_workloads(inputs), *_unpriced(inputs), *_verdicts(inputs), *_rest(inputs))


def _missing_files(inputs: Inputs) -> Iterator[Gap]:
    if inputs.estate is None or not inputs.estate.servers:
        yield Gap("There is no estate.", "Nothing can be said of what the council has.", "Run unless import with the council's files.", "")
    if inputs.assessments is None:
        yield Gap("Nothing has been assessed.", "Nobody can say what is ready, nor what it would cost.", "Run unless assess.", "portfolio")
    if inputs.plan is None:
        yield Gap("There is no plan.", "There are no waves and no dates.", "Run unless plan.", "waves")
    if inputs.verdicts is None:
        yield Gap(
            "No policy check has been run.", "Nothing on this page says that the golden rules are met.", "Run unless check.", "policy"
        )
    yield from _older(inputs)


def _older(inputs: Inputs) -> Iterator[Gap]:
    estate, assessed, plan, verdicts = inputs.estate_digest, inputs.assessments, inputs.plan, inputs.verdicts
    if estate and assessed and assessed.estate_digest not in ("", estate):
        yield Gap(
            "The estate has changed since it was assessed.", "Its readiness is of another day.", "Run unless assess again.", "portfolio"
        )
    if plan and assessed and plan.estate_digest != assessed.estate_digest:
        yield Gap("The plan is older than the assessment.", "Its waves rest on another estate.", "Run unless plan again.", "waves")
    if plan and verdicts and verdicts.on < plan.on:
        yield Gap("The policy check is older than the plan.", "It did not judge this plan.", "Run unless check again.", "policy")


def _unknown_workloads(inputs: Inputs) -> Iterator[Gap]:
    rows = [a for a in inputs.assessments.assessments if a.readiness == "unknown"] if inputs.assessments else []
    if rows:
        remedies = Counter(remedy for a in rows for remedy in {f.remedy for f in a.findings if f.effect == "unknown" and f.remedy})
        asked = " ".join(f"{remedy} ({count(n, 'workload')})." for remedy, n in _bare(remedies).most_common(3))
        what = f"The readiness of {count(len(rows), 'workload')} is unknown: {names(rows)}."
        remedy = asked or "Ask the owners for the missing facts and import them."
        yield Gap(what, "Unknown never counts as ready, so none of them is in a wave.", remedy, "findings")


def _bare(remedies: Counter[str]) -> Counter[str]:
    return Counter({remedy.rstrip(". "): n for remedy, n in sorted(remedies.items())})


def _unpriced(inputs: Inputs) -> Iterator[Gap]:
    costs = after(inputs)
    if costs and costs.unpriced_targets:
        items = count(costs.priced_targets + costs.unpriced_targets, "item")
        what = f"{costs.unpriced_targets:,} of {items} to pay for in the cloud have no price."
        yield Gap(what, "The cost after the move is a part of the whole.", "Ask for a quotation, and state it in the request.", "cost")
    elsewhere = sum(s.targets for s in costs.sources if s.is_elsewhere) if costs else 0
    if costs and elsewhere:
        what = f"{count(elsewhere, 'price')} {'is' if elsewhere == 1 else 'are'} of another region than {place(costs.region)}."
        yield Gap(
            what, "The price in the council's own region may differ.", "Import prices of the region before the business case.", "cost"
        )


def _verdicts(inputs: Inputs) -> Iterator[Gap]:
    checked = check(inputs)
    if checked and (unknown := checked.totals.get("unknown", 0)):
        yield Gap(
            f"{count(unknown, 'policy verdict')} could not be given.",
            "Unknown is not a pass: a mandatory control stops the deployment all the same.",
            "See the controls below for what each one could not see.",
            "policy",
        )


def _rest(inputs: Inputs) -> Iterator[Gap]:
    if inputs.faults:
        files = len({f for f, _ in inputs.faults})
        what = f"{count(len(inputs.faults), 'fault')} in {count(files, 'imported file')}."
        yield Gap(what, "The rows concerned were left out or are incomplete.", "Correct the files and import them again.", "faults")
    if inputs.estate and not inputs.estate.cost_lines:
        yield Gap("What the estate costs now is not known.", "There is nothing to compare with.", "Import the costs sheet.", "cost")
    yield from (Gap(n, "The waves rest on it.", "", "waves") for n in (inputs.plan.notes if inputs.plan else ()))


def decisions(inputs: Inputs) -> tuple[Gap, ...]:
    """What only a person with authority can settle, most pressing first."""
    return (*_blocking(inputs), *_exceptions(inputs), *_too_large(inputs))


def _blocking(inputs: Inputs) -> Iterator[Gap]:
    checked = check(inputs)
    if checked and checked.blocking:
        worst = [c.title for c in checked.controls if c.blocks][:3]
        what = f"{count(checked.blocking, 'policy verdict')} stop the deployment."
        if checked.blocking == 1:
            what = "1 policy verdict stops the deployment."
        yield Gap(what, f"The gravest: {'; '.join(worst)}.", "Have each one mended, or approve an exception with an end date.", "policy")


def _exceptions(inputs: Inputs) -> Iterator[Gap]:
    lines = exceptions(inputs)
    for state, remedy in (("expired", "Renew each with a new case, or let its subject move."), ("ends soon", "Decide before the date.")):
        found = [e for e in lines if e.state == state]
        if found:
            verb = {"expired": "expired", "ends soon": "end within 90 days" if len(found) > 1 else "ends within 90 days"}[state]
            have = "have " if state == "expired" and len(found) > 1 else "has " if state == "expired" else ""
            yield Gap(f"{count(len(found), 'exception')} {have}{verb}.", ", ".join(e.id for e in found[:5]) + ".", remedy, "exceptions")
    uncited = [a for a in inputs.assessments.assessments if a.disposition == "retain" and not a.exception_id] if inputs.assessments else []
    if uncited:
        what = f"{count(len(uncited), 'workload')} would stay without an approved exception: {names(uncited)}."
        yield Gap(
            what,
            "The rule is cloud, unless there is a written, approved, dated reason.",
            "Approve one, or decide that it moves.",
            "exceptions",
        )


def _too_large(inputs: Inputs) -> Iterator[Gap]:
    large = [w for w, why in inputs.plan.unplanned.items() if why.startswith(("Too large:", "No window:"))] if inputs.plan else []
    if large:
        what = f"{count(len(large), 'workload')} fit into no wave."
        yield Gap(
            what, "They are tied together and exceed what one wave can take.", "Raise the capacity, or accept loosening a tie.", "waves"
        )
