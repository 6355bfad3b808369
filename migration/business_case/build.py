"""From the estate, the plan and the council's assumptions to the three ways and their lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from inventory.model import Estate, Workload
from migration.business_case.appraise import whole
from migration.business_case.case_file import CaseFile
from migration.business_case.flow import left, month_of, monthly, of_cost_line, once
from migration.business_case.model import BusinessCase, Choice, Key, Kind, Line, Published, Quantity, Way
from migration.business_case.quotes import Quote, not_quoted
from migration.cost import priced
from migration.model import Assessment, Effect, Finding, Plan, Wave
from migration.targets import NOWHERE

_SUPPORT = ("operating-system-support", "database-support", "supplier-support")


@dataclass(frozen=True)
class _Facts:
    estate: Estate
    plan: Plan
    case: CaseFile
    length: int
    waves: Mapping[str, Wave]

    def months(self, day: date) -> int:
        return month_of(self.case.starts, day)

    def value(self, key: Key) -> Decimal:
        """What is not given counts for nothing here, and is named in the case as missing."""
        return self.case.value(key) or Decimal(0)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """What was quoted and holds on the day of the plan."""
        return tuple(q for q in self.case.quotes if q.is_in_force(self.plan.on))

    def quoted(self, quote: Quote, count: Decimal, begins: int, workload: Workload | None = None) -> Line:
        """What so many of it cost from a month on, growing as the cloud does."""
        months = monthly(whole(quote.pounds * count * 100), begins, self.length, self.length, self.value(Key.CLOUD_GROWTH))
        of = f": {workload.name}" if workload else ""
        mine = (workload.id, workload.service) if workload else ("", "")
        unit = {"server": "machines at", "gb": "GB at", "month": "at"}[quote.per]
        because = f"{count:f} {unit} £{quote.pounds:f} a month. {quote.because}"
        return Line(f"{quote.what.value.capitalize()}{of}", Kind.REVENUE, months, because, *mine)


def build(estate: Estate, plan: Plan, case: CaseFile) -> BusinessCase:
    """The three ways over the years of the case. The plan's assessments give cloud costs and efforts, its waves the dates."""
    facts = _Facts(estate, plan, case, case.years * 12, {i: w for w in plan.waves for i in w.workload_ids})
    moved = {
        Choice.STAY: {},
        Choice.MINIMUM: {i: why for i in facts.waves if (why := _out_of_support(i, facts))},
        Choice.PLAN: {i: f"In {w.id}, from {w.starts} to {w.ends}." for i, w in facts.waves.items()},
    }
    ways = tuple(_way(choice, reasons, facts) for choice, reasons in moved.items())
    outside = {c.id: made[1] for c in estate.cost_lines if (made := of_cost_line(c, case.starts, facts.length, Decimal(0)))}
    return BusinessCase(case.starts, case.discount_percent, ways, tuple(_missing(facts)), outside)


def _out_of_support(workload_id: str, facts: _Facts) -> str:
    """Why a workload cannot be left where it is until the case ends; "" where nothing says so."""
    workload, held = facts.estate.workload_by_id[workload_id], facts.plan.assessments.get(workload_id)
    over = facts.case.starts.replace(year=facts.case.starts.year + facts.case.years)
    if workload.support_ends and workload.support_ends < over:
        return f"Support of {workload.product or workload.name} ends on {workload.support_ends}."
    findings = held.findings if held else ()
    return next((f.reason for f in findings if f.assessor in _SUPPORT and f.effect in (Effect.BLOCKS, Effect.CONDITION)), "")


def _way(choice: Choice, reasons: Mapping[str, str], facts: _Facts) -> Way:
    lines = [*_present(choice, reasons, facts), *_extended_support(reasons, facts)]
    for workload_id in reasons:
        lines.extend(_moved(facts.estate.workload_by_id[workload_id], facts))
    if reasons:
        lines.extend(_leaving(choice, reasons, facts))
    held = [facts.plan.assessments.get(i) for i in reasons]
    is_at_least = any(a is None or a.unpriced or any(f.effort_days is None for f in _work(a)) for a in held)
    return Way(choice, tuple(line for line in lines if line.total), dict(sorted(reasons.items())), is_at_least)


