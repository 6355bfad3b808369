"""Ties to hardware or place, and round trips shorter than a cloud can give.

A tie never keeps a workload in the data centre by itself: only an approved, unexpired exception does.
"""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Estate, Workload
from migration.assessors.finding import EFFECT_OF, from_source, known
from migration.disposition import decide, exception_for, lacking, lapsed_for
from migration.knowledge.words import says
from migration.model import Disposition, Effect, Finding
from migration.terms import STAY_CONTROL, Terms

NAME = "ties"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each tie, for the latency, and for exceptions that have lapsed or will before the cut-over."""
    if decide(workload, estate, terms).disposition is Disposition.RETIRE:
        return tuple(_lapsed(workload, estate, terms))
    raw = (*_ties(workload, terms), *_latency(workload, terms))
    return (*(_excused(f, workload, estate, terms) for f in raw), *_lapsed(workload, estate, terms), *_lapsing(workload, estate, terms))


def _ties(w: Workload, terms: Terms) -> Iterator[Finding]:
    efforts, evidence = terms.knowledge.efforts, from_source(w.sources, "ties")
    for said in w.ties:
        tie = next((t for t in terms.knowledge.ties if says(said, t.words)), None)
        if tie is None:
            reason = f"{w.name} is tied to something that is not in the catalogue ({said}), so whether it can move is not known."
            remedy = "Say what the tie is and whether it can be undone, or add it to ties.toml."
            yield Finding(NAME, w.id, w.id, Effect.UNKNOWN, reason, remedy, efforts["find-out"], evidence)
        else:
            lines = (*evidence, *((known(tie.reason, tie.source, tie.date),) if tie.source else ()))
            days = efforts["tie-blocks" if tie.effect == "blocks" else "tie-condition"]
            yield Finding(NAME, w.id, w.id, EFFECT_OF[tie.effect], f"{w.name} {tie.reason} ({said}).", tie.remedy, days, lines)


def _latency(w: Workload, terms: Terms) -> Iterator[Finding]:
    rule = terms.knowledge.latency
    if w.latency_ms is None or w.latency_ms < 0:
        return
    evidence = (*from_source(w.sources, "latency_ms"), known(f"under {rule.blocks_below_ms:g} ms is out of reach", rule.source, rule.date))
    bears = f"{w.name} bears a round trip of at most {w.latency_ms:g} ms"
    days = terms.knowledge.efforts
    if w.latency_ms < rule.blocks_below_ms:
        remedy = "Ask the supplier for a design that bears more, or apply for an exception."
        reason = f"{bears}, shorter than the way to a cloud region."
        yield Finding(NAME, w.id, w.id, Effect.BLOCKS, reason, remedy, days["tie-blocks"], evidence)
    elif w.latency_ms < rule.condition_below_ms:
        remedy = f"Measure the round trip from its users to {terms.region} before the cut-over."
        reason = f"{bears}, which the way to a cloud region may or may not keep."
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, days["tie-condition"], evidence)
    else:
        yield Finding(NAME, w.id, w.id, Effect.NONE, f"{bears}, which a cloud region in the United Kingdom keeps.", "", None, evidence)


def _excused(finding: Finding, w: Workload, estate: Estate, terms: Terms) -> Finding:
    """A tie under an exception is accepted until the exception ends; without one the finding says how to apply."""
    if finding.effect not in (Effect.BLOCKS, Effect.UNKNOWN):
        return finding
    entry = exception_for(w, estate, terms)
    if entry:
        reason = f"{finding.reason} Accepted by exception {entry.id} until {entry.expires_on}."
        remedy = f"Review exception {entry.id} before {entry.expires_on}."
        return Finding(NAME, w.id, finding.subject, Effect.CONDITION, reason, remedy, finding.effort_days, finding.evidence)
    entry_for = f"an entry in the exception register for control {STAY_CONTROL} and subject {w.id}"
    apply = f"To stay, it needs {entry_for}, approved, dated and with costed options."
    return Finding(
        NAME, w.id, finding.subject, finding.effect, finding.reason, f"{finding.remedy} {apply}", finding.effort_days, finding.evidence
    )


def _lapsed(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    if exception_for(w, estate, terms):
        return
    for entry in lapsed_for(w, estate, terms):
        evidence = (f"exception {entry.id}: {entry.rationale}",)
        if entry.expires_on and entry.expires_on < terms.on:
            why = f"expired on {entry.expires_on}"
        elif lacks := lacking(entry):
            reason = f"Whether {w.name} stays is not decided: exception {entry.id} {lacks}."
            remedy = f"Complete exception {entry.id} and have it approved, or take it out of the register."
            yield Finding(NAME, w.id, w.id, Effect.UNKNOWN, reason, remedy, None, evidence)
            continue
        else:
            why = f"is approved only from {entry.approved_on}"
        reason = f"Exception {entry.id} does not let {w.name} stay: it {why}."
        remedy = f"Move it, or have a new entry for control {STAY_CONTROL} approved."
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, None, evidence)


def _lapsing(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    entry = exception_for(w, estate, terms)
    if entry and entry.expires_on and entry.expires_on < terms.cutover_on:
        reason = (
            f"Exception {entry.id}, under which {w.name} stays, expires on {entry.expires_on}, before the cut-over on {terms.cutover_on}."
        )
        remedy = "Decide before that day whether it moves or the exception is approved again."
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, None, (f"exception {entry.id}: {entry.rationale}",))
