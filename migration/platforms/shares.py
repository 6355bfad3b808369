"""Where file shares go: the first service of the catalogue whose every limit covers what was measured.

A share's own use is not in an inventory. Its server's is, and no share uses more than its server does: that is what a service must cover.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from inventory.model import Estate, Share, Workload
from migration.knowledge.model import Knowledge
from migration.knowledge.platform_model import FileService
from migration.model import Alternative, Price, Target
from migration.prices import for_quantity, price_of
from migration.sizing import disk_use
from migration.terms import Terms

_MIB_PER_MB = 10**6 / 2**20
_GIB_PER_GB = 10**9 / 2**30


@dataclass(frozen=True)
class Files:
    """What files need: gibibytes, I/Os and mebibytes a second; None where nobody measured them."""

    gib: float
    iops: float | None = None
    mibps: float | None = None


def shares_placed(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Target]:
    """A target for each share of a workload."""
    for share in estate.shares_by_workload.get(workload.id, ()):
        yield _target(share, _needed(share, estate, terms), terms)


def chosen_for(files: Files, knowledge: Knowledge) -> tuple[FileService, int] | None:
    """The first service known to cover what files need, with the gibibytes to provide; None when none is."""
    return next(((s, gib) for s, gib in _fitting(files, knowledge) if not s.iops_unknown), None)


def provided_gib(service: FileService, files: Files) -> int | None:
    """The least gibibytes of a service that hold the files and give their I/Os and throughput; None when none do."""
    wants = (_for(files.iops, service.iops, service.iops_each_gib), _for(files.mibps, service.mibps, service.mibps_each_gib))
    if service.iops_unknown:
        wants = (0, wants[1])
    if wants[0] is None or wants[1] is None:
        return None
    gib = ceil(max(files.gib, service.least_gib, wants[0], wants[1]))
    too_many = service.most_iops and (files.iops or 0) > service.most_iops
    return None if gib > service.most_gib or too_many else gib


def _fitting(files: Files, knowledge: Knowledge) -> Iterator[tuple[FileService, int]]:
    """The services that cover it, as far as anybody knows, in the order of the catalogue."""
    for service in knowledge.file_services:
        if (gib := provided_gib(service, files)) is not None:
            yield service, gib


def _for(wanted: float | None, given: float, each: float) -> float | None:
    """The gibibytes that give what is wanted: 0 where none need be provided for it, None where none suffice."""
    if wanted is None or wanted <= given:
        return 0
    return (wanted - given) / each if each else None


def _needed(share: Share, estate: Estate, terms: Terms) -> Files:
    server = estate.server_by_id.get(share.server_id)
    iops, mbps = disk_use(server, estate, terms) if server else (None, None)
    return Files((share.size_gb or 0) * _GIB_PER_GB, iops, mbps and mbps * _MIB_PER_MB)


def _target(share: Share, files: Files, terms: Terms) -> Target:
    k, region = terms.knowledge, terms.region
    stored = ceil(share.size_gb or 0)
    found = chosen_for(files, k)
    beside = (found_too for found_too in _fitting(files, k) if found_too != found)
    others = tuple(Alternative(s.kind, s.price_sku, _price(s, g, terms), s.gives_up) for s, g in beside)
    if found is None:
        why = f"No service: none is known here to cover {_told(files)}. Choose one by hand."
        return Target(share.id, "file-share-by-hand", "", region, stored, None, why, others)
    service, gib = found
    why = f"{service.title}: covers {_told(files)}."
    if share.size_gb is None:
        why += " Nobody has said how large it is."
    # The standard service is charged by what is stored, and a request asks for it in gigabytes; the others by what is provided.
    size = stored if service.kind == "file-share" else gib
    price = _price(service, gib, terms) if share.size_gb is not None else None
    if price:
        why += " Its price is of locally redundant storage; copies in other zones or another region cost more."
    return Target(share.id, service.kind, "" if service.kind == "file-share" else service.price_sku, region, size, price, why, others)


def _price(service: FileService, gib: int, terms: Terms) -> Price | None:
    each = price_of(service.price_sku, terms.region, terms.knowledge)
    return for_quantity(each, gib) if each else None


def _told(files: Files) -> str:
    iops = "I/Os that nobody measured" if files.iops is None else f"{files.iops:.0f} I/Os a second"
    mibps = "throughput that nobody measured" if files.mibps is None else f"{files.mibps:.1f} MiB a second"
    return f"{files.gib:.0f} GiB, {iops} and {mibps} of its server"
