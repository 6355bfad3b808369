"""The exception register's own entries: approved by another, in date, no longer than their cap, about things that exist."""

from __future__ import annotations

from datetime import date, timedelta

from policies.answers import all_of, cannot_tell, fails, not_applicable, passes
from policies.controls.portfolio import GOES_TO_THE_CLOUD
from policies.knowledge import fact
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import at, same

_ENTRY = ("exception",)
_WILD = ("*", "all", "any", "everything")


def _approved_by_another(subject: Subject, portfolio: Portfolio) -> Answer:
    place = at(subject)
    requester, approver = place.text("requester").strip(), place.text("approver").strip()
    if not approver:
        return fails(f"Nobody has approved {subject.id}.", "approver")
    if not requester:
        return fails(f"Nobody is named as having asked for {subject.id}.", "requester")
    if same(requester, approver):
        return fails(f"{approver} both asked for and approved {subject.id}.", "approver")
    approved_on = place.day("approved_on")
    if approved_on is None:
        return fails(f"{subject.id} has no date of approval.", "approved_on")
    if approved_on > portfolio.on:
        return fails(f"{subject.id} is approved only from {approved_on}.", "approved_on")
    return passes(f"{approver} approved {subject.id} on {approved_on}.", "approver")


def _in_date(subject: Subject, portfolio: Portfolio) -> Answer:
    ends = at(subject).day("expires_on")
    if ends is None:
        return fails(f"{subject.id} has no date on which it expires.", "expires_on")
    if ends < portfolio.on:
        return fails(f"{subject.id} expired on {ends}.", "expires_on")
    return passes(f"{subject.id} runs until {ends}.", "expires_on")


def _has_a_month_left(subject: Subject, portfolio: Portfolio) -> Answer:
    ends = at(subject).day("expires_on")
    if ends is None or ends < portfolio.on:
        return not_applicable(f"{subject.id} is not in date.")
    if ends - portfolio.on <= timedelta(days=fact("exceptions", "warn_days")):
        return fails(f"{subject.id} expires on {ends}, in {(ends - portfolio.on).days} days.", "expires_on")
    return passes(f"{subject.id} runs until {ends}.", "expires_on")


def _within_cap(subject: Subject, portfolio: Portfolio) -> Answer:
    place = at(subject)
    starts, ends = place.day("approved_on"), place.day("expires_on")
    if starts is None or ends is None:
        return not_applicable(f"{subject.id} has no approval or no expiry.")
    if ends < starts:
        return fails(f"{subject.id} expires on {ends}, before its approval on {starts}.", "expires_on")
    days, why = cap(place.texts("controls"), portfolio)
    if (ends - starts).days > days:
        return fails(f"{subject.id} lasts {(ends - starts).days} days; {why} allows at most {days}.", "expires_on")
    return _within_contracts(place.texts("subjects"), ends, subject.id, portfolio)


def cap(control_ids: tuple[str, ...], portfolio: Portfolio) -> tuple[int, str]:
    """The most days that an exception to these controls may last, and the reason: the strictest of its controls'."""
    caps = [(fact("exceptions", "low_days"), "no control that is known")]
    for control_id in control_ids:
        if control_id == GOES_TO_THE_CLOUD:
            caps.append((fact("exceptions", "cloud_unless_days"), "cloud, unless"))
        elif control_id in portfolio.severities:
            severity = portfolio.severities[control_id].value
            caps.append((fact("exceptions", f"{severity}_days"), f"a {severity} control"))
    return min(caps[1:] or caps)


def _within_contracts(named: tuple[str, ...], ends: date, entry: str, portfolio: Portfolio) -> Answer:
    workloads = [w for w in portfolio.by_type.get("workload", ()) if w.id in named or w.name in named]

    def one(workload: Subject) -> Answer:
        contract = at(workload).day("contract_ends")
        if contract is not None and portfolio.on <= contract < ends:
            return fails(f"{entry} runs until {ends}, past the contract of {workload.name}, which ends on {contract}.", "expires_on")
        return passes(f"{entry} ends within its cap.", "expires_on")

    return all_of([lambda w=w: one(w) for w in workloads], passes(f"{entry} ends within its cap.", "expires_on"))


def _names_things_that_exist(subject: Subject, portfolio: Portfolio) -> Answer:
    place = at(subject)
    lost = sorted(c for c in place.texts("controls") if c not in portfolio.severities)
    if lost:
        return fails(f"{subject.id} names no control that there is: {', '.join(lost)}.", "controls")
    there = {n for s in portfolio.subjects if s.kind != "exception" for n in (s.id, s.name)}
    strangers = sorted(s for s in place.texts("subjects") if s not in there)
    if not strangers:
        return passes(f"{subject.id} is about what is judged here.", "subjects")
    kinds = {s.kind for s in portfolio.subjects}
    sentence = f"{subject.id} names {', '.join(strangers)}, which is not among what was judged."
    return fails(sentence, "subjects") if {"workload", "resource"} <= kinds else cannot_tell(sentence, "subjects")


def _is_narrow(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    wide = [t for t in (*place.texts("controls"), *place.texts("subjects")) if "*" in t or same(t, *_WILD)]
    if wide:
        return fails(f"{subject.id} is about {', '.join(sorted(wide))}; it must name each thing.", "subjects")
    return passes(f"{subject.id} names each thing.", "subjects")


def _is_reasoned(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    fields = ("category", "rationale", "options", "risk", "compensating_controls", "review_on", "exit_plan", "evidence")
    lacking = [f.replace("_", " ") for f in fields if not place.has(f)]
    if lacking:
        return fails(f"{subject.id} lacks: {', '.join(lacking)}.", lacking[0].replace(" ", "_"))
    return passes(f"{subject.id} gives its reasons, its risk and its way out.", "rationale")


CONTROLS = (
    Control(
        id="exception-is-approved-by-another",
        title="Exceptions are approved by somebody other than who asked",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_approved_by_another,
        remedy="Have somebody with the authority, who is not the requester, approve the entry and date it.",
    ),
    Control(
        id="exception-is-in-date",
        title="Exceptions are in date",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_in_date,
        remedy="Renew the exception with its approver, or mend what it excused and remove it.",
    ),
    Control(
        id="exception-has-a-month-left",
        title="Exceptions are renewed a month before they expire",
        severity=Severity.LOW,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_has_a_month_left,
        remedy="Decide now whether to renew it or to mend what it excuses.",
        mandatory=False,
    ),
    Control(
        id="exception-expires-within-its-cap",
        title="Exceptions last no longer than their severity and contracts allow",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_within_cap,
        remedy="Bring expires_on forward: 30 days for a critical control, 90 high, 180 medium, 365 low, three years for cloud, unless.",
        looks_around=True,
    ),
    Control(
        id="exception-names-things-that-exist",
        title="Exceptions name controls and things that exist",
        severity=Severity.LOW,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_names_things_that_exist,
        remedy="Correct the ids, or remove the entry when what it excused is gone.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="exception-is-narrow",
        title="Exceptions name each thing that they excuse",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_is_narrow,
        remedy="Replace the wildcard by the ids of the controls and things.",
    ),
    Control(
        id="exception-gives-its-reasons",
        title="Exceptions give reasons, options, risk, compensation, review and a way out",
        severity=Severity.MEDIUM,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_is_reasoned,
        remedy="Fill in the fields that are empty.",
        mandatory=False,
    ),
)
