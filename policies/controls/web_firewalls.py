"""Web application firewalls, and what stands at the edge: Front Door and application gateways."""

from __future__ import annotations

from typing import Final

from policies.answers import all_of, any_of, both, fails, not_applicable, passes
from policies.demands import by_type, is_made, only_where, text_is, text_is_not
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import references, unknowns

_GATEWAY: Final = ("azure-native:network:ApplicationGateway",)
_GATEWAY_POLICY: Final = "azure-native:network:WebApplicationFirewallPolicy"
_DOOR_POLICY: Final = "azure-native:frontdoor:Policy"
_CLASSIC_DOOR: Final = ("azure-native:frontdoor:FrontDoor",)
_DOOR: Final = ("azure-native:cdn:Profile",)
_POLICIES: Final = (_GATEWAY_POLICY, _DOOR_POLICY)
# Application Gateway documentation, TLS policy overview: what these predefined policies speak starts at TLS 1.2.
_MODERN: Final = ("AppGwSslPolicy20170401S", "AppGwSslPolicy20220101", "AppGwSslPolicy20220101S")


def _gateway_has_firewall(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 564feb30-bf6a-4854-b4bb-0d2d2d1e6c66, which takes one that is switched off for one."""
    own = "webApplicationFirewallConfiguration.enabled"
    lacking = fails(f"{subject.name} has no web application firewall that is switched on.", "firewallPolicy")

    def by_policy() -> Answer:
        return passes(f"{subject.name} has a firewall policy.", "firewallPolicy") if is_made(subject, "firewallPolicy") else lacking

    def by_itself() -> Answer:
        return passes(f"{subject.name} has a web application firewall.", own) if at(subject).flag(own, default=False) else lacking

    return any_of([by_policy, by_itself], lacking)


def _endpoints_have_firewall(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 055aa869-bc98-4af8-bafc-23f1ab6ffe2c."""

    def one(endpoint: Place) -> Answer:
        path = f"{endpoint.path}.webApplicationFirewallPolicyLink"
        if endpoint.has("webApplicationFirewallPolicyLink.id"):
            return passes("The entry point has a web application firewall.", path)
        return fails("The entry point has no web application firewall.", path)

    endpoints = at(subject).items("frontendEndpoints")
    return all_of([lambda e=e: one(e) for e in endpoints], not_applicable(f"{subject.name} has no entry points."))


def _is_front_door(profile: Place) -> bool:
    return same(profile.text("sku.name"), "Standard_AzureFrontDoor", "Premium_AzureFrontDoor")


def _has_security_policy(subject: Subject, portfolio: Portfolio) -> Answer:
    held = references(portfolio, ("azure-native:cdn:SecurityPolicy",), "profileName")
    lacking = fails(f"{subject.name} has no security policy among the resources judged, so no web application firewall.")
    mine = held.to(subject, at(subject).text("profileName") or subject.name)

    def one(policy: Subject) -> Answer:
        if is_made(policy, "parameters.wafPolicy.id"):
            return passes(f"{policy.name} puts a web application firewall before it.")
        return lacking

    return any_of([*(lambda p=p: one(p) for p in mine), *unknowns(held)], lacking)


def _speaks_tls_1_2(subject: Subject, _: Portfolio) -> Answer:
    """Absent, it depends on the version of the API that made the gateway, so it is not taken for good."""
    place = at(subject)
    named, least = place.text("sslPolicy.policyName"), place.text("sslPolicy.minProtocolVersion")
    if same(named, *_MODERN) or same(least, "TLSv1_2", "TLSv1_3"):
        return passes(f"The gateway speaks {named or least}.", "sslPolicy")
    return fails(f"The gateway speaks {named or least or 'what its first version did'}, which may be older than TLS 1.2.", "sslPolicy")


CONTROLS = (
    Control(
        id="application-gateways-have-a-web-firewall",
        title="Application gateways have a web application firewall",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_GATEWAY,
        judge=_gateway_has_firewall,
        remedy="Set firewallPolicy to a network.WebApplicationFirewallPolicy.",
        looks_around=True,
    ),
    Control(
        id="application-gateways-require-tls-1-2",
        title="Application gateways refuse TLS older than 1.2",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_GATEWAY,
        judge=_speaks_tls_1_2,
        remedy="Set sslPolicy to the predefined AppGwSslPolicy20220101S.",
    ),
    Control(
        id="web-firewalls-block",
        title="Web application firewalls block and do not only look on",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_POLICIES,
        # Azure Policy 12430be1-6cc8-4527-a9a8-e3d38f250096, with the mode that blocks; SDK: the state is Enabled unless set.
        judge=both(
            text_is("policySettings.mode", "Prevention", default="Detection"),
            by_type(
                {
                    _GATEWAY_POLICY: text_is("policySettings.state", "Enabled", default="Enabled"),
                    _DOOR_POLICY: text_is("policySettings.enabledState", "Enabled", default="Enabled"),
                }
            ),
        ),
        remedy="Set policySettings.mode to Prevention and leave the policy enabled.",
    ),
    Control(
        id="classic-front-doors-have-a-web-firewall",
        title="Every entry point of a classic Front Door has a web application firewall",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_CLASSIC_DOOR,
        judge=_endpoints_have_firewall,
        remedy="Set webApplicationFirewallPolicyLink on every one of frontendEndpoints, or move to Front Door Premium.",
    ),
    Control(
        id="front-doors-have-a-web-firewall",
        title="Front Doors have a web application firewall",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DOOR,
        judge=only_where(_is_front_door, "The profile is no Front Door.", _has_security_policy),
        remedy="Add a cdn.SecurityPolicy to the profile with a wafPolicy.",
        looks_around=True,
    ),
    Control(
        id="front-doors-are-premium",
        title="Front Doors have the tier with managed firewall rules and private links",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DOOR,
        # Azure Policy dfc212af-17ea-423a-9dcb-91e2cb2caa6b: only the standard tier does not comply.
        judge=text_is_not("sku.name", "Standard_AzureFrontDoor", default=""),
        remedy="Set sku.name to Premium_AzureFrontDoor.",
        mandatory=False,
    ),
)
