"""When workloads' servers are patched: in the landing zone's windows, wherever one reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from stacks.request import Request, read_requests
from stacks.workloads.patching import is_patched, unpatched, window
from stacks.workloads.settings import WorkloadsSettings
from tests.stacks.rehearsed import REQUESTS, ROOT, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
SHARED = "7e0c3a52-0000-4000-8000-000000000021"
WINDOWS = {"maintenance_configuration_ids": {"test": "/t", "production": "/p"}, "placed_subscriptions": [SHARED]}


def _settings(*, patching: bool = True) -> WorkloadsSettings:
    council = {"id": "exb", "name": "Exampleborough", "owner": "Head of Digital", "cost_centre": "CC-1"}
    return WorkloadsSettings.model_validate(
        {
            "stack": "workloads",
            "council": council,
            "tenant": "7e0c3a52-0000-4000-8000-000000000001",
            "subscription": SHARED,
            "landing_zone": "organization/cloud-unless/landing-zone",
            "addresses": {"range": "10.101.0.0/16"},
            "budget": {"starts_on": "2026-12-01", "contacts": ["cloud@exampleborough.example"]},
            "vending": {"patching": patching},
        }
    )


def _libraries(**changes: Any) -> Request:
    held = {r.id: r for r in read_requests(ROOT / REQUESTS["requests"], REQUESTS["requests"])}
    return held["libraries"].model_copy(update=changes)


def _scheduled(machine: Mapping[str, Any]) -> bool | None:
    profile = machine["osProfile"]
    patches = (profile.get("windowsConfiguration") or profile["linuxConfiguration"])["patchSettings"]
    assert patches["patchMode"] == "AutomaticByPlatform"
    return patches.get("automaticByPlatformSettings", {}).get("bypassPlatformSafetyChecksOnUserSchedule")


def test_every_server_waits_for_its_window(workloads: Rehearsed) -> None:
    machines = workloads.inputs("azure-native:compute:VirtualMachine")
    assert [_scheduled(m) for m in machines] == [True] * 4
    assert {"linuxConfiguration", "windowsConfiguration"} <= {key for m in machines for key in m["osProfile"]}
    assert not any("are patched when Azure chooses" in s for s in workloads.outputs["shortfalls"])


def test_servers_in_subscriptions_of_their_own_wait_too(vended: Rehearsed) -> None:
    machines = vended.inputs("azure-native:compute:VirtualMachine")
    assert machines
    assert all(_scheduled(m) is True for m in machines)


def test_desktops_and_sets_are_patched_when_azure_chooses(parts: Rehearsed) -> None:
    desktops = [m for m in parts.inputs("azure-native:compute:VirtualMachine") if m.get("licenseType") == "Windows_Client"]
    sets = [s["virtualMachineProfile"] for s in parts.inputs("azure-native:compute:VirtualMachineScaleSet")]
    assert desktops
    assert sets
    assert {_scheduled(m) for m in (*desktops, *sets)} == {None}


@pytest.mark.parametrize(
    ("platform", "said"),
    [
        ({}, "since the landing zone has none"),
        ({**WINDOWS, "maintenance_configuration_ids": {}}, "since the landing zone has none"),
        ({**WINDOWS, "maintenance_configuration_ids": {"test": "/t"}}, "since the landing zone has none"),
        ({**WINDOWS, "placed_subscriptions": []}, f"since the landing zone places no subscription {SHARED}"),
    ],
)
def test_no_server_waits_for_a_window_that_never_comes(platform: Mapping[str, Any], said: str) -> None:
    libraries = _libraries(environment="production")
    assert not is_patched(platform, libraries, _settings())
    assert [said in told for told in unpatched(platform, [libraries], _settings())] == [True]


def test_who_wants_no_window_has_none_and_hears_nothing_of_it() -> None:
    libraries = _libraries()
    assert is_patched(WINDOWS, libraries, _settings())
    assert not is_patched(WINDOWS, libraries, _settings(patching=False))
    assert list(unpatched({}, [libraries], _settings(patching=False))) == []
    assert list(unpatched({}, [_libraries(state="gone"), _libraries(server=())], _settings())) == []


def test_a_subscription_of_its_own_has_its_window_from_this_stack() -> None:
    assert is_patched({**WINDOWS, "placed_subscriptions": []}, _libraries(subscription="new"), _settings())


def test_development_keeps_company_with_test() -> None:
    assert {e: window(e) for e in ("production", "test", "development")} == {
        "production": "production",
        "test": "test",
        "development": "test",
    }
