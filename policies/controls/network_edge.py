"""The network's edge: public addresses, interfaces, the firewall."""

from __future__ import annotations

from typing import Final

from policies.answers import all_of, any_of, fails, not_applicable, passes
from policies.demands import flag_is, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject, UnknownValueError
from policies.places import Place, at, same
from policies.siblings import References, references, unknowns

_VAULT: Final = "azure-native:keyvault:Vault"
# What stands between the internet and the council: the only things that may hold a public address.
_EDGE: Final = (
    ("azure-native:network:AzureFirewall", "ipConfigurations"),
    ("azure-native:network:AzureFirewall", "managementIpConfiguration"),
    ("azure-native:network:BastionHost", "ipConfigurations"),
    ("azure-native:network:VirtualNetworkGateway", "ipConfigurations"),
    ("azure-native:network:ApplicationGateway", "frontendIPConfigurations"),
    ("azure-native:network:NatGateway", "publicIpAddresses"),
)


def _serves_the_edge(subject: Subject, portfolio: Portfolio) -> Answer:
    users = portfolio.once("users of public addresses", lambda: _users(portfolio))
    lacking = fails(f"{subject.name} serves no firewall, gateway or bastion among the resources judged.")
    mine = [*users.by_urn.get(subject.id, ()), *users.by_id.get(subject.resource_id.strip("/").casefold(), ())]
    return any_of([*(lambda e=e: passes(f"{subject.name} serves {e.name}.") for e in mine), *unknowns(users)], lacking)


def _users(portfolio: Portfolio) -> References:
    """What stands at the edge, by the addresses that its configurations are made from or hold."""
    made = References()
    for edge, path in ((s, path) for type_, path in _EDGE for s in portfolio.by_type.get(type_, ())):
        made_from = [u for u in edge.waits_on.get(path, ()) if u]
        for urn in made_from:
            made.by_urn.setdefault(urn, []).append(edge)
        for leaf in Place(edge.inputs.get(path), path).leaves():
            if isinstance(leaf.raw, str) and not leaf.is_secret():
                made.by_id.setdefault(leaf.raw.strip("/").casefold(), []).append(edge)
            elif (leaf.is_unknown() or leaf.is_secret()) and not made_from:
                made.unknown.append((edge, UnknownValueError(leaf.path)))
    made.by_id.pop("", None)
    return made


def _has_no_public_address(subject: Subject, _: Portfolio) -> Answer:
    def one(configuration: Place) -> Answer:
        path = f"{configuration.path}.publicIPAddress"
        if configuration.has("publicIPAddress"):
            return fails(f"{subject.name} has a public address.", path)
        return passes(f"{subject.name} has no public address.", path)

    configurations = at(subject).items("ipConfigurations")
    return all_of([lambda c=c: one(c) for c in configurations], passes(f"{subject.name} has no address configured."))


def _points_at_the_firewall(subject: Subject, portfolio: Portfolio) -> Answer:
    """The default route must go to an appliance: in the table itself, or in a Route resource beside it."""
    path = "routes"
    lacking = fails(f"{subject.name} has no default route to a firewall.", path)

    def one(route: Place) -> Answer:
        is_default = same(route.text("addressPrefix"), "0.0.0.0/0")
        to_appliance = same(route.text("nextHopType"), "VirtualAppliance")
        return passes("The default route goes to an appliance.", path) if is_default and to_appliance else lacking

    def own() -> Answer:
        return any_of([lambda r=r: one(r) for r in at(subject).items(path)], lacking)

    if _serves_the_gateways(subject, portfolio):
        return not_applicable(f"{subject.name} serves a GatewaySubnet, which takes no default route.")
    held = references(portfolio, ("azure-native:network:Route",), "routeTableName")
    beside = held.to(subject, at(subject).text("routeTableName"))
    return any_of([own, *(lambda s=s: one(at(s)) for s in beside), *unknowns(held)], lacking)


def _serves_the_gateways(subject: Subject, portfolio: Portfolio) -> bool:
    """Whether a network's GatewaySubnet has this table; Azure lets that subnet have no default route."""
    tables = portfolio.once("tables of gateways", lambda: _tables_of_gateways(portfolio))
    return subject.id in tables or subject.resource_id.strip("/").casefold() in tables - {""}


def _tables_of_gateways(portfolio: Portfolio) -> set[str]:
    """URNs and ids. While ids are unknown, a network's only table is taken for the one that its subnet has."""
    found: set[str] = set()
    for held in portfolio.by_type.get("azure-native:network:VirtualNetwork", ()):
        # A subnet of which nothing is known may have a table too.
        with_table = [s for s in _subnets_of(held) if s.is_unknown() or any(p.path.startswith(f"{s.path}.routeTable") for p in s.leaves())]
        gateways = [s for s in with_table if same(_known_text(s, "name"), "GatewaySubnet")]
        found |= {_known_text(s, "routeTable.id").strip("/").casefold() for s in gateways}
        if gateways and len(with_table) == 1:
            found |= {u for u in held.waits_on.get("subnets", ()) if "azure-native:network:RouteTable::" in u}
    return found


