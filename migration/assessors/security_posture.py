"""What must be mended before a move, lest it be carried along: old updates, ports open to the internet, certificates about to end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from inventory.model import Estate, Server, Workload
from migration.assessors.finding import from_source, known
from migration.disposition import decide, is_off
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "security-posture"
_PORT = re.compile(r"(?:(?:tcp|udp)\s*/?\s*)?(\d{1,5})(?:\s*/\s*(?:tcp|udp))?", re.IGNORECASE)


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """Conditions, for each can be mended; a day to come is unknown. What nobody has said is not looked at, nor what retires."""
    if decide(workload, estate, terms).disposition is Disposition.RETIRE:
        return ()
    running = (s for s in estate.servers_of(workload) if not is_off(s))
    updates = (f for s in running for f in _updates(s, workload, terms))
    return (*updates, *_ports(workload, terms), *_certificates(workload, terms))


def _updates(server: Server, w: Workload, terms: Terms) -> Iterator[Finding]:
    rule = terms.knowledge.posture
    if server.last_patched_on and server.last_patched_on > terms.on:
        reason = f"{server.name} is said to have had updates on {server.last_patched_on}, after the assessment on {terms.on}."
        lines = from_source(server.sources, "last_patched_on")
        remedy = "Correct the day in the register, and import it again."
        yield Finding(NAME, w.id, server.id, Effect.UNKNOWN, reason, remedy, terms.knowledge.efforts["record"], lines)
    elif server.last_patched_on and server.last_patched_on < terms.on - timedelta(days=rule.patched_within_days):
        days = (terms.on - server.last_patched_on).days
        reason = f"{server.name} last had updates on {server.last_patched_on}, {days} days ago."
        remedy = "Apply its updates and see that it still works, before it is copied or joined to a network in the cloud."
        line = known(f"updated within {rule.patched_within_days} days", rule.source, rule.date)
        evidence = (*from_source(server.sources, "last_patched_on"), line)
        yield Finding(NAME, w.id, server.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["updates"], evidence)


def _ports(w: Workload, terms: Terms) -> Iterator[Finding]:
    evidence = from_source(w.sources, "exposed_ports")
    for said in dict.fromkeys(w.exposed_ports):
        found = _PORT.fullmatch(said.strip())
        if found is None:
            reason = f"Which port {w.name} opens to the internet cannot be told ({said})."
            remedy = "Write the port's number in the register."
            yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["find-out"], evidence)
        elif int(found[1]) in terms.knowledge.posture.guarded_ports:
            reason = f"{w.name} opens port {found[1]} to the internet, by which machines and databases are run and broken into."
            remedy = "Close it before the cut-over: administrators come through Bastion, partners through a private link or the gateway."
            yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["interface"], evidence)


def _certificates(w: Workload, terms: Terms) -> Iterator[Finding]:
    ends = w.certificates_expire_on
    if ends is None or ends > terms.cutover_on + timedelta(days=terms.knowledge.posture.certificate_warn_days):
        return
    when = "by" if ends <= terms.cutover_on else "soon after"
    reason = f"The first certificate of {w.name} expires on {ends}, {when} the cut-over on {terms.cutover_on}."
    remedy = "Renew it before the cut-over, or let the cloud's own certificate take its place in the runbook."
    days = terms.knowledge.efforts["find-out"]
    yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, days, from_source(w.sources, "certificates_expire_on"))
