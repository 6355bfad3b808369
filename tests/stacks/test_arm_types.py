"""What our stacks send to Azure fits Azure's own types, at any depth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.stacks.arm_types import Library, arm_type_of, library
from tests.stacks.rehearsed import Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
DATA = Path(__file__).parents[2] / "../shared/data"


@pytest.fixture(scope="session")
def arm() -> Library:
    if not (DATA / "bicep-types").is_dir():
        pytest.skip("../shared/data/bicep-types is not here: Azure's own types cannot be checked against")
    return library(DATA)


# Types that we build and whose file the data folder has not.
NOT_AT_HAND = (
    "microsoft.aadiam/diagnosticSettings",
    "Microsoft.Network/dnsForwardingRulesets",
    "Microsoft.Network/dnsForwardingRulesets/forwardingRules",
    "Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks",
    "Microsoft.Network/dnsResolvers/outboundEndpoints",
    "Microsoft.Network/dnsResolvers",
    "Microsoft.Network/dnsResolvers/inboundEndpoints",
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers",
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems",
    "Microsoft.RecoveryServices/vaults/backupPolicies",
)
# What azure-native writes itself and no program gives: a request's kind, which is to assign or to remove.
WRITTEN_BY_THE_PROVIDER = {"azure-native:authorization:PimRoleEligibilitySchedule": "requesttype: required, and missing"}

# Types whose file in the data folder is years older than the version that azure-native speaks (2025-05-01).
OLDER_AT_HAND = (
    "Microsoft.Web/sites",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
    "Microsoft.Web/sites/slots",
    "Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies",
)


def _faults(arm: Library, stack: Rehearsed) -> list[str]:
    azure = [s for s in stack.states if s["type"].startswith("azure-native:")]
    checked = [s for s in azure if arm_type_of(s["id"]) not in (*NOT_AT_HAND, *OLDER_AT_HAND)]
    assert len(checked) > 50
    return [
        f"{s['urn'].rsplit('::')[-1]} {f}"
        for s in checked
        for f in arm.faults(s["type"], arm_type_of(s["id"]), s["inputs"])
        if f != WRITTEN_BY_THE_PROVIDER.get(s["type"])
    ]


def test_the_landing_zone_fits_azures_types(arm: Library, platform: Rehearsed) -> None:
    assert _faults(arm, platform) == []


def test_the_landing_zone_with_everything_fits_azures_types(arm: Library, everything: Rehearsed) -> None:
    assert _faults(arm, everything) == []


def test_workloads_fit_azures_types(arm: Library, workloads: Rehearsed) -> None:
    assert _faults(arm, workloads) == []


def test_parts_of_every_kind_fit_azures_types(arm: Library, parts: Rehearsed) -> None:
    assert _faults(arm, parts) == []


def test_several_councils_fit_azures_types(arm: Library, shared_platform: Rehearsed, vended: Rehearsed) -> None:
    assert _faults(arm, shared_platform) == []
    assert _faults(arm, vended) == []


ACCOUNT, NETWORK, VAULT = "storage:StorageAccount", "network:VirtualNetwork", "keyvault:Vault"
TYPES = {ACCOUNT: "Microsoft.Storage/storageAccounts", NETWORK: "Microsoft.Network/virtualNetworks", VAULT: "Microsoft.KeyVault/vaults"}
LRS = {"name": "Standard_LRS"}
GOOD_VAULT = {"tenantId": "7e0c3a52-0000-4000-8000-000000000001", "sku": {"family": "A", "name": "standard"}}
PLANTED: list[tuple[str, str, dict[str, Any]]] = [
    (ACCOUNT, "kind", {"sku": LRS}),
    (ACCOUNT, "sku.naem", {"kind": "StorageV2", "sku": {**LRS, "naem": "x"}}),
    (ACCOUNT, "enableHttpsTrafficOnly", {"kind": "StorageV2", "sku": LRS, "enableHttpsTrafficOnly": "yes"}),
    (NETWORK, "addressSpace.addressPrefixes", {"addressSpace": {"addressPrefixes": "10.0.0.0/8"}}),
    (NETWORK, "subnets[0].adressPrefix", {"subnets": [{"name": "a", "adressPrefix": "10.0.0.0/24"}]}),
    (NETWORK, "provisioningState", {"provisioningState": "Succeeded"}),
    (VAULT, "properties.enableSoftDelete", {"properties": {**GOOD_VAULT, "enableSoftDelete": "yes"}}),
    (VAULT, "properties.sku.name", {"properties": {**GOOD_VAULT, "sku": {"family": "A", "name": "premum"}}}),
    (VAULT, "properties.sku", {"properties": {"tenantId": "7e0c3a52-0000-4000-8000-000000000001"}}),
]


@pytest.mark.parametrize(("token", "where", "inputs"), PLANTED, ids=[w for _, w, _ in PLANTED])
def test_a_planted_mistake_is_found(arm: Library, token: str, where: str, inputs: dict[str, Any]) -> None:
    found = arm.faults(f"azure-native:{token}", TYPES[token], inputs)
    assert any(f.startswith(where) for f in found), found
