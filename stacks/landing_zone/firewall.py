"""The firewall that everything leaves through, and its rules from data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import network

from stacks.components.diagnostics import diagnose
from stacks.landing_zone.data import firewall_collections
from stacks.site import Site

# Availability zones by region. Source: Microsoft Learn, "Azure regions list", 2026: UK West has none.
ZONES: Mapping[str, Sequence[str]] = {"uksouth": ("1", "2", "3"), "ukwest": ()}


@dataclass(frozen=True)
class FirewallPlace:
    """What a firewall needs from its surroundings. `ranges` gives the address ranges that rules name."""

    group: pulumi.Input[str]
    subnet: pulumi.Input[str]
    workspace: pulumi.Input[str]
    ranges: Mapping[str, Sequence[str]]
    premium: bool


class Firewall(pulumi.ComponentResource):
    """Azure Firewall with its policy. `private_ip` is where routes point."""

    def __init__(self, site: Site, place: FirewallPlace, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:landing-zone:Firewall", "firewall", None, opts)
        self._site, self._place = site, place
        self.policy = self._policy()
        rules = self._rules()
        address = self._address()
        self.firewall = self._firewall(address, rules)
        self.private_ip = self.firewall.ip_configurations.apply(lambda held: (held[0].private_ip_address or "") if held else "")
        diagnose("firewall", self.firewall.id, place.workspace, pulumi.ResourceOptions(parent=self))
        self.register_outputs({"private_ip": self.private_ip})

    def _policy(self) -> network.FirewallPolicy:
        tier = network.FirewallPolicySkuTier.PREMIUM if self._place.premium else network.FirewallPolicySkuTier.STANDARD
        watch = network.FirewallPolicyIntrusionDetectionArgs(mode=network.FirewallPolicyIntrusionDetectionStateType.DENY)
        return network.FirewallPolicy(
            "firewall-policy",
            firewall_policy_name=self._site.name("firewall-policy", "hub"),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            sku=network.FirewallPolicySkuArgs(tier=tier),
            threat_intel_mode=network.AzureFirewallThreatIntelMode.DENY,
            intrusion_detection=watch if self._place.premium else None,
            # Names in network rules need the firewall to answer DNS itself.
            dns_settings=network.DnsSettingsArgs(enable_proxy=True),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _rules(self) -> network.FirewallPolicyRuleCollectionGroup:
        return network.FirewallPolicyRuleCollectionGroup(
            "firewall-rules",
            rule_collection_group_name="council",
            firewall_policy_name=self.policy.name,
            resource_group_name=self._place.group,
            priority=200,
            rule_collections=[_collection(c, self._place.ranges) for c in firewall_collections()],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _address(self) -> network.PublicIPAddress:
        return network.PublicIPAddress(
            "firewall-address",
            public_ip_address_name=self._site.name("public-ip", "firewall"),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            sku=network.PublicIPAddressSkuArgs(name=network.PublicIPAddressSkuName.STANDARD),
            public_ip_allocation_method=network.IPAllocationMethod.STATIC,
            zones=list(ZONES[self._site.region]) or None,
            opts=pulumi.ResourceOptions(parent=self, protect=self._site.protect),
        )

    def _firewall(self, address: network.PublicIPAddress, rules: network.FirewallPolicyRuleCollectionGroup) -> network.AzureFirewall:
        tier = network.AzureFirewallSkuTier.PREMIUM if self._place.premium else network.AzureFirewallSkuTier.STANDARD
        return network.AzureFirewall(
            "firewall",
            azure_firewall_name=self._site.name("firewall", "hub"),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            sku=network.AzureFirewallSkuArgs(name=network.AzureFirewallSkuName.AZF_W_V_NET, tier=tier),
            firewall_policy=network.SubResourceArgs(id=self.policy.id),
            ip_configurations=[
                network.AzureFirewallIPConfigurationArgs(
                    name="outward",
                    subnet=network.SubResourceArgs(id=self._place.subnet),
                    public_ip_address=network.SubResourceArgs(id=address.id),
                )
            ],
            zones=list(ZONES[self._site.region]) or None,
            # A policy cannot change while a firewall is being made from it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rules]),
        )


def _collection(held: Mapping[str, Any], ranges: Mapping[str, Sequence[str]]) -> network.FirewallPolicyFilterRuleCollectionArgs:
    rule = _network_rule if held["kind"] == "network" else _application_rule
    return network.FirewallPolicyFilterRuleCollectionArgs(
        rule_collection_type="FirewallPolicyFilterRuleCollection",
        name=held["name"],
        priority=held["priority"],
        action=network.FirewallPolicyFilterRuleCollectionActionArgs(type=network.FirewallPolicyFilterRuleCollectionActionType.ALLOW),
        rules=[rule(r, [x for name in r["from"] for x in ranges[name]]) for r in held["rules"]],
    )


def _network_rule(held: Mapping[str, Any], sources: list[str]) -> network.NetworkRuleArgs:
    return network.NetworkRuleArgs(
        rule_type="NetworkRule",
        name=held["name"],
        source_addresses=sources,
        ip_protocols=[network.FirewallPolicyRuleNetworkProtocol(p) for p in held["protocols"]],
        destination_fqdns=held.get("to_names"),
        destination_addresses=held.get("to_addresses"),
        destination_ports=held["ports"],
    )


def _application_rule(held: Mapping[str, Any], sources: list[str]) -> network.ApplicationRuleArgs:
    https = network.FirewallPolicyRuleApplicationProtocolArgs(
        protocol_type=network.FirewallPolicyRuleApplicationProtocolType.HTTPS, port=443
    )
    return network.ApplicationRuleArgs(
        rule_type="ApplicationRule",
        name=held["name"],
        source_addresses=sources,
        protocols=[https],
        fqdn_tags=held.get("tags"),
        target_fqdns=held.get("to_names"),
    )
