"""DNS across the boundary: the data centre asks for names in the private zones, and servers here for names of the data centre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import dnsresolver

from stacks.landing_zone.network_settings import Forwarding
from stacks.site import Site


@dataclass(frozen=True)
class ResolverPlace:
    """Ids of the network and of its two subnets that the resolver alone may use."""

    group: pulumi.Input[str]
    network: pulumi.Input[str]
    inbound: pulumi.Input[str]
    outbound: pulumi.Input[str]


class Resolver(pulumi.ComponentResource):
    """The resolver with its inbound endpoint; where names are forwarded, an outbound one and its rules too. `ruleset` or None."""

    def __init__(self, site: Site, place: ResolverPlace, forwarding: Sequence[Forwarding], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:Resolver", "resolver", None, opts)
        self._site, self._place = site, place
        # The resolver was once a child of the hub itself: it is the same one.
        self._child = pulumi.ResourceOptions(parent=self)
        self._moved = pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(parent=opts.parent)])
        self.resolver = self._resolver()
        self.inbound = self._inbound()
        self.ruleset = self._ruleset(forwarding) if forwarding else None
        self.register_outputs({"resolver_id": self.resolver.id})

    def _resolver(self) -> dnsresolver.DnsResolver:
        return dnsresolver.DnsResolver(
            "dns-resolver",
            dns_resolver_name=self._site.name("dns-resolver", "hub"),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            virtual_network=dnsresolver.SubResourceArgs(id=self._place.network),
            opts=self._moved,
        )

    def _inbound(self) -> dnsresolver.InboundEndpoint:
        return dnsresolver.InboundEndpoint(
            "dns-inbound",
            inbound_endpoint_name="in",
            dns_resolver_name=self.resolver.name,
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            ip_configurations=[
                dnsresolver.IpConfigurationArgs(
                    private_ip_allocation_method=dnsresolver.IpAllocationMethod.DYNAMIC,
                    subnet=dnsresolver.SubResourceArgs(id=self._place.inbound),
                )
            ],
            opts=self._moved,
        )

    def _ruleset(self, forwarding: Sequence[Forwarding]) -> dnsresolver.DnsForwardingRuleset:
        endpoint = dnsresolver.OutboundEndpoint(
            "dns-outbound",
            outbound_endpoint_name="out",
            dns_resolver_name=self.resolver.name,
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            subnet=dnsresolver.SubResourceArgs(id=self._place.outbound),
            opts=self._child,
        )
        ruleset = dnsresolver.DnsForwardingRuleset(
            "dns-ruleset",
            dns_forwarding_ruleset_name=self._site.name("dns-ruleset", "hub"),
            resource_group_name=self._place.group,
            location=self._site.region,
            tags=self._site.tags,
            dns_resolver_outbound_endpoints=[dnsresolver.SubResourceArgs(id=endpoint.id)],
            opts=self._child,
        )
        for rule in forwarding:
            self._rule(ruleset, rule)
        # Spokes ask the firewall, which asks Azure's DNS in the hub: linked to the hub, the rules hold for all of them.
        dnsresolver.PrivateResolverVirtualNetworkLink(
            "dns-ruleset-hub",
            virtual_network_link_name="hub",
            dns_forwarding_ruleset_name=ruleset.name,
            resource_group_name=self._place.group,
            virtual_network=dnsresolver.SubResourceArgs(id=self._place.network),
            opts=pulumi.ResourceOptions(parent=ruleset),
        )
        return ruleset

    def _rule(self, ruleset: dnsresolver.DnsForwardingRuleset, rule: Forwarding) -> None:
        plain = rule.domain.rstrip(".").replace(".", "-").lower()
        dnsresolver.ForwardingRule(
            f"dns-to-{plain}",
            forwarding_rule_name=plain,
            dns_forwarding_ruleset_name=ruleset.name,
            resource_group_name=self._place.group,
            domain_name=rule.domain.lower(),
            target_dns_servers=[dnsresolver.TargetDnsServerArgs(ip_address=str(s), port=53) for s in rule.servers],
            forwarding_rule_state=dnsresolver.ForwardingRuleState.ENABLED,
            opts=pulumi.ResourceOptions(parent=ruleset),
        )
