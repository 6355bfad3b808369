"""The page of access is true: every role that a rehearsed stack gives is on it, and it tells of no other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from console.access import PAGE, everything, page, policy_identities
from stacks.components.grants import Granted, granted
from stacks.workloads.data import roles
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


def _to_policy(state: Mapping[str, Any]) -> bool:
    return POLICY_ASSIGNMENT in str(state["parent"])


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


def test_every_role_that_a_stack_gives_is_on_the_page(platform: Rehearsed, parts: Rehearsed, shared_platform: Rehearsed) -> None:
    unsaid = [
        f"{stack.preview.stack}: {_name(s)}"
        for stack in (platform, parts, shared_platform)
        for s in stack.of(ROLE_ASSIGNMENT)
        if not (_to_policy(s) or _to_people(s) or len(_by_components(s)) == 1)
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
