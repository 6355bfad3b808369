"""Services of the network: firewalls, gateways and their links, load balancers, private endpoints, flow logs, Bastion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from policies.answers import Judge, all_of, any_of, both, fails, not_applicable, passes, some
from policies.demands import flag_is, is_set, lists_none_of, only_where, text_is, text_is_not
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import has_sibling, references, unknowns

_ADDRESS: Final = ("azure-native:network:PublicIPAddress",)
_BALANCER: Final = ("azure-native:network:LoadBalancer",)
_FIREWALL_POLICY: Final = ("azure-native:network:FirewallPolicy",)
_GATEWAY: Final = ("azure-native:network:VirtualNetworkGateway",)
_LINK: Final = "azure-native:network:VirtualNetworkGatewayConnection"
_HUB_LINK: Final = "azure-native:network:VpnConnection"
_NETWORK: Final = "azure-native:network:VirtualNetwork"
_FLOW_LOG: Final = "azure-native:network:FlowLog"
# Of the SDK's enumerations, what is neither broken nor too short. NCSC, Using IPsec to protect data; RFC 8247 for groups 1, 2 and 24.
_STRONG: Final = (
    *("AES128", "AES192", "AES256", "GCMAES128", "GCMAES192", "GCMAES256", "SHA256", "SHA384"),
    *("DHGroup14", "DHGroup2048", "ECP256", "ECP384", "PFS14", "PFS2048", "PFSMM"),
)
_PARTS: Final = ("ikeEncryption", "ikeIntegrity", "ipsecEncryption", "ipsecIntegrity", "dhGroup", "pfsGroup")
_both_modes: Judge = text_is("intrusionDetection.mode", "Alert", "Deny", default="Off")


def _can_inspect(policy: Place) -> bool:
    return same(policy.text("sku.tier"), "Premium")


def _is_vpn(gateway: Place) -> bool:
    return same(gateway.text("gatewayType"), "Vpn")


def _is_tunnel(link: Place) -> bool:
    """A gateway's link says what it is; one in a virtual hub, which says nothing, is a tunnel."""
    return same(link.text("connectionType", "IPsec"), "IPsec")


def _links(subject: Subject) -> tuple[Place, ...]:
    """What carries the tunnel's settings: the connection itself, or each of its links in a virtual hub."""
    return (at(subject),) if subject.type == _LINK else at(subject).items("vpnLinkConnections")


def _each_link(one: Callable[[Place], Answer]) -> Judge:
    def judge(subject: Subject, _: Portfolio) -> Answer:
        return all_of([lambda p=p: one(p) for p in _links(subject)], not_applicable(f"{subject.name} has no links of its own."))

    return judge


def _agrees_ciphers(link: Place) -> Answer:
    path = f"{link.path}.ipsecPolicies" if link.path else "ipsecPolicies"
    proposals = link.items("ipsecPolicies")
    if not proposals:
        return fails("The link takes whatever the other side proposes, old ciphers among it.", path)
    if some([lambda p=p, part=part: not same(p.text(part), *_STRONG) for p in proposals for part in _PARTS]):
        return fails("The link agrees on a cipher, a digest or a group that is too weak.", path)
    return passes("The link agrees on what it names, and nothing of it is weak.", path)


def _speaks_version_2(link: Place) -> Answer:
    name = "vpnConnectionProtocolType" if link.path else "connectionProtocol"
    path = f"{link.path}.{name}" if link.path else name
    if same(link.text(name), "IKEv2"):
        return passes("The link speaks IKEv2.", path)
    return fails("The link does not say that it speaks IKEv2.", path)


def _stands_inside(subject: Subject, _: Portfolio) -> Answer:
    def one(front: Place) -> Answer:
        path = front.path
        if front.has("publicIPAddress") or front.has("publicIPPrefix"):
            return fails(f"{subject.name} has a public address.", path)
        return passes(f"{subject.name} has an address inside the network.", path)

    fronts = at(subject).items("frontendIPConfigurations")
    return all_of([lambda f=f: one(f) for f in fronts], not_applicable(f"{subject.name} has no addresses yet."))


def _is_narrow(subject: Subject, _: Portfolio) -> Answer:
    """A rule that lets anything reach anything by any port is no rule."""

    def one(rule: Place) -> Answer:
        parts = ("sourceAddresses", "destinationAddresses", "destinationPorts")
        checks = [lambda p=p: _narrows(rule, p) for p in parts]
        return any_of(checks, fails(f"Rule {rule.text('name')} lets anything reach anything.", rule.path))

    rules = [(c, r) for c in at(subject).items("ruleCollections") for r in c.items("rules")]
    asked = [lambda c=c, r=r: _where_it_allows(c, r, one) for c, r in rules]
    return all_of(asked, not_applicable(f"{subject.name} has no rules."))


