"""What stands before services: API Management, Front Door and its classic kin."""

from __future__ import annotations

from typing import Final

from policies.answers import both, fails, passes, some
from policies.demands import flag_is, is_set, lists_none_of, only_where, text_is, text_is_not
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same

_SERVICE: Final = ("azure-native:apimanagement:ApiManagementService",)
_API: Final = ("azure-native:apimanagement:Api", "azure-native:apimanagement:WorkspaceApi")
_BACKEND: Final = ("azure-native:apimanagement:Backend", "azure-native:apimanagement:WorkspaceBackend")
_NAMED_VALUE: Final = ("azure-native:apimanagement:NamedValue", "azure-native:apimanagement:WorkspaceNamedValue")
_SUBSCRIPTION: Final = ("azure-native:apimanagement:Subscription", "azure-native:apimanagement:WorkspaceSubscription")
_GATEWAY: Final = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security"
_OLD_PROTOCOLS: Final = tuple(f"{_GATEWAY}.{side}.{name}" for side in ("Protocols", "Backend.Protocols") for name in ("Tls10", "Tls11"))
_DOMAIN: Final = ("azure-native:cdn:AFDCustomDomain",)
_ROUTE: Final = ("azure-native:cdn:Route",)


def _can_join_a_network(service: Place) -> bool:
    """Azure Policy ef619a2c-cc4d-4d03-b2ba-8c94a834d85b asks it of these SKUs."""
    return same(service.text("sku.name"), "Developer", "Premium")


def _speaks_http(backend: Place) -> bool:
    return same(backend.text("protocol"), "http") and backend.has("url")


