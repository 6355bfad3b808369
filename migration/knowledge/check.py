"""What must hold between the knowledge files: names that point somewhere, nothing that retires on offer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration.facts import is_fact
from migration.knowledge.model import Knowledge, RetailMeter, Spelling, Weights


def faults_of(k: Knowledge) -> Iterator[str]:
    """Every inconsistency, each a sentence with its remedy."""
    for spelling in (*k.systems, *k.engines):
        yield from _spelling(spelling, k)
    for product in sorted({r.product for r in k.releases.values()} - set(k.products)):
        yield f"names.toml has no product.{product}, which lifecycles.toml dates. Add it with its family."
    for series in k.series:
        if series.name in k.retiring:
            yield f"sizes.toml offers series {series.name}, which retires on {k.retiring[series.name]}. Take it out."
    yield from weight_faults(k.weights)
    yield from (fault for meter in k.retail_meters for fault in _meter(meter))
    for note in k.files:
        if note.stale_after <= note.date or not note.source.strip():
            yield f"{note.file}: stale_after must be later than date, and source must not be empty."


def _spelling(spelling: Spelling, k: Knowledge) -> Iterator[str]:
    where = f"names.toml, pattern {spelling.pattern!r}"
    try:
        re.compile(spelling.pattern)
    except re.error as wrong:
        yield f"{where} is not a regular expression: {wrong}. Correct it."
    for release in spelling.releases:
        if release not in k.releases:
            yield f"{where} names release {release}, which lifecycles.toml does not have. Correct it."
    if spelling.product and spelling.product not in k.products:
        yield f"{where} names product {spelling.product}, which names.toml does not have. Correct it."
    if not (spelling.releases or spelling.product or spelling.unknowable):
        yield f"{where} says neither releases, nor product, nor why nobody can tell. Add one."


def weight_faults(weights: Weights, file: str = "weights.toml") -> Iterator[str]:
    """What is wrong with weights, whoever gives them."""
    ids = [g.id for g in weights.groups]
    assessors = [a for g in weights.groups for a in g.assessors]
    for what, held in (("group", ids), ("assessor", assessors), ("band", [b.name for b in weights.bands])):
        for name in sorted({n for n in held if held.count(n) > 1}):
            yield f"{file} has {what} {name} more than once. Keep one."
    for group in weights.groups:
        if not 0 <= group.weight <= 100:
            yield f"{file}, group {group.id}: weight {group.weight} is not between 0 and 100. Correct it."
        for name in group.facts:
            if not is_fact(name):
                yield f"{file}, group {group.id}: no fact is called {name}. Give a field of a workload, server.FIELD, or servers."
    if "other" not in ids:
        yield f"{file} has no group other, for the assessors that no group names. Add it."
    if not any(g.weight > 0 for g in weights.groups):
        yield f"{file} has no weight above 0, so there is nothing to score by. Give one."
    if not 0 <= weights.condition_percent <= 100:
        yield f"{file}: condition_percent {weights.condition_percent} is not between 0 and 100. Correct it."
    if not weights.bands or weights.bands[-1].least != 0 or len({b.least for b in weights.bands}) < len(weights.bands):
        yield f"{file}: the bands must have least values that differ, the lowest of them 0. Correct them."


def _meter(meter: RetailMeter) -> Iterator[str]:
    for key, pattern in (("product", meter.product), ("sku_name", meter.sku_name), ("meter", meter.meter)):
        try:
            re.compile(pattern)
        except re.error as wrong:
            yield f"retail-meters.toml, meter {meter.sku}: {key} is not a regular expression: {wrong}. Correct it."
