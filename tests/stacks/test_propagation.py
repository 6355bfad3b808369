"""What is tried again while Azure catches up, for how long, and what never is."""

from __future__ import annotations

import asyncio

import pytest
from pulumi import ErrorHookArgs

from stacks.components.propagation import Kind, answer, seconds_to_wait

NOT_YET = 'Code="AuthorizationFailed" Message="The client does not have authorization to perform action over scope"'
OUT_OF_SCOPE = "The policy definition specified in policy assignment 'Deploy-Logs' is out of scope. Policy definitions should be specified"
NO_PRINCIPAL = "PrincipalNotFound: Principal 1 does not exist in the directory 2"


@pytest.mark.parametrize(
    ("kind", "error", "waits"),
    [
        (Kind.ROLE, NO_PRINCIPAL, True),
        (Kind.ROLE, NOT_YET, True),
        (Kind.ROLE, "RoleAssignmentExists: The role assignment already exists.", False),
        (Kind.ASSIGNMENT, OUT_OF_SCOPE, True),
        (Kind.ASSIGNMENT, NO_PRINCIPAL, False),
        (Kind.DEFINITION, NOT_YET, True),
        (Kind.DEFINITION, "InvalidPolicyRule: Failed to parse policy rule", False),
    ],
)
def test_only_the_known_errors_of_a_kind_are_waited_for(kind: Kind, error: str, waits: bool) -> None:
    assert (seconds_to_wait(kind, [error]) is not None) is waits


def test_the_waits_grow_to_a_limit_and_end() -> None:
    waits = [seconds_to_wait(Kind.ROLE, [NO_PRINCIPAL] * n) for n in range(1, 22)]
    assert waits[:4] == [5, 10, 20, 30]
    assert set(waits[3:20]) == {30}
    assert waits[20] is None
    assert seconds_to_wait(Kind.ROLE, []) is None


def test_only_the_newest_error_counts() -> None:
    assert seconds_to_wait(Kind.ROLE, ["Forbidden", NO_PRINCIPAL]) is None


@pytest.mark.parametrize(
    ("operation", "errors", "again"), [("create", [NO_PRINCIPAL], True), ("create", ["no"], False), ("delete", [NO_PRINCIPAL], False)]
)
def test_the_engine_is_told_to_try_again_after_the_wait(operation: str, errors: list[str], again: bool) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    async def asked() -> bool:
        return await answer(Kind.ROLE, wait)(ErrorHookArgs("urn", "", "a", "t", failed_operation=operation, errors=errors))

    assert asyncio.run(asked()) is again
    assert waited == ([5] if again else [])
