"""Networks: their rules, subnets and addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import partial
from typing import Final

from policies.answers import all_of, any_of, fails, not_applicable, passes, some
from policies.knowledge import fact
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import references

_GROUP: Final = "azure-native:network:NetworkSecurityGroup"
_RULE: Final = "azure-native:network:SecurityRule"
_NETWORK: Final = "azure-native:network:VirtualNetwork"
_SUBNET: Final = "azure-native:network:Subnet"


def is_internet(prefix: str) -> bool:
    """Whether an address prefix or service tag means the internet, or so much of it that it makes no difference."""
    if same(prefix, "*", "internet", "any"):
        return True
    try:
        net = ipaddress.ip_network(prefix, strict=False)
    except ValueError:
        return False  # another service tag
    return net.prefixlen < 8 and not net.is_private


def covers(port_range: str, port: int) -> bool:
    """Whether `*`, `22` or `20-30` covers a port."""
    low, _, high = port_range.strip().partition("-")
    if low == "*":
        return True
    return low.isdigit() and (high or low).isdigit() and int(low) <= port <= int(high or low)


def _any_text(rule: Place, one: str, many: str, test: Callable[[str], bool]) -> bool:
    """Whether the text at `one` or any at `many` passes the test."""
    return some([lambda: test(rule.text(one)), lambda: some([lambda i=i: test(i.text("")) for i in rule.items(many)])])


def _from_internet(rule: Place) -> bool:
    return _any_text(rule, "sourceAddressPrefix", "sourceAddressPrefixes", is_internet)


def _opens(rule: Place, wanted: Callable[[str], bool]) -> bool:
    return _any_text(rule, "destinationPortRange", "destinationPortRanges", wanted)


def _rule_answer(rule: Place, name: str, wanted: Callable[[str], bool], what: str) -> Answer:
    """Fails only when the rule is known to allow, inwards, from the internet, a port that is wanted shut."""

    def clears(cleared: bool, why: str) -> Answer:
        return passes(f"{name} {why}.", rule.path) if cleared else fails("", rule.path)

    return any_of(
        [
            lambda: clears(not same(rule.text("access"), "Allow"), "denies"),
            lambda: clears(not same(rule.text("direction"), "Inbound"), "is for traffic outwards"),
            lambda: clears(not _from_internet(rule), "admits no traffic from the internet"),
            lambda: clears(not _opens(rule, wanted), f"does not open {what}"),
        ],
        fails(f"{name} lets the internet reach {what}.", rule.path),
    )


def _rules(subject: Subject) -> list[tuple[Place, str]]:
    if subject.type == _RULE:
        return [(at(subject), f"Rule {subject.name}")]
    return [(rule, f"Rule {n + 1} of {subject.name}") for n, rule in enumerate(at(subject).items("securityRules"))]


def _rules_judge(wanted: Callable[[str], bool], what: str) -> Callable[[Subject, Portfolio], Answer]:
    def judge(subject: Subject, _: Portfolio) -> Answer:
        return all_of(
            [lambda r=r, n=n: _rule_answer(r, n, wanted, what) for r, n in _rules(subject)],
            passes(f"{subject.name} has no rules of its own, so Azure's refuse the internet."),
        )

    return judge


def _is_management(ports: str) -> bool:
    return any(covers(ports, p) for p in fact("management_ports", "ports"))


def _is_more_than_web(ports: str) -> bool:
    return ports.strip() not in {"", *(str(p) for p in fact("web_ports", "ports"))}


def _is_appliance(name: str) -> bool:
    return same(name, *fact("subnets", "appliances"))


def _subnets(subject: Subject) -> list[tuple[Place, Callable[[], str]]]:
    if subject.type == _SUBNET:
        whole = at(subject)
        return [(whole, lambda: whole.text("subnetName") or whole.text("name") or subject.name)]
    return [(s, lambda s=s: s.text("name")) for s in at(subject).items("subnets")]


def _subnets_have(path: str, what: str) -> Callable[[Subject, Portfolio], Answer]:
    def one(subnet: Place, named: Callable[[], str]) -> Answer:
        name = named()
        if _is_appliance(name):
            return not_applicable(f"Subnet {name} belongs to an Azure appliance.")
        joined = f"{subnet.path}.{path}" if subnet.path else path
        if subnet.has(path):
            return passes(f"Subnet {name} has {what}.", joined)
        return fails(f"Subnet {name} has no {what}.", joined)

    def judge(subject: Subject, _: Portfolio) -> Answer:
        asked = [partial(one, s, n) for s, n in _subnets(subject)]
        return all_of(asked, not_applicable(f"{subject.name} declares no subnets of its own."))

    return judge


def _private_ranges(subject: Subject, _: Portfolio) -> Answer:
    def one(item: Place) -> Answer:
        text = item.text("")
        try:
            private = ipaddress.ip_network(text, strict=False).is_private
        except ValueError:
            return fails(f"{text!r} is not an address range.", item.path)
        return passes(f"{text} is private.", item.path) if private else fails(f"{text} is a public address range.", item.path)

    prefixes = at(subject).items("addressSpace.addressPrefixes")
    return all_of([lambda i=i: one(i) for i in prefixes], not_applicable("The network takes its addresses from elsewhere."))


def _lets_nothing_out(subject: Subject, _: Portfolio) -> Answer:
    """Azure documentation, default outbound access: machines get an address that nobody chose, unless the subnet says no."""

    def one(subnet: Place, named: Callable[[], str]) -> Answer:
        name = named()
        if _is_appliance(name):
            return not_applicable(f"Subnet {name} belongs to an Azure appliance.")
        joined = f"{subnet.path}.defaultOutboundAccess".lstrip(".")
        if subnet.flag("defaultOutboundAccess", default=True):
            return fails(f"Machines in subnet {name} get a way out that nobody chose.", joined)
        return passes(f"Subnet {name} has no way out but those that we give it.", joined)

    asked = [partial(one, s, n) for s, n in _subnets(subject)]
    return all_of(asked, not_applicable(f"{subject.name} declares no subnets of its own."))


_have_route_table = _subnets_have("routeTable", "route table")


def _route_by_table(subject: Subject, portfolio: Portfolio) -> Answer:
    """The firewall's own network is exempt, and one that a virtual hub routes: what leaves them is at a firewall already."""
    inline = at(subject).items("subnets") if subject.type == _NETWORK else ()
    if some([lambda s=s: same(s.text("name"), "AzureFirewallSubnet") for s in inline]):
        return not_applicable(f"{subject.name} is the firewall's own network.")
    joined = references(portfolio, ("azure-native:network:HubVirtualNetworkConnection",), "remoteVirtualNetwork.id")
    if subject.type == _NETWORK and joined.to(subject):
        return not_applicable(f"{subject.name} is joined to a virtual hub, which says where its traffic goes.")
    return _have_route_table(subject, portfolio)


