"""Governance: where things are, whose they are, what they may cost, which policies hold, what may not be destroyed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from policies.answers import all_of, any_of, fails, not_applicable, passes
from policies.controls.secrets import holds_no_plain_secret
from policies.demands import text_is
from policies.knowledge import fact
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same

STACK: Final = "pulumi:pulumi:Stack"
_BUDGETS: Final = ("azure-native:consumption:Budget", "azure-native:costmanagement:Budget")
_ASSIGNMENT: Final = "azure-native:authorization:PolicyAssignment"
_BILLED: Final = (
    "azure-native:network:AzureFirewall",
    "azure-native:compute:VirtualMachine",
    "azure-native:sql:",
    "azure-native:storage:StorageAccount",
    "azure-native:dbforpostgresql:Server",
    "azure-native:web:AppServicePlan",
)


def _is_in_the_uk(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    if not place.has("location"):
        return not_applicable(f"{subject.name} has no location of its own.")
    location = place.text("location").replace(" ", "")
    if same(location, *fact("locations", "united_kingdom")):
        return passes(f"{subject.name} is in {location}.", "location")
    if same(location, *fact("locations", "everywhere")):
        return _everywhere(subject)
    return fails(f"{subject.name} is in {location}, which is not in the United Kingdom.", "location")


def _everywhere(subject: Subject) -> Answer:
    named = {g["type"] for g in cast("Sequence[Mapping[str, str]]", fact("global_type"))}
    if subject.type in named:
        return passes("The service is one that Azure runs everywhere.", "location")
    return fails(f"{subject.name} says it is everywhere, which its kind of service is not.", "location")


def _has_tags(subject: Subject, _: Portfolio) -> Answer:
    required: list[str] = fact("tags", "required")
    place = at(subject)

    def one(tag: str) -> Answer:
        value = place.text(f"tags.{tag}")
        return passes(f"Tag {tag} is {value}.", f"tags.{tag}") if value.strip() else fails(f"Tag {tag} is missing.", f"tags.{tag}")

    return all_of([lambda t=t: one(t) for t in required], not_applicable("No tags are required."))


def _in_stack_of(subject: Subject, portfolio: Portfolio) -> dict[str, list[Subject]]:
    """The resources of the subject's stack, by type."""
    return portfolio.once("stacks", lambda: _stacks(portfolio)).get(_stack(subject), {})


def _stack(subject: Subject) -> str:
    """Stack and project of a URN."""
    return "::".join(subject.id.split("::", 2)[:2])


def _stacks(portfolio: Portfolio) -> dict[str, dict[str, list[Subject]]]:
    made: dict[str, dict[str, list[Subject]]] = {}
    for s in portfolio.subjects:
        if s.kind == "resource":
            made.setdefault(_stack(s), {}).setdefault(s.type, []).append(s)
    return made


def _has_budget(subject: Subject, portfolio: Portfolio) -> Answer:
    mine = _in_stack_of(subject, portfolio)
    if not any(type_.startswith(_BILLED) for type_ in mine):
        return not_applicable(f"{subject.name} makes nothing that is billed by use.")
    lacking = fails(f"{subject.name} makes things that are billed, and no budget with an amount.")

    def one(budget: Subject) -> Answer:
        amount = at(budget).number("amount") or 0
        return passes(f"{budget.name} allows {amount:g}.", "amount") if amount > 0 else lacking

    return any_of([lambda b=b: one(b) for t in _BUDGETS for b in mine.get(t, ())], lacking)


def _warns(subject: Subject, _: Portfolio) -> Answer:
    held = at(subject).raw.get("notifications")
    names = sorted(cast("Mapping[str, Any]", held)) if isinstance(held, Mapping) else []
    lacking = fails(f"{subject.name} tells nobody when it is nearly spent.", "notifications")
    if not at(subject).has("notifications"):
        return lacking

    def one(place: Place) -> Answer:
        told = place.has("contactEmails") or place.has("contactGroups") or place.has("contactRoles")
        met = told and place.flag("enabled", default=False)
        return passes(f"{subject.name} warns somebody.", place.path) if met else lacking

    places = [Place(cast("Mapping[str, Any]", held)[n], f"notifications.{n}") for n in names]
    return any_of([lambda p=p: one(p) for p in places], lacking)