def _narrows(rule: Place, part: str) -> Answer:
    wide = some([lambda i=i: same(i.text(""), "*", "0.0.0.0/0", "0-65535", "1-65535") for i in rule.items(part)])
    return fails("", rule.path) if wide else passes(f"Rule {rule.text('name')} says what it lets through.", rule.path)


def _where_it_allows(collection: Place, rule: Place, one: Callable[[Place], Answer]) -> Answer:
    if not same(rule.text("ruleType"), "NetworkRule") or not same(collection.text("action.type"), "Allow"):
        return not_applicable("The rule is of applications, or denies.")
    return one(rule)


def _is_logged(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy c251913d-7d24-4958-af87-478ed3b9ba41, which knows logs of groups alone.

    Microsoft's page "Manage NSG flow logs" says that none can be made after 30 June 2025, and to log the network instead:
    so a group is logged when it is, or when a network that uses it is.
    """
    held = references(portfolio, (_FLOW_LOG,), "targetResourceId")
    lacking = fails(f"{subject.name} has no flow log of its own or of its network among the resources judged.")
    watched = [subject, *([] if subject.type == _NETWORK else _users_of(subject, portfolio))]
    logs = {log.id: log for w in watched for log in held.to(w)}.values()
    return any_of([*(lambda log=log: _writes(log) for log in logs), *unknowns(held)], lacking)


def _writes(log: Subject) -> Answer:
    if at(log).flag("enabled", default=False):
        return passes(f"{log.name} logs what flows through it.")
    return fails(f"{log.name} is switched off.")


def _users_of(group: Subject, portfolio: Portfolio) -> list[Subject]:
    """The networks, with subnets of their own or beside them, that are made from the group."""
    networks = portfolio.by_type.get(_NETWORK, ())
    beside = [s for s in portfolio.by_type.get("azure-native:network:Subnet", ()) if group.id in s.waits_on.get("networkSecurityGroup", ())]
    named = {u for s in beside for u in s.waits_on.get("virtualNetworkName", ())}
    return [n for n in networks if group.id in n.waits_on.get("subnets", ()) or n.id in named]


def _ports_encrypt(subject: Subject, _: Portfolio) -> Answer:
    def one(link: Place) -> Answer:
        path = f"{link.path}.macSecConfig"
        if link.has("macSecConfig.cakSecretIdentifier") and link.has("macSecConfig.cknSecretIdentifier"):
            return passes("The link is encrypted with keys of the vault.", path)
        return fails("The link is not encrypted.", path)

    links = at(subject).items("links")
    return all_of([lambda x=x: one(x) for x in links], fails(f"{subject.name} says nothing of its links.", "links"))


CONTROLS = (
    Control(
        id="public-addresses-are-standard",
        title="Public addresses are of the standard tier, which is closed until opened",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ADDRESS,
        # Azure documentation: the basic tier, which is what an absent one means, was retired on 30 September 2025.
        judge=text_is("sku.name", "Standard", default="Basic"),
        remedy="Set sku.name to Standard.",
    ),
    Control(
        id="load-balancers-are-standard",
        title="Load balancers are of the standard tier, which is closed until opened",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BALANCER,
        # Our reading, as of public addresses: what is not said is the basic tier.
        judge=text_is("sku.name", "Standard", "Gateway", default="Basic"),
        remedy="Set sku.name to Standard.",
    ),
    Control(
        id="load-balancers-stay-inside",
        title="Load balancers have no public address",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BALANCER,
        judge=_stands_inside,
        remedy="Give frontendIPConfigurations a subnet, and publish the service through the web application firewall.",
    ),
    Control(
        id="firewalls-have-a-policy",
        title="Firewalls take their rules from a policy",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:AzureFirewall",),
        # Our reading: rules that stand in the firewall itself are watched over by nobody.
        judge=is_set("firewallPolicy", "a policy"),
        remedy="Set firewallPolicy, and move classic rules into it.",
        looks_around=True,
    ),
    Control(
        id="firewalls-inspect-what-passes",
        title="Premium firewalls look for intrusions",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_FIREWALL_POLICY,
        # SDK: its state is Off, Alert or Deny; absent nothing is looked for.
        judge=only_where(_can_inspect, "The policy's tier cannot look for intrusions.", _both_modes),
        remedy="Set intrusionDetection.mode to Deny, or at least to Alert.",
    ),
    Control(
        id="firewalls-answer-for-names",
        title="Firewalls answer for names, so that rules by name hold",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_FIREWALL_POLICY,
        # SDK: enables the proxy; absent there is none.
        judge=flag_is("dnsSettings.enableProxy", wanted=True, default=False),
        remedy="Set dnsSettings.enableProxy to true.",
        mandatory=False,
    ),
    Control(
        id="firewall-rules-are-narrow",
        title="No firewall rule lets anything reach anything",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:FirewallPolicyRuleCollectionGroup",),
        judge=_is_narrow,
        remedy="Name the sources, the destinations or the ports of the rule.",
    ),
    Control(
        id="bastion-shares-no-links",
        title="Bastion makes no links by which anybody may come in",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:BastionHost",),
        # Azure Bastion documentation: shareable links have to be enabled first.
        judge=flag_is("enableShareableLink", wanted=False, default=False),
        remedy="Set enableShareableLink to false.",
    ),
    Control(
        id="vpn-gateways-are-not-basic",
        title="VPN gateways are of a tier that is kept safe",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_GATEWAY,
        # PSRule for Azure, Azure.VNG.VPNLegacySKU: these tiers are legacy. Absent says nothing better.
        judge=only_where(
            _is_vpn,
            "The gateway is for private circuits.",
            text_is_not("sku.name", "Basic", "Standard", "HighPerformance", default="Basic"),
        ),
        remedy="Set sku.name to VpnGw1AZ or higher.",
    ),
    Control(
        id="vpn-servers-use-entra",
        title="Devices that dial in to a virtual hub sign in with Entra",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:VpnServerConfiguration",),
        # Azure Policy 21a6bc25-125e-4d13-b82d-2e19b7208ab7, said of gateways in a hub.
        judge=both(
            is_set("properties.vpnAuthenticationTypes", "a way to sign in"),
            lists_none_of("properties.vpnAuthenticationTypes", "Certificate", "Radius"),
        ),
        remedy="Set properties.vpnAuthenticationTypes to AAD alone.",
        looks_around=True,
    ),
    Control(
        id="vpn-links-speak-ikev2",
        title="VPN links speak IKEv2",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_LINK, _HUB_LINK),
        # NCSC, Using IPsec to protect data: IKEv1 is for devices that know no better. What is not said is not taken for good.
        judge=only_where(_is_tunnel, "The link is no tunnel.", _each_link(_speaks_version_2)),
        remedy="Set the connection's protocol to IKEv2.",
    ),
    Control(
        id="vpn-links-use-strong-ciphers",
        title="VPN links agree on strong ciphers alone",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_LINK, _HUB_LINK),
        # NCSC, Using IPsec to protect data; names are those of the SDK's enumerations.
        judge=only_where(_is_tunnel, "The link is no tunnel.", _each_link(_agrees_ciphers)),
        remedy="Set ipsecPolicies with AES-256 or AES-GCM, SHA-256 or better, and an elliptic or 2048-bit group.",
    ),
    Control(
        id="private-endpoints-have-a-name",
        title="Private endpoints are found by their name",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:PrivateEndpoint",),
        # The Azure Landing Zones library's policies may add the group afterwards.
        judge=has_sibling(["azure-native:network:PrivateDnsZoneGroup"], "privateEndpointName", what="group of private zones"),
        remedy="Add a network.PrivateDnsZoneGroup to the endpoint, or let the platform's policy add it.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="private-links-are-not-for-everyone",
        title="Private link services are offered to those who are named",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:PrivateLinkService",),
        # SDK: both are lists of subscriptions; a star is all of them.
        judge=both(lists_none_of("visibility.subscriptions", "*"), lists_none_of("autoApproval.subscriptions", "*")),
        remedy="Name the subscriptions in visibility.subscriptions and autoApproval.subscriptions.",
    ),
    Control(
        id="networks-have-flow-logs",
        title="What flows through networks is logged",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_NETWORK, "azure-native:network:NetworkSecurityGroup"),
        judge=_is_logged,
        remedy="Add a network.FlowLog whose targetResourceId is the network, or let the platform's policy add it.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="flow-logs-are-analysed",
        title="Flow logs are read, and not only kept",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_FLOW_LOG,),
        # SDK: both are flags that may be left out, which says nothing of either.
        judge=both(
            flag_is("enabled", wanted=True, default=False),
            flag_is("flowAnalyticsConfiguration.networkWatcherFlowAnalyticsConfiguration.enabled", wanted=True, default=False),
        ),
        remedy="Set flowAnalyticsConfiguration to the platform's workspace, enabled.",
        mandatory=False,
    ),
    Control(
        id="networks-are-shielded-from-floods",
        title="Networks are under a plan against floods",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_NETWORK,),
        # SDK: it requires a plan; absent there is none. It costs as much as a firewall, so it only advises.
        judge=both(
            flag_is("enableDdosProtection", wanted=True, default=False),
            is_set("ddosProtectionPlan", "a protection plan"),
        ),
        remedy="Set enableDdosProtection and ddosProtectionPlan, or protect single addresses.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="expressroute-ports-encrypt",
        title="ExpressRoute ports of the council encrypt what leaves them",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:ExpressRoutePort",),
        judge=_ports_encrypt,
        remedy="Set macSecConfig on every link, with its keys in a key vault.",
    ),
)
