"""Where the databases of a workload go: those of one server together, on one instance, sized by what that server was measured to need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from inventory.model import Database, Estate, Workload
from migration.knowledge.platform_model import PlatformService
from migration.model import ON_INSTANCE, Alternative, Target
from migration.platforms.sizes import Choice, Demand, choices, chosen, too_much
from migration.prices import for_quantity, platform_price, price_of
from migration.sizing import accepts_what_was_given, disk_use, need_of, unmeasured_because, unsized_because
from migration.terms import Terms

STORAGE = "database-storage"
_Targets = Iterator[Target]
Taken = tuple[Database, PlatformService]
"""A database, and the service that takes it over."""


def placed(workload: Workload, pairs: Iterable[Taken], estate: Estate, terms: Terms) -> Iterator[Target]:
    """The targets of databases with the services that take them: an instance for each server, its storage, and what else stands on it."""
    ordered = sorted(pairs, key=lambda p: (p[0].server_id, p[1].kind, p[0].id))
    for _, rows in groupby(ordered, key=lambda p: (p[0].server_id, p[1].kind)):
        held = list(rows)
        yield from _instance(workload, [d for d, _ in held], held[0][1], estate, terms)


def _instance(
    workload: Workload, databases: Sequence[Database], service: PlatformService, estate: Estate, terms: Terms
) -> Iterator[Target]:
    first, region = databases[0], terms.region
    demand = _demand(workload, databases, service, estate, terms)
    choice = chosen(service.kind, demand, terms.knowledge) if isinstance(demand, Demand) else None
    if isinstance(demand, str) or choice is None:
        why = demand if isinstance(demand, str) else f"{service.title} has no size for {too_much(service.kind, demand, terms.knowledge)}"
        stored = -int(-sum(d.size_gb or 0 for d in databases) // 1)
        yield Target(first.id, service.kind, "", region, stored, None, f"No size: {why}.")
    else:
        yield from _sized(databases, service, demand, choice, terms)
    for other in databases[1:]:
        yield Target(other.id, ON_INSTANCE, first.id, region, 0, None, f"Stands on the instance of {first.id}, as it stood on its server.")


def _sized(databases: Sequence[Database], service: PlatformService, demand: Demand, choice: Choice, terms: Terms) -> Iterator[Target]:
    k, region, first = terms.knowledge, terms.region, databases[0]
    others = tuple(_alternatives(databases, service, demand, choice, terms))
    why = _why(databases, service, demand, choice)
    price = platform_price(service.kind, choice.size.sku, region, k)
    yield Target(first.id, service.kind, choice.size.sku, region, choice.storage_gb, price, why, others)
    sku = storage_sku(choice)
    each = price_of(sku, region, k)
    many = for_quantity(each, choice.storage_gb) if each else None
    yield Target(
        first.id, STORAGE, sku, region, choice.storage_gb, many, f"{choice.storage_gb} GB of storage of {first.id}, by the gigabyte."
    )


def storage_sku(choice: Choice) -> str:
    """The name of the price of a gigabyte: in Azure SQL each tier has its own, and General Purpose the plain name."""
    tier = "bc-" if choice.size.sku.startswith("BC_") else ""
    return f"{choice.tier.kind}-{tier}storage-gb"


def _demand(workload: Workload, databases: Sequence[Database], service: PlatformService, estate: Estate, terms: Terms) -> Demand | str:
    """What the databases of one server need together, else a clause that says why nobody can tell."""
    server = estate.server_by_id.get(databases[0].server_id)
    if server is None:
        return f"nobody has recorded the server {databases[0].server_id or 'of it'}"
    mine = {d.id for d in databases}
    if strangers := sorted(d.id for d in estate.databases_by_server.get(server.id, ()) if d.id not in mine):
        return f"{server.id} also holds {', '.join(strangers[:3])}{' …' if strangers[3:] else ''}, and nobody measured what each needs"
    if 0 < service.most_databases < len(mine):
        return f"{server.id} holds {len(mine)} databases, and one of {service.title} {service.most_databases}"
    need = need_of(server, estate, terms)
    if need is None:
        return unsized_because(server, terms)
    if (why := unmeasured_because(need)) and not accepts_what_was_given(workload, terms):
        return f"{server.id}: {why}"
    return Demand(need.vcpus, need.memory_gib, sum(d.size_gb or 0 for d in databases), disk_use(server, estate, terms)[0] or 0)


def _why(databases: Sequence[Database], service: PlatformService, demand: Demand, choice: Choice) -> str:
    iops = f"{demand.iops:.0f} I/Os a second" if demand.iops else "I/Os that nobody measured"
    size = choice.size
    said = [
        f"{service.title}, {choice.tier.name}, sized by its server {databases[0].server_id}: {demand.vcpus:.2f} vCPUs, "
        f"{demand.memory_gib:.2f} GiB, {demand.storage_gb:g} GB and {iops} need {size.vcores} vCores and {size.memory_gib:.1f} GiB."
    ]
    if choice.storage_gb > max(demand.storage_gb, service.least_gb) and demand.iops and choice.tier.iops_from_gb:
        said.append(f"Its {choice.storage_gb} GB of storage are for the I/Os too: make its data file as large.")
    if any(d.size_gb is None for d in databases):
        said.append("Nobody has said how large it is, so its storage is the least that is sold.")
    if service.makes:
        said.append(f"It is made with release {service.makes}.")
    if service.kind == "sql-managed-instance":
        said.append("An instance, for nothing in the inventory shows that it does without what Azure SQL Database has not.")
    return " ".join(said)


def _alternatives(
    databases: Sequence[Database], service: PlatformService, demand: Demand, choice: Choice, terms: Terms
) -> Iterator[Alternative]:
    """The smallest size that would do of every other tier, and of the services that stand beside this one, in the order of the file."""
    k = terms.knowledge
    beside = [s for s in k.platforms.values() if s.instead_of == service.kind and len(databases) <= (s.most_databases or len(databases))]
    for other in (service, *beside):
        fitting = choices(other.kind, demand, k)
        for tier in (t for t in k.tiers if t.kind == other.kind and t != choice.tier):
            if found := next((c for c in fitting if c.tier == tier), None):
                price = platform_price(other.kind, found.size.sku, terms.region, k)
                yield Alternative(other.kind, found.size.sku, price, f"{other.gives_up} {tier.gives_up}".strip())
