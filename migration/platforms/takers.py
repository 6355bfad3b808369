"""Which managed database service takes a database over, or why none does."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.model import Database
from migration.knowledge.model import Knowledge, PlatformService, Release
from migration.knowledge.recognise import engine
from migration.terms import Terms


@dataclass(frozen=True)
class Taker:
    """The service that takes a database over; None with `why`, a sentence."""

    service: PlatformService | None
    why: str = ""


def taker_of(database: Database, terms: Terms) -> Taker:
    """The service for a database by its engine, its version and its size. What its server needs is another question."""
    recognised = engine(database.engine, database.version, terms.knowledge)
    service = terms.knowledge.platforms.get(recognised.product.platform) if recognised.product else None
    if service is None:
        return Taker(None, f"No managed service is known to run {database.engine or 'an engine that nobody has named'}.")
    if service.ends and service.ends <= terms.cutover_on:
        return Taker(None, f"{service.title} is made with release {service.makes}, which Azure supports until {service.ends}: too short.")
    if newer := [r.release for r in recognised.releases if _is_newer(r, service)]:
        return Taker(None, f"{database.name} is on {newer[0]}, and {service.title} is made with {service.makes}, which is older.")
    if (size := database.size_gb or 0) > (most := largest_gb(service.kind, terms.knowledge)):
        return Taker(None, f"{database.name} has {size:g} GB, and {service.title} holds {most} GB.")
    return Taker(service)


def largest_gb(kind: str, knowledge: Knowledge) -> int:
    """The most gigabytes that any size of a service holds, of those that are chosen."""
    return max(size.most_gb for tier in knowledge.tiers if tier.kind == kind and tier.choose for size in tier.offers)


def _is_newer(release: Release, service: PlatformService) -> bool:
    return bool(service.makes) and _numbers(release.release) > _numbers(service.makes)


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".") if part.isdigit())
