"""What becomes of a workload under "cloud, unless": retire, else buy as a service, else platform, else a machine.

A disposition rests on the estate and the exceptions alone, never on findings, so that assessors may ask for their
neighbours' without going round in a circle. A workload stays only under an approved, unexpired exception.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory.model import Database, Estate, ExceptionEntry, Power, Server, Workload
from migration.knowledge.model import Category, PlatformService
from migration.knowledge.words import says
from migration.model import Disposition
from migration.platforms import taker_of
from migration.terms import STAY_CONTROL, Terms

RETIRE = ("retire", "retired", "decommission", "decommissioned", "switch off", "close", "end of life", "remove")
REPLACE = ("replace", "replaced", "repurchase", "saas", "software as a service", "procure", "buy")
KEEP = ("keep", "retain", "invest", "tolerate", "stay")


@dataclass(frozen=True)
class Decision:
    """A disposition, why in a sentence, and the exception that a retain cites."""

    disposition: Disposition
    reason: str
    exception_id: str = ""

    @property
    def moves_servers(self) -> bool:
        """Whether the workload's servers are built again in the cloud."""
        return self.disposition not in (Disposition.RETIRE, Disposition.REPURCHASE, Disposition.RETAIN)


def decide(workload: Workload, estate: Estate, terms: Terms) -> Decision:
    """The disposition of a workload: what a person overruled it to be, else what the rules say."""
    ruled = decide_by_rule(workload, estate, terms)
    entry = terms.overrules.get(workload.id)
    if entry is None or entry.disposition is None or entry.disposition is ruled.disposition:
        return ruled
    reason = f"{entry.by} decided so: {entry.because} By the rules it would be {ruled.disposition.value}: {ruled.reason}"
    return Decision(entry.disposition, reason)


def decide_by_rule(workload: Workload, estate: Estate, terms: Terms) -> Decision:
    """The first of retain, retire, repurchase, replatform and rehost that applies."""
    return (
        _retain(workload, estate, terms)
        or _retire(workload, estate)
        or _repurchase(workload, terms)
        or _replatform(workload, estate, terms)
        or Decision(Disposition.REHOST, "No service or platform is known to take it over, so its servers are built again as machines.")
    )


def exception_for(workload: Workload, estate: Estate, terms: Terms) -> ExceptionEntry | None:
    """The exception under which the workload may stay on the day of the assessment: the one that lasts longest."""
    held = [e for e in estate.exceptions if e.covers(workload.id, STAY_CONTROL, terms.on)]
    return max(held, key=lambda e: (e.expires_on or terms.on, e.id), default=None)


def lapsed_for(workload: Workload, estate: Estate, terms: Terms) -> tuple[ExceptionEntry, ...]:
    """Exceptions that name the workload and the control but do not cover it: expired, unapproved or not begun."""
    mine = (e for e in estate.exceptions if workload.id in e.subjects and STAY_CONTROL in e.controls)
    return tuple(e for e in mine if not e.covers(workload.id, STAY_CONTROL, terms.on))


def category_of(workload: Workload, terms: Terms) -> Category | None:
    """The category of council application that its name, product or service says it is."""
    for text in (workload.name, workload.product, workload.service):
        for category in terms.knowledge.categories:
            if says(text, category.words):
                return category
    return None


def is_off(server: Server) -> bool:
    """Whether a server does no work: a template, or switched off."""
    return server.is_template or server.power is Power.OFF


def platforms_of(workload: Workload, estate: Estate, terms: Terms) -> tuple[tuple[Database, PlatformService], ...]:
    """The workload's databases with the platform service of each; empty unless every one has one that takes it."""
    found = [(d, taker_of(d, terms).service) for d in databases_of(workload, estate)]
    taken = tuple((database, service) for database, service in found if service)
    return taken if len(taken) == len(found) else ()


def databases_of(workload: Workload, estate: Estate) -> tuple[Database, ...]:
    """The databases that the register gives to the workload, and those on its servers that it gives to nobody, by id."""
    mine = list(estate.databases_by_workload.get(workload.id, ()))
    for server in estate.servers_of(workload):
        mine += [d for d in estate.databases_by_server.get(server.id, ()) if not d.workload_id]
    return tuple(sorted({d.id: d for d in mine}.values(), key=lambda d: d.id))


def database_servers(workload: Workload, estate: Estate) -> frozenset[str]:
    """The workload's servers that hold its databases and nobody else's, where other servers run the application."""
    servers = estate.servers_of(workload)
    mine = {d.id for d in databases_of(workload, estate)}
    holding = frozenset(s.id for s in servers if _holds_only(s, mine, estate))
    return holding if len(holding) < len(servers) else frozenset()


def _holds_only(server: Server, mine: set[str], estate: Estate) -> bool:
    held = {d.id for d in estate.databases_by_server.get(server.id, ())}
    return bool(held) and held <= mine and len(estate.workloads_by_server.get(server.id, ())) <= 1


def _retain(workload: Workload, estate: Estate, terms: Terms) -> Decision | None:
    entry = exception_for(workload, estate, terms)
    if entry is None:
        return None
    reason = (
        f"It stays under exception {entry.id}, approved by {entry.approver} until {entry.expires_on}: {entry.rationale or 'no rationale'}"
    )
    return Decision(Disposition.RETAIN, reason if reason.endswith(".") else f"{reason}.", entry.id)


def _retire(workload: Workload, estate: Estate) -> Decision | None:
    servers = estate.servers_of(workload)
    if word := says(workload.intent, RETIRE):
        return Decision(Disposition.RETIRE, f"The register means to retire it: its intent says {word!r}.")
    if not servers or len(servers) < len(workload.server_ids) or not all(is_off(s) for s in servers):
        return None
    what = "a template" if all(s.is_template for s in servers) else "switched off or a template"
    return Decision(Disposition.RETIRE, f"Every server of it is {what}: nothing runs, so nothing needs to move.")


def _repurchase(workload: Workload, terms: Terms) -> Decision | None:
    """Bought as a service: the register means to replace it, or names a service and does not mean to keep what it has."""
    service = workload.saas_product or "a service still to be chosen"
    ends, category = workload.support_ends, category_of(workload, terms)
    unsupported = ends is not None and ends <= terms.cutover_on
    if says(workload.intent, REPLACE):
        return _bought(f"The register means to replace it (its intent says {workload.intent!r}): {service}.")
    if workload.saas_product and unsupported:
        return _bought(f"Its maker's support ends on {ends}, by the cut-over, and a service does its work: {service}.")
    if workload.saas_product and not says(workload.intent, KEEP):
        return _bought(f"The register names a service that does its work, and does not mean to keep what there is: {service}.")
    if unsupported and category and category.availability == "established":
        return _bought(f"Its maker's support ends on {ends}, by the cut-over, and councils buy {category.id} as a service.")
    return None


def _bought(reason: str) -> Decision:
    return Decision(Disposition.REPURCHASE, reason)


def _replatform(workload: Workload, estate: Estate, terms: Terms) -> Decision | None:
    platforms = platforms_of(workload, estate, terms)
    if not platforms or not database_servers(workload, estate):
        return None
    kinds = " and ".join(sorted({s.kind for _, s in platforms}))
    return Decision(Disposition.REPLATFORM, f"Its databases have servers of their own and a platform that takes them over: {kinds}.")
