"""Where each server, database and share of a workload goes, with the price of each line."""

from __future__ import annotations

import math
from collections.abc import Iterator

from inventory.model import Estate, Server, Workload
from migration.disks import DiskNeed, disk_target
from migration.disposition import Decision, database_servers, decide, is_off, platforms_of
from migration.knowledge.model import Size
from migration.knowledge.recognise import operating_system
from migration.model import Alternative, Disposition, Target
from migration.platforms import beside_machine, placed, shares_placed
from migration.prices import price_of, subscription_sku
from migration.sizing import Need, accepts_what_was_given, kept_up_by_disks, need_of, others, size_for, unmeasured_because, unsized_because
from migration.terms import Terms

NOWHERE = "none"


def targets_of(workload: Workload, decision: Decision, estate: Estate, terms: Terms) -> tuple[Target, ...]:
    """Every target of a workload, sorted by subject and kind."""
    held = list(_targets(workload, decision, estate, terms))
    return tuple(sorted(held, key=lambda t: (t.subject, t.kind, t.sku)))


def counted_with(server: Server, workload: Workload, estate: Estate, terms: Terms) -> Workload:
    """The workload in which a server's cost is counted: of those that share it and take it with them, the first by id."""
    sharing = estate.workloads_by_server.get(server.id, ())
    moving = (w for w in sharing if w.id == workload.id or decide(w, estate, terms).moves_servers)
    return min(moving, key=lambda w: w.id, default=workload)


def _targets(workload: Workload, decision: Decision, estate: Estate, terms: Terms) -> Iterator[Target]:
    if decision.disposition is Disposition.REPURCHASE:
        product = workload.saas_product or "to be chosen"
        yield Target(workload.id, "software-service", product, terms.region, 0, None, "Bought as a service; its supplier must quote.")
    if not decision.moves_servers:
        yield from (_nowhere(s, terms, decision.disposition.value) for s in estate.servers_of(workload))
        return
    replaced = frozenset[str]()
    if decision.disposition is Disposition.REPLATFORM:
        replaced = database_servers(workload, estate)
        yield from placed(workload, platforms_of(workload, estate, terms), estate, terms)
    for server in estate.servers_of(workload):
        if server.id in replaced:
            yield _nowhere(server, terms, "its databases go to a platform")
        else:
            yield from _machine(server, workload, estate, terms)
    yield from shares_placed(workload, estate, terms)


def _nowhere(server: Server, terms: Terms, why: str) -> Target:
    return Target(server.id, NOWHERE, "", terms.region, 0, None, f"Not built again: {why}.")


def _machine(server: Server, workload: Workload, estate: Estate, terms: Terms) -> Iterator[Target]:
    counted = counted_with(server, workload, estate, terms)
    need = need_of(server, estate, terms)
    size = size_for(need, terms) if need else None
    if is_off(server):
        yield _nowhere(server, terms, "a template" if server.is_template else "switched off")
    elif counted.id != workload.id:
        yield _nowhere(server, terms, f"shared with {counted.id}, where its size and cost are counted")
    elif need is None:
        yield Target(server.id, "virtual-machine", "", terms.region, _gb(server), None, f"No size: {unsized_because(server, terms)}.")
    elif (why := unmeasured_because(need)) and not accepts_what_was_given(workload, terms):
        given = _as_given(size, terms) if size else ()
        yield Target(server.id, "virtual-machine", "", terms.region, _gb(server), None, f"No size: {why}.", given)
    elif size is None:
        yield Target(server.id, "virtual-machine", "", terms.region, _gb(server), None, _too_large(need))
    else:
        yield from _sized(server, workload, need, size, terms)


def _as_given(size: Size, terms: Terms) -> tuple[Alternative, ...]:
    """The size for what was given to a server, which nobody measured: to be seen, and taken only by an overrule."""
    what = "Rests on what was given to the server, which may be several times too much, or too little: nobody measured it."
    return (Alternative("virtual-machine", size.name, price_of(size.name, terms.region, terms.knowledge), what),)


def _sized(server: Server, workload: Workload, need: Need, size: Size, terms: Terms) -> Iterator[Target]:
    k, region = terms.knowledge, terms.region
    why = f"Smallest size for {need.vcpus:.2f} vCPUs and {need.memory_gib:.2f} GiB: {size.vcpus} vCPUs, {size.memory_gib:g} GiB."
    why += kept_up_by_disks(size, need, terms)
    if need.unmeasured:
        why += f" Its use of {need.unmeasured} was not measured: what was given to it was accepted."
    choices = tuple(Alternative("virtual-machine", s.name, price_of(s.name, region, k), what) for s, what in others(size, need, terms))
    choices += tuple(beside_machine(server, workload, need, terms))
    disk = disk_target(server.id, DiskNeed(_gb(server), need.iops, need.mbps), workload, terms)
    storage = disk.storage_gb if disk else 0
    yield Target(server.id, "virtual-machine", size.name, region, storage, price_of(size.name, region, k), why, choices)
    product = operating_system(server.operating_system, k).product
    if sku := subscription_sku(product.family, size) if product else "":
        yield Target(server.id, "licence", sku, region, 0, price_of(sku, region, k), "The subscription of its operating system.")
    if disk:
        yield disk


def _gb(server: Server) -> int:
    """Decimal gigabytes to provide: what was given to it, else what it uses, rounded up; 0 when nobody has said."""
    return math.ceil(server.storage_gb or server.storage_used_gb or 0)


def _too_large(need: Need) -> str:
    disks = "".join(f", {n:.0f} {what}" for n, what in ((need.iops, "I/Os a second"), (need.mbps, "MB a second")) if n is not None)
    return f"No size known here covers {need.vcpus:.2f} vCPUs and {need.memory_gib:.2f} GiB{disks}: choose one by hand."
