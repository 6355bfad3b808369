"""The pipeline's roles are what the stacks make: every type that a rehearsal made is covered, and nothing else is listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from stacks.bootstrap import deployer
from stacks.errors import StacksError
from tests.stacks.rehearsed import Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
# Azure lists no such action for these: a request is cancelled or superseded, and a policy of a role is always there
# (MicrosoftDocs/azure-docs, permissions/management-and-governance.md, 2026-02-23).
NO_DELETE = ("Microsoft.Authorization/roleEligibilityScheduleRequests", "Microsoft.Authorization/roleManagementPolicies")

# Made upon the library, and for exceptions of a register (Azure asks for an action of its own besides): not in the rehearsals below.
OTHERWISE = {
    "Microsoft.Authorization/policyAssignments/exempt",
    "Microsoft.Authorization/policyDefinitions",
    "Microsoft.Authorization/policyExemptions",
    "Microsoft.Authorization/policySetDefinitions",
}


def _types(rehearsed: Iterable[Rehearsed]) -> set[str]:
    beyond = {b.type for b in deployer.beyond()}
    return {t for r in rehearsed for t in r.arm_types} - beyond


@pytest.fixture(scope="session")
def made(
    platform: Rehearsed,
    everything: Rehearsed,
    wide: Rehearsed,
    workloads: Rehearsed,
    parts: Rehearsed,
    vended: Rehearsed,
    wide_workloads: Rehearsed,
) -> Mapping[str, set[str]]:
    """The types that each stack made, of Azure's own names."""
    return {"landing-zone": _types((platform, everything, wide)), "workloads": _types((workloads, parts, vended, wide_workloads))}


@pytest.mark.parametrize("stack", ["landing-zone", "workloads"])
def test_up_may_make_and_remove_every_type_that_the_stack_makes(made: Mapping[str, set[str]], stack: str) -> None:
    wanted = {f"{t}/{verb}" for t in made[stack] for verb in ("read", "write", "delete") if verb != "delete" or t not in NO_DELETE}
    assert sorted(a for a in wanted if not deployer.covers(a, [stack])) == []


@pytest.mark.parametrize("stack", ["landing-zone", "workloads"])
def test_nothing_is_listed_that_no_rehearsal_of_the_stack_makes(made: Mapping[str, set[str]], stack: str) -> None:
    ours = {a.rsplit("/", 1)[0] for a in deployer.actions([stack]) if not a.startswith("*")} - OTHERWISE
    heads = {t for made_type in made[stack] for t in _heads(made_type)}
    assert sorted(ours - heads) == []


def _heads(arm_type: str) -> Iterable[str]:
    space, *names = arm_type.split("/")
    return ("/".join([space, *names[: n + 1]]) for n in range(len(names)))


def test_what_stands_beyond_is_made_and_is_not_in_the_role(everything: Rehearsed, vended: Rehearsed, shared_platform: Rehearsed) -> None:
    made = everything.arm_types | vended.arm_types | shared_platform.arm_types
    for beyond in deployer.beyond():
        assert beyond.type in made
        assert not deployer.covers(f"{beyond.type}/write", ["landing-zone", "workloads"])


def test_up_can_give_the_roles_that_are_given_and_none_by_which_every_other_is_had(
    platform: Rehearsed, everything: Rehearsed, workloads: Rehearsed, parts: Rehearsed, shared_platform: Rehearsed
) -> None:
    stacks = (platform, everything, workloads, parts, shared_platform)
    given = {s["inputs"]["roleDefinitionId"].rsplit("/", 1)[-1] for r in stacks for s in r.of("azure-native:authorization:RoleAssignment")}
    assert given
    assert sorted(given - set(deployer.roles_given())) == []
    assert deployer.gives_rights(deployer.roles_given()) == ()


def test_a_pattern_that_is_everything_is_no_list() -> None:
    for wide in ("*", "*/write", "*/delete"):
        with pytest.raises(StacksError, match="name the types"):
            deployer.May("because", ("landing-zone",), (wide,))


@pytest.mark.parametrize(
    "action",
    [
        "Microsoft.Authorization/elevateAccess/action",
        "Microsoft.Authorization/locks/delete",
        "Microsoft.Compute/virtualMachines/runCommand/action",
        "Microsoft.Storage/storageAccounts/LISTKEYS/action",
        "Microsoft.Storage/storageAccounts/regenerateKey/action",
        "Microsoft.DocumentDB/databaseAccounts/write",
    ],
)
def test_up_may_not_do_what_no_stack_needs(action: str) -> None:
    assert not deployer.covers(action, ["landing-zone", "workloads"])


def test_a_type_of_another_stack_is_not_in_the_role() -> None:
    assert deployer.covers("Microsoft.Sql/servers/write", ["workloads"])
    assert not deployer.covers("Microsoft.Sql/servers/write", ["landing-zone"])


def test_preview_has_a_role_that_only_reads() -> None:
    preview = deployer.held()["preview"]
    # Reader has */read and nothing else (MicrosoftDocs/azure-docs, built-in-roles.md, 2026-04-09).
    assert (preview["role"], preview["id"]) == ("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7")
