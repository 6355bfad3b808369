"""The exception register's own entries: approved by another with the authority, in date, narrow, about things that exist."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

from policies.answers import all_of, cannot_tell, fails, not_applicable, passes, some
from policies.controls.portfolio import GOES_TO_THE_CLOUD
from policies.knowledge import register_rules
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject, UnknownValueError
from policies.places import Place, at, same

_ENTRY = ("exception",)
_WILD = ("*", "all", "any", "everything")
_TOP = "council"
_RISING = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


def _approved_by_another(subject: Subject, portfolio: Portfolio) -> Answer:
    place = at(subject)
    requester, approver = place.text("requester").strip(), place.text("approver").strip()
    if not approver:
        return fails(f"Nobody has approved {subject.id}.", "approver")
    if not requester:
        return fails(f"Nobody is named as having asked for {subject.id}.", "requester")
    if _is_one_person(requester, approver, place):
        return fails(f"{approver} both asked for and approved {subject.id}.", "approver")
    approved_on = place.day("approved_on")
    if approved_on is None:
        return fails(f"{subject.id} has no date of approval.", "approved_on")
    if approved_on > portfolio.on:
        return fails(f"{subject.id} is approved only from {approved_on}.", "approved_on")
    return passes(f"{approver} approved {subject.id} on {approved_on}.", "approver")


def _is_one_person(requester: str, approver: str, entry: Place) -> bool:
    """Whether both are the same, or one is the other with a role, or under another: `A. Person, Chief Executive`."""
    asked, approved = _as_read(requester), _as_read(approver)
    if asked == approved:
        return True
    for role in (_as_read(a.text("role")) for a in entry.items("authority")):
        name = approved.removesuffix(f", {role}")
        if name != approved and (asked in (name, role) or asked.startswith(f"{name}, ")):
            return True
        if approved == role and asked.endswith(f", {role}"):
            return True
    return False


def _as_read(name: str) -> str:
    """A name as a person reads it: letters alike in every form, no marks that nobody sees, one space between words."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())


def _has_authority(subject: Subject, portfolio: Portfolio) -> Answer:
    place = at(subject)
    approver = " ".join(place.text("approver").split())
    held = [portfolio.severities[c] for c in place.texts("controls") if c in portfolio.severities]
    if not approver or not held:
        return not_applicable(f"{subject.id} has no approver, or names no control that there is.")
    needed = max(held, key=_RISING.index)
    roles = [(a.text("role").strip(), a.text("up_to")) for a in place.items("authority")]
    mine = [up_to for role, up_to in roles if same(approver, role) or approver.casefold().endswith(f", {role.casefold()}")]
    if not mine:
        return fails(f"{approver}, who approved {subject.id}, is no role that may approve exceptions.", "approver")
    best = max((_severity(m) for m in mine), key=_RISING.index)
    if _RISING.index(best) < _RISING.index(needed):
        return fails(f"{approver} may set aside {best} controls at most, and {subject.id} sets aside a {needed} one.", "approver")
    return passes(f"{approver} may set aside a {needed} control.", "approver")


def _severity(written: str) -> Severity:
    """Raises UnknownValueError where it is none."""
    try:
        return Severity(written)
    except ValueError:
        raise UnknownValueError("authority", "it is no severity") from None


def _in_date(subject: Subject, portfolio: Portfolio) -> Answer:
    if _is_continued(subject, portfolio):
        return not_applicable(f"{subject.id} was renewed by another entry.")
    ends = at(subject).day("expires_on")
    if ends is None:
        return fails(f"{subject.id} has no date on which it expires.", "expires_on")
    if ends < portfolio.on:
        return fails(f"{subject.id} expired on {ends}.", "expires_on")
    return passes(f"{subject.id} runs until {ends}.", "expires_on")


def _has_a_month_left(subject: Subject, portfolio: Portfolio) -> Answer:
    ends = at(subject).day("expires_on")
    if ends is None or ends < portfolio.on or _is_continued(subject, portfolio):
        return not_applicable(f"{subject.id} is not in date, or was renewed.")
    if ends - portfolio.on <= timedelta(days=register_rules()["warn_days"]):
        return fails(f"{subject.id} expires on {ends}, in {(ends - portfolio.on).days} days.", "expires_on")
    return passes(f"{subject.id} runs until {ends}.", "expires_on")


def _is_continued(subject: Subject, portfolio: Portfolio) -> bool:
    """Whether another entry that is approved by that day says that it renews this one."""

    def by(entry: Subject) -> bool:
        place = at(entry)
        if entry.id == subject.id or subject.id not in place.texts("renews"):
            return False
        approved_on = place.day("approved_on")
        return bool(place.text("approver").strip()) and approved_on is not None and approved_on <= portfolio.on

    return some(lambda e=e: by(e) for e in portfolio.by_type.get("exception", ()))


def _within_cap(subject: Subject, portfolio: Portfolio) -> Answer:
    place = at(subject)
    starts, ends = place.day("approved_on"), place.day("expires_on")
    if starts is None or ends is None:
        return not_applicable(f"{subject.id} has no approval or no expiry.")
    if ends < starts:
        return fails(f"{subject.id} expires on {ends}, before its approval on {starts}.", "expires_on")
    days, why = strictest("longest_days", place.texts("controls"), portfolio)
    if (ends - starts).days > days:
        return fails(f"{subject.id} lasts {(ends - starts).days} days; {why} allows at most {days}.", "expires_on")
    return _within_contracts(place.texts("subjects"), starts, ends, subject.id, portfolio)


