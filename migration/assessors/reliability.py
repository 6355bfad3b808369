"""How often the workload may fail, what its fault log proves, and which design is promised to keep within that."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from inventory.model import Estate, Workload
from migration.assessors.finding import from_source, known
from migration.disposition import database_servers, decide, is_off
from migration.knowledge.model import ReliabilityDesign
from migration.model import Disposition, Effect, Finding
from migration.reliability import chance_above, in_series, outages_allowed, redundant, upper_bound, years_to_prove
from migration.terms import Terms

NAME = "reliability"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """Findings on the fault log, held against the council's limit where nobody has said another, and on the design."""
    if decide(workload, estate, terms).disposition is Disposition.RETIRE:
        return ()
    said = workload.failures_per_year_tolerated
    accepted = terms.knowledge.reliability.accept_per_year if said is None else said
    design = () if said is None else _design(workload, accepted, estate, terms)
    return (*_evidence(workload, accepted, terms), *design)


def _evidence(w: Workload, accepted: float, terms: Terms) -> Iterator[Finding]:
    rules, failures, years = terms.knowledge.reliability, w.failures_observed, w.observed_years
    sure, forbidden = rules.confidence_percent / 100, max(rules.forbid_per_year, accepted)
    if failures is None:
        return
    if years is None:
        reason = f"{w.name} failed {_times(failures)}, but nobody has said in how many years, so how often it fails is not known."
        yield _said(w, Effect.CONDITION, reason, "Record over how many years its faults were counted.", terms, "failures_observed")
        return
    bound = upper_bound(failures, years, sure)
    log = f"{w.name} failed {_times(failures)} in {_years(years)}"
    seen = f"{log}, which proves fewer than {bound:.2g} a year at {rules.confidence_percent:g} %"
    if failures and chance_above(forbidden, failures, years) >= sure:
        reason = f"{w.name} failed {_times(failures)} in {_years(years)}: it fails more than {forbidden:g} times a year already."
        remedy = "Find out what fails: a fault of the application moves with it."
        yield _said(w, Effect.CONDITION, reason, remedy, terms, "failures_observed")
    elif bound <= accepted:
        yield _said(w, Effect.NONE, f"{seen}, within the {accepted:g} tolerated.", "", terms, "failures_observed")
    else:
        need = f" {_years(years_to_prove(accepted, sure))} without a failure would." if accepted else " No log can."
        reason = f"{seen}; that does not prove the {accepted:g} tolerated.{need}"
        yield _said(w, Effect.NONE, reason, "", terms, "failures_observed")


def _design(w: Workload, accepted: float, estate: Estate, terms: Terms) -> Iterator[Finding]:
    machines = _machines(w, estate, terms)
    if not machines or not w.rto_hours:
        return
    rules = terms.knowledge.reliability
    rooms = [(d, _room(d, machines, w.rto_hours)) for d in rules.designs]
    fitting = [d for d, room in rooms if room <= accepted]
    best, least = rooms[-1]
    of = f"{w.name} ({_count(machines)} in a row, down for {w.rto_hours:g} hours or more at most {accepted:g} times a year)"
    if not fitting:
        reason = f"No design promises what is asked of {of}: {best.name} for each leaves room for {least:.2g} a year."
        twice = outages_allowed(redundant(in_series([best.availability_percent / 100] * machines), 2, 1), w.rto_hours)
        remedy = "Agree with its owner on a longer recovery or more failures, or have its supplier design it for a second region:"
        remedy += f" one that fails by itself and takes over at once would leave room for {_small(twice)} a year."
        yield _promised(w, Effect.CONDITION, reason, remedy, best, terms)
    elif fitting[0].machines > 1:
        single = max((d for d in rules.designs if d.machines == 1), key=lambda d: d.availability_percent)
        room = _room(single, machines, w.rto_hours)
        reason = f"One machine does not promise what is asked of {of}: {single.name} leaves room for {room:.2g} a year."
        remedy = f"Ask its supplier whether it runs on {fitting[0].name}, and ask for that in its request."
        yield _promised(w, Effect.CONDITION, reason, remedy, fitting[0], terms)
    elif _spread(w, w.rto_hours, terms) and least * rules.over_engineered_times <= accepted:
        reason = f"{_start(fitting[0].name)} promises what is asked of {of}; its criticality, {w.criticality}, has it spread over zones,"
        reason += f" which leaves room for {least:.2g} a year and costs a second machine."
        yield _promised(w, Effect.NONE, reason, "Lower its criticality, or say why it is worth the second machine.", best, terms)
    else:
        reason = f"{_start(fitting[0].name)} promises what is asked of {of}."
        yield _promised(w, Effect.NONE, reason, "", fitting[0], terms)


def _room(design: ReliabilityDesign, machines: int, hours: float) -> float:
    return outages_allowed(in_series([design.availability_percent / 100] * machines), hours)


def _machines(w: Workload, estate: Estate, terms: Terms) -> int:
    decision = decide(w, estate, terms)
    replaced = database_servers(w, estate) if decision.disposition is Disposition.REPLATFORM else frozenset[str]()
    return sum(not is_off(s) and s.id not in replaced for s in estate.servers_of(w)) if decision.moves_servers else 0


def _spread(w: Workload, hours: float, terms: Terms) -> bool:
    rules = terms.knowledge.reliability
    return w.criticality in rules.spread_criticalities and hours < rules.spread_below_rto_hours


def _said(w: Workload, effect: Effect, reason: str, remedy: str, terms: Terms, field: str) -> Finding:
    days = terms.knowledge.efforts["find-out"] if effect is not Effect.NONE else None
    return Finding(NAME, w.id, w.id, effect, reason, remedy, days, from_source(w.sources, field))


def _promised(w: Workload, effect: Effect, reason: str, remedy: str, design: ReliabilityDesign, terms: Terms) -> Finding:
    lines = (known(f"{design.name}: {design.availability_percent:g} %", design.source, design.date),)
    days = terms.knowledge.efforts["redundancy"] if effect is not Effect.NONE else None
    return Finding(NAME, w.id, w.id, effect, reason, remedy, days, (*from_source(w.sources, "rto_hours"), *lines))


def _small(rate: float) -> str:
    """Two figures that count, never in powers of ten: `0.000088`."""
    return f"{Decimal(f'{rate:.2g}'):f}"


def _times(failures: int) -> str:
    return {0: "not once", 1: "once"}.get(failures, f"{failures} times")


def _years(years: float) -> str:
    return "1 year" if years == 1 else f"{years:.3g} years"


def _start(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _count(machines: int) -> str:
    return "1 machine" if machines == 1 else f"{machines} machines"