def _subnets_of(network: Subject) -> tuple[Place, ...]:
    try:
        return at(network).items("subnets")
    except UnknownValueError:
        return ()


def _known_text(place: Place, path: str) -> str:
    try:
        return place.text(path)
    except UnknownValueError:
        return ""


def _runs_over_the_internet(subject: Subject, _: Portfolio) -> Answer:
    """An ExpressRoute connection in a virtual hub says so by its type; one of a gateway by its property."""
    path = "connectionType"
    kind = "ExpressRoute" if subject.type.endswith(":ExpressRouteConnection") else at(subject).text(path)
    if same(kind, "ExpressRoute"):
        return fails(f"{subject.name} runs over a private circuit.", path)
    return passes(f"{subject.name} runs over the internet, encrypted.", path)


def _vpn_uses_entra(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    if not place.has("vpnClientConfiguration"):
        return not_applicable("The gateway takes no connections from single devices.")
    path = "vpnClientConfiguration.vpnAuthenticationTypes"
    kinds = place.texts(path)
    only_entra = bool(kinds) and all(same(k, "AAD") for k in kinds)
    found = ", ".join(sorted(kinds)) or "nothing in particular"
    return (
        passes("Devices sign in with Entra.", path) if only_entra else fails(f"Devices may sign in with {found}; only AAD is wanted.", path)
    )


def _admits_named_networks(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy ea4d6841-2173-4317-9747-ff522a45120f and 60d21c4f-21a3-4d94-85f4-b924e6aeeda4: by service endpoints.

    What is closed to the public network altogether is reached by private endpoints, and admits nobody to be named.
    """
    place = at(subject)
    acls = f"{'properties.' if subject.type == _VAULT else ''}"
    if same(place.text(f"{acls}publicNetworkAccess", "Enabled"), "Disabled"):
        return passes(f"{subject.name} is closed to the public network.", f"{acls}publicNetworkAccess")
    rules = f"{acls}{'networkAcls' if subject.type == _VAULT else 'networkRuleSet'}"
    if same(place.text(f"{rules}.defaultAction", "Allow"), "Deny") and place.has(f"{rules}.virtualNetworkRules"):
        return passes(f"{subject.name} names the networks that may come in.", rules)
    return fails(f"{subject.name} names no networks that may come in.", rules)


CONTROLS = (
    Control(
        id="public-addresses-serve-only-the-edge",
        title="Public addresses belong to the hub's firewall, gateways and bastion alone",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:PublicIPAddress",),
        judge=_serves_the_edge,
        remedy="Remove the address, and publish the service through the hub's firewall or application gateway.",
        looks_around=True,
    ),
    Control(
        id="network-interfaces-have-no-public-address",
        title="No machine has a public address of its own",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:NetworkInterface",),
        judge=_has_no_public_address,
        remedy="Remove publicIPAddress from the interface and reach the machine through Azure Bastion or the private network.",
    ),
    Control(
        id="network-interfaces-do-not-forward",
        title="Interfaces of machines do not forward other machines' traffic",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:NetworkInterface",),
        # Microsoft.Network REST reference: enableIPForwarding is false unless set.
        judge=flag_is("enableIPForwarding", wanted=False, default=False),
        remedy="Set enableIPForwarding to false, or enter the appliance in the exception register.",
    ),
    Control(
        id="firewalls-watch-for-threats",
        title="Firewall policies watch for known bad addresses",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:FirewallPolicy",),
        # Azure Firewall documentation, threat intelligence: the default mode is alert only.
        judge=text_is("threatIntelMode", "Alert", "Deny", default="Alert"),
        remedy="Set threatIntelMode to Deny, or at least to Alert.",
    ),
    Control(
        id="route-tables-send-traffic-through-the-firewall",
        title="Route tables send what leaves through the firewall",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:RouteTable",),
        judge=_points_at_the_firewall,
        remedy="Add a route for 0.0.0.0/0 whose next hop is the hub's firewall (VirtualAppliance).",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="connections-run-over-the-internet",
        title="Links to sites and partners run over the internet and not over private circuits",
        severity=Severity.LOW,
        rule=GoldenRule.CLOUD_UNLESS,
        types=("azure-native:network:VirtualNetworkGatewayConnection", "azure-native:network:ExpressRouteConnection"),
        judge=_runs_over_the_internet,
        remedy="Use a VPN, or enter the circuit in the exception register under the link's id and say until when it stays.",
    ),
    Control(
        id="vpn-gateways-use-entra",
        title="Devices that dial in sign in with Entra",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:network:VirtualNetworkGateway",),
        judge=_vpn_uses_entra,  # Azure Policy 21a6bc25-125e-4d13-b82d-2e19b7208ab7
        remedy="Set vpnClientConfiguration.vpnAuthenticationTypes to AAD alone.",
    ),
    Control(
        id="vaults-and-storage-name-their-networks",
        title="Vaults and storage accounts that are not closed name the networks that may come in",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_VAULT, "azure-native:storage:StorageAccount"),
        judge=_admits_named_networks,
        remedy="Set publicNetworkAccess to Disabled, or the default action to Deny with virtualNetworkRules.",
        mandatory=False,
    ),
)
