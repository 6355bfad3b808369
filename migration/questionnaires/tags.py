"""What the inventory knows of a workload, as tags that questionnaires can ask by and answer from; each says whence it is.

What nobody has said is a tag of its own (`Personal data: Unknown`), so that a question can be asked because something is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from inventory.addresses import private_addresses
from inventory.model import Estate, Sources, Workload
from migration.alike import others_alike
from migration.knowledge.recognise import engine, operating_system, support
from migration.knowledge.words import NO_ADDRESSES, says
from migration.questionnaires.model import Tag
from migration.terms import Terms


@dataclass(frozen=True, slots=True)
class Fact:
    """A tag of a workload and where the inventory has it from, as a line of evidence."""

    tag: Tag
    whence: str


Teller = Callable[[Workload, Estate, Terms], Iterator[Fact]]


def facts_of(workload: Workload, estate: Estate, terms: Terms) -> tuple[Fact, ...]:
    """Every fact, the same ones only once, in the order of their tags."""
    held = {f.tag: f for tell in reversed(TELLERS) for f in tell(workload, estate, terms)}
    return tuple(held[t] for t in sorted(held))


def _stated(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Fact]:
    """Fields of the register that say yes, no or one of a few words."""
    for category, field, said in (
        ("Personal data", "personal_data", _yes_or_no(workload.personal_data)),
        ("Used by the public", "public_facing", _yes_or_no(workload.public_facing)),
        ("Data classification", "classification", workload.classification.value.capitalize()),
        ("Environment", "environment", workload.environment.value.capitalize()),
        ("Criticality", "criticality", workload.criticality.strip().capitalize() or "Unknown"),
    ):
        yield Fact(Tag(category, said), _whence(workload.sources, field, said))


def _known(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Fact]:
    """Whether somebody has said who owns it and how long it may be away."""
    times = workload.rto_hours is not None and workload.rpo_hours is not None
    for category, field, is_known in (
        ("Owner", "owner", bool(workload.owner.strip())),
        ("Recovery times", "rto_hours", times),
        ("Outages tolerated", "failures_per_year_tolerated", workload.failures_per_year_tolerated is not None),
    ):
        said = "Known" if is_known else "Unknown"
        yield Fact(Tag(category, said), _whence(workload.sources, field, said))


def _ties(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Fact]:
    """What holds it where it is. That none is recorded is not that there is none."""
    for category, field, held in (("Tie", "ties", workload.ties), ("Private link", "private_links", workload.private_links)):
        said = "Yes" if held else "None recorded"
        yield Fact(Tag(category, said), _whence(workload.sources, field, "; ".join(held) or said))


def _ends(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Fact]:
    """Whether the supplier's support and the contract last beyond the cut-over."""
    for category, field, last in (
        ("Supplier support", "support_ends", workload.support_ends),
        ("Contract", "contract_ends", workload.contract_ends),
    ):
        yield Fact(Tag(category, _lasts(last, terms.cutover_on)), _whence(workload.sources, field, str(last or "not said")))


def _systems(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Fact]:
    """What its servers run, and whether the maker supports it at the cut-over."""
    for server in estate.servers_of(workload):
        if not server.operating_system.strip():
            yield Fact(Tag("Operating system support", "Unknown"), f"{server.id}: operating system not said")
            continue
        found = operating_system(server.operating_system, terms.knowledge)
        whence = f"{server.id} runs {server.operating_system}, judged on {terms.cutover_on}"
        standing = support(found, terms.cutover_on, terms.knowledge.warn_days).support
        yield Fact(Tag("Operating system support", standing.value.capitalize()), whence)
        if found.product:
            yield Fact(Tag("Operating system", found.product.family), whence)


def _databases(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Fact]:
    """Which database engines it uses, and whether the maker supports them at the cut-over."""
    for database in estate.databases_by_workload.get(workload.id, ()):
        whence = f"{database.id} is {database.engine} {database.version}".strip() + f", judged on {terms.cutover_on}"
        standing = support(engine(database.engine, database.version, terms.knowledge), terms.cutover_on, terms.knowledge.warn_days)
        yield Fact(Tag("Database support", standing.support.value.capitalize()), whence)
        if database.engine.strip():
            yield Fact(Tag("Database", database.engine.strip()), whence)


def _measured(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Fact]:
    """Whether the use of all its servers was measured, of some, or of none."""
    ids = workload.server_ids
    measured = [i for i in ids if any(u.cpu_p95_percent is not None for u in estate.utilisations_by_server.get(i, ()))]
    said = "All" if ids and len(measured) == len(ids) else "Some" if measured else "None"
    yield Fact(Tag("Use measured", said), f"use was measured of {len(measured)} of {len(ids)} servers")


def _needs(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Fact]:
    """What it needs of the place where it stands: addresses, multicast, devices, and room for its batch."""
    devices = [d for s in estate.servers_of(workload) for d in s.devices]
    room, least = workload.batch_room_percent, terms.knowledge.operation.least_room_percent
    batch = "None" if workload.batch_hours == 0 else "Unknown" if room is None else "Leaves room" if room >= least else "Leaves little room"
    for category, field, said in (
        ("Addresses written in", "fixed_addresses", _addresses(workload.fixed_addresses)),
        ("Multicast", "multicast", _yes_or_no(workload.multicast)),
        ("Nightly batch", "batch_hours", batch),
    ):
        yield Fact(Tag(category, said), _whence(workload.sources, field, said))
    yield Fact(
        Tag("Attached device", "Yes" if devices else "None recorded"), f"devices of its servers: {'; '.join(devices) or 'none recorded'}"
    )


def _alike(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Fact]:
    """Whether others of its council do the same work."""
    alike = others_alike(workload, estate, terms)
    said = "Unknown" if not alike.what else "Yes" if alike.others else "None recorded"
    whence = f"{alike.by} {alike.what}: {', '.join(alike.others) or 'no other'}" if alike.what else "nobody has said what it does"
    yield Fact(Tag("Same work elsewhere", said), whence)


TELLERS: tuple[Teller, ...] = (_stated, _known, _ties, _ends, _systems, _databases, _measured, _needs, _alike)


def _yes_or_no(held: bool | None) -> str:
    return "Unknown" if held is None else "Yes" if held else "No"


def _addresses(said: str) -> str:
    """By name, listed, or not: what the register says of the addresses that are written into a workload."""
    if not said.strip():
        return "Unknown"
    if private_addresses(said):
        return "Listed"
    return "None" if says(said, NO_ADDRESSES) else "Not listed"


def _lasts(last: date | None, cutover: date) -> str:
    return "Unknown" if last is None else "Lasts beyond the cut-over" if last > cutover else "Ends by the cut-over"


def _whence(sources: Sources, field: str, said: str) -> str:
    source, name = sources.get(field), field.replace("_", " ")
    return f"{name}: {said} ({source})" if source else f"{name}: {said}"
