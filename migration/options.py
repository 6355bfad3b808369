"""The seven dispositions as weighed for a workload, the preferred first, each with the fact by which it won or lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from inventory.model import Estate, Workload
from migration.disposition import (
    BUILD,
    KEEP,
    Decision,
    category_of,
    database_servers,
    databases_of,
    is_off,
    lacking,
    lapsed_for,
    platforms_of,
)
from migration.knowledge.words import says
from migration.model import Disposition, Option
from migration.platforms import taker_of
from migration.shared_services import candidates_for
from migration.terms import BUILD_CONTROL, STAY_CONTROL, Terms

NO_WORD = "nobody has said what is meant to become of it"


def options_of(workload: Workload, decision: Decision, estate: Estate, terms: Terms) -> tuple[Option, ...]:
    """All seven in order of preference; the one that was decided is the one that is chosen."""
    return tuple(_option(d, workload, decision, estate, terms) for d in Disposition)


def _option(which: Disposition, workload: Workload, decision: Decision, estate: Estate, terms: Terms) -> Option:
    if which is decision.disposition:
        return Option(which, True, _with_reuse(which, f"Won: {decision.reason}", workload, estate, terms))
    lost = LOST[which](workload, estate, terms)
    over = f"{decision.disposition.value} was decided: {decision.reason}"
    return Option(which, False, _with_reuse(which, f"Lost: {lost or over}", workload, estate, terms))


def _with_reuse(which: Disposition, reason: str, workload: Workload, estate: Estate, terms: Terms) -> str:
    """Reuse comes before buying, so what another council has is told beside the service."""
    found = candidates_for(workload, estate, terms) if which is Disposition.REPURCHASE else ()
    return " ".join((reason, *(f"Reuse first: {c.sentence}" for c in found)))


def _retire(w: Workload, estate: Estate, _: Terms) -> str:
    running = [s for s in estate.servers_of(w) if not is_off(s)]
    meant = f"its intent says {w.intent!r}" if w.intent.strip() else NO_WORD
    if running:
        return f"{len(running)} of its {len(w.server_ids)} servers do work, and the register does not mean to retire it ({meant})."
    return f"The register does not mean to retire it ({meant}), and nothing shows that all its servers are off."


def _repurchase(w: Workload, _: Estate, terms: Terms) -> str:
    if w.saas_product and says(w.intent, KEEP):
        return f"{w.saas_product} could do its work, but the register means to keep what there is (its intent says {w.intent!r})."
    category = category_of(w, terms)
    if w.saas_product:
        return ""
    if category is None:
        return "The register names no service that does its work, and it is of no category that councils are known to buy as a service."
    if category.availability != "established":
        return f"The register names no service that does its work, and councils seldom buy {category.id} wholly as a service."
    supported = f"its maker supports it until {w.support_ends}" if w.support_ends else "nobody has said when its maker's support ends"
    return f"Councils buy {category.id} as a service, but the register names none and {supported}."


def _replatform(w: Workload, estate: Estate, terms: Terms) -> str:
    databases = databases_of(w, estate)
    if not databases:
        return "It has no database that a platform could take over."
    refused = next((taker for d in databases if (taker := taker_of(d, terms)).service is None), None)
    if refused:
        return refused.why
    if platforms_of(w, estate, terms) and not database_servers(w, estate):
        return "Its databases have no servers of their own: they share them with the application or with others."
    return ""


def _rehost(*_: object) -> str:
    return ""


def _relocate(w: Workload, estate: Estate, terms: Terms) -> str:
    servers = estate.servers_of(w)
    if not servers:
        return "It names no server that the inventory has, so there is no machine to relocate."
    if physical := next((s for s in servers if s.kind == "physical"), None):
        return f"{physical.name} is a physical machine, and VMware as a service takes virtual ones."
    there = terms.knowledge.relocation
    hosts = f"{there.service} begins at {there.least_hosts} dedicated hosts, whatever runs on them"
    return f"{hosts}, and each machine would stay to be kept as it is; nothing in the register asks for that."


def _refactor(w: Workload, estate: Estate, terms: Terms) -> str:
    unfit = _unfit(w, estate, terms, BUILD_CONTROL)
    if unfit:
        return unfit
    if not says(w.intent, BUILD):
        meant = f"its intent says {w.intent!r}" if w.intent.strip() else NO_WORD
        return f"The register does not mean to build it anew ({meant}); buying comes before building."
    return f"No exception for {BUILD_CONTROL} lets it be built anew; that takes an approved entry with costed options."


def _retain(w: Workload, estate: Estate, terms: Terms) -> str:
    return _unfit(w, estate, terms, STAY_CONTROL) or "No exception lets it stay; that takes an approved entry with costed options."


def _unfit(w: Workload, estate: Estate, terms: Terms, control: str) -> str:
    """Why the exceptions that name the workload and the control do not count, the first by id."""
    for entry in lapsed_for(w, estate, terms, control):
        over = f"expired on {entry.expires_on}" if entry.expires_on and entry.expires_on < terms.on else lacking(entry)
        return f"Exception {entry.id} does not count: it {over or f'begins only on {entry.approved_on}'}."
    return ""


LOST: Mapping[Disposition, Callable[[Workload, Estate, Terms], str]] = {
    Disposition.RETIRE: _retire,
    Disposition.REPURCHASE: _repurchase,
    Disposition.REPLATFORM: _replatform,
    Disposition.REHOST: _rehost,
    Disposition.RELOCATE: _relocate,
    Disposition.REFACTOR: _refactor,
    Disposition.RETAIN: _retain,
}
"""Why each lost, as a sentence; "" where nothing of its own stands against it, and only another was decided."""
