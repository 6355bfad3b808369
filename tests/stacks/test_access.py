"""The page of access is true: every role that a rehearsed stack gives is on it, and it tells of no other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from console.access import PAGE, everything, page, policy_identities
from policies.catalogue import all_controls
from policies.evaluate import evaluate
from policies.model import Portfolio, Subject, Verdict
from stacks.components.grants import Granted, granted
from stacks.errors import StacksError
from stacks.landing_zone.embedded import embedded
from stacks.landing_zone.people_data import GIVES_RIGHTS, CustomRole, Job, JobRole, custom_roles, eligible_roles, jobs
from stacks.landing_zone.wanted import people_faults
from stacks.library.architecture import Architecture
from stacks.workloads.data import roles
from tests.stacks.conftest import EVERYTHING
from tests.stacks.rehearsed import Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment"
POLICY_ASSIGNMENT = "azure-native:authorization:PolicyAssignment"


def _name(state: Mapping[str, Any]) -> str:
    return str(state["urn"]).rsplit("::", 1)[-1]


def _role(state: Mapping[str, Any]) -> str:
    return str(state["inputs"]["roleDefinitionId"]).rsplit("/", 1)[-1]


def _by_components(state: Mapping[str, Any]) -> list[Granted]:
    return [g for g in granted() if _name(state).endswith(g.ending) and g.role == _role(state)]


def _to_people(state: Mapping[str, Any]) -> bool:
    return any(_name(state).endswith(f"-{r.id}-access") and r.role == _role(state) for r in roles())


def _to_platform(state: Mapping[str, Any]) -> bool:
    given = [
        (f"{job.id}-{role.id}-{group or 'council'}-access", role.role) for job in jobs() for role in job.roles for group in role.groups
    ]
    return (_name(state), _role(state)) in given


def _to_policy(state: Mapping[str, Any]) -> bool:
    return POLICY_ASSIGNMENT in str(state["parent"])


@pytest.fixture(scope="session")
def peopled(everything: Rehearsed) -> Rehearsed:
    """The landing zone that has groups of people; `everything` is also the name of the page's rows."""
    return everything


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m console.access"


def test_every_row_says_who_what_where_when_why_and_in_which_file() -> None:
    rows = [row for part in everything().values() for row in part]
    assert all(all((r.who, r.gets, r.where, r.held, r.why, r.said)) for r in rows)
    assert [r for r, times in Counter(rows).items() if times > 1] == []
    assert all((PAGE.parents[2] / r.said).is_file() for r in rows)


def test_nobody_has_owner_standing() -> None:
    rows = [row for part in everything().values() for row in part]
    assert [r for r in rows if "Owner" in r.gets.split(" and ") and r.held.startswith("standing")] == []


def test_every_role_that_a_stack_gives_is_on_the_page(
    platform: Rehearsed, parts: Rehearsed, shared_platform: Rehearsed, peopled: Rehearsed
) -> None:
    unsaid = [
        f"{stack.preview.stack}: {_name(s)}"
        for stack in (platform, parts, shared_platform, peopled)
        for s in stack.of(ROLE_ASSIGNMENT)
        if not (_to_policy(s) or _to_people(s) or _to_platform(s) or len(_by_components(s)) == 1)
    ]
    assert unsaid == []


def test_every_role_on_the_page_is_one_that_a_stack_gives(platform: Rehearsed, parts: Rehearsed, shared_platform: Rehearsed) -> None:
    given = [g for stack in (platform, parts, shared_platform) for s in stack.of(ROLE_ASSIGNMENT) for g in _by_components(s)]
    assert [g for g in granted() if g not in given] == []


def test_identities_of_policies_have_the_roles_of_the_page(platform: Rehearsed) -> None:
    listed = platform.outputs["policy_identity_roles"]
    tags = {r["assignment"] for r in listed if r["assignment"].startswith("inherit-")}
    assert tags
    assert len(listed) == len([s for s in platform.of(ROLE_ASSIGNMENT) if _to_policy(s)])
    found = {(re.sub(r"^inherit-.*", "inherit-*", r["assignment"]), r["role_name"]) for r in listed}
    assert found == {(row.who.split("`")[1], row.gets) for row in policy_identities()}


def test_each_job_has_a_group_and_a_protected_one_is_not_made(peopled: Rehearsed) -> None:
    made = peopled.inputs("azuread:index/group:Group")
    assert sorted(g["displayName"] for g in made) == sorted(f"exb-platform-{job.id}" for job in jobs() if not job.protected)
    assert all(len(g["owners"]) == 2 and not g["assignableToRole"] and "members" not in g for g in made)
    assert set(peopled.outputs["people_group_ids"]) == {job.id for job in jobs()}


