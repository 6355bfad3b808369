"""The replica of directory services, and the platform's own vaults, rehearsed."""

from __future__ import annotations

import json

import pytest

from tests.stacks.conftest import EVERYTHING
from tests.stacks.rehearsed import Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
NETWORK, COMPUTE, VAULTS = "azure-native:network", "azure-native:compute", "azure-native:recoveryservices"


def test_two_servers_stand_in_two_zones_at_fixed_addresses(everything: Rehearsed) -> None:
    machines = everything.inputs(f"{COMPUTE}:VirtualMachine")
    assert sorted(m["zones"][0] for m in machines) == ["1", "2"]
    configurations = [c for n in everything.inputs(f"{NETWORK}:NetworkInterface") for c in n["ipConfigurations"]]
    assert sorted(c["privateIPAddress"] for c in configurations) == ["10.103.0.4", "10.103.0.5"]
    assert {c["privateIPAllocationMethod"] for c in configurations} == {"Static"}
    assert not any("publicIPAddress" in c for c in configurations)
    assert all(m["securityProfile"]["securityType"] == "TrustedLaunch" for m in machines)


def test_the_directorys_database_has_a_disk_that_caches_nothing(everything: Rehearsed) -> None:
    for machine in everything.inputs(f"{COMPUTE}:VirtualMachine"):
        assert [d["caching"] for d in machine["storageProfile"]["dataDisks"]] == ["None"]


def test_their_network_asks_the_present_servers_until_they_are_promoted(everything: Rehearsed) -> None:
    def dns(states: list[dict[str, object]]) -> object:
        return next(n["dhcpOptions"] for n in states if n["virtualNetworkName"] == "vnet-exb-directory-uks")

    assert dns(everything.inputs(f"{NETWORK}:VirtualNetwork")) == {"dnsServers": ["10.0.0.4", "10.0.0.5"]}
    promoted = {**json.loads(EVERYTHING["directory"]), "promoted": True}
    preview = everything.again({**EVERYTHING, "directory": json.dumps(promoted)})
    changed = [s.new["inputs"] for s in preview.steps if s.op == "update" and s.new]
    assert [c["dhcpOptions"] for c in changed] == [{"dnsServers": ["10.103.0.4", "10.103.0.5"]}]


def test_their_network_is_joined_to_the_hub_and_uses_its_gateways(everything: Rehearsed) -> None:
    outward = next(p for p in everything.inputs(f"{NETWORK}:VirtualNetworkPeering") if p["virtualNetworkPeeringName"] == "to-hub")
    assert outward["useRemoteGateways"] is True
    assert outward["remoteVirtualNetwork"]["id"] == everything.outputs["hub_network_id"]
    inward = next(p for p in everything.inputs(f"{NETWORK}:VirtualNetworkPeering") if p["virtualNetworkPeeringName"] != "to-hub")
    assert inward["allowGatewayTransit"] is True
    assert len(everything.of(f"{NETWORK}:VirtualNetworkPeering")) == 2


def test_both_are_backed_up_where_nobody_empties_the_vault(everything: Rehearsed) -> None:
    assert len(everything.of(f"{VAULTS}:ProtectedItem")) == 2
    for vault in everything.inputs(f"{VAULTS}:Vault"):
        security = vault["properties"]["securitySettings"]
        assert security["softDeleteSettings"]["softDeleteState"] == "AlwaysON"
        assert security["immutabilitySettings"]["state"] == "Unlocked"


def test_their_first_password_is_known_to_nobody(everything: Rehearsed) -> None:
    assert "Aa1-" not in everything.state.read_text("utf-8")


def test_they_are_patched_when_the_maintenance_configuration_says(everything: Rehearsed) -> None:
    for machine in everything.inputs(f"{COMPUTE}:VirtualMachine"):
        patching = machine["osProfile"]["windowsConfiguration"]["patchSettings"]
        assert patching["automaticByPlatformSettings"] == {"bypassPlatformSafetyChecksOnUserSchedule": True}
        assert machine["tags"]["environment"] == "production"


def test_the_platform_has_vaults_of_its_own(platform: Rehearsed) -> None:
    assert platform.outputs["recovery_vault_id"].endswith("/vaults/rsv-exb-platform-uks")
    assert platform.outputs["backup_vault_id"].endswith("/backupVaults/bvault-exb-platform-uks")
    held = platform.inputs("azure-native:dataprotection:BackupVault")[0]["properties"]["securitySettings"]
    assert held["softDeleteSettings"]["state"] == "AlwaysOn"
    assert held["immutabilitySettings"]["state"] == "Unlocked"
    assert platform.of(f"{COMPUTE}:VirtualMachine") == []
