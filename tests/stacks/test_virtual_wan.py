"""The landing zone upon a virtual WAN, with every kind of link; and workloads that join it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policies.schema.judge import judge_types
from policies.schema.type_files import TypeFiles
from rehearsal import ProgramError, rehearse
from tests.stacks.rehearsed import REQUESTS, ROOT, Rehearsed
from tests.stacks.test_arm_types import passed, previewed, wrong

pytestmark = pytest.mark.xdist_group("stacks")
NETWORK = "azure-native:network"
SECRET = "4dabf18193072939515e22adb298388d"


def test_the_firewall_stands_in_the_virtual_hub_and_everything_goes_through_it(wide: Rehearsed) -> None:
    firewall = wide.of(f"{NETWORK}:AzureFirewall")[0]
    assert firewall["inputs"]["sku"] == {"name": "AZFW_Hub", "tier": "Premium"}
    assert firewall["inputs"]["virtualHub"]["id"] == wide.of(f"{NETWORK}:VirtualHub")[0]["id"]
    policies = wide.inputs(f"{NETWORK}:RoutingIntent")[0]["routingPolicies"]
    assert {p["destinations"][0]: p["nextHop"] for p in policies} == {"Internet": firewall["id"], "PrivateTraffic": firewall["id"]}
    assert wide.outputs["firewall_private_ip"]


def test_shared_services_and_the_directory_join_the_hub_one_after_the_other(wide: Rehearsed) -> None:
    joined = {j["inputs"]["connectionName"]: j for j in wide.of(f"{NETWORK}:HubVirtualNetworkConnection")}
    assert set(joined) == {"peer-exb-shared-services-uks", "peer-exb-directory-uks"}
    assert all(j["inputs"]["enableInternetSecurity"] for j in joined.values())
    kinds = ("RoutingIntent", "HubVirtualNetworkConnection", "ExpressRouteGateway", "VpnGateway")
    chain = [s["urn"] for s in wide.states if s["type"].rsplit(":", 1)[-1] in kinds]
    waits = {s["urn"]: s["dependencies"] for s in wide.states if s["urn"] in chain}
    assert sum(any(u in chain for u in waits[urn]) for urn in chain) == len(chain) - 1
    assert wide.of(f"{NETWORK}:VirtualNetworkPeering") == []


def test_the_shared_network_has_no_subnets_of_a_hub(wide: Rehearsed) -> None:
    shared = next(n for n in wide.inputs(f"{NETWORK}:VirtualNetwork") if n["virtualNetworkName"] == "vnet-exb-hub-uks")
    assert {s["name"] for s in shared["subnets"]} == {"AzureBastionSubnet", "private-endpoints", "dns-inbound", "dns-outbound"}


def test_sites_and_partners_are_joined_with_sealed_keys(wide: Rehearsed) -> None:
    tunnels = wide.inputs(f"{NETWORK}:VpnConnection")
    assert len(tunnels) == len(wide.of(f"{NETWORK}:VpnSite")) == 2
    for tunnel in tunnels:
        link = tunnel["vpnLinkConnections"][0]
        assert SECRET in json.dumps(link)
        assert tunnel["enableInternetSecurity"] is True
    assert "OnlyForRehearsal" not in wide.state.read_text("utf-8")
    circuit = wide.inputs(f"{NETWORK}:ExpressRouteConnection")[0]
    assert circuit["expressRouteCircuitPeering"]["id"].endswith("/erc-hscn/peerings/AzurePrivatePeering")


def test_it_fits_azures_types(files: TypeFiles, wide: Rehearsed) -> None:
    judged = judge_types(previewed(wide), files, is_all=True)
    assert wrong(judged) == []
    assert passed(judged) > 200


def test_workloads_join_the_virtual_hub_when_their_settings_say_so(wide: Rehearsed, wide_workloads: Rehearsed) -> None:
    made = wide_workloads
    joined = made.inputs(f"{NETWORK}:HubVirtualNetworkConnection")
    assert len(joined) == len(made.of(f"{NETWORK}:VirtualNetwork"))
    assert {j["virtualHubName"] for j in joined} == {wide.outputs["virtual_hub_name"]}
    assert made.of(f"{NETWORK}:VirtualNetworkPeering") == []


def test_workloads_that_take_it_for_a_hub_network_are_stopped(wide: Rehearsed, tmp_path: Path) -> None:
    assert tmp_path.is_dir()
    with pytest.raises(ProgramError) as wrong:
        rehearse(ROOT, "workloads", wide.state.with_name("mistaken.json"), config=REQUESTS, preview_only=True)
    said = " ".join(wrong.value.faults)
    assert "is a virtual WAN. Set network: virtual-wan in this stack's settings." in said
    assert "Traceback" not in said
