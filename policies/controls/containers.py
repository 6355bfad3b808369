"""Containers beside Kubernetes: registries of images, container apps, container groups and Service Fabric."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, all_of, any_of, both, fails, not_applicable, passes
from policies.demands import flag_is, is_set, only_where, text_is, text_is_not
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at

_REGISTRY: Final = ("azure-native:containerregistry:Registry",)
_APP: Final = ("azure-native:app:ContainerApp",)
_APP_OR_JOB: Final = ("azure-native:app:ContainerApp", "azure-native:app:Job")
_GROUP: Final = ("azure-native:containerinstance:ContainerGroup",)
_refuses_by_rule = text_is("networkRuleSet.defaultAction", "Deny", default="Allow")
_is_closed = text_is("publicNetworkAccess", "Disabled", default="Enabled")


def _names_who_may_pull(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy d0793b48-0edc-4296-a390-4c75d1bdfd71: it is closed, or refuses all but the addresses that it lists."""
    wide_open = fails(f"{subject.name} answers every network.", "networkRuleSet.defaultAction")
    return any_of([lambda: _is_closed(subject, portfolio), lambda: _refuses_by_rule(subject, portfolio)], wide_open)


def _has_ingress(app: Place) -> bool:
    return app.has("configuration.ingress")


def _secrets_are_kept_in_the_vault(subject: Subject, _: Portfolio) -> Answer:
    def one(secret: Place) -> Answer:
        path = f"{secret.path}.keyVaultUrl"
        if secret.has("keyVaultUrl"):
            return passes("The secret is kept in a key vault.", path)
        return fails("The secret is kept in the app, where whoever may change the app may read it.", path)

    secrets = at(subject).items("configuration.secrets")
    return all_of([lambda s=s: one(s) for s in secrets], not_applicable(f"{subject.name} has no secrets."))


def _stands_in_a_network(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    if place.has("subnetIds"):
        return passes(f"{subject.name} stands in a network of its own.", "subnetIds")
    return fails(f"{subject.name} stands in no network of ours.", "subnetIds")


_has_no_public_address: Judge = text_is_not("ipAddress.type", "Public", default="none")


CONTROLS = (
    Control(
        id="container-registries-have-no-admin-account",
        title="Container registries have no account of their own",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_REGISTRY,
        # Azure Policy dc921057-6b28-4fbe-9b83-f7bec05db6c2: only true does not comply.
        judge=flag_is("adminUserEnabled", wanted=False, default=False),
        remedy="Set adminUserEnabled to false and pull with a managed identity.",
    ),
    Control(
        id="container-registries-deny-anonymous-pulls",
        title="Container registries give images to those who sign in alone",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_REGISTRY,
        # SDK: it enables pulls without signing in; absent leaves them off.
        judge=flag_is("anonymousPullEnabled", wanted=False, default=False),
        remedy="Set anonymousPullEnabled to false.",
    ),
    Control(
        id="container-registries-deny-public-access",
        title="Container registries are closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_REGISTRY,
        # Azure Policy 0fdf0491-d080-4575-b627-ad0e843cba0f: anything but Disabled does not comply.
        judge=_is_closed,
        remedy="Set publicNetworkAccess to Disabled and reach the registry by a private endpoint.",
    ),
    Control(
        id="container-registries-name-who-may-connect",
        title="Container registries that are open name who may connect",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_REGISTRY,
        judge=_names_who_may_pull,
        remedy="Set publicNetworkAccess to Disabled, or networkRuleSet.defaultAction to Deny with the council's addresses.",
    ),
    Control(
        id="container-registries-can-be-private",
        title="Container registries have a tier that takes private endpoints",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_REGISTRY,
        # Azure Policy bd560fc0-3c69-498a-ae9f-aa8eb7de0e13: anything but Premium does not comply.
        judge=text_is("sku.name", "Premium", default=""),
        remedy="Set sku.name to Premium.",
        mandatory=False,
    ),
    Control(
        id="container-registries-use-own-keys",
        title="Container registries encrypt with the council's own key",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_REGISTRY,
        # Azure Policy 5b9159ae-1701-4a6f-9a7a-aa9c8ddd0580: anything but enabled does not comply.
        judge=text_is("encryption.status", "enabled", default="disabled"),
        remedy="Set encryption.status to enabled with the key's identifier, when the registry is made.",
        mandatory=False,
    ),
    Control(
        id="container-apps-environments-stay-inside",
        title="Container apps stand in a network of the council",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:app:ManagedEnvironment",),
        # Azure Policy d074ddf8-01a5-4b5e-a2b8-964aed452c0a: absent does not comply.
        judge=flag_is("vnetConfiguration.internal", wanted=True, default=False),
        remedy="Set vnetConfiguration.internal to true with the subnet, and publish through the web application firewall.",
    ),
    Control(
        id="container-apps-require-https",
        title="Container apps answer over HTTPS only",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        # SDK: when it is false plain calls are sent on to HTTPS; Container Apps documentation, ingress: false unless set.
        judge=only_where(
            _has_ingress, "The app takes no calls.", flag_is("configuration.ingress.allowInsecure", wanted=False, default=False)
        ),
        remedy="Set configuration.ingress.allowInsecure to false.",
    ),
    Control(
        id="container-apps-use-managed-identities",
        title="Container apps sign in to Azure without a secret",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP_OR_JOB,
        # Azure Policy b874ab2d-72dd-47f1-8cb5-4a306478a4e7: absent or None does not comply.
        judge=text_is_not("identity.type", "None", default="None"),
        remedy="Set identity.type to UserAssigned or SystemAssigned.",
        mandatory=False,
    ),
    Control(
        id="container-apps-keep-secrets-in-the-vault",
        title="Container apps' secrets are kept in a key vault",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP_OR_JOB,
        judge=_secrets_are_kept_in_the_vault,
        remedy="Give each of configuration.secrets a keyVaultUrl and the identity that may read it.",
        mandatory=False,
    ),
    Control(
        id="container-groups-stay-inside",
        title="Container groups stand in a network of the council",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_GROUP,
        # Our reading: a group without a subnet stands in no network of ours; one without an address of its own takes no calls.
        judge=both(_stands_in_a_network, _has_no_public_address),
        remedy="Set subnetIds, and ipAddress.type to Private.",
    ),
    Control(
        id="container-groups-use-own-keys",
        title="Container groups encrypt with the council's own key",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_GROUP,
        # Azure Policy 0aa61e00-0a01-4a3c-9945-e93cffedf0e6: absent does not comply.
        judge=both(is_set("encryptionProperties.vaultBaseUrl", "a vault"), is_set("encryptionProperties.keyName", "a key")),
        remedy="Set encryptionProperties to the council's vault and key.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="service-fabric-uses-entra",
        title="People sign in to Service Fabric with Entra",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:servicefabric:ManagedCluster",),
        # Azure Policy b54ed75b-3e1a-44ac-a333-05ba39b99ff0, which says it of clusters that are not managed: absent does not comply.
        judge=is_set("azureActiveDirectory.tenantId", "a tenant to sign in to"),
        remedy="Set azureActiveDirectory to the council's tenant and its two applications.",
        looks_around=True,
    ),
)
