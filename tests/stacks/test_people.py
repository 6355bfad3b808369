"""Persona groups and the customer service platform, rehearsed; and what waits is listed, not pretended."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from rehearsal import rehearse
from stacks.dynamics.described import read_model
from stacks.microsoft365.personas import read_personas
from stacks.waiting import STACKS_THAT_WAIT, waiting
from tests.stacks.rehearsed import ROOT, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
GROUP = "azuread:index/group:Group"


def test_each_of_the_eleven_personas_has_a_group(microsoft365: Rehearsed) -> None:
    groups = microsoft365.inputs(GROUP)
    assert len(groups) == 11
    assert all(g["securityEnabled"] and not g["mailEnabled"] and g["preventDuplicateNames"] for g in groups)
    assert all(s["protect"] for s in microsoft365.of(GROUP))
    assert len(microsoft365.outputs["persona_group_ids"]) == 11


def test_privileged_people_are_named_one_by_one(microsoft365: Rehearsed) -> None:
    assigned = sorted(g["displayName"] for g in microsoft365.inputs(GROUP) if "dynamicMembership" not in g)
    assert assigned == ["exb-persona-power-user", "exb-persona-technology-and-change-specialist"]


def test_a_rule_names_its_own_persona(microsoft365: Rehearsed) -> None:
    for group in microsoft365.inputs(GROUP):
        if "dynamicMembership" in group:
            assert f'"{group["displayName"].removeprefix("exb-persona-")}"' in group["dynamicMembership"]["rule"]
            assert group["types"] == ["DynamicMembership"]


def test_personas_are_those_of_the_reference_estate() -> None:
    held = read_personas(ROOT / "stacks/microsoft365/personas.toml", "personas.toml")
    with (ROOT / "inventory/reference/estate/personas.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(p.name, p.licence, p.description) for p in held] == [(r["Persona"], r["Licence"], r["Description"]) for r in rows]


def test_without_the_licence_for_rules_all_are_named_one_by_one(tmp_path: Path) -> None:
    steps = rehearse(ROOT, "microsoft365", tmp_path / "microsoft365.json", config={"dynamic": "false"}).steps
    groups = [s.new["inputs"] for s in steps if s.new and s.new["type"] == GROUP]
    assert len(groups) == 11
    assert not any("dynamicMembership" in g for g in groups)


def test_environments_are_closed_by_groups_and_there_is_no_secret(dynamics: Rehearsed) -> None:
    names = sorted(g["displayName"] for g in dynamics.inputs(GROUP))
    assert names == [
        "exb-dynamics-development-makers", "exb-dynamics-development-users", "exb-dynamics-production-users",
        "exb-dynamics-test-makers", "exb-dynamics-test-users",
    ]  # fmt: skip
    assert [s["type"] for s in dynamics.states if "assword" in s["type"]] == []
    application = dynamics.inputs("azuread:index/application:Application")[0]
    assert "requiredResourceAccesses" not in application
    assert "password" not in application
    credential = dynamics.inputs("azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential")
    assert len(credential) == 1


def test_what_waits_is_listed_and_not_built(dynamics: Rehearsed, microsoft365: Rehearsed) -> None:
    for stack in (dynamics, microsoft365):
        listed = [w["id"] for w in stack.outputs["not_built_yet"]]
        assert listed == [w.id for w in waiting(stack.preview.stack)]
        assert listed
    assert {w.id for w in waiting("dynamics")} == {"environments", "tables", "forms", "application-users"}
    assert {s["type"].split(":")[0] for s in dynamics.states} == {"pulumi", "cloud-unless", "azuread"}


def test_everything_that_waits_says_what_to_do_meanwhile() -> None:
    held = waiting()
    assert {w.stack for w in held} == set(STACKS_THAT_WAIT)
    assert all(w.what and w.meanwhile.endswith(".") and w.waits_for for w in held)


def test_the_described_platform_has_what_the_council_misses() -> None:
    model = read_model(ROOT / "stacks/dynamics/model", "stacks/dynamics/model")
    assert {t.id for t in model.tables} == {"contact", "incident", "service_request", "councillor", "councillor_request"}
    assert {f.table for f in model.forms} == {t.id for t in model.tables}


@pytest.mark.parametrize("file", sorted((ROOT / "stacks").rglob("*.toml")), ids=lambda f: str(f.relative_to(ROOT)))
def test_every_file_of_facts_says_where_it_has_them_from(file: Path) -> None:
    held = tomllib.loads(file.read_text("utf-8"))
    written_by_us = file.name == "waiting.toml" or "format" in held
    assert written_by_us or (held["source"] and (held.get("on") or held.get("checked_on")))