def _assigns_initiatives(subject: Subject, portfolio: Portfolio) -> Answer:
    held = _in_stack_of(subject, portfolio)
    mine = held.get(_ASSIGNMENT, [])
    if not mine and "azure-native:management:ManagementGroup" not in held:
        return not_applicable(f"{subject.name} governs nothing.")
    wanted = cast("Sequence[Mapping[str, str]]", fact("initiative"))
    return all_of([lambda i=i: _assigned(i, mine) for i in wanted], not_applicable("No initiative is wanted."))


def _assigned(initiative: Mapping[str, str], assignments: Sequence[Subject]) -> Answer:
    lacking = fails(f"Initiative {initiative['name']} is assigned nowhere.")

    def one(assignment: Subject) -> Answer:
        met = at(assignment).text("policyDefinitionId").casefold().rstrip("/").endswith(initiative["id"])
        return passes(f"{assignment.name} assigns {initiative['name']}.") if met else lacking

    return any_of([lambda a=a: one(a) for a in assignments], lacking)


def is_protected(subject: Subject, _: Portfolio) -> Answer:
    """Pulumi's own protection, which `pulumi destroy` stops at; what is being decommissioned, as its tag says, cannot have it."""
    if subject.protect:
        return passes(f"{subject.name} is protected.")
    if agreed := at(subject).text("tags.decommission-on"):
        return not_applicable(f"{subject.name} is being decommissioned, as agreed for {agreed}, and could not go while it is protected.")
    return fails(f"{subject.name} is not protected: one pulumi destroy would take it away.")


CONTROLS = (
    Control(
        id="resources-stay-in-the-united-kingdom",
        title="Resources are in the United Kingdom",
        severity=Severity.HIGH,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=("azure-native:*",),
        judge=_is_in_the_uk,
        remedy="Set location to uksouth or ukwest.",
    ),
    Control(
        id="resource-groups-have-owner-tags",
        title="Resource groups name their owner, service and classification",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=("azure-native:resources:ResourceGroup",),
        judge=_has_tags,
        remedy="Add the tags owner, service and classification.",
    ),
    Control(
        id="landing-zones-have-a-budget",
        title="Every stack that is billed has a budget",
        severity=Severity.MEDIUM,
        rule=GoldenRule.CLOUD_UNLESS,
        types=(STACK,),
        judge=_has_budget,
        remedy="Add a consumption.Budget with an amount above nought.",
        looks_around=True,
    ),
    Control(
        id="budgets-warn-somebody",
        title="Budgets warn somebody before they are spent",
        severity=Severity.LOW,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_BUDGETS,
        judge=_warns,
        remedy="Add a notification, enabled, with contactEmails or contactGroups.",
        mandatory=False,
    ),
    Control(
        id="uk-initiatives-are-assigned",
        title="The UK's policy initiatives are assigned",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(STACK,),
        judge=_assigns_initiatives,
        remedy="Assign the initiatives at the top management group.",
        looks_around=True,
    ),
    Control(
        id="policy-assignments-are-enforced",
        title="Policy assignments are enforced",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_ASSIGNMENT,),
        # Microsoft.Authorization REST reference: enforcementMode is Default, which enforces, unless set.
        judge=text_is("enforcementMode", "Default", default="Default"),
        remedy="Set enforcementMode to Default.",
    ),
    Control(
        id="foundations-are-protected",
        title="What everything rests on is protected from deletion",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(
            "azure-native:management:ManagementGroup",
            "azure-native:keyvault:Vault",
            "azure-native:recoveryservices:Vault",
            "azure-native:operationalinsights:Workspace",
        ),
        judge=is_protected,
        remedy="Give the resource ResourceOptions(protect=True).",
        mandatory=False,
    ),
    Control(
        id="inputs-hold-no-plain-secrets",
        title="No secret is written out in plain text",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("*",),
        judge=holds_no_plain_secret,
        remedy="Take the value from configuration with require_secret, or from the key vault, so that Pulumi encrypts it.",
    ),
)
