"""The published library gives exactly what the official loaders deploy, and a council's own folder changes exactly what it says."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from stacks.library import Architecture, Assigned, Member, architecture_of, digest_of, read_library
from stacks.library.digest import releases
from stacks.library.expressions import ExpressionError, evaluate
from stacks.library.model import Library, key
from stacks.library.values import Values

CASES = Path(__file__).parents[1] / "cases"
SMALL = CASES / "library-small"
DATA = Path(__file__).parents[2] / "../shared/data"
WORKSPACE = "/subscriptions/aaaaaaaa-0000-4000-8000-0000000000aa/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log"


def _data() -> Path:
    if not (DATA / "azure-landing-zones-library").is_dir():
        pytest.skip("../shared/data/azure-landing-zones-library is not here: the published library cannot be counted")
    return DATA


@pytest.mark.parametrize("file", sorted((CASES / "library-parity").glob("*.toml")), ids=lambda f: f.stem)
def test_the_published_library_gives_what_the_official_loaders_deploy(file: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    data = _data()
    library = read_library(data / case["folder"], [Member(*m) for m in case["members"]], built_ins=data / "azure-policy")
    architecture = architecture_of(library)
    assert architecture.source == case["source"]
    assert architecture.resources == case["resources"]
    assert {k: v for k, v in architecture.counts.items() if k in case["counts"]} == case["counts"]
    assert {g.id or "top": _of_group(architecture, g.id) for g in architecture.groups} == case["groups"]


def _of_group(architecture: Architecture, group_id: str) -> list[int]:
    group = architecture.group(group_id)
    assert group is not None
    grants = sum(not g.scope for a in group.assignments for g in a.grants)
    return [len(group.definitions), len(group.sets), len(group.roles), len(group.assignments), grants]


def test_the_figures_that_the_project_promises() -> None:
    promised = {"alz-2026.04.2": 521, "slz-2026.04.3-on-alz": 608, "amba-2026.06.2": 211}
    cases = {name: tomllib.loads((CASES / "library-parity" / f"{name}.toml").read_text("utf-8")) for name in promised}
    assert {name: case["resources"] for name, case in cases.items()} == promised
    counts = cases["alz-2026.04.2"]["counts"]
    assert [counts[k] for k in ("groups", "definitions", "sets", "roles", "assignments", "not_enforced")] == [12, 149, 42, 5, 123, 56]
    assert counts["role_assignments"] == 190
    assert counts["permission_parameters"] == 120


def test_every_release_that_we_know_is_the_one_at_hand() -> None:
    data = _data()
    held = {digest_of(f) for f in data.glob("azure-landing-zones-library*/platform/*")}
    assert held == set(releases().values())


def _small(own: Path | None = None, members: tuple[str, ...] = ("platform/base",)) -> Library:
    return read_library(SMALL, [Member(m) for m in members], own, SMALL / "built-ins")


def _at(architecture: Architecture, group: str, name: str) -> Assigned:
    found = architecture.group(group)
    assert found is not None
    return next(a for a in found.assignments if key(a.name) == key(name))


def test_groups_come_parents_first_and_the_top_is_the_councils_own() -> None:
    architecture = architecture_of(_small())
    assert [(g.id, g.parent, g.name) for g in architecture.groups] == [("", "", "Top"), ("work", "", "Work")]


def test_a_definition_stands_where_the_nearest_group_above_holds_it() -> None:
    architecture = architecture_of(_small())
    assert _at(architecture, "work", "Deny-Old-Tls").definition.id("exb") == (
        "/providers/Microsoft.Management/managementGroups/exb/providers/Microsoft.Authorization/policyDefinitions/Deny-Old-Tls"
    )
    allowed = _at(architecture, "", "Allow-Regions").definition
    assert allowed.id("exb") == "/providers/Microsoft.Authorization/policyDefinitions/bbbbbbbb-0000-4000-8000-000000000001"
    top = architecture.group("")
    assert top is not None
    assert [m.group for s in top.sets for m, _ in s.members] == [""]


def test_a_default_value_fills_parameters_whatever_the_case_and_gives_the_identity_its_roles_there() -> None:
    library = _small()
    empty = _at(architecture_of(library), "work", "send-logs")
    assert [(u.parameter, u.default) for u in empty.unfilled] == [("workspace", "workspace_id")]
    assert [g.scope for g in empty.grants] == ["", ""]
    sent = _at(architecture_of(library, values=Values(defaults={"workspace_id": WORKSPACE})), "work", "send-logs")
    assert sent.unfilled == ()
    assert sent.parameters == {"workspace": WORKSPACE}
    roles = ["aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"]
    assert [(g.role, g.scope) for g in sent.grants] == [*((r, "") for r in roles), *((r, WORKSPACE) for r in roles)]
    assert {g.why for g in sent.grants} == {"Logs are sent", "logAnalytics of Logs are sent"}


def test_a_value_for_one_assignment_wins_over_a_default_and_moves_the_scope() -> None:
    values = Values(defaults={"workspace_id": WORKSPACE}, parameters={"SEND-logs": {"Group": "Eu"}})
    sent = _at(architecture_of(_small(), values=values), "work", "Send-Logs")
    assert sent.parameters == {"workspace": WORKSPACE, "group": "Eu"}
    assert {g.scope for g in sent.grants} == {"", f"{WORKSPACE}/eu"}


def test_places_for_a_location_and_for_the_enforcement_are_filled() -> None:
    architecture = architecture_of(_small(), values=Values(location="uksouth"))
    assert _at(architecture, "", "Allow-Regions").parameters == {"listOfAllowedLocations": ["uksouth"]}
    tls = _at(architecture, "work", "Deny-Old-Tls")
    assert not tls.enforces
    assert [m["message"] for said in (tls.said(True), tls.said(False)) for m in said] == ["TLS must be 1.2.", "TLS should be 1.2."]


def test_an_architecture_of_groups_that_exist_lies_on_top_of_the_one_that_makes_them() -> None:
    architecture = architecture_of(_small(members=("platform/base", "platform/more")))
    assert architecture.source.endswith("platform/more: base")
    assert [a.name for a in _group(architecture, "work")] == ["Deny-Old-Tls", "Send-Logs"]


def _group(architecture: Architecture, group: str) -> tuple[Assigned, ...]:
    found = architecture.group(group)
    assert found is not None
    return found.assignments


def test_a_councils_own_folder_adds_overrides_and_takes_names_over(tmp_path: Path) -> None:
    (tmp_path / "a.alz_archetype_override.yaml").write_text(
        "name: exb_work\nbase_archetype: Work\npolicy_assignments_to_remove: [SEND-LOGS]\npolicy_assignments_to_add: [Allow-Regions]\n",
        "utf-8",
    )
    (tmp_path / "b.alz_architecture_definition.yml").write_text(
        "name: exb\nmanagement_groups:\n  - {id: exb, display_name: Exb, parent_id: null, exists: false, archetypes: [root, exb_work]}\n",
        "utf-8",
    )
    shutil.copy(SMALL / "platform/base/policy_assignments/tls.alz_policy_assignment.json", tmp_path)
    library = _small(tmp_path)
    assert library.replaced == ("policy assignment Deny-Old-Tls",)
    assert [a.name for a in _group(architecture_of(library), "")] == ["Allow-Regions", "Deny-Old-Tls"]


def test_the_same_files_have_the_same_digest_however_lines_end_and_whatever_lies_beside(tmp_path: Path) -> None:
    copy = tmp_path / "base"
    shutil.copytree(SMALL / "platform/base", copy)
    before = digest_of(copy)
    (copy / "README.md").write_text("A page.", "utf-8")
    for file in copy.rglob("*.json"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert digest_of(copy) == before == digest_of(SMALL / "platform/base")
    (copy / "archetype_definitions/root.alz_archetype_definition.json").write_text("{}", "utf-8")
    assert digest_of(copy) != before


EXPRESSIONS: list[tuple[str, Any]] = [
    ("plain", "plain"),
    ("[[literal]", "[literal]"),
    ("[parameters('A')]", "x"),
    ("[parameters('o').inner]", "deep"),
    ("[parameters('o')[parameters('name')]]", "deep"),
    ("[format('{1}-{0}', 'a', parameters('a'))]", "x-a"),
    ("[if(empty(parameters('none')), 'yes', parameters('missing'))]", "yes"),
    ("[concat('it''s ', toUpper(parameters('a')), last(split('a/b', '/')))]", "it's Xb"),
    ("[replace('a.b', '.', '-')]", "a-b"),
    ("[contains(split('a,B', ','), 'B')]", True),
    ("[contains(split('a,B', ','), 'b')]", False),
    ("[if(contains(parameters('o'), 'INNER'), contains('text', 'ex'), 0)]", True),
    ("[if(and(equals(1, 1), not(equals('a', 1))), 2, 3)]", 2),
]


@pytest.mark.parametrize(("text", "value"), EXPRESSIONS)
def test_expressions_are_worked_out(text: str, value: Any) -> None:
    assert evaluate(text, {"a": "x", "o": {"Inner": "deep"}, "name": "inner", "none": ""}) == value


@pytest.mark.parametrize(
    "text",
    ["[parameters('missing')]", "[guid('a')]", "[concat('a']", "[concat(1, 2)]", "[parameters('o').other]", "[format('{3}', 1)]", "[a]",
     "[]", "[if(1)]", "['a' 'b']", "[" + "not(" * 200 + "1" + ")" * 200 + "]", "[#]"],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_not_guessed(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, {"o": {}})
