"""Workloads of the plan: cloud, unless; off the shelf by default; owned, classified, planned on knowledge."""

from __future__ import annotations

from policies.answers import cannot_tell, fails, not_applicable, passes
from policies.knowledge import portfolio_facts
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject, UnknownValueError
from policies.places import at, same

GOES_TO_THE_CLOUD = "workload-goes-to-the-cloud"
_WORKLOAD = ("workload",)
_SAID = {
    "failures_per_year_tolerated": "how often it may fail in a year",
    "rto_hours": "how long it may be away (RTO)",
    "rpo_hours": "how much it may lose (RPO)",
}
_SOFTWARE_STAYS = ("rehost", "replatform", "relocate", "retain")


def _goes(subject: Subject, _: Portfolio) -> Answer:
    disposition = at(subject).text("disposition")
    if not disposition:
        return cannot_tell(f"Nobody has decided what becomes of {subject.name}.", "disposition")
    if same(disposition, "retain"):
        return fails(f"{subject.name} stays in the data centre.", "disposition")
    return passes(f"{subject.name} leaves the data centre: {disposition}.", "disposition")


def _exception_in_force(subject: Subject, portfolio: Portfolio) -> Answer:
    cited = at(subject).text("exception_id")
    if not cited:
        return not_applicable(f"{subject.name} cites no exception.")
    entry = next((s for s in portfolio.by_type.get("exception", ()) if s.id == cited), None)
    if entry is None:
        return fails(f"{subject.name} cites exception {cited}, which the register does not hold.", "exception_id")
    place = at(entry)
    if subject.id not in place.texts("subjects") and subject.name not in place.texts("subjects"):
        return fails(f"Exception {cited} does not name {subject.name}.", "exception_id")
    approver = place.text("approver").strip()
    if not approver or same(approver, place.text("requester")):
        return fails(f"Nobody other than its requester has approved exception {cited}, which {subject.name} cites.", "exception_id")
    starts, ends = place.day("approved_on"), place.day("expires_on")
    if starts is None or ends is None or not starts <= portfolio.on <= ends:
        return fails(f"Exception {cited}, which {subject.name} cites, is not in force on {portfolio.on}.", "exception_id")
    return passes(f"Exception {cited} is in force until {ends}.", "exception_id")


