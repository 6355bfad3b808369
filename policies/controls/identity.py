"""Identities and their rights: Azure roles and Entra groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from policies.answers import fails, not_applicable, passes
from policies.demands import flag_is
from policies.knowledge import fact
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import at, same

_ROLE = ("azure-native:authorization:RoleAssignment",)
_ELIGIBLE = "azure-native:authorization:PimRoleEligibilitySchedule"
_GROUP = ("azuread:index/group:Group",)
_names_are_unique = flag_is("preventDuplicateNames", wanted=True, default=False)


def _privileged(subject: Subject) -> str:
    definition = at(subject).text("roleDefinitionId").casefold().rstrip("/")
    roles = cast("Sequence[Mapping[str, str]]", fact("privileged_role"))
    return next((r["name"] for r in roles if definition.endswith(r["id"])), "")


def _goes_to_a_group(subject: Subject, _: Portfolio) -> Answer:
    role = _privileged(subject)
    if not role:
        return not_applicable("The role cannot give rights to others.")
    kind = at(subject).text("principalType", "not said")
    if same(kind, "Group", "ServicePrincipal"):
        return passes(f"{role} goes to a {kind}.", "principalType")
    return fails(f"{role} goes to a principal whose type is {kind}; rights over everything belong to a group.", "principalType")


def _is_asked_for(subject: Subject, _: Portfolio) -> Answer:
    """Azure built-in roles; an identity of a policy cannot ask, and holds what its definition asks for."""
    role = _privileged(subject)
    if not role:
        return not_applicable("The role cannot give rights to others.")
    if not _is_wide(at(subject).text("scope")):
        return not_applicable("It holds below a subscription only.")
    if subject.type == _ELIGIBLE:
        return _ends(subject, role)
    # A URN tells the types of what stands above a resource; its parent is told to a policy pack only when all is made.
    if "azure-native:authorization:PolicyAssignment$" in subject.id:
        return passes(f"{role} goes to the identity of a policy assignment, whose definition asks for it.", "principalId")
    return fails(f"{role} is held all the time over a whole subscription or more; it belongs to nobody until it is asked for.", "scope")


def _is_wide(scope: str) -> bool:
    """Whether a scope is the root, a management group or a whole subscription. One that is not said is taken for wide."""
    parts = [p for p in scope.casefold().split("/") if p]
    return parts[:2] == ["providers", "microsoft.management"] or len(parts) <= 2


def _ends(subject: Subject, role: str) -> Answer:
    path = "scheduleInfo.expiration.type"
    kind = at(subject).text(path)
    if same(kind, "AfterDuration", "AfterDateTime"):
        return passes(f"{role} has to be asked for, and being able to ask ends.", path)
    return fails(f"Somebody may ask for {role} for ever; nobody would notice that they still can.", path)


def _has_owners(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    if place.has("owners"):
        return passes(f"{subject.name} has {len(place.items('owners'))} owners.", "owners")
    return fails(f"{subject.name} has no owner who answers for its members.", "owners")


def _assignable_is_owned(subject: Subject, portfolio: Portfolio) -> Answer:
    """azuread provider documentation: assignableToRole is false unless set."""
    if not at(subject).flag("assignableToRole", default=False):
        return not_applicable("The group can hold no Entra role.")
    return _has_owners(subject, portfolio)


CONTROLS = (
    Control(
        id="privileged-roles-go-to-groups",
        title="Roles that give rights to others go to groups, not to persons",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ROLE,
        judge=_goes_to_a_group,
        remedy="Assign the role to an Entra group with time-bound membership, and set principalType.",
    ),
    Control(
        id="owner-roles-are-asked-for",
        title="Nobody holds Owner or the like over a subscription or more all the time",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(*_ROLE, _ELIGIBLE),
        judge=_is_asked_for,
        remedy="Make a group eligible for the role, with an end (Privileged Identity Management), or give a role that cannot give rights.",
    ),
    Control(
        id="role-assignable-groups-have-owners",
        title="Groups that can hold Entra roles have owners",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_GROUP,
        judge=_assignable_is_owned,
        remedy="Name at least two owners of the group, or set assignableToRole to false.",
    ),
    Control(
        id="groups-have-owners",
        title="Groups have owners",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_GROUP,
        judge=_has_owners,
        remedy="Name the people who answer for the group's members in owners.",
        mandatory=False,
    ),
    Control(
        id="groups-have-names-of-their-own",
        title="No two groups share a name",
        severity=Severity.LOW,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_GROUP,
        judge=_names_are_unique,  # azuread provider documentation: preventDuplicateNames is false unless set.
        remedy="Set preventDuplicateNames to true.",
        mandatory=False,
    ),
)
