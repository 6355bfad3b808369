"""The hub's edge, rehearsed with every kind of link: gateways, ways through the firewall, names, flow logs."""

from __future__ import annotations

import json

import pytest

from tests.stacks.rehearsed import Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
NETWORK = "azure-native:network"
SECRET = "4dabf18193072939515e22adb298388d"


def test_the_vpn_gateway_has_two_halves_and_two_addresses(everything: Rehearsed) -> None:
    vpn = next(g for g in everything.inputs(f"{NETWORK}:VirtualNetworkGateway") if g["gatewayType"] == "Vpn")
    assert vpn["activeActive"] is vpn["enableBgp"] is True
    assert vpn["sku"]["name"] == "VpnGw2AZ"
    assert len({c["publicIPAddress"]["id"] for c in vpn["ipConfigurations"]}) == 2
    addresses = everything.of(f"{NETWORK}:PublicIPAddress")
    gateways = [a for a in addresses if "vpn" in a["inputs"]["publicIpAddressName"]]
    assert all(a["inputs"]["zones"] == ["1", "2", "3"] and a["protect"] for a in gateways)


def test_connections_use_strong_encryption_and_their_keys_are_sealed(everything: Rehearsed) -> None:
    tunnels = [c for c in everything.inputs(f"{NETWORK}:VirtualNetworkGatewayConnection") if c["connectionType"] == "IPsec"]
    assert len(tunnels) == 2
    for tunnel in tunnels:
        assert tunnel["connectionProtocol"] == "IKEv2"
        assert tunnel["ipsecPolicies"][0]["ikeEncryption"] == "AES256"
        assert tunnel["ipsecPolicies"][0]["dhGroup"] == tunnel["ipsecPolicies"][0]["pfsGroup"] == "ECP256"
        assert SECRET in tunnel["sharedKey"]
    # What was given on the command line stands in the preview as it was given.
    told = {k: v for k, v in everything.preview.to_json().items() if k != "config"}
    written = everything.state.read_text("utf-8") + json.dumps(told, default=str)
    assert "OnlyForRehearsal" not in written


def test_a_far_end_is_known_by_its_address_or_its_name(everything: Rehearsed) -> None:
    far = {g["localNetworkGatewayName"]: g for g in everything.inputs(f"{NETWORK}:LocalNetworkGateway")}
    assert far["lgw-exb-data-centre-uks"]["gatewayIpAddress"] == "203.0.113.10"
    assert far["lgw-exb-data-centre-uks"]["bgpSettings"] == {"asn": 64600, "bgpPeeringAddress": "10.0.0.1"}
    assert far["lgw-exb-nhs-uks"]["fqdn"] == "vpn.icb.example"
    assert "gatewayIpAddress" not in far["lgw-exb-nhs-uks"]


def test_a_circuit_bears_the_exception_that_lets_it_stand(everything: Rehearsed) -> None:
    circuit = next(c for c in everything.inputs(f"{NETWORK}:VirtualNetworkGatewayConnection") if c["connectionType"] == "ExpressRoute")
    assert circuit["tags"]["exception"] == "EX-2026-007"
    assert circuit["peer"]["id"].endswith("/expressRouteCircuits/erc-hscn")


def test_what_arrives_through_a_gateway_goes_through_the_firewall(everything: Rehearsed) -> None:
    table = next(t for t in everything.of(f"{NETWORK}:RouteTable") if "gateways" in t["inputs"]["routeTableName"])
    assert table["inputs"]["disableBgpRoutePropagation"] is False
    routes = {r["addressPrefix"]: r for r in everything.inputs(f"{NETWORK}:Route")}
    assert set(routes) == {"10.101.0.0/16", "10.100.0.192/26"}
    assert {r["nextHopIpAddress"] for r in routes.values()} == {everything.outputs["firewall_private_ip"]}
    hub = everything.inputs(f"{NETWORK}:VirtualNetwork")[0]
    assert [s["name"] for s in hub["subnets"] if s.get("routeTable", {}).get("id") == table["id"]] == ["GatewaySubnet"]


