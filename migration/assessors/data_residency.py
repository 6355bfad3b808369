"""Whether the region is where the data has been promised to stay."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Estate, Sources, Workload
from migration.assessors.finding import from_source
from migration.disposition import decide
from migration.knowledge.words import says
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "data-residency"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each promise about the workload's data and its datasets; no promise is no finding."""
    disposition = decide(workload, estate, terms).disposition
    if disposition in (Disposition.RETIRE, Disposition.RETAIN):
        return ()
    bought = disposition is Disposition.REPURCHASE
    return tuple(_finding(*promise, workload, terms, bought=bought) for promise in _promises(workload, estate))


def _promises(w: Workload, estate: Estate) -> Iterator[tuple[str, str, str, Sources]]:
    if w.kept_in.strip():
        yield w.id, f"Data of {w.name}", w.kept_in, w.sources
    for d in estate.datasets_by_workload.get(w.id, ()):
        if d.kept_in.strip():
            yield d.id, f"Dataset {d.name}", d.kept_in, d.sources


def _finding(subject: str, what: str, said: str, sources: Sources, w: Workload, terms: Terms, *, bought: bool) -> Finding:
    place = next((p for p in terms.knowledge.places if says(said, p.words)), None)
    days, lines = terms.knowledge.efforts["assessment-of-data"], from_source(sources, "kept_in")
    if place is None:
        reason = f"{what} must stay in {said}, a place that is not in the catalogue, so whether {terms.region} is there is not known."
        remedy = "Add the place and its regions to residency.toml, or correct the register."
        return Finding(NAME, w.id, subject, Effect.UNKNOWN, reason, remedy, days, lines)
    if place.anywhere:
        return Finding(NAME, w.id, subject, Effect.NONE, f"{what} may be kept anywhere ({said}).", "", None, lines)
    if bought:
        reason = f"{what} must stay in {said}, and where the service keeps it is its supplier's to say."
        return Finding(NAME, w.id, subject, Effect.CONDITION, reason, "Have the supplier write the place into the contract.", days, lines)
    if terms.region in place.regions:
        return Finding(NAME, w.id, subject, Effect.NONE, f"{what} must stay in {said}, and {terms.region} is there.", "", None, lines)
    remedy = "Choose a region that is there, or have whoever was promised it agree to the new place."
    reason = f"{what} must stay in {said}, and {terms.region} is not there."
    return Finding(NAME, w.id, subject, Effect.BLOCKS, reason, remedy, days, lines)
