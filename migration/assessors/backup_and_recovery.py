"""Whether backups in the cloud lose no more than the workload may, and whether a restore was ever measured against what it must keep."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Estate, Workload
from migration.assessors.finding import from_source, known
from migration.disposition import database_servers, decide, is_off, platforms_of
from migration.knowledge.model import RecoveryService
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "backup-and-recovery"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """Findings on the RPO, by kind of target, and on the RTO of a workload that moves; what nobody has asked for is not judged."""
    if not decide(workload, estate, terms).moves_servers:
        return ()
    return (*_losses(workload, estate, terms), *_restore(workload, estate, terms))


def _losses(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    if w.rpo_hours is None:
        return
    for kind in _kinds(w, estate, terms):
        if service := terms.knowledge.recovery.get(kind):
            yield _loss(w, w.rpo_hours, service, terms)
        else:
            reason = f"{w.name} may lose {w.rpo_hours:g} hours; what backups of its {kind} lose is not kept here."
            yield Finding(NAME, w.id, w.id, Effect.NONE, reason, "", None, from_source(w.sources, "rpo_hours"))


def _loss(w: Workload, rpo_hours: float, service: RecoveryService, terms: Terms) -> Finding:
    lines = (*from_source(w.sources, "rpo_hours"), known(f"{service.name}: {_span(service.loses_hours)}", service.source, service.date))
    of = f"{service.name} may lose {_span(service.loses_hours)}"
    if service.loses_hours > rpo_hours:
        reason = f"{w.name} may lose {_span(rpo_hours)} at the most; {of}."
        remedy = "Replicate it as it writes, or back its data up by its own log, and have that tested before the cut-over."
        return Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["replication"], lines)
    away = service.other_region_loses_hours
    if away is not None and away > rpo_hours:
        reason = f"{w.name} may lose {_span(rpo_hours)}; {of}, but {_span(away)} where its region is lost."
        return Finding(NAME, w.id, w.id, Effect.NONE, reason, "Agree with its owner which of the two the RPO means.", None, lines)
    return Finding(NAME, w.id, w.id, Effect.NONE, f"{w.name} may lose {_span(rpo_hours)}; {of}.", "", None, lines)


def _kinds(w: Workload, estate: Estate, terms: Terms) -> tuple[str, ...]:
    platform = decide(w, estate, terms).disposition is Disposition.REPLATFORM
    replaced = database_servers(w, estate) if platform else frozenset[str]()
    machines = any(not is_off(s) and s.id not in replaced for s in estate.servers_of(w))
    platforms = {p.platform for _, p in platforms_of(w, estate, terms)} if platform else set[str]()
    return (*(("virtual-machine",) if machines else ()), *sorted(platforms))


def _restore(w: Workload, estate: Estate, terms: Terms) -> Iterator[Finding]:
    if w.rto_hours is None:
        return
    days, lines = terms.knowledge.efforts["restore-test"], from_source(w.sources, "restore_hours")
    if w.restore_hours is None:
        if "restore_hours" in estate.asked_of_workloads:
            reason = f"{w.name} must be back within {_span(w.rto_hours)}, and nobody has measured how long a restore takes."
            remedy = "Restore it once to an empty machine, and record how long it took."
            yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, days, from_source(w.sources, "rto_hours"))
    elif w.restore_hours > w.rto_hours:
        reason = f"The last tested restore of {w.name} took {_span(w.restore_hours)}; it must be back within {_span(w.rto_hours)}."
        yield Finding(NAME, w.id, w.id, Effect.CONDITION, reason, "Keep a second one running, or agree a longer recovery.", days, lines)
    else:
        reason = (
            f"The last tested restore of {w.name} took {_span(w.restore_hours)}, within {_span(w.rto_hours)}; test it again in the cloud."
        )
        yield Finding(NAME, w.id, w.id, Effect.NONE, reason, "", None, lines)


def _span(hours: float) -> str:
    if 0 < hours < 1:
        return f"{hours * 60:.0f} minutes"
    return "1 hour" if hours == 1 else f"{hours:g} hours"