def _off_the_shelf(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    disposition = place.text("disposition")
    if not disposition:
        return cannot_tell(f"Nobody has decided what becomes of {subject.name}.", "disposition")
    if same(disposition, "refactor"):
        return fails(f"{subject.name} is to be written anew; buying comes first.", "disposition")
    service = place.text("saas_product")
    if service and same(disposition, *_SOFTWARE_STAYS):
        return fails(f"{subject.name} could be replaced by {service}, yet its disposition is {disposition}.", "saas_product")
    return passes(f"{subject.name} is not built by us: {disposition}.", "disposition")


def _has_owner(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    if not place.flag("is_registered", default=True):
        return not_applicable(f"{subject.name} is a server that no register claims; the inventory asks whose it is.")
    owner = place.text("owner")
    return passes(f"{owner} owns {subject.name}.", "owner") if owner.strip() else fails(f"Nobody owns {subject.name}.", "owner")


def _belongs_to_an_application(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    if place.flag("is_registered", default=False):
        return passes(f"{subject.name} is in the application register.", "is_registered")
    if same(place.text("disposition"), "retire"):
        return not_applicable(f"{subject.name} is retired.")
    return fails(
        f"No application in the register claims {subject.name}: nobody can say what it does or whose data it holds.", "is_registered"
    )


def _is_classified(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    if same(place.text("disposition"), "retire"):
        return not_applicable(f"{subject.name} is retired.")
    if not place.flag("is_registered", default=True) and not place.text("wave"):
        return not_applicable(f"{subject.name} is a server that no register claims, and goes nowhere until one does.")
    level = place.text("classification", "unknown")
    if same(level, "", "unknown"):
        return fails(f"Nobody has classified the data of {subject.name}.", "classification")
    return passes(f"{subject.name} holds {level} data.", "classification")


def _ready_before_its_wave(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    wave = place.text("wave")
    if not wave:
        return not_applicable(f"{subject.name} is in no wave.")
    readiness = place.text("readiness", "unknown")
    if same(readiness, "ready", "ready with conditions"):
        return passes(f"{subject.name} is {readiness}.", "readiness")
    return fails(f"{subject.name} is in {wave}, and its readiness is {readiness}.", "readiness")


def _moves_in_support(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    ends = place.day("support_ends")
    if ends is None:
        return not_applicable(f"No end of support is known for {subject.name}.")
    moved = place.day("wave_ends")
    if moved is None:
        return not_applicable(f"{subject.name} is in no wave.")
    if moved <= ends:
        return passes(f"{subject.name} moves by {moved}, within its support until {ends}.", "support_ends")
    return fails(f"{subject.name} moves by {moved}, after its supplier's support ends on {ends}.", "support_ends")


def _is_one_of_a_kind(subject: Subject, portfolio: Portfolio) -> Answer:
    mine = _identity(subject)
    if not mine:
        return not_applicable(f"Nobody has said which product {subject.name} is, or it goes away.")
    twins, unsure = portfolio.once("workloads by product", lambda: _by_product(portfolio))
    others = sorted(s.name for s in twins[mine] if s.id != subject.id)
    if others:
        return fails(f"{subject.name} is the same product as {', '.join(others)}: {mine[1]}.", "product")
    if unsure:
        return cannot_tell(f"Nobody has said which product {', '.join(unsure)} is, so it may be the same.", "product")
    return passes(f"No other workload is {mine[1]}.", "product")


def _by_product(portfolio: Portfolio) -> tuple[dict[tuple[str, str], list[Subject]], list[str]]:
    """Workloads by identity, and the names of those whose identity is unknown."""
    held: dict[tuple[str, str], list[Subject]] = {}
    unsure: list[str] = []
    for s in portfolio.by_type.get("workload", ()):
        try:
            if identity := _identity(s):
                held.setdefault(identity, []).append(s)
        except UnknownValueError:
            unsure.append(s.name)
    return held, sorted(unsure)


def _identity(subject: Subject) -> tuple[str, str] | None:
    """Supplier, product and environment, folded; None where there is no product, or the workload is retired."""
    place = at(subject)
    product = " ".join(place.text("product").casefold().split())
    if not product or same(place.text("disposition"), "retire"):
        return None
    return place.text("environment").casefold(), product


def _has_a_reliability_budget(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    if same(place.text("disposition"), "retire") or not place.flag("is_registered", default=True):
        return not_applicable(f"{subject.name} is retired, or a server that no register claims.")
    budget = ("failures_per_year_tolerated", "rto_hours", "rpo_hours")
    lacking = [f for f in budget if not place.has(f)]
    if lacking:
        return fails(f"Nobody has said of {subject.name}: {', '.join(_SAID[f] for f in lacking)}.", lacking[0])
    facts = portfolio_facts("reliability")
    failures, most = place.number(budget[0]) or 0, facts["most_failures_per_year"]
    if failures > most and same(place.text("criticality"), *facts["critical"]):
        return fails(f"{subject.name} may fail {failures:g} times a year; {most} is the most for what is critical.", budget[0])
    return passes(f"{subject.name} may fail {failures:g} times a year.", budget[0])


def _is_accessible(subject: Subject, portfolio: Portfolio) -> Answer:
    place = at(subject)
    if same(place.text("disposition"), "retire") or not place.flag("is_registered", default=True):
        return not_applicable(f"{subject.name} is retired, or a server that no register claims.")
    if not place.has("public_facing"):
        return cannot_tell(f"Nobody has said whether the public uses {subject.name}.", "public_facing")
    if not place.flag("public_facing", default=False):
        return not_applicable(f"The public does not use {subject.name}.")
    reviewed = place.day("accessibility_reviewed_on")
    if reviewed is None:
        return fails(f"The public uses {subject.name}, and it has no accessibility statement.", "accessibility_reviewed_on")
    age = (portfolio.on - reviewed).days
    if not 0 <= age <= portfolio_facts("accessibility")["reviewed_within_days"]:
        return fails(
            f"The accessibility statement of {subject.name} was reviewed on {reviewed}, not within a year.", "accessibility_reviewed_on"
        )
    return passes(f"The accessibility statement of {subject.name} was reviewed on {reviewed}.", "accessibility_reviewed_on")


CONTROLS = (
    Control(
        id=GOES_TO_THE_CLOUD,
        title="Every workload leaves the data centre, unless an exception lets it stay",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_WORKLOAD,
        judge=_goes,
        remedy="Choose another disposition, or have an exception for this control approved in the register.",
    ),
    Control(
        id="workload-exception-is-in-force",
        title="The exception that a workload cites is in force and names it",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_WORKLOAD,
        judge=_exception_in_force,
        remedy="Renew the exception with its approver, or choose another disposition.",
        looks_around=True,
    ),
    Control(
        id="workload-is-bought-off-the-shelf",
        title="Workloads are bought off the shelf rather than built, or kept where a service exists",
        severity=Severity.MEDIUM,
        rule=GoldenRule.BUY_OFF_THE_SHELF,
        types=_WORKLOAD,
        judge=_off_the_shelf,
        remedy="Replace it by the service, or have an exception for this control approved in the register.",
    ),
    Control(
        id="workload-is-the-only-one-of-its-kind",
        title="No two workloads are the same product for the same purpose",
        severity=Severity.LOW,
        rule=GoldenRule.BUY_OFF_THE_SHELF,
        types=_WORKLOAD,
        judge=_is_one_of_a_kind,
        remedy="Merge the workloads, or say in the application register how they differ.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="server-belongs-to-an-application",
        title="Every server belongs to an application in the register",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_WORKLOAD,
        judge=_belongs_to_an_application,
        remedy="Find out what the server does and name it in the application register, or retire it.",
        mandatory=False,
    ),
    Control(
        id="workload-has-owner",
        title="Every application has a business owner",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_WORKLOAD,
        judge=_has_owner,
        remedy="Name the business owner in the application register.",
    ),
    Control(
        id="workload-is-classified",
        title="Every workload's data is classified before it moves",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_WORKLOAD,
        judge=_is_classified,
        remedy="Give the data classification in the application register.",
    ),
    Control(
        id="workload-is-ready-before-its-wave",
        title="Nothing is in a wave whose readiness is unknown",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_WORKLOAD,
        judge=_ready_before_its_wave,
        remedy="Find out what the assessment lacks, assess again and plan again.",
    ),
    Control(
        id="workload-moves-while-supported",
        title="Workloads move before their supplier's support ends",
        severity=Severity.MEDIUM,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_WORKLOAD,
        judge=_moves_in_support,
        remedy="Move it in an earlier wave, or buy extended support.",
        mandatory=False,
    ),
    Control(
        id="workload-has-a-reliability-budget",
        title="Every application says how often it may fail, how long it may be away and how much it may lose",
        severity=Severity.MEDIUM,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_WORKLOAD,
        judge=_has_a_reliability_budget,
        remedy="Have the service agree outages tolerated per year, RTO and RPO, and enter them in the application register.",
        mandatory=False,
    ),
    Control(
        id="workload-accessibility-is-reviewed",
        title="What the public uses has an accessibility statement that was reviewed within a year",
        severity=Severity.MEDIUM,
        rule=GoldenRule.EVERYONE_CAN_JOIN_IN,
        types=_WORKLOAD,
        judge=_is_accessible,
        remedy="Test it against WCAG 2.2 AA, publish or review the statement, and enter the day in the application register.",
        mandatory=False,
    ),
)
