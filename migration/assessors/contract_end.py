"""When the contract ends, by which day it must be given up, and what leaving it sooner costs."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from inventory.model import Estate, Workload
from migration.assessors.finding import from_source
from migration.disposition import decide
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "contract-end"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """Findings on the contract's end; on its notice and penalty too, where the workload is bought as a service or retires."""
    left = decide(workload, estate, terms).disposition in (Disposition.REPURCHASE, Disposition.RETIRE)
    leaving = (*_notice(workload, terms), *_penalty(workload, terms)) if left else ()
    return (*_ends(workload, terms), *leaving)


def day_of_notice(ends: date, months: int) -> date:
    """The last day on which notice may be given: so many months before the end, on the same day or the last of a shorter month."""
    year, month = divmod(ends.year * 12 + ends.month - 1 - months, 12)
    _, last = monthrange(year, month + 1)
    return date(year, month + 1, min(ends.day, last))


def _ends(w: Workload, terms: Terms) -> Iterator[Finding]:
    if w.contract_ends is None or w.contract_ends > terms.cutover_on + timedelta(days=terms.knowledge.warn_days):
        return
    when = "before" if w.contract_ends < terms.cutover_on else "on the day of" if w.contract_ends == terms.cutover_on else "soon after"
    reason = f"The contract for {w.name} ends on {w.contract_ends}, {when} the cut-over on {terms.cutover_on}."
    yield _condition(w, reason, "Renew it for the new place, or use its end to buy a service.", "contract_ends", terms)


def _notice(w: Workload, terms: Terms) -> Iterator[Finding]:
    if w.contract_ends is None or w.notice_months is None or w.contract_ends < terms.on:
        return
    last = day_of_notice(w.contract_ends, w.notice_months)
    until = f"the contract for {w.name}, which ends on {w.contract_ends}"
    if last < terms.on:
        reason = f"Notice of {until}, was due by {last}: it may run on."
        yield _condition(
            w, reason, "Ask the supplier to let it end all the same, and count what it costs if it does not.", "notice_months", terms
        )
    elif last <= terms.on + timedelta(days=terms.knowledge.warn_days):
        reason = f"Notice of {until}, must be given by {last}."
        yield _condition(w, reason, "Decide now, and give notice in writing by that day.", "notice_months", terms)
    else:
        reason = f"Notice of {until}, is due by {last}, later than anybody need act."
        yield Finding(NAME, w.id, w.id, Effect.NONE, reason, "", None, from_source(w.sources, "notice_months"))


def _penalty(w: Workload, terms: Terms) -> Iterator[Finding]:
    if w.early_exit_pence and w.contract_ends and w.contract_ends > terms.cutover_on:
        reason = (
            f"Leaving the contract for {w.name} at the cut-over on {terms.cutover_on}, before it ends on {w.contract_ends},"
            f" costs £{w.early_exit_pence / 100:,.2f}."
        )
        remedy = "Cut over when it ends, agree a smaller sum, or count this one in the business case."
        yield _condition(w, reason, remedy, "early_exit_pence", terms)


def _condition(w: Workload, reason: str, remedy: str, field: str, terms: Terms) -> Finding:
    return Finding(NAME, w.id, w.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["contract"], from_source(w.sources, field))
