"""How many interfaces the workload has, of which kinds, and what it takes to carry them over."""

from __future__ import annotations

from collections import Counter

from inventory.model import Estate, Interface, Workload
from migration.assessors.finding import from_source
from migration.disposition import decide
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "integration-count"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """One finding on all interfaces of a workload that moves or is bought; none where nobody has named any."""
    held = estate.interfaces_by_workload.get(workload.id, ())
    if not held or decide(workload, estate, terms).disposition in (Disposition.RETAIN, Disposition.RETIRE):
        return ()
    return (_finding(held, workload, terms),)


def _finding(held: tuple[Interface, ...], w: Workload, terms: Terms) -> Finding:
    rules = terms.knowledge.interfaces
    media = Counter(i.medium.strip().casefold() or "not said how" for i in held)
    days = sum(rules.days.get(medium, rules.unsaid_days) * number for medium, number in media.items())
    kinds = ", ".join(f"{number} {medium}" for medium, number in sorted(media.items()))
    count = "1 interface" if len(held) == 1 else f"{len(held)} interfaces"
    reason = f"{w.name} has {count} ({kinds}), about {days:g} days of work to carry over and test."
    lines = tuple(line for i in sorted(held, key=lambda i: i.id)[:3] for line in from_source(i.sources, "name"))
    if len(held) >= rules.many or media["database"]:
        remedy = "Plan a test with the other end of each; replace what reads or writes another's database by an interface of its own."
        return Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, days, lines)
    return Finding(NAME, w.id, w.id, Effect.NONE, reason, "", None, lines)
