"""Web apps, functions, their plans and App Service Environments, behind HTTPS (which web.py asks for)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from policies.answers import Judge, any_of, both, fails, passes, some
from policies.demands import flag_is, is_set, lists_none_of, only_where, text_is, text_is_not
from policies.knowledge import fact
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import has_sibling, references, unknowns

_SITE: Final = ("azure-native:web:WebApp",)
_APP: Final = (*_SITE, "azure-native:web:WebAppSlot")
_ENVIRONMENT: Final = ("azure-native:web:AppServiceEnvironment",)
_SWITCHES: Final = ("azure-native:web:WebAppFtpAllowed", "azure-native:web:WebAppScmAllowed")
_AUTHENTICATION: Final = ("azure-native:web:WebAppAuthSettingsV2", "azure-native:web:WebAppAuthSettings")
_is_off: Judge = flag_is("allow", wanted=False, default=True)


def _stands_alone(app: Place) -> bool:
    return not app.has("hostingEnvironmentProfile.id")


def _takes_no_passwords(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policies FTP_BasicAuthEnabled and SCM_BasicAuthEnabled (read 2026-11-25): allow is false; absent does not comply."""
    return both(*(_switch(kind) for kind in _SWITCHES))(subject, portfolio)


def _switch(kind: str) -> Judge:
    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        held = references(portfolio, (kind,), "name")
        lacking = fails(f"Publishing to {subject.name} takes passwords: no {kind.rsplit(':', 1)[1]} of it says otherwise.")
        mine = held.to(subject, at(subject).text("name"))
        return any_of([*(lambda s=s: _is_off(s, portfolio) for s in mine), *unknowns(held)], lacking)

    return judge


