"""Tiers give settings, settings overrule them, and what that costs in security is said."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rehearsal import rehearse
from stacks.landing_zone.settings import LandingZoneSettings, Tier
from stacks.landing_zone.tiers import PAGE, defaults_of, overruled, page, tiers, weaker, with_defaults
from tests.stacks.rehearsed import ROOT, Rehearsed

CASES = sorted((Path(__file__).parents[1] / "cases" / "tiers").glob("*.toml"))
SUBSCRIPTION = "7e0c3a52-0000-4000-8000-000000000031"


def _settings(tier: str, **given: Any) -> LandingZoneSettings:
    jobs = ["platform"] if tier == "small" else ["management", "connectivity", "identity", "security"]
    least = {
        "stack": "landing-zone",
        "council": {"id": "exb", "name": "Exampleborough", "owner": "Head", "cost_centre": "CC"},
        "tier": tier,
        "tenant": "7e0c3a52-0000-4000-8000-000000000001",
        "subscriptions": {job: f"{SUBSCRIPTION[:-1]}{i}" for i, job in enumerate(jobs)},
        "hub": {"address_space": "10.100.0.0/23", "spokes": "10.101.0.0/16"},
        "budget": {"monthly_pounds": 100, "starts_on": "2026-12-01", "contacts": ["a@b.example"]},
    }
    return LandingZoneSettings.model_validate(with_defaults(given, least))


def test_every_tier_is_described_and_no_other() -> None:
    assert [t.id for t in tiers()] == [t.value for t in Tier]
    assert all(t.contains and t.suits.endswith(".") for t in tiers())
    # The largest gives nothing up; every other says what and why.
    assert [bool(t.gives_up) for t in tiers()] == [True, True, False]


@pytest.mark.parametrize("tier", list(Tier))
def test_a_tiers_settings_are_settings_and_nothing_of_it_is_weaker_than_itself(tier: Tier) -> None:
    held = _settings(tier.value).model_dump(mode="json")
    assert with_defaults(defaults_of(tier), held) == held
    assert list(overruled(tier, held)) == []


def test_each_tier_is_at_least_as_strong_as_the_one_before() -> None:
    small, standard, shared = (_settings(t.value).model_dump(mode="json") for t in Tier)
    assert list(overruled("standard", shared)) == []
    assert list(overruled("small", standard)) == []
    assert len(list(overruled("standard", small))) >= 3
    assert len(list(overruled("shared", standard))) >= 5


def test_what_is_said_of_a_weaker_setting_is_about_a_setting_that_there_is() -> None:
    held = _settings("shared").model_dump(mode="json")
    for rule in weaker():
        part, _, name = rule.setting.partition(".")
        assert name in held[part], rule.setting


@pytest.mark.parametrize("file", CASES, ids=lambda f: f.stem)
def test_what_overruling_means_is_said(file: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    held = _settings(case["tier"], **case["given"]).model_dump(mode="json")
    assert list(overruled(case["tier"], held)) == case["says"]


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m stacks.landing_zone.tiers"


@pytest.mark.xdist_group("stacks")
def test_a_shared_service_has_all_of_it(tmp_path: Path, platform: Rehearsed) -> None:
    given = {
        "tier": "shared",
        "firewall": "{}",
        "logs": "{}",
        "flow_logs": "{}",
        "hub": json.dumps({"address_space": "10.100.0.0/23", "spokes": "10.101.0.0/16"}),
    }
    state = tmp_path / "shared.json"
    shared = Rehearsed(rehearse(ROOT, "landing-zone", state, config=given), state)
    assert shared.outputs["tier"] == "shared"
    assert shared.outputs["tier_overruled"] == platform.outputs["tier_overruled"] == []
    assert shared.inputs("azure-native:network:FirewallPolicy")[0]["sku"] == {"tier": "Premium"}
    assert shared.inputs("azure-native:network:VirtualNetwork")[0]["enableDdosProtection"] is True
    assert shared.inputs("azure-native:operationalinsights:Workspace")[0]["retentionInDays"] == 365
    assert shared.of("azure-native:securityinsights:SentinelOnboardingState")
    assert len(shared.states) > len(platform.states)
