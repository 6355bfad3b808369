"""What the landing zone is built from, before anything is: sources, enforcement by day, roles of identities."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.config import config_of
from stacks.landing_zone.architecture_settings import Enforcement, Mode, RoleChange
from stacks.landing_zone.data import allowed_regions, groups
from stacks.landing_zone.embedded import embedded, united_kingdom
from stacks.landing_zone.enforcement import Stages
from stacks.landing_zone.identities import identity_roles, with_changes
from stacks.landing_zone.wanted import Wanted, wanted
from stacks.library import digest_of
from stacks.library.architecture import SCOPE, Architecture, Assigned, DefinitionIn, Grant, GroupPlan
from tests.stacks.rehearsed import ROOT

TAGS = ("owner", "service")
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
OTHER = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
CORP = GroupPlan("corp", "landingzones", "Corp")


def _wanted(**changes: Any) -> Wanted:
    held = yaml.safe_load((ROOT / "Pulumi.landing-zone.yaml").read_text("utf-8"))["config"]
    everything = {**held, **{f"cloud-unless:{k}": v for k, v in changes.items()}}
    as_text = {k: v if isinstance(v, str) else json.dumps(v, default=str) for k, v in everything.items()}
    return wanted(config_of(as_text, "cloud-unless", "landing-zone", ROOT))


def test_the_embedded_architecture_has_the_groups_and_assignments_of_the_data() -> None:
    architecture = embedded(TAGS)
    assert [g.id for g in architecture.groups] == [g.id for g in groups()]
    names = [a.name for g, a in architecture.slots if g.id == ""]
    assert {"uk-official-nhs", "ncsc-caf-v3-2", "cyber-essentials-v3-1", "allowed-locations", "allowed-locations-groups"} <= set(names)
    assert [a.name for g, a in architecture.slots if g.id == "landingzones"][:4] == [
        "tag-owner",
        "tag-service",
        "inherit-owner",
        "inherit-service",
    ]


def test_the_united_kingdoms_part_is_that_of_the_embedded_architecture() -> None:
    ours = united_kingdom(TAGS)
    assert set(ours) == {"", "landingzones"}
    held = embedded(TAGS)
    for group, assigned in ours.items():
        plan = held.group(group)
        assert plan is not None
        assert set(map(_known, assigned)) <= set(map(_known, plan.assignments))
    regions = next(a for a in ours[""] if a.name == "allowed-locations")
    assert regions.parameters == {"listOfAllowedLocations": list(allowed_regions())} == {"listOfAllowedLocations": ["uksouth", "ukwest"]}
    initiatives = {a.definition.name for a in ours[""] if a.definition.is_set}
    assert initiatives == {
        "3937f550-eedd-4639-9c5e-294358be442e",
        "6d220abf-cf6f-4b17-8f7e-0644c4cc84b4",
        "b2f588d7-1ed5-47c7-977d-b93dff520c4c",
    }


def _known(assigned: Assigned) -> tuple[str, str]:
    return assigned.name, assigned.definition.name


def _policy(name: str = "no-public-ip", enforces: bool = True) -> Assigned:
    return Assigned(name, name, DefinitionIn("x", False), enforces=enforces)


UNTIL = date(2027, 1, 31)


@pytest.mark.parametrize(
    ("said", "on", "enforces"),
    [
        ({}, None, True),
        ({"no-public-ip": Enforcement(mode=Mode.REPORT)}, None, False),
        ({"no-public-ip": Enforcement(mode=Mode.REPORT), "corp/no-public-ip": Enforcement(mode=Mode.ENFORCE)}, None, True),
        ({"online/no-public-ip": Enforcement(mode=Mode.REPORT)}, None, True),
        ({"no-public-ip": Enforcement(report_until=UNTIL)}, UNTIL - timedelta(days=30), False),
        ({"no-public-ip": Enforcement(report_until=UNTIL)}, UNTIL, False),
        ({"no-public-ip": Enforcement(report_until=UNTIL)}, UNTIL + timedelta(days=1), True),
        ({"no-public-ip": Enforcement(report_until=UNTIL)}, None, False),
    ],
)
def test_an_assignment_reports_until_its_day_and_then_refuses(said: dict[str, Enforcement], on: date | None, enforces: bool) -> None:
    assert Stages(said, on).enforces(CORP, _policy()) is enforces


def test_what_its_source_does_not_enforce_can_be_enforced_and_a_twin_never_is() -> None:
    assert Stages({}).enforces(CORP, _policy(enforces=False)) is False
    assert Stages({"no-public-ip": Enforcement(mode=Mode.ENFORCE)}).enforces(CORP, _policy(enforces=False)) is True
    assert Stages({"no-public-ip": Enforcement(mode=Mode.ENFORCE)}, all_report=True).enforces(CORP, _policy()) is False


def _architecture() -> Architecture:
    assigned = replace(
        _policy("Send-Logs"), has_identity=True, grants=(Grant(CONTRIBUTOR, why="its definition asks"), Grant(OTHER, "/subscriptions/s"))
    )
    top = GroupPlan("", "", "Top", assignments=(assigned,))
    return Architecture("test", (top, replace(CORP, parent="", assignments=(assigned,))))


def test_roles_can_be_dropped_and_added_for_an_assignment_or_for_it_at_one_group() -> None:
    changes = {
        "send-logs": RoleChange(drop=(CONTRIBUTOR,), reason="too much for logs"),
        "corp/Send-Logs": RoleChange(add=("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", CONTRIBUTOR), reason="asked for by the supplier"),
    }
    changed = with_changes(_architecture(), changes)
    held = [(r.group, r.role_name or r.role, r.scope) for r in identity_roles(changed, "exb")]
    corp = "/providers/Microsoft.Management/managementGroups/exb-corp"
    assert held == [
        ("exb", OTHER, "/subscriptions/s"),
        ("exb-corp", "Contributor", corp),
        ("exb-corp", OTHER, "/subscriptions/s"),
        ("exb-corp", "Owner", corp),
    ]
    assert [r.why for r in identity_roles(changed, "exb")][-1] == "added: asked for by the supplier"


def test_settings_become_an_architecture_with_its_changes() -> None:
    change = {"uk-official-nhs": {"drop": [CONTRIBUTOR], "reason": "we remediate by hand, EX-2026-007"}}
    held = _wanted(policy_roles=change, enforcement={"nothing-new": {"report_until": "2027-01-31"}}, judged_on="2026-12-01")
    roles = [r for r in identity_roles(held.architecture, "exb") if r.assignment == "uk-official-nhs"]
    assert roles == []
    assert held.architecture.source == "embedded"


OWN = """
name: exb
management_groups:
  - {id: top, display_name: Top, parent_id: null, exists: false, archetypes: [root]}
  - {id: platform, display_name: Platform, parent_id: top, exists: false, archetypes: [work]}
  - {id: landingzones, display_name: Landing zones, parent_id: top, exists: false, archetypes: []}
"""


def test_the_library_becomes_an_architecture_with_the_united_kingdoms_part(tmp_path: Path) -> None:
    (tmp_path / "exb.alz_architecture_definition.yaml").write_text(OWN, "utf-8")
    small = "tests/cases/library-small"
    workspace = "/subscriptions/7e0c3a52-0000-4000-8000-000000000011/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/w"
    source = {
        "path": small,
        "reference": "platform/base",
        "digest": digest_of(ROOT / small / "platform/base"),
        "built_ins": f"{small}/built-ins",
        "own": str(tmp_path),
        "values": {"workspace_id": workspace},
        "leave_out": {"deny-old-tls": "our own says it better"},
    }
    subscription = "7e0c3a52-0000-4000-8000-000000000031"
    held = _wanted(architecture={"library": source}, tier="small", subscriptions={"platform": subscription}).architecture
    at = {g.id: [a.name for a in g.assignments] for g in held.groups}
    assert at["platform"] == ["Send-Logs"]
    assert at[""][:2] == ["Allow-Regions", "uk-official-nhs"]
    assert "tag-owner" in at["landingzones"]
    assert {r.scope for r in identity_roles(held, "exb") if r.assignment == "Send-Logs"} == {SCOPE + "exb-platform", workspace}