def test_the_firewall_has_the_rules_of_everybody_the_councils_own_and_the_links(everything: Rehearsed) -> None:
    groups = {g["ruleCollectionGroupName"]: g for g in everything.inputs(f"{NETWORK}:FirewallPolicyRuleCollectionGroup")}
    assert {name: g["priority"] for name, g in groups.items()} == {"council": 200, "own": 300, "links": 400}
    own = {r["name"]: r for c in groups["own"]["ruleCollections"] for r in c["rules"]}
    assert own["payroll-bureau"]["destinationAddresses"] == ["198.51.100.32/28"]
    assert own["monitor"]["destinationAddresses"] == ["AzureMonitor"]
    assert own["gov-uk"]["targetFqdns"] == ["www.gov.uk", "*.service.gov.uk"]
    assert own["payroll-bureau"]["description"] == "Payroll files go to the bureau by SFTP."
    links = {c["name"]: c["rules"] for c in groups["links"]["ruleCollections"]}
    assert links["link-nhs"][0]["destinationAddresses"] == ["192.0.2.0/28"]
    assert links["link-data-centre"][0]["sourceAddresses"] == ["10.0.0.0/12"]
    actions = {c["action"]["type"] for g in groups.values() for c in g["ruleCollections"]}
    assert actions == {"Allow"}


def test_the_premium_firewall_prevents_intrusion(everything: Rehearsed, platform: Rehearsed) -> None:
    policy, plain = (s.inputs(f"{NETWORK}:FirewallPolicy")[0] for s in (everything, platform))
    assert policy["intrusionDetection"] == {"mode": "Deny"}
    assert "intrusionDetection" not in plain
    assert policy["threatIntelMode"] == plain["threatIntelMode"] == "Deny"


def test_names_of_the_data_centre_are_asked_for_there(everything: Rehearsed) -> None:
    rule = everything.inputs("azure-native:dnsresolver:ForwardingRule")[0]
    assert rule["domainName"] == "exb.local."
    assert [s["ipAddress"] for s in rule["targetDnsServers"]] == ["10.0.0.4", "10.0.0.5"]
    outbound = everything.inputs("azure-native:dnsresolver:OutboundEndpoint")[0]
    assert outbound["subnet"]["id"].endswith("/subnets/dns-outbound")


def test_a_partners_service_is_asked_for_and_nothing_else_of_its_network(everything: Rehearsed) -> None:
    endpoint = next(e for e in everything.inputs(f"{NETWORK}:PrivateEndpoint") if "manualPrivateLinkServiceConnections" in e)
    asked = endpoint["manualPrivateLinkServiceConnections"][0]
    assert asked["privateLinkServiceId"].endswith("/privateLinkServices/pls-checks")
    assert asked["requestMessage"] == "Exampleshire Police: Memorandum of understanding 2026/14"


def test_flows_are_kept_in_storage_that_no_key_opens(platform: Rehearsed) -> None:
    flow = platform.inputs(f"{NETWORK}:FlowLog")[0]
    account = platform.of("azure-native:storage:StorageAccount")[0]
    assert flow["targetResourceId"] == platform.outputs["hub_network_id"]
    assert flow["storageId"] == account["id"]
    assert flow["flowAnalyticsConfiguration"]["networkWatcherFlowAnalyticsConfiguration"]["enabled"] is True
    assert account["inputs"]["allowSharedKeyAccess"] is account["inputs"]["allowBlobPublicAccess"] is False
    assert account["inputs"]["networkRuleSet"] == {"bypass": "AzureServices", "defaultAction": "Deny"}
    lifecycle = platform.inputs("azure-native:storage:ManagementPolicy")[0]
    days = lifecycle["policy"]["rules"][0]["definition"]["actions"]["baseBlob"]["delete"]
    assert days == {"daysAfterModificationGreaterThan": 90}


def test_the_writer_of_flows_may_write_to_that_storage_alone(platform: Rehearsed) -> None:
    account = platform.of("azure-native:storage:StorageAccount")[0]["id"]
    grants = [g for g in platform.inputs("azure-native:authorization:RoleAssignment") if g["scope"] == account]
    assert [g["roleDefinitionId"].rsplit("/", 1)[-1] for g in grants] == ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"]


def test_the_watcher_is_made_before_the_network_that_would_make_it(platform: Rehearsed) -> None:
    watcher = platform.of(f"{NETWORK}:NetworkWatcher")[0]
    assert watcher["inputs"]["networkWatcherName"] == "NetworkWatcher_uksouth"
    assert watcher["urn"] in platform.of(f"{NETWORK}:VirtualNetwork")[0]["dependencies"]


def test_without_links_there_is_no_gateway(platform: Rehearsed) -> None:
    for kind in ("VirtualNetworkGateway", "LocalNetworkGateway", "RouteTable"):
        assert platform.of(f"{NETWORK}:{kind}") == []