def _ends(moved: Iterable[str], facts: _Facts) -> int:
    """The month in which what the data centre costs begins to fall: after the last wave and dual running."""
    after = max((facts.months(facts.waves[i].ends) for i in moved), default=facts.length)
    return after + 1 + int(facts.value(Key.DUAL_RUNNING))


def _present(choice: Choice, moved: Iterable[str], facts: _Facts) -> Iterator[Line]:
    """What is paid today, less what the way avoids once dual running is over."""
    avoided = {a.line: a for a in facts.case.avoided}
    ends = _ends(moved, facts)
    for c in facts.estate.cost_lines:
        held = of_cost_line(c, facts.case.starts, facts.length, facts.value(Key.PRESENT_GROWTH))
        if held is None:
            continue
        entry = avoided.get(c.id)
        percent = Decimal(0)
        if entry and choice is not Choice.STAY:
            percent = entry.plan_percent if choice is Choice.PLAN else entry.minimum_percent
        because = f"Costs sheet, {c.year}." + (f" {percent} % avoided after dual running: {entry.source}" if entry and percent else "")
        yield Line(c.name, Kind(c.kind), left(held[0], percent, ends), because)


def _extended_support(moved: Iterable[str], facts: _Facts) -> Iterator[Line]:
    """Extended security updates, every year that the case runs, or until the last wave of the way."""
    if value := facts.case.value(Key.EXTENDED_SUPPORT):
        ends = max((facts.months(facts.waves[i].ends) + 1 for i in moved), default=facts.length)
        months = monthly(whole(value * 100 / 12), 0, ends, facts.length)
        follows = Quantity(Decimal(1), Key.EXTENDED_SUPPORT, is_monthly=True)
        yield Line("Extended security updates", Kind.REVENUE, months, _said(facts, Key.EXTENDED_SUPPORT), follows=follows)


def _moved(w: Workload, facts: _Facts) -> Iterator[Line]:
    """What moving one workload costs: the cloud from its wave on, the work, and leaving its contract early."""
    wave, held = facts.waves[w.id], facts.plan.assessments.get(w.id)
    begins = max(0, facts.months(wave.starts))
    if held:
        listed = priced(t for t in held.targets if t.kind != NOWHERE)
        pence = whole(listed * (1 + facts.value(Key.CLOUD_CHANGE) / 100))
        cloud = monthly(pence, begins, facts.length, facts.length, facts.value(Key.CLOUD_GROWTH))
        at_least = f" At least: {len(held.unpriced)} of its parts have no price." if held.unpriced else ""
        because = f"Published prices of its targets from {wave.id}.{at_least}"
        yield Line(f"Cloud: {w.name}", Kind.REVENUE, cloud, because, w.id, w.service, Published(listed))
        yield from (facts.quoted(q, n, begins, w) for q in facts.quotes if (n := q.count(held.targets)))
        days = Decimal(str(sum(f.effort_days or 0 for f in held.findings)))
        work = once(whole(days * facts.value(Key.DAY_RATE) * 100), begins, facts.length)
        because = f"{days} days of its findings. {_said(facts, Key.DAY_RATE)}"
        yield Line(f"Work: {w.name}", Kind.REVENUE, work, because, w.id, w.service, Quantity(days, Key.DAY_RATE))
    penalty = next((p for p in facts.case.penalty if p.workload == w.id), None)
    if penalty and w.contract_ends and w.contract_ends > wave.ends:
        because = f"The contract ends on {w.contract_ends}, after {wave.ends}. {penalty.source}"
        months = once(whole(penalty.pounds * 100), facts.months(wave.ends), facts.length)
        yield Line(f"Leaving early: {w.name}", Kind.REVENUE, months, because, w.id, w.service)