def _backend_is_authenticated(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy c15dcc82-b93c-4dcb-9332-fbf121685b54: by a certificate, or by a header with both its parts."""
    backend = at(subject)
    held = [
        lambda: backend.has("credentials.certificate"),
        lambda: backend.has("credentials.certificateIds"),
        lambda: _is_given(backend, "credentials.authorization"),
    ]
    if some(held):
        return passes(f"Calls to {subject.name} say who makes them.", "credentials")
    return fails(f"Calls to {subject.name} say nothing of who makes them.", "credentials")


def _is_given(backend: Place, path: str) -> bool:
    """Whether the header has its scheme and its parameter; the parameter is often a secret, which is given though nobody reads it."""
    secret = any(leaf.is_secret() and leaf.path == f"{path}.parameter" for leaf in backend.leaves())
    return backend.has(f"{path}.scheme") and (secret or backend.has(f"{path}.parameter"))


def _is_secret_value(value: Place) -> bool:
    return value.flag("secret", default=False)


def _is_active(subscription: Place) -> bool:
    return same(subscription.text("state", "submitted"), "active")


def _is_narrow(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 3aa03346-d8c5-4994-a5bc-7652c2a2aef1: a scope that ends in /apis is every API there is."""
    scope = at(subject).text("scope").rstrip("/")
    if not scope or scope.casefold().endswith("/apis"):
        return fails(f"scope is {scope or 'not set'}: every API.", "scope")
    return passes(f"scope is {scope}.", "scope")


def _old_protocols_are_off(subject: Subject, _: Portfolio) -> Answer:
    """API Management reference (SDK 3.29.0), customProperties: each protocol is off unless its property is True."""
    path = "customProperties"
    service = at(subject)
    settings = [leaf for leaf in service.leaves() if leaf.path.removeprefix(f"{path}.") in _OLD_PROTOCOLS] if service.has(path) else []
    if some([lambda setting=setting: setting.flag("", default=False) for setting in settings]):
        return fails("customProperties switch on an old protocol.", path)
    return passes("Nothing switches on TLS 1.0 or TLS 1.1, towards callers or backends.", path)


CONTROLS = (
    Control(
        id="api-gateways-join-a-network",
        title="API Management stands in a network of the council's",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SERVICE,
        # Azure Policy ef619a2c-cc4d-4d03-b2ba-8c94a834d85b; reference (SDK 3.29.0): None is the default.
        judge=only_where(
            _can_join_a_network,
            "The tier does not stand in a network.",
            text_is_not("virtualNetworkType", "None", default="None"),
        ),
        remedy="Set virtualNetworkType to Internal and virtualNetworkConfiguration to a subnet.",
    ),
    Control(
        id="api-gateways-refuse-old-protocols",
        title="API Management speaks neither TLS 1.0 nor TLS 1.1, to callers or to backends",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SERVICE,
        judge=_old_protocols_are_off,
        remedy="Set Tls10 and Tls11 to False in customProperties, under Security.Protocols and Security.Backend.Protocols.",
    ),
    Control(
        id="apis-require-encryption",
        title="APIs are called over HTTPS and secure web sockets only",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_API,
        # Azure Policy ee7495e7-3ba7-40b6-bfee-c29e22cc75d4: neither http nor ws; absent complies.
        judge=lists_none_of("protocols", "http", "ws"),
        remedy="Leave https, or wss, alone in protocols.",
    ),
    Control(
        id="api-backends-are-authenticated",
        title="API Management proves to backends who calls",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BACKEND,
        judge=only_where(_speaks_http, "The backend is not called by a URL.", _backend_is_authenticated),
        remedy="Set credentials.certificateIds, or credentials.authorization with its scheme and parameter.",
        mandatory=False,
    ),
    Control(
        id="api-backends-check-certificates",
        title="API Management checks the certificates of backends",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BACKEND,
        # Azure Policy 92bb331d-ac71-416a-8c91-02f2cb734ce4: only false fails; the SDK's defaults are true.
        judge=both(
            flag_is("tls.validateCertificateChain", wanted=True, default=True),
            flag_is("tls.validateCertificateName", wanted=True, default=True),
        ),
        remedy="Set tls.validateCertificateChain and tls.validateCertificateName to true.",
    ),
    Control(
        id="api-secrets-live-in-a-vault",
        title="Secrets of API Management live in a key vault",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_NAMED_VALUE,
        # Azure Policy f1cc7827-022c-473e-836e-5a51cae0b249: absent does not comply.
        judge=only_where(
            _is_secret_value, "The value is no secret.", is_set("keyVault.secretIdentifier", "a place in a key vault where it is kept")
        ),
        remedy="Set keyVault.secretIdentifier, and give the service's identity a role on the vault.",
        looks_around=True,
    ),
    Control(
        id="api-subscriptions-are-narrow",
        title="Subscriptions of API Management are for one product or one API",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SUBSCRIPTION,
        judge=only_where(_is_active, "The subscription is not active.", _is_narrow),
        remedy="Set scope to one product or one API.",
    ),
    Control(
        id="front-door-requires-tls-1-2",
        title="Domains of Front Door refuse TLS older than 1.2",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DOMAIN,
        # Azure Policy 679da822-78a7-4eff-8fff-a899454a9970: absent does not comply.
        judge=text_is("tlsSettings.minimumTlsVersion", "TLS12", "TLS13", default="none"),
        remedy="Set tlsSettings.minimumTlsVersion to TLS12.",
    ),
    Control(
        id="front-door-redirects-to-https",
        title="Routes of Front Door send callers on to HTTPS",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ROUTE,
        # Microsoft.Cdn reference (SDK 3.29.0): the package sets Disabled unless told otherwise.
        judge=text_is("httpsRedirect", "Enabled", default="Disabled"),
        remedy="Set httpsRedirect to Enabled.",
    ),
    Control(
        id="front-door-calls-origins-over-https",
        title="Front Door calls what is behind it over HTTPS only",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ROUTE,
        # Microsoft.Cdn reference (SDK 3.29.0): the package sets MatchRequest unless told otherwise.
        judge=text_is("forwardingProtocol", "HttpsOnly", default="MatchRequest"),
        remedy="Set forwardingProtocol to HttpsOnly.",
    ),
    Control(
        id="content-delivery-refuses-plain-http",
        title="Endpoints of content delivery refuse plain HTTP",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:cdn:Endpoint",),
        # Microsoft.Cdn reference (SDK 3.29.0): "Indicates whether HTTP traffic is allowed on the endpoint. Default value is true."
        judge=flag_is("isHttpAllowed", wanted=False, default=True),
        remedy="Set isHttpAllowed to false.",
    ),
)
