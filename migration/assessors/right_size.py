"""The size of each machine that moves: from what was measured, and said plainly where it was not."""

from __future__ import annotations

from inventory.model import Estate, Server, Workload
from migration.disposition import database_servers, decide, is_off
from migration.knowledge.model import Size
from migration.model import Disposition, Effect, Finding
from migration.prices import price_of
from migration.sizing import (
    Need,
    accepts_what_was_given,
    believable,
    kept_up_by_disks,
    need_of,
    size_for,
    unmeasured_because,
    unsized_because,
    yardsticks,
)
from migration.targets import counted_with
from migration.terms import Terms

NAME = "right-size"
_MEASURE = "Measure it for at least a month, peaks included, before the size is ordered."


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding for each server that is built again as a machine."""
    decision = decide(workload, estate, terms)
    if not decision.moves_servers:
        return ()
    replaced = database_servers(workload, estate) if decision.disposition is Disposition.REPLATFORM else frozenset[str]()
    moving = (s for s in estate.servers_of(workload) if not is_off(s) and s.id not in replaced)
    mine = (s for s in moving if counted_with(s, workload, estate, terms).id == workload.id)
    return tuple(_finding(s, workload, estate, terms) for s in mine)


def _finding(server: Server, workload: Workload, estate: Estate, terms: Terms) -> Finding:
    need = need_of(server, estate, terms)
    if need is None:
        reason = f"{server.name} has no size and no price: {unsized_because(server, terms)}."
        remedy = "Record its cores and memory in the inventory as they are."
        return Finding(NAME, workload.id, server.id, Effect.UNKNOWN, reason, remedy, terms.knowledge.efforts["find-out"])
    size = size_for(need, terms)
    evidence = (*need.lines, *_measurements(server, estate, terms))
    if (why := unmeasured_because(need)) and not accepts_what_was_given(workload, terms):
        return _unmeasured(server, workload, size, why, terms, evidence)
    if size is None:
        reason = f"No size known here covers {server.name}, which needs {need.vcpus:.2f} vCPUs and {need.memory_gib:.2f} GiB."
        remedy = "Choose a size by hand, or split its work over several machines."
        return Finding(NAME, workload.id, server.id, Effect.UNKNOWN, reason, remedy, terms.knowledge.efforts["find-out"], evidence)
    return _sized(server, workload, need, size, terms, evidence)


def _sized(server: Server, workload: Workload, need: Need, size: Size, terms: Terms, evidence: tuple[str, ...]) -> Finding:
    reason = f"{server.name} goes on {size.name} ({size.vcpus} vCPUs, {size.memory_gib:g} GiB)"
    lines, disks = (*evidence, *_prices(size, terms)), kept_up_by_disks(size, need, terms)
    if not need.unmeasured:
        covered = f", the smallest size for its measured need of {need.vcpus:.2f} vCPUs and {need.memory_gib:.2f} GiB."
        return Finding(NAME, workload.id, server.id, Effect.NONE, reason + covered + disks, "", None, lines)
    entry = terms.overrules[workload.id]
    given = f" by what was given to it, which {entry.by} accepted until {entry.until}: {unmeasured_because(need)}.{disks}"
    return Finding(NAME, workload.id, server.id, Effect.CONDITION, reason + given, _MEASURE, terms.knowledge.efforts["find-out"], lines)


def _unmeasured(server: Server, workload: Workload, size: Size | None, why: str, terms: Terms, evidence: tuple[str, ...]) -> Finding:
    """No measurement, no size: what was given to it is shown, and counts only once somebody answers for it."""
    given = f"; what was given to it would be {size.name}" if size else ""
    reason = f"{server.name} has no size and no price: {why}{given}."
    remedy = f"{_MEASURE} Or accept what was given to it, in the overrules, with who, why and until when."
    return Finding(NAME, workload.id, server.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["find-out"], evidence)


def _measurements(server: Server, estate: Estate, terms: Terms) -> tuple[str, ...]:
    held = estate.utilisations_by_server.get(server.id, ())
    used = believable(held, terms)
    if not held:
        return ("months measured: none",)
    left = f"; {len(held) - len(used)} left out as too old or too thin" if len(held) > len(used) else ""
    months = ", ".join(u.month.strftime("%Y-%m") for u in used) or "none"
    return (f"months measured: {months}{left}",)


def _prices(size: Size, terms: Terms) -> tuple[str, ...]:
    price = price_of(size.name, terms.region, terms.knowledge)
    if price is None:
        return (f"no price of {size.name} is in the snapshot",)
    lines = [f"price: £{price.monthly_pence / 100:,.2f} a month, {price.region}, {price.on} ({price.source})"]
    if caveat := price.caveat(terms.region):
        lines.append(f"{caveat} Check that it is sold in {terms.region} before ordering.")
        near = (p for s in yardsticks(size, terms.knowledge) if (p := terms.knowledge.prices.get((s.name, terms.region))))
        lines += [f"for comparison: {p.sku}, an older series, is £{p.monthly_pence / 100:,.2f} a month in {p.region}, {p.on}" for p in near]
    return tuple(lines)