def test_what_is_asked_for_is_eligible_for_a_year_and_nothing_that_gives_rights_stands(peopled: Rehearsed) -> None:
    eligible = peopled.of("azure-native:authorization:PimRoleEligibilitySchedule")
    built_in = {role.role for _, role in eligible_roles() if role.role}
    own = {s["inputs"]["roleDefinitionId"] for s in peopled.of("azure-native:authorization:RoleDefinition")}
    assert {_role(s) for s in eligible} == built_in | own
    assert len(eligible) == len(list(eligible_roles()))
    assert {s["inputs"]["scheduleInfo"]["expiration"]["duration"] for s in eligible} == {"P365D"}
    owner = next(s["inputs"] for s in eligible if _role(s) == GIVES_RIGHTS[0])
    assert owner["principalId"] == "7e0c3a52-0000-4000-8000-0000000000f3"
    assert owner["scope"].endswith("/managementGroups/exb")
    assert [_name(s) for s in peopled.of(ROLE_ASSIGNMENT) if _role(s) in GIVES_RIGHTS] == []


def test_somebody_becomes_active_with_proof_for_hours_and_where_said_with_approval(peopled: Rehearsed) -> None:
    policies = {_name(s): {r["id"]: r for r in s["inputs"]["rules"]} for s in peopled.of("azure-native:authorization:RoleManagementPolicy")}
    assert set(policies) == {"owners-owns-council-activation", "network-mends-connectivity-activation"}
    assert peopled.outputs["people_unguarded"] == ["security-operators/acts", "subscription-owners/mends"]
    for rules in policies.values():
        assert rules["Enablement_EndUser_Assignment"]["enabledRules"] == ["MultiFactorAuthentication", "Justification"]
    owns, mends = policies["owners-owns-council-activation"], policies["network-mends-connectivity-activation"]
    assert (owns["Expiration_EndUser_Assignment"]["maximumDuration"], mends["Expiration_EndUser_Assignment"]["maximumDuration"]) == (
        "PT2H",
        "PT4H",
    )
    stage = owns["Approval_EndUser_Assignment"]["setting"]["approvalStages"][0]
    assert stage["primaryApprovers"][0] == {"id": "7e0c3a52-0000-4000-8000-0000000000f4", "isBackup": False, "userType": "Group"}
    assert mends["Approval_EndUser_Assignment"]["setting"]["isApprovalRequired"] is False


def test_the_control_of_standing_owners_passes_what_is_built_and_has_something_to_pass(peopled: Rehearsed) -> None:
    control = next(c for c in all_controls() if c.id == "owner-roles-are-asked-for")
    subjects = tuple(Subject("resource", s["type"], s["urn"], _name(s), s["inputs"]) for s in peopled.states if s["type"] in control.types)
    verdicts = Counter(j.answer.verdict for j in evaluate(Portfolio(subjects, date(2026, 12, 1), {}), [control]))
    assert verdicts[Verdict.PASS] == 1
    assert verdicts[Verdict.FAIL] == verdicts[Verdict.UNKNOWN] == 0
    assert all("PolicyAssignment$" in s["urn"] for s in peopled.of(ROLE_ASSIGNMENT) if _to_policy(s))


def test_a_second_time_changes_nothing(peopled: Rehearsed) -> None:
    assert {step.op for step in peopled.again(EVERYTHING).steps} == {"same"}


def test_there_is_no_account_and_no_directory_role_in_the_state(peopled: Rehearsed) -> None:
    assert [s["type"] for s in peopled.states if s["type"].startswith("azuread:") and not s["type"].endswith(":Group")] == []


def test_a_group_that_the_architecture_does_not_have_is_told_of() -> None:
    held = embedded(())
    fewer = Architecture("a small library", tuple(g for g in held.groups if g.id != "connectivity"))
    assert list(people_faults(held)) == []
    assert list(people_faults(fewer)) == [
        "network has roles at the management group connectivity, which a small library does not have; remove people."
    ]


@pytest.mark.parametrize("role", GIVES_RIGHTS)
def test_data_that_would_let_somebody_own_all_the_time_is_refused(role: str) -> None:
    with pytest.raises(StacksError, match="give it `most`"):
        JobRole("owns", "Owner", ("",), "because", role)
    with pytest.raises(StacksError, match="name one"):
        JobRole("owns", "Owner", ("", "corp"), "because", role, most="PT1H")
    with pytest.raises(StacksError, match="make it protected"):
        Job("owners", "owners", "because", (JobRole("owns", "Owner", ("",), "because", role, most="PT1H"),))


def test_a_role_of_our_own_is_owner_by_no_other_name(peopled: Rehearsed) -> None:
    made = {r["description"]: r for r in peopled.inputs("azure-native:authorization:RoleDefinition")}
    for role in custom_roles():
        assert made[role.why]["permissions"][0] == {"actions": list(role.actions), "notActions": list(role.not_actions)}
        assert made[role.why]["assignableScopes"] == ["/providers/Microsoft.Management/managementGroups/exb"]
    assert {role.custom for job in jobs() for role in job.roles if role.custom} == {role.id for role in custom_roles()}
    for gives in ("*", "*/write", "Microsoft.Authorization/*", "Microsoft.Authorization/roleAssignments/write"):
        with pytest.raises(StacksError, match="Owner by another name"):
            CustomRole("all", "All", (gives,), ("Microsoft.Authorization/*/Delete",), "because")
    with pytest.raises(StacksError, match="either role or custom"):
        JobRole("reads", "Reader", ("",), "because")
