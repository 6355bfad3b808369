"""How far apart its packets may come, and whether it sends to many at once, which a virtual network does not carry."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Estate, Workload
from migration.assessors.finding import from_source, known
from migration.disposition import decide
from migration.knowledge.words import says
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "network-needs"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """Findings on the jitter that the register says it bears, and on multicast. What nobody has said is not looked at."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    return (*_jitter(workload, terms), *_multicast(workload, estate, terms))


def _jitter(w: Workload, terms: Terms) -> Iterator[Finding]:
    rule = terms.knowledge.operation.jitter
    if w.jitter_ms is None:
        return
    lines = (*from_source(w.sources, "jitter_ms"), known(f"{rule.condition_below_ms:g} ms is what calls bear", rule.source, rule.date))
    bears = f"{w.name} bears jitter of at most {w.jitter_ms:g} ms"
    if w.jitter_ms < rule.condition_below_ms:
        remedy = f"Measure the jitter from its users and partners to {terms.region} on a working day before the cut-over."
        days = terms.knowledge.efforts["tie-condition"]
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, f"{bears}, less than a call over the internet does.", remedy, days, lines)
    else:
        yield Finding(NAME, w.id, w.id, Effect.NONE, f"{bears}, as much as a call over the internet does.", "", None, lines)


def _multicast(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    """By the register; else by the words of an interface or a dependency, unless it is a tie already."""
    rule = terms.knowledge.operation.multicast
    lines = from_source(w.sources, "multicast") if w.multicast is not None else _said_elsewhere(w, estate, terms)
    if any(says(tie, rule.words) for tie in w.ties) or not lines:
        return
    evidence = (*lines, known("not carried by a virtual network", rule.source, rule.date))
    if w.multicast is False:
        yield Finding(NAME, w.id, w.id, Effect.NONE, f"{w.name} does not use multicast.", "", None, evidence)
    else:
        reason = f"{w.name} uses multicast, which a virtual network in Azure does not carry."
        remedy = "Ask its supplier for a unicast setting, or for a relay that makes one of the other."
        days = terms.knowledge.efforts["tie-condition"]
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, days, evidence)


def _said_elsewhere(w: Workload, estate: Estate, terms: Terms) -> tuple[str, ...]:
    words = terms.knowledge.operation.multicast.words
    links = [i for i in estate.interfaces_by_workload.get(w.id, ()) if says(f"{i.medium} {i.standard}", words)]
    needs = [d for d in estate.dependencies_by_workload.get(w.id, ()) if says(d.description, words)]
    return (*(f"interface {i.id}: {i.medium} {i.standard}".rstrip() for i in links), *(d.description for d in needs))
