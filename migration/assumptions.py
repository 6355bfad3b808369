"""What is not known of a workload, each with a value for every class that the rules tell apart: what sensitivity assumes in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from inventory.model import Classification, Environment, Estate, Power, Server, Workload
from migration.disposition import KEEP, REPLACE, RETIRE
from migration.facts import is_said, named
from migration.knowledge.model import Knowledge
from migration.knowledge.recognise import Support, operating_system, support
from migration.terms import Terms

SMALL_CORES, SMALL_MEMORY_GB = 1, 4


@dataclass(frozen=True)
class Assumption:
    """One thing supposed to be known: of which subject, what in a clause, and the estate in which it is."""

    subject: str
    what: str
    workload: Workload
    estate: Estate


def assumptions(workload: Workload, estate: Estate, terms: Terms) -> Iterator[Assumption]:
    """Every fact that nobody has said of the workload or of one of its servers, once for each class of its values."""
    for field, values in _of_workload(terms).items():
        if not is_said(field, workload, estate):
            for value, says in values:
                changed: Any = {field: value}
                made = replace(workload, **changed)
                yield Assumption(workload.id, f"{named(field)} is {says}", made, _with(estate, made))
    for server in estate.servers_of(workload):
        for field, values in _of_server(terms).items():
            if getattr(server, field) in (None, "", Power.UNKNOWN):
                yield from (_server(server, field, value, says, workload, estate) for value, says in values)


def _server(server: Server, field: str, value: object, says: str, workload: Workload, estate: Estate) -> Assumption:
    changed: Any = {field: value}
    made = replace(server, **changed)
    servers = tuple(made if s.id == server.id else s for s in estate.servers)
    return Assumption(server.id, f"{named(field)} is {says}", workload, replace(estate, servers=servers))


def _with(estate: Estate, workload: Workload) -> Estate:
    return replace(estate, workloads=tuple(workload if w.id == workload.id else w for w in estate.workloads))


def _of_workload(terms: Terms) -> Mapping[str, Sequence[tuple[object, str]]]:
    known, cutover = terms.knowledge, terms.cutover_on
    soon, later = cutover + timedelta(days=known.warn_days), cutover + timedelta(days=known.warn_days + 1)
    ends = ((cutover, "by the cut-over"), (soon, "soon after the cut-over"), (later, "long after the cut-over"))
    blocks, doubtful = known.latency.blocks_below_ms, known.latency.condition_below_ms
    return {
        "owner": (("named", "a person"),),
        "classification": tuple((c, c.value) for c in Classification if c is not Classification.UNKNOWN),
        "environment": tuple((e, e.value) for e in Environment if e is not Environment.UNKNOWN),
        "personal_data": ((False, "none"), (True, "held")),
        "support_ends": ends,
        "contract_ends": ends,
        "latency_ms": ((blocks / 2, f"under {blocks:g}"), (blocks, f"under {doubtful:g}"), (doubtful, f"{doubtful:g} or more")),
        "intent": ((KEEP[0], "to keep it"), (REPLACE[0], "to replace it"), (RETIRE[0], "to retire it")),
        "saas_product": (("a service", "a service that does its work"),),
        "licence": tuple((t.words[0], f"{t.words[0]!r}") for t in known.licence_terms),
    }


def _of_server(terms: Terms) -> Mapping[str, Sequence[tuple[object, str]]]:
    return {
        "operating_system": _systems(terms),
        "power": ((Power.ON, "on"), (Power.OFF, "off"), (Power.SUSPENDED, "suspended")),
        "cpu_cores": ((SMALL_CORES, "recorded"),),
        "memory_gb": ((SMALL_MEMORY_GB, "recorded"),),
    }


def _systems(terms: Terms) -> tuple[tuple[str, str], ...]:
    """A system that its maker supports at the cut-over, and one whose support has ended by then."""
    found: dict[Support, str] = {}
    for name in _names(terms.knowledge):
        meant = operating_system(name, terms.knowledge)
        if meant.product and meant.product.runs_on_azure:
            found.setdefault(support(meant, terms.cutover_on, terms.knowledge.warn_days).support, name)
    says = {Support.SUPPORTED: "one with support", Support.EXTENDED: "one with paid support only", Support.ENDED: "one without support"}
    return tuple((found[s], what) for s, what in says.items() if s in found)


@lru_cache(maxsize=4)
def _names(knowledge: Knowledge) -> tuple[str, ...]:
    return tuple(sorted({r.name for r in knowledge.releases.values()}))