CONTROLS = (
    Control(
        id="network-rules-deny-management-from-internet",
        title="No network rule lets the internet reach a management port",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_GROUP, _RULE),
        judge=_rules_judge(_is_management, "a management port"),
        remedy="Remove the rule and manage machines through Azure Bastion or the private network.",
    ),
    Control(
        id="network-rules-open-only-web-ports-to-internet",
        title="Network rules open nothing but the web's ports to the internet",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_GROUP, _RULE),
        judge=_rules_judge(_is_more_than_web, "more than ports 80 and 443"),
        remedy="Name the ports one by one and the sources that need them, or publish the service through the web application firewall.",
    ),
    Control(
        id="subnets-have-network-security-group",
        title="Every subnet has a network security group",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_NETWORK, _SUBNET),
        judge=_subnets_have("networkSecurityGroup", "network security group"),
        remedy="Set networkSecurityGroup on the subnet.",
    ),
    Control(
        id="subnets-route-by-table",
        title="Every subnet has a route table, which sends traffic through the firewall",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_NETWORK, _SUBNET),
        judge=_route_by_table,
        remedy="Set routeTable on the subnet to one whose default route is the hub's firewall.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="networks-use-private-addresses",
        title="Virtual networks use private address ranges",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_NETWORK,),
        judge=_private_ranges,  # RFC 1918 and RFC 4193
        remedy="Choose ranges of RFC 1918 that the council does not use elsewhere.",
    ),
    Control(
        id="subnets-have-no-way-out-by-default",
        title="Subnets have no way out to the internet that nobody chose",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_NETWORK, _SUBNET),
        judge=_lets_nothing_out,
        remedy="Set defaultOutboundAccess to false when the subnet is made, and give it a route to the firewall.",
        mandatory=False,
    ),
)