def _leaving(choice: Choice, moved: Iterable[str], facts: _Facts) -> Iterator[Line]:
    """Decommissioning of the servers that move, and what is quoted for all; for the plan also the exit and the licences of personas."""
    held = tuple(moved)
    ends = _ends(held, facts)
    servers = {s for i in held for s in facts.estate.workload_by_id[i].server_ids}
    pence = whole(len(servers) * facts.value(Key.DECOMMISSION) * 100)
    said = f"{len(servers)} servers. {_said(facts, Key.DECOMMISSION)}"
    yield Line(
        "Decommissioning", Kind.REVENUE, once(pence, ends, facts.length), said, follows=Quantity(Decimal(len(servers)), Key.DECOMMISSION)
    )
    begins = max(0, min(facts.months(facts.waves[i].starts) for i in held))
    yield from (facts.quoted(q, q.quantity or Decimal(1), begins) for q in facts.quotes if q.per == "month")
    if choice is not Choice.PLAN:
        return
    leaving = once(whole(facts.value(Key.EXIT) * 100), ends, facts.length)
    yield Line("Exit", Kind.REVENUE, leaving, _said(facts, Key.EXIT), follows=Quantity(Decimal(1), Key.EXIT))
    for held_licence in facts.case.licence:
        people = sum(p.headcount or 0 for p in facts.estate.personas if p.licence == held_licence.licence)
        months = monthly(whole(held_licence.monthly_pounds * 100) * people, begins, facts.length, facts.length)
        yield Line(f"Licences: {held_licence.licence}", Kind.REVENUE, months, f"{people} people. {held_licence.source}")


def _said(facts: _Facts, key: Key) -> str:
    return next((a.source for a in facts.case.assumption if a.key is key), "")


def _work(a: Assessment) -> tuple[Finding, ...]:
    """Findings that somebody must do something about."""
    return tuple(f for f in a.findings if f.remedy and f.effect is not Effect.NONE)


def _missing(facts: _Facts) -> Iterator[str]:
    """What is not in this case, each with what puts it there."""
    for key in Key:
        if facts.case.value(key) is None:
            yield f"Not in this case: {key.value}. Give it as an [[assumption]] of case.toml."
    for c in facts.estate.cost_lines:
        if of_cost_line(c, facts.case.starts, facts.length, Decimal(0)) is None:
            yield f"Not in this case: the cost line {c.name}, whose year {c.year!r} is not like 2026-27. Correct the costs sheet."
    yield from (f"Not in this case: {said}" for said in not_quoted(facts.case.quotes, facts.plan.on))
    yield from _not_moved(facts)
    given = {held.licence for held in facts.case.licence}
    for name in sorted({p.licence for p in facts.estate.personas if p.licence} - given):
        yield f"Not in this case: licences of {name}. Give its price as a [[licence]] of case.toml."
    for p in facts.estate.personas:
        if p.licence in given and p.headcount is None:
            yield f"Not in this case: licences of {p.name}, whose headcount nobody has said."


def _not_moved(facts: _Facts) -> Iterator[str]:
    """What of the workloads is left out: no wave, no price, no estimate, no penalty."""
    over = facts.case.starts.replace(year=facts.case.starts.year + facts.case.years) - timedelta(days=1)
    for w in facts.estate.workloads:
        wave, held = facts.waves.get(w.id), facts.plan.assessments.get(w.id)
        if wave is None:
            yield f"Not in this case: a move of {w.id}. {facts.plan.unplanned.get(w.id, 'It is in no wave.')}"
            continue
        if wave.starts > over:
            yield f"Not in this case: the move of {w.id}, whose wave begins on {wave.starts}, after the case."
        if held is None or held.unpriced:
            yield f"Not in this case: the price of {', '.join(held.unpriced) if held else w.id}."
        unestimated = sum(f.effort_days is None for f in _work(held)) if held else 0
        if unestimated:
            yield f"Not in this case: the work of {unestimated} findings on {w.id}, which nobody has estimated."
        if w.contract_ends and w.contract_ends > wave.ends and w.id not in {p.workload for p in facts.case.penalty}:
            yield f"Not in this case: leaving the contract of {w.id} before {w.contract_ends}. Give it as a [[penalty]] of case.toml."