def strictest(rule: str, control_ids: tuple[str, ...], portfolio: Portfolio) -> tuple[int, str]:
    """The least that a rule of the register (`longest_days`, `most_renewals`) allows these controls, and whose limit it is.

    Controls that nobody knows count as low: that they are not there is for another control to say.
    """
    allowed: dict[str, int] = register_rules()[rule]
    limits: list[tuple[int, str]] = []
    for control_id in control_ids:
        if control_id == GOES_TO_THE_CLOUD:
            limits.append((allowed["cloud_unless"], "cloud, unless"))
        elif control_id in portfolio.severities:
            severity = portfolio.severities[control_id].value
            limits.append((allowed[severity], f"a {severity} control"))
    return min(limits or [(allowed["low"], "no control that is known")])


def _within_contracts(named: tuple[str, ...], starts: date, ends: date, entry: str, portfolio: Portfolio) -> Answer:
    workloads = [w for w in portfolio.by_type.get("workload", ()) if w.id in named or w.name in named]

    def one(workload: Subject) -> Answer:
        # A contract that was over before the approval bounds nothing: the exception was not given under it.
        contract = at(workload).day("contract_ends")
        if contract is not None and starts <= contract < ends:
            return fails(f"{entry} runs until {ends}, past the contract of {workload.name}, which ends on {contract}.", "expires_on")
        return passes(f"{entry} ends within its cap.", "expires_on")

    return all_of([lambda w=w: one(w) for w in workloads], passes(f"{entry} ends within its cap.", "expires_on"))


def _names_controls_that_exist(subject: Subject, portfolio: Portfolio) -> Answer:
    lost = sorted(c for c in at(subject).texts("controls") if c not in portfolio.severities)
    if lost:
        return fails(f"{subject.id} names no control that there is: {', '.join(lost)}.", "controls")
    return passes(f"{subject.id} names controls that there are.", "controls")


def _names_things_that_exist(subject: Subject, portfolio: Portfolio) -> Answer:
    there = portfolio.once(
        "names that are judged", lambda: {n for s in portfolio.subjects if s.kind != "exception" for n in (s.id, s.name)}
    )
    strangers = sorted(s for s in at(subject).texts("subjects") if s not in there)
    if not strangers:
        return passes(f"{subject.id} is about what is judged here.", "subjects")
    kinds = {s.kind for s in portfolio.subjects}
    sentence = f"{subject.id} names {', '.join(strangers)}, which is not among what was judged."
    return fails(sentence, "subjects") if {"workload", "resource"} <= kinds else cannot_tell(sentence, "subjects")


def _is_narrow(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    controls, subjects = place.texts("controls"), place.texts("subjects")
    wide = [t for t in (*controls, *subjects) if "*" in t or same(t, *_WILD)]
    if wide:
        return fails(f"{subject.id} is about {', '.join(sorted(wide))}; it must name each thing.", "subjects")
    for path, held in (("subjects", subjects), ("controls", controls)):
        most = register_rules()[f"most_{path}"]
        if len(set(held)) > most:
            return fails(f"{subject.id} names {len(set(held))} {path}, and {most} is the most that one entry may.", path)
    if any(same(a.text("scope"), _TOP) for a in place.items("azure")):
        return fails(f"{subject.id} has Azure overlook an assignment everywhere; name a group beneath {_TOP}.", "azure")
    return passes(f"{subject.id} names each thing.", "subjects")


def _is_reasoned(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    fields = ("category", "rationale", "options", "risk", "compensating_controls", "review_on", "exit_plan", "evidence")
    lacking = [f.replace("_", " ") for f in fields if not place.has(f)]
    if lacking:
        return fails(f"{subject.id} lacks: {', '.join(lacking)}.", lacking[0].replace(" ", "_"))
    category = place.text("category")
    if not same(category, *register_rules()["categories"]):
        return fails(
            f"{subject.id} has the category {category}, which is none of: {', '.join(register_rules()['categories'])}.", "category"
        )
    options = place.items("options")
    if len(options) == 1 or any(o.number("five_year_cost_pence") is None for o in options):
        return fails(f"{subject.id} must weigh at least two options, each with its cost over five years.", "options")
    ends = place.day("expires_on")
    if ends is not None and (place.day("review_on") or ends) > ends:
        return fails(f"{subject.id} is reviewed only after {ends}, when it has expired.", "review_on")
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
        id="exception-approver-has-authority",
        title="Exceptions are approved by a role that may set aside controls of their severity",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_has_authority,
        remedy="Have a role with the authority approve it, or enter the council's own [[authority]] in the register.",
    ),
    Control(
        id="exception-is-in-date",
        title="Exceptions are in date",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_in_date,
        remedy="Renew the exception with its approver, or mend what it excused and remove it.",
        looks_around=True,
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
        looks_around=True,
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
        id="exception-names-controls-that-exist",
        title="Exceptions name controls that exist",
        severity=Severity.MEDIUM,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_names_controls_that_exist,
        remedy="Correct the control's id, or remove the entry when the control is gone.",
    ),
    Control(
        id="exception-names-things-that-exist",
        title="Exceptions name things that exist",
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
        title="Exceptions name each thing that they excuse, and few of them",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_is_narrow,
        remedy="Replace the wildcard by the ids of the controls and things; where there are too many, mend them or change the rule.",
    ),
    Control(
        id="exception-gives-its-reasons",
        title="Exceptions give reasons, options with their cost, risk, compensation, review and a way out",
        severity=Severity.MEDIUM,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_ENTRY,
        judge=_is_reasoned,
        remedy="Fill in what is empty; docs/reference/files.md says what each field is for.",
    ),
)
