"""What nobody has said: owner, classification, operating system, servers."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Classification, Environment, Estate, Server, Workload
from migration.assessors.finding import from_source
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "missing-data"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each missing fact that a decision needs."""
    rows = (*_register(workload), *_unread(workload), *_servers(workload, estate))
    days = terms.knowledge.efforts["find-out"]
    return tuple(Finding(NAME, workload.id, subject, effect, reason, remedy, days, e) for subject, effect, reason, remedy, e in rows)


# Fields for which `_register` has a finding of its own, and those by which another assessor may say that it must not move.
_SAID_ABOVE = ("classification", "environment", "personal_data")
_COULD_STOP_IT = ("support_ends", "latency_ms")
_Row = tuple[str, Effect, str, str, tuple[str, ...]]


def _register(w: Workload) -> Iterator[_Row]:
    if not w.is_registered:
        remedy = "Find out what it does and for whom, and add it to the application register."
        yield w.id, Effect.UNKNOWN, f"No application in the register claims {w.name}, so nobody has said what it does.", remedy, ()
    elif not w.owner.strip():
        yield w.id, Effect.CONDITION, f"{w.name} has no business owner.", "Name the person who will say go or no-go.", ()
    if w.classification is Classification.UNKNOWN:
        remedy = "Ask its owner to classify its data."
        yield w.id, Effect.UNKNOWN, f"Nobody has classified the data of {w.name}, so where it may be kept is not known.", remedy, ()
    if w.is_registered and w.environment is Environment.UNKNOWN:
        remedy = "Record its environment."
        yield w.id, Effect.CONDITION, f"Nobody has said whether {w.name} is for production, test or development.", remedy, ()
    if w.is_registered and w.personal_data is None:
        yield (
            w.id,
            Effect.CONDITION,
            f"Nobody has said whether {w.name} holds personal data.",
            "Ask its owner.",
            from_source(w.sources, "classification"),
        )


def _unread(w: Workload) -> Iterator[_Row]:
    """A cell that cannot be read is not the same as an empty one: where its value could stop the move, nobody can tell."""
    for field in w.unread:
        if field not in _SAID_ABOVE:
            reason = f"What is written of {w.name} in column {w.sources[field].column} cannot be read."
            effect = Effect.UNKNOWN if field in _COULD_STOP_IT else Effect.CONDITION
            yield w.id, effect, reason, "Correct the cell, and import its file again.", from_source(w.sources, field)


def _servers(w: Workload, estate: Estate) -> Iterator[_Row]:
    if not w.server_ids and not w.saas_product:
        remedy = "Name its servers in the register, or say that its supplier hosts it."
        yield (
            w.id,
            Effect.UNKNOWN,
            f"{w.name} names no server, so what would move is not known.",
            remedy,
            from_source(w.sources, "server_ids"),
        )
    for server_id in w.server_ids:
        server = estate.server_by_id.get(server_id)
        if server is None:
            reason = f"{w.name} names server {server_id}, which the inventory does not have."
            yield server_id, Effect.UNKNOWN, reason, "Correct its name in the register, or import it.", from_source(w.sources, "server_ids")
        else:
            yield from _server(server)


def _server(server: Server) -> Iterator[_Row]:
    if not server.operating_system.strip():
        remedy = "Record its operating system in the inventory."
        evidence = from_source(server.sources, "name")
        yield server.id, Effect.UNKNOWN, f"Nobody has said what {server.name} runs, so its support is not known.", remedy, evidence
