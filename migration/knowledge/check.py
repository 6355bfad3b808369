"""What must hold between the knowledge files: names that point somewhere, nothing that retires on offer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration.knowledge.model import Knowledge, RetailMeter, Spelling


def faults_of(k: Knowledge) -> Iterator[str]:
    """Every inconsistency, each a sentence with its remedy."""
    for spelling in (*k.systems, *k.engines, *k.runtimes):
        yield from _spelling(spelling, k)
    for release in k.boot.not_by_efi:
        if release not in k.releases:
            yield f"machines.toml, boot.not_by_efi names release {release}, which lifecycles.toml does not have. Correct it."
    for product in sorted({r.product for r in k.releases.values()} - set(k.products)):
        yield f"names.toml has no product.{product}, which lifecycles.toml dates. Add it with its family."
    for series in k.series:
        if series.name in k.retiring:
            yield f"sizes.toml offers series {series.name}, which retires on {k.retiring[series.name]}. Take it out."
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


def _meter(meter: RetailMeter) -> Iterator[str]:
    for key, pattern in (("product", meter.product), ("sku_name", meter.sku_name), ("meter", meter.meter)):
        try:
            re.compile(pattern)
        except re.error as wrong:
            yield f"retail-meters.toml, meter {meter.sku}: {key} is not a regular expression: {wrong}. Correct it."
