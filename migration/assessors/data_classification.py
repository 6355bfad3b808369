"""Whether the workload's data may be kept in the region, and what must be done first."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Classification, Dataset, Estate, Workload
from migration.assessors.finding import from_source, known
from migration.knowledge.model import DataClass
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "data-classification"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """Findings on the workload's classification, its personal data and its datasets. Nothing classified is missing data, said elsewhere."""
    held = terms.knowledge.classifications.get(workload.classification.value)
    findings = list(_place(workload, held, terms)) if held else []
    if workload.personal_data:
        findings.append(_personal(workload, terms))
    for dataset in estate.datasets_by_workload.get(workload.id, ()):
        findings += _dataset(dataset, workload, held, terms)
    return tuple(findings)


def _place(w: Workload, held: DataClass, terms: Terms) -> Iterator[Finding]:
    evidence = (*from_source(w.sources, "classification"), known(f"{held.name}: {', '.join(held.regions)}", held.source, held.date))
    days = terms.knowledge.efforts["assessment-of-data"]
    if terms.region not in held.regions:
        reason = f"Data of {w.name} is {held.name}, which is placed in {' or '.join(held.regions)} only, not in {terms.region}."
        yield Finding(NAME, w.id, w.id, Effect.BLOCKS, reason, "Choose one of those regions.", days, evidence)
    elif held.demands:
        reason = f"Data of {w.name} is {held.name}: it may be kept in {terms.region} once {len(held.demands)} things are in place."
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, " ".join(held.demands), days, evidence)
    else:
        yield Finding(
            NAME, w.id, w.id, Effect.NONE, f"Data of {w.name} is {held.name} and may be kept in {terms.region}.", "", None, evidence
        )


def _personal(w: Workload, terms: Terms) -> Finding:
    held = terms.knowledge.personal_data
    evidence = (*from_source(w.sources, "personal_data"), known("personal data", held.source, held.date))
    days = terms.knowledge.efforts["assessment-of-data"]
    return Finding(NAME, w.id, w.id, Effect.CONDITION, f"{w.name} holds personal data.", held.demand, days, evidence)


def _dataset(d: Dataset, w: Workload, held: DataClass | None, terms: Terms) -> Iterator[Finding]:
    days, evidence = terms.knowledge.efforts["agreement"], from_source(d.sources, "classification")
    mine = terms.knowledge.classifications.get(d.classification.value)
    if d.classification is Classification.UNKNOWN:
        reason = f"Nobody has classified dataset {d.name}."
        yield Finding(NAME, w.id, d.id, Effect.UNKNOWN, reason, "Ask its data owner to classify it.", days, evidence)
    elif held and mine and mine.rank > held.rank:
        reason = f"Dataset {d.name} is {mine.name}, higher than {w.name}, its system of record, which is {held.name}."
        yield Finding(NAME, w.id, d.id, Effect.BLOCKS, reason, "Correct whichever of the two is wrong.", days, evidence)
