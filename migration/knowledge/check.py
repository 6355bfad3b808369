"""What must hold between the knowledge files: names that point somewhere, nothing that retires on offer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from migration.facts import is_fact
from migration.knowledge.carbon_model import CarbonFacts
from migration.knowledge.model import Knowledge, RetailMeter, Spelling, Weights
from migration.knowledge.platform_model import PlatformTier


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
    families = {p.family for p in k.products.values()}
    for skill in k.operation.skills:
        if unknown := sorted(set(skill.families) - families):
            yield f"skills.toml, skill {skill.id}: names.toml has no product of the family {', '.join(unknown)}. Correct it."
    yield from _platforms(k)
    yield from _carbon(k.carbon)
    yield from _disks(k)
    yield from weight_faults(k.weights)
    yield from (fault for meter in k.retail_meters for fault in _meter(meter))
    for note in k.files:
        if note.stale_after <= note.date or not note.source.strip():
            yield f"{note.file}: stale_after must be later than date, and source must not be empty."


def _platforms(k: Knowledge) -> Iterator[str]:
    kinds = {t.kind for t in k.tiers}
    for name, product in k.products.items():
        if product.platform and product.platform not in k.platforms:
            yield f"names.toml, product.{name}: platforms.toml has no service {product.platform}. Add it, or take the platform out."
    for service in k.platforms.values():
        if service.kind not in kinds:
            yield f"platforms.toml, service {service.kind} has no tier. Add the sizes that it has."
        if service.least_gb < 1 or service.step_gb < 1:
            yield f"platforms.toml, service {service.kind}: least_gb and step_gb must be 1 or more. Correct them."
        if service.instead_of and service.instead_of not in k.platforms:
            yield f"platforms.toml, service {service.kind}: instead_of names {service.instead_of}, which is no service. Correct it."
    for tier in k.tiers:
        yield from _tier(tier, k)


def _tier(tier: PlatformTier, k: Knowledge) -> Iterator[str]:
    where = f"platforms.toml, tier {tier.name} of {tier.kind}"
    if tier.kind not in k.platforms:
        yield f"{where}: there is no service of that kind. Correct it."
    if wrong := [s.sku for s in tier.offers if min(s.vcores, s.memory_gib, s.most_gb) <= 0 or s.most_iops < 0]:
        yield f"{where}: {', '.join(wrong)} has no vCores, memory or storage. Correct the row."
    if unlimited := [s.sku for s in tier.offers if not s.most_iops and not tier.iops_from_gb]:
        yield f"{where}: nothing says how many I/Os a second {', '.join(unlimited)} has. Give the row its figure, or add iops_from_gb."
    if list(tier.iops_from_gb) != sorted(set(tier.iops_from_gb)):
        yield f"{where}: iops_from_gb must rise. Put its pairs in order."


def _disks(k: Knowledge) -> Iterator[str]:
    if not any(t.production for t in k.disks.tiers):
        yield "disks.toml has no tier for production. Add one."
    for tier in k.disks.tiers:
        figures = [(s.gib, s.iops, s.mbps) for s in tier.offers]
        if (
            not figures
            or min(figures[0]) <= 0
            or any(max(a - b for a, b in zip(one, two, strict=True)) > 0 for one, two in pairwise(figures))
        ):
            yield f"disks.toml, tier {tier.id}: its sizes must begin above 0, and none hold or give less than the one before. Correct them."
        if "{n}" not in tier.price_sku:
            yield f"disks.toml, tier {tier.id}: price_sku must have {{n}} in the place of the number. Correct it."
    names = {s.name for series in k.series for s in series.sizes}
    for strange in sorted({name for m in k.disks.machines for name, *_ in m.sizes} - names):
        yield f"disks.toml has machine {strange}, which sizes.toml does not have. Take it out."
    for bare in (s.name for series in k.series if series.role == "candidate" for s in series.sizes if min(s.most_iops, s.most_mbps) <= 0):
        yield f"disks.toml does not say what machine {bare} can use of its disks. Add its row."


def _carbon(facts: CarbonFacts) -> Iterator[str]:
    ids = [f.id for f in (*facts.grids, *facts.overheads, *facts.processors, *facts.storage, facts.copies)]
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"carbon.toml has id {twice} more than once. Give each entry its own."
    for place in ("on-premises", "cloud"):
        if not any(o.place == place for o in facts.overheads) or not any(place in p.places for p in facts.processors):
            yield f"carbon.toml has no overhead or no processor of {place}. Add one."
    if not any(p.server_idle_watts for p in facts.processors):
        yield "carbon.toml has no processor with server_idle_watts. Add one."
    if not facts.grids or not facts.storage:
        yield "carbon.toml has no grid or no storage. Add one."
    yield from (f"carbon.toml, grid {g.id}: kg_per_kwh must be above 0. Correct it." for g in facts.grids if g.kg_per_kwh <= 0)
    yield from (f"carbon.toml, overhead {o.id}: times must be 1 or more. Correct it." for o in facts.overheads if o.times < 1)
    yield from (f"carbon.toml, storage {s.id}: watts_per_tb must be above 0. Correct it." for s in facts.storage if s.watts_per_tb <= 0)
    for processor in facts.processors:
        if not 0 < processor.idle_watts <= processor.full_watts:
            yield f"carbon.toml, processor {processor.id}: idle_watts must be above 0 and no more than full_watts. Correct it."
        if not 0 <= processor.server_idle_watts <= processor.server_full_watts:
            yield f"carbon.toml, processor {processor.id}: server_idle_watts must be from 0 to server_full_watts. Correct it."
    if min(facts.copies.storage, facts.copies.database) < 1:
        yield "carbon.toml, copies: storage and database must be 1 or more. Correct them."


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