def _sends_traffic_home(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy a691eacb-474d-47e4-b287-b4813ca44222: all traffic, or the application's, goes through the network."""
    lacking = fails("What the app sends goes straight to the internet.", "outboundVnetRouting")
    ways = ("outboundVnetRouting.allTraffic", "outboundVnetRouting.applicationTraffic", "siteConfig.vnetRouteAllEnabled")
    return any_of([lambda way=way: flag_is(way, wanted=True, default=False)(subject, portfolio) for way in ways], lacking)


def _plan_can_be_private(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 546fe8d2-368d-4029-a418-6af48a7f61e5: the SKUs that take private endpoints."""
    name = at(subject).text("sku.name")
    if same(name, *fact("app_service", "private_skus")):
        return passes(f"sku.name is {name}, which takes private endpoints.", "sku.name")
    return fails(f"sku.name is {name or 'not set'}, which takes no private endpoint.", "sku.name")


def _is_of_ours(environment: Place) -> bool:
    """Azure Policy fb74e86f-d351-4b8d-b034-93da7391c01f: kinds that begin with ASE; other kinds are of Azure's own making."""
    return environment.text("kind", "ASEV3").casefold().startswith("ase")


def _setting(name: str, *wanted: str) -> Judge:
    """A cluster setting of the environment must have one of these values. Settings that nobody wrote are off."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        settings = at(subject).items("clusterSettings")
        if some([lambda held=held: _is_setting(held, name, lambda value: same(value, *wanted)) for held in settings]):
            return passes(f"{name} is {wanted[0]}.", "clusterSettings")
        return fails(f"clusterSettings do not say that {name} is {wanted[0]}.", "clusterSettings")

    return only_where(_is_of_ours, "The environment is not an App Service Environment.", judge)


def _is_setting(held: Place, name: str, fits: Callable[[str], bool]) -> bool:
    return same(held.text("name"), name) and fits(held.text("value"))


def _strong_ciphers(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 817dcf37-e83d-4999-a472-644eada2ea1e: both suites, and no third."""
    suites = fact("app_service", "strongest_suites")
    settings = at(subject).items("clusterSettings")
    right = [lambda h=h: _is_setting(h, "FrontEndSSLCipherSuiteOrder", lambda v: set(v.split(",")) == set(suites)) for h in settings]
    if some(right):
        return passes("FrontEndSSLCipherSuiteOrder names the two strongest suites and no other.", "clusterSettings")
    return fails("clusterSettings do not name the two strongest cipher suites alone.", "clusterSettings")


def _asks(setting: Subject) -> Answer:
    """Settings of the first and the second kind say it in different places."""
    path = "platform.enabled" if setting.type.endswith("V2") else "enabled"
    asks = at(setting).flag(path, default=False)
    return passes(f"{setting.name} asks.", path) if asks else fails(f"{setting.name} does not ask.", path)


CONTROLS = (
    Control(
        id="web-apps-ask-who-calls",
        title="Web apps ask callers who they are before their own code runs",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SITE,
        # Azure Policy 95bccee9-a7f8-4bec-9ee9-62c3473701fc: authentication is enabled; the setting stands beside the app.
        judge=has_sibling(_AUTHENTICATION, "name", what="setting that asks callers who they are", also=_asks, named="name"),
        remedy="Add a web.WebAppAuthSettingsV2 of the app whose platform is enabled, or record that it is for everybody.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="web-apps-ask-for-client-certificates",
        title="Web apps that machines call ask these for certificates",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        # Azure Policies 19dd1db6-f442-49cf-a838-b0786b4401ef and ab6a902f-9493-453b-928d-62c30b11b5a6; SDK 3.29.0: "Default is false".
        judge=flag_is("clientCertEnabled", wanted=True, default=False),
        remedy="Set clientCertEnabled to true, and clientCertMode to Required where only machines call.",
        mandatory=False,
    ),
    Control(
        id="web-apps-have-an-identity",
        title="Web apps have an identity with which they sign in to other services",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        # Azure Policy 2b9ad585-36bc-4615-b300-fd4435808332: of either kind; absent there is none.
        judge=text_is_not("identity.type", "None", default="None"),
        remedy="Set identity.type to SystemAssigned or UserAssigned.",
    ),
    Control(
        id="web-apps-deny-remote-debugging",
        title="Web apps cannot be debugged from afar",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        # Azure Policy cb510bfd-1cba-4d9f-a230-cb0976f4bb71; App Service switches it on only when told.
        judge=flag_is("siteConfig.remoteDebuggingEnabled", wanted=False, default=False),
        remedy="Set siteConfig.remoteDebuggingEnabled to false.",
    ),
    Control(
        id="web-apps-name-their-callers",
        title="Web apps do not let the pages of every site call them",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        # Azure Policy 5744710e-cc2f-4ee8-8809-3b11e89f4bc9: no origin may be *; absent there is none.
        judge=lists_none_of("siteConfig.cors.allowedOrigins", "*"),
        remedy="Name the origins in siteConfig.cors.allowedOrigins that may call the app.",
    ),
    Control(
        id="web-apps-encrypt-end-to-end",
        title="Web apps are reached by TLS behind App Service's own front ends too",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        # Azure Policies af1d7e88-c1c8-4ea8-be1f-87bff0df9101 and 387140f1-6da9-4741-bcee-3b5edcdfd9ec: absent does not comply.
        judge=flag_is("endToEndEncryptionEnabled", wanted=True, default=False),
        remedy="Set endToEndEncryptionEnabled to true.",
        mandatory=False,
    ),
    Control(
        id="web-apps-deny-public-access",
        title="Web apps are reached through a gateway, not straight from the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        # Azure Policy 1b5ef780-c53c-4a64-87f3-bb9c8c8094ba: absent does not comply.
        judge=only_where(
            _stands_alone,
            "The app stands in an App Service Environment.",
            text_is("publicNetworkAccess", "Disabled", default="Enabled"),
        ),
        remedy="Set publicNetworkAccess to Disabled, with a private endpoint behind Front Door or an application gateway.",
        mandatory=False,
    ),
    Control(
        id="web-apps-deny-publishing-passwords",
        title="Nobody publishes to a web app by a password",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SITE,
        judge=_takes_no_passwords,
        remedy="Add a web.WebAppFtpAllowed and a web.WebAppScmAllowed of the app whose allow is false.",
        looks_around=True,
    ),
    Control(
        id="web-apps-join-a-network",
        title="Web apps send through a network of the council's",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        judge=both(is_set("virtualNetworkSubnetId", "a subnet to send from"), _sends_traffic_home),
        remedy="Set virtualNetworkSubnetId, and outboundVnetRouting.allTraffic to true.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="web-plans-can-be-private",
        title="Plans of web apps are of a tier that takes private endpoints",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:web:AppServicePlan",),
        judge=_plan_can_be_private,
        remedy="Choose a Basic, Standard, Premium, Isolated or Flex Consumption SKU.",
        mandatory=False,
    ),
    Control(
        id="app-environments-refuse-old-tls",
        title="App Service Environments refuse TLS 1.0 and 1.1",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ENVIRONMENT,
        # Azure Policy d6545c6b-dd9d-4265-91e6-0b451e2f1c50: the setting must be there and be 1.
        judge=_setting("DisableTls1.0", "1"),
        remedy="Add DisableTls1.0 with value 1 to clusterSettings.",
    ),
    Control(
        id="app-environments-encrypt-inside",
        title="App Service Environments encrypt what goes on inside them",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ENVIRONMENT,
        # Azure Policy fb74e86f-d351-4b8d-b034-93da7391c01f: the setting must be there and be true.
        judge=_setting("InternalEncryption", "true"),
        remedy="Add InternalEncryption with value true to clusterSettings.",
    ),
    Control(
        id="app-environments-order-strong-ciphers",
        title="App Service Environments speak the two strongest cipher suites alone",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ENVIRONMENT,
        judge=only_where(_is_of_ours, "The environment is not an App Service Environment.", _strong_ciphers),
        remedy="Add FrontEndSSLCipherSuiteOrder with the two suites of policies/knowledge/azure.toml to clusterSettings.",
        mandatory=False,
    ),
    Control(
        id="app-environments-are-internal",
        title="App Service Environments answer inside their network only",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ENVIRONMENT,
        # Azure Policy 2d048aca-6479-4923-88f5-e2ac295d9af3: what holds Web or Publishing complies.
        judge=only_where(
            _is_of_ours,
            "The environment is not an App Service Environment.",
            text_is("internalLoadBalancingMode", "Web", "Publishing", "Web, Publishing", default="None"),
        ),
        remedy="Set internalLoadBalancingMode to Web, Publishing.",
    ),
)
