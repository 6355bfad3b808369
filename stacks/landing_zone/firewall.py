"""The firewall that everything leaves through, and its rules from data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from stacks.components.diagnostics import diagnose
from stacks.landing_zone.firewall_rules import Collection, Ranges, Rule
from stacks.site import Site

# Availability zones by region. Source: Microsoft Learn, "Azure regions list", 2026: UK West has none.
ZONES: Mapping[str, Sequence[str]] = {"uksouth": ("1", "2", "3"), "ukwest": ()}


@dataclass(frozen=True)
class FirewallPlace:
    """What a firewall needs from its surroundings: `subnet` of a hub network, or the `virtual_hub` that it stands in."""

    group: pulumi.Input[str]
    workspace: pulumi.Input[str]
    premium: bool
    subnet: pulumi.Input[str] | None = None
    virtual_hub: pulumi.Input[str] | None = None


@dataclass(frozen=True)
class RuleGroup:
    """Collections that are kept together, such as ours, the council's own, or those of links; `ranges` are what they name."""

    name: str
    priority: int
    collections: Sequence[Collection]
    ranges: Ranges


class Firewall(pulumi.ComponentResource):
    """Azure Firewall with its policy. `private_ip` is where routes point."""

    def __init__(self, site: Site, place: FirewallPlace, groups: Sequence[RuleGroup], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:landing-zone:Firewall", "firewall", None, opts)
        self._site, self._place = site, place
        self.policy = self._policy()
        rules = self._rules([g for g in groups if g.collections])
        self.firewall = self._in_virtual_hub(rules) if place.virtual_hub is not None else self._in_subnet(self._address(), rules)
        self.private_ip = self._private_ip()
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

    def _rules(self, groups: Sequence[RuleGroup]) -> list[network.FirewallPolicyRuleCollectionGroup]:
        """One after the other: Azure refuses to change a policy that it is just changing."""
        made: list[network.FirewallPolicyRuleCollectionGroup] = []
        for group in groups:
            made.append(self._group(group, made[-1:]))
        return made

    def _group(
        self, group: RuleGroup, after: Sequence[network.FirewallPolicyRuleCollectionGroup]
    ) -> network.FirewallPolicyRuleCollectionGroup:
        return network.FirewallPolicyRuleCollectionGroup(
            "firewall-rules" if group.name == "council" else f"firewall-rules-{group.name}",
            rule_collection_group_name=group.name,
            firewall_policy_name=self.policy.name,
            resource_group_name=self._place.group,
            priority=group.priority,
            rule_collections=[_collection(c, group.ranges) for c in group.collections],
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )

    def _private_ip(self) -> pulumi.Output[str]:
        if self._place.virtual_hub is not None:
            return self.firewall.hub_ip_addresses.apply(lambda held: (held.private_ip_address or "") if held else "")
        return self.firewall.ip_configurations.apply(lambda held: (held[0].private_ip_address or "") if held else "")

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

    def _tier(self) -> network.AzureFirewallSkuTier:
        return network.AzureFirewallSkuTier.PREMIUM if self._place.premium else network.AzureFirewallSkuTier.STANDARD

    def _in_subnet(
        self, address: network.PublicIPAddress, rules: Sequence[network.FirewallPolicyRuleCollectionGroup]
    ) -> network.AzureFirewall:
        return network.AzureFirewall(
            "firewall",
            azure_firewall_name=self._site.name("firewall", "hub"),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            sku=network.AzureFirewallSkuArgs(name=network.AzureFirewallSkuName.AZF_W_V_NET, tier=self._tier()),
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
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(rules)),
        )

    def _in_virtual_hub(self, rules: Sequence[network.FirewallPolicyRuleCollectionGroup]) -> network.AzureFirewall:
        """Azure gives it its addresses itself."""
        return network.AzureFirewall(
            "firewall",
            azure_firewall_name=self._site.name("firewall", "hub"),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            sku=network.AzureFirewallSkuArgs(name=network.AzureFirewallSkuName.AZF_W_HUB, tier=self._tier()),
            firewall_policy=network.SubResourceArgs(id=self.policy.id),
            virtual_hub=network.SubResourceArgs(id=self._place.virtual_hub),
            hub_ip_addresses=network.HubIPAddressesArgs(public_ips=network.HubPublicIPAddressesArgs(count=1)),
            zones=list(ZONES[self._site.region]) or None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(rules)),
        )


def _collection(held: Collection, ranges: Ranges) -> network.FirewallPolicyFilterRuleCollectionArgs:
    rule = _network_rule if held.kind == "network" else _application_rule
    return network.FirewallPolicyFilterRuleCollectionArgs(
        rule_collection_type="FirewallPolicyFilterRuleCollection",
        name=held.name,
        priority=held.priority,
        action=network.FirewallPolicyFilterRuleCollectionActionArgs(type=network.FirewallPolicyFilterRuleCollectionActionType.ALLOW),
        rules=[rule(r, ranges) for r in held.rules],
    )


def _addresses(names: Sequence[str], ranges: Ranges) -> list[str]:
    return [address for name in names for address in ranges[name]]


def _network_rule(held: Rule, ranges: Ranges) -> network.NetworkRuleArgs:
    return network.NetworkRuleArgs(
        rule_type="NetworkRule",
        name=held.name,
        description=held.why or None,
        source_addresses=_addresses(held.from_, ranges),
        ip_protocols=[network.FirewallPolicyRuleNetworkProtocol(p) for p in held.protocols],
        destination_fqdns=list(held.to_names) or None,
        destination_addresses=[*_addresses(held.to, ranges), *held.to_services] or None,
        destination_ports=list(held.ports),
    )


def _application_rule(held: Rule, ranges: Ranges) -> network.ApplicationRuleArgs:
    https = network.FirewallPolicyRuleApplicationProtocolArgs(
        protocol_type=network.FirewallPolicyRuleApplicationProtocolType.HTTPS, port=443
    )
    return network.ApplicationRuleArgs(
        rule_type="ApplicationRule",
        name=held.name,
        description=held.why or None,
        source_addresses=_addresses(held.from_, ranges),
        protocols=[https],
        fqdn_tags=list(held.tags) or None,
        target_fqdns=list(held.to_names) or None,
    )
