"""What the targets of a workload will draw: machines and databases at the use that was measured, storage as often as the cloud holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from inventory.model import Database, Estate, Server
from migration.carbon.busy import UNMEASURED, Busy
from migration.carbon.model import Draw, End, Range
from migration.carbon.now import busy, per_vcpu, terabytes
from migration.knowledge.model import Knowledge
from migration.model import COSTS_NOTHING, Target
from migration.purchase import WHOLE_MONTH
from migration.sizing import vcpus_of
from migration.terms import Terms

_SOLID: tuple[str, ...] = ("solid-state",)
_ANY: tuple[str, ...] = ()
_STORED_ON: Mapping[str, tuple[str, ...]] = {
    "managed-disk": _SOLID,
    "database-storage": _SOLID,
    "file-share": _ANY,
    "file-share-premium": _SOLID,
    "netapp-volume": _SOLID,
}
"""Kinds of target that are storage, and what it lies on: of anything, where nobody says."""


def draws_after(targets: Iterable[Target], databases: Mapping[str, Database], estate: Estate, terms: Terms) -> Iterator[Draw | str]:
    """A draw for each target (`databases` by id), or a sentence on what nobody knows of it; licences and what is not built draw nothing."""
    for target in targets:
        if target.kind not in COSTS_NOTHING and target.kind != "licence":
            yield _of(target, databases, estate, terms)


def _of(target: Target, databases: Mapping[str, Database], estate: Estate, terms: Terms) -> Draw | str:
    if target.kind in _STORED_ON:
        return _storage(target, terms)
    if target.kind == "software-service":
        return f"{target.subject}: what a service of a supplier draws is for the supplier to say"
    if target.kind == "virtual-machine":
        return _machine(target, estate, terms)
    return _database(target, databases.get(target.subject), estate, terms)


def _storage(target: Target, terms: Terms) -> Draw | str:
    facts = terms.knowledge.carbon
    if target.storage_gb <= 0:
        return f"{target.subject}: nobody has said how much it stores"
    many = Range(End(facts.copies.storage, (facts.copies.id,)), End(facts.copies.storage, (facts.copies.id,)))
    watts = terabytes(target.storage_gb, facts, *_STORED_ON[target.kind]).times(many)
    return Draw(target.subject, f"{target.storage_gb:g} GB of {target.kind.replace('-', ' ')}, {facts.copies.storage} times", watts)


def _machine(target: Target, estate: Estate, terms: Terms) -> Draw | str:
    vcpus = _vcpus_of_sizes(terms.knowledge).get(target.sku, 0)
    if not vcpus:
        return f"{target.subject}: no size was chosen for it"
    use, hours = _use(estate.server_by_id.get(target.subject), vcpus, estate, terms), target.price.hours if target.price else WHOLE_MONTH
    watts = per_vcpu("cloud", use, terms.knowledge.carbon).scaled(vcpus * hours / WHOLE_MONTH)
    some = "" if hours == WHOLE_MONTH else f", {hours} hours a month"
    return Draw(target.subject, f"{target.sku}: {vcpus} vCPUs, {use.words}{some}", watts)


def _database(target: Target, database: Database | None, estate: Estate, terms: Terms) -> Draw | str:
    facts = terms.knowledge.carbon
    vcores = next((s.vcores for t in terms.knowledge.tiers if t.kind == target.kind for s in t.offers if s.sku == target.sku), 0)
    if not vcores:
        return f"{target.subject}: no size of {target.kind} was chosen for it, or nobody has published what that draws"
    use = _use(estate.server_by_id.get(database.server_id) if database else None, vcores, estate, terms)
    copies = Range(End(1), End(facts.copies.database, (facts.copies.id,)))
    watts = per_vcpu("cloud", use, facts).scaled(vcores).times(copies)
    return Draw(target.subject, f"{target.sku}: {vcores} vCores, {use.words}, once to {facts.copies.database} times", watts)


def _use(server: Server | None, vcpus: int, estate: Estate, terms: Terms) -> Busy:
    """The use of a server, on the vCPUs that it will have."""
    if server is None or vcpus_of(server, terms) <= 0:
        return UNMEASURED
    return busy(server, estate, terms).on(vcpus, vcpus_of(server, terms))


@lru_cache(maxsize=4)
def _vcpus_of_sizes(knowledge: Knowledge) -> Mapping[str, int]:
    return {s.name: s.vcpus for series in knowledge.series for s in series.sizes}
