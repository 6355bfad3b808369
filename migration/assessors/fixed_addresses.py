"""IP addresses that are written into a workload, or that others have written into them of it: each changes when what has it moves."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.addresses import private_addresses
from inventory.model import Estate, Workload
from migration.assessors.finding import from_source
from migration.disposition import decide
from migration.knowledge.words import NO_ADDRESSES, says
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "fixed-addresses"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """Findings on what the register says, on interfaces and dependencies that name an address, and on who has an address of its servers."""
    becomes = decide(workload, estate, terms).disposition
    own = () if becomes is Disposition.RETIRE else (*_own(workload, estate, terms), *_links(workload, estate, terms))
    return own if becomes is Disposition.RETAIN else (*own, *_others(workload, estate, terms))


def _own(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    said, lines = w.fixed_addresses.strip(), from_source(w.sources, "fixed_addresses")
    if held := private_addresses(said):
        reason = f"{w.name} has addresses written into it, each of which changes when what has it moves: {_listed(held, estate)}."
        yield _condition(w, w.id, reason, "Replace each by a name before the cut-over, and test it.", "addresses", terms, lines)
    elif says(said, NO_ADDRESSES):
        yield Finding(NAME, w.id, w.id, Effect.NONE, f"{w.name} finds what it uses by name.", "", None, lines)
    elif said:
        reason = f"{w.name} has addresses written into it that nobody has listed ({said})."
        yield _condition(w, w.id, reason, "Search its configuration for them, and list them in the register.", "find-out", terms, lines)
    elif "fixed_addresses" in estate.asked_of_workloads:
        reason = f"Nobody has said whether addresses are written into {w.name}."
        yield _condition(w, w.id, reason, "Ask its supplier, or search its configuration.", "find-out", terms, lines)


def _links(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    """Interfaces and dependencies of it that are described with an address."""
    remedy = "Have both ends use a name before the cut-over."
    for i in sorted(estate.interfaces_by_workload.get(w.id, ()), key=lambda i: i.id):
        if held := private_addresses(f"{i.to} {i.data}"):
            reason = f"Interface {i.id} of {w.name} goes to an address: {_listed(held, estate)}."
            yield _condition(w, i.id, reason, remedy, "addresses", terms, from_source(i.sources, "name"))
    for d in sorted(estate.dependencies_by_workload.get(w.id, ()), key=lambda d: (d.from_id, d.to_id, d.description)):
        if d.from_id == w.id and (held := private_addresses(d.description)):
            reason = f"{w.name} reaches {d.to_id} by an address: {_listed(held, estate)}."
            yield _condition(w, d.to_id, reason, remedy, "addresses", terms, from_source(d.sources, "description"))


def _others(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    """Workloads into which an address of its servers is written."""
    for server in estate.servers_of(w):
        for address in private_addresses(server.ip_address):
            others = sorted(o.id for o in estate.workloads_by_fixed_address.get(str(address), ()) if o.id != w.id)
            if others:
                reason = f"The address of {server.name} ({address}) is written into {', '.join(others)}."
                remedy = "Have their owners replace it by a name before the cut-over, or change it on the night."
                yield _condition(w, server.id, reason, remedy, "addresses", terms, from_source(server.sources, "ip_address"))


def _listed(held: tuple[object, ...], estate: Estate) -> str:
    """The addresses, each with the server that has it as far as the inventory knows."""
    of = {str(a): estate.servers_by_address.get(str(a), ()) for a in held}
    return ", ".join(f"{a} ({servers[0].id})" if servers else a for a, servers in of.items())


def _condition(w: Workload, subject: str, reason: str, remedy: str, effort: str, terms: Terms, lines: tuple[str, ...]) -> Finding:
    return Finding(NAME, w.id, subject, Effect.CONDITION, reason, remedy, terms.knowledge.efforts[effort], lines)
