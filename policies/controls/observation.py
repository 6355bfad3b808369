"""What watches: where logs and measurements come in, alerts that reach somebody, and Defender for Cloud."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, any_of, both, fails, passes
from policies.demands import flag_is, is_made, is_set, only_where, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import references, unknowns

_WORKSPACE: Final = ("azure-native:operationalinsights:Workspace",)
_CLUSTER: Final = ("azure-native:operationalinsights:Cluster",)
_INSIGHTS: Final = ("azure-native:applicationinsights:Component",)
_ACTIVITY_ALERT: Final = "azure-native:monitor:ActivityLogAlert"
_METRIC_ALERT: Final = "azure-native:monitor:MetricAlert"
_QUERY_ALERT: Final = "azure-native:monitor:ScheduledQueryRule"
_RECEIVERS: Final = (
    *("armRoleReceivers", "automationRunbookReceivers", "azureAppPushReceivers", "azureFunctionReceivers", "emailReceivers"),
    *("eventHubReceivers", "incidentReceivers", "itsmReceivers", "logicAppReceivers", "smsReceivers", "voiceReceivers", "webhookReceivers"),
)
_TOLD_BY: Final = {_ACTIVITY_ALERT: "actions.actionGroups", _METRIC_ALERT: "actions", _QUERY_ALERT: "actions.actionGroups"}
_takes_nothing_from_outside = both(
    text_is("publicNetworkAccessForIngestion", "Disabled", default="Enabled"),
    text_is("publicNetworkAccessForQuery", "Disabled", default="Enabled"),
)
_is_on: Judge = flag_is("enabled", wanted=True, default=True)


def _tells_somebody(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    silent = fails(f"{subject.name} tells nobody.", "emailReceivers")

    def by(receivers: str) -> Answer:
        return passes(f"{subject.name} tells somebody.", receivers) if place.has(receivers) else silent

    return any_of([lambda r=r: by(r) for r in _RECEIVERS], silent)


def _reaches_a_group(subject: Subject, _: Portfolio) -> Answer:
    path = _TOLD_BY[subject.type]
    if is_made(subject, path):
        return passes(f"{subject.name} tells a group.", path)
    return fails(f"{subject.name} tells nobody.", path)


def _writes_some_log(subject: Subject, _: Portfolio) -> Answer:
    """A log must say that it is enabled; the SDK makes the flag required."""
    silent = fails(f"{subject.name} writes no log.", "logs")

    def one(log: Place) -> Answer:
        return passes(f"{subject.name} writes a log.", log.path) if log.flag("enabled", default=False) else silent

    return any_of([lambda log=log: one(log) for log in at(subject).items("logs")], silent)


def _has_logs(setting: Place) -> bool:
    return setting.has("logs")


def _names_somebody(subject: Subject, _: Portfolio) -> Answer:
    """SDK: addresses, or roles of the subscription once notifications by role are switched on."""
    place = at(subject)
    by_role = same(place.text("notificationsByRole.state"), "On") and place.has("notificationsByRole.roles")
    if by_role or place.has("emails"):
        return passes(f"{subject.name} names whom Defender tells.", "emails")
    return fails(f"{subject.name} names nobody whom Defender tells.", "emails")


def _has_sentinel(subject: Subject, portfolio: Portfolio) -> Answer:
    held = references(portfolio, ("azure-native:securityinsights:SentinelOnboardingState",), "workspaceName")
    mine = held.to(subject, at(subject).text("workspaceName") or subject.name)
    lacking = fails(f"{subject.name} is watched by no Sentinel among the resources judged.")
    return any_of([*(lambda s=s: passes(f"{s.name} watches it.") for s in mine), *unknowns(held)], lacking)


CONTROLS = (
    Control(
        id="log-workspaces-deny-public-access",
        title="Log workspaces take and answer nothing over the public network",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_WORKSPACE,
        # Azure Policy 6c53d030-cc64-46f0-906d-2bc061cd1334. It needs a private link scope for the whole network, so it only advises.
        judge=_takes_nothing_from_outside,
        remedy="Set publicNetworkAccessForIngestion and publicNetworkAccessForQuery to Disabled, behind a private link scope.",
        mandatory=False,
    ),
    Control(
        id="log-searches-are-kept-apart",
        title="Saved searches of logs are kept in the council's own storage",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_WORKSPACE,
        # Azure Policy fa298e57-9444-42ba-bf04-86e8470e32c7: anything but true does not comply.
        judge=flag_is("forceCmkForQuery", wanted=True, default=False),
        remedy="Set forceCmkForQuery to true and link a storage account.",
        mandatory=False,
    ),
    Control(
        id="log-clusters-encrypt-twice",
        title="Clusters of logs encrypt twice",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_CLUSTER,
        # Azure Policy ea0dfaed-95fb-448c-934e-d6e713ce393d wants it said; SDK: the default is true.
        judge=flag_is("isDoubleEncryptionEnabled", wanted=True, default=True),
        remedy="Leave isDoubleEncryptionEnabled out, or set it to true: it cannot be changed later.",
    ),
    Control(
        id="log-clusters-use-own-keys",
        title="Clusters of logs encrypt with the council's own key",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_CLUSTER,
        # Azure Policy 1f68a601-6e6d-4e42-babf-3f643a047ea2: absent does not comply.
        judge=both(
            is_set("keyVaultProperties.keyVaultUri", "a vault"),
            is_set("keyVaultProperties.keyName", "a key"),
            is_set("keyVaultProperties.keyVersion", "a version of the key"),
        ),
        remedy="Set keyVaultProperties to the council's vault, key and version.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="application-insights-use-a-workspace",
        title="Measurements of applications are kept in a log workspace",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_INSIGHTS,
        # Azure Policy d550e854-df1a-4de9-bf44-cd894b39a95e: absent or empty does not comply.
        judge=is_set("workspaceResourceId", "a workspace"),
        remedy="Set workspaceResourceId to the council's workspace.",
        looks_around=True,
    ),
    Control(
        id="application-insights-deny-public-access",
        title="Measurements of applications take and answer nothing over the public network",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_INSIGHTS,
        # Azure Policy 1bc02227-0cb6-4e11-8f53-eb0b22eab7e8. It needs a private link scope for the whole network, so it only advises.
        judge=_takes_nothing_from_outside,
        remedy="Set publicNetworkAccessForIngestion and publicNetworkAccessForQuery to Disabled, behind a private link scope.",
        mandatory=False,
    ),
    Control(
        id="application-insights-use-entra",
        title="Measurements of applications come from Entra identities, not from whoever has the key",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_INSIGHTS,
        # Azure Policy 199d5677-e4d9-4264-9465-efe1839c06bd: anything but true does not comply.
        judge=flag_is("disableLocalAuth", wanted=True, default=False),
        remedy="Set disableLocalAuth to true.",
    ),
    Control(
        id="monitor-scopes-are-closed",
        title="Private link scopes of Azure Monitor let nothing else in",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:monitor:PrivateLinkScope",),
        # Azure Policy a499fed8-bcc8-4195-b154-641f14743757; SDK: Open unless set.
        judge=both(
            text_is("accessModeSettings.ingestionAccessMode", "PrivateOnly", default="Open"),
            text_is("accessModeSettings.queryAccessMode", "PrivateOnly", default="Open"),
        ),
        remedy="Set ingestionAccessMode and queryAccessMode of accessModeSettings to PrivateOnly.",
    ),
    Control(
        id="collection-endpoints-deny-public-access",
        title="Endpoints that collect logs are closed to the public network",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:monitor:DataCollectionEndpoint",),
        # SDK: it sets whether the public internet may come in; what is not said is not taken for closed. It needs a private link scope.
        judge=text_is("networkAcls.publicNetworkAccess", "Disabled", "SecuredByPerimeter", default="Enabled"),
        remedy="Set networkAcls.publicNetworkAccess to Disabled behind an Azure Monitor private link scope.",
        mandatory=False,
    ),
    Control(
        id="grafana-denies-public-access",
        title="Grafana is closed to the public network",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:dashboard:Grafana",),
        # Azure Policy e8775d5a-73b7-4977-a39b-833ef0114628: anything else does not comply.
        judge=text_is("properties.publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set properties.publicNetworkAccess to Disabled.",
    ),
    Control(
        id="grafana-has-no-keys",
        title="Grafana gives out no keys",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:dashboard:Grafana",),
        # SDK: it says whether keys may be made; what is not said is not taken for off.
        judge=text_is("properties.apiKey", "Disabled", default="Enabled"),
        remedy="Set properties.apiKey to Disabled.",
        mandatory=False,
    ),
    Control(
        id="diagnostic-settings-write-logs",
        title="Diagnostic settings that name logs write at least one",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:monitor:DiagnosticSetting",),
        judge=only_where(_has_logs, "The setting is for measurements.", _writes_some_log),
        remedy="Set enabled to true on a log of the setting.",
    ),
    Control(
        id="action-groups-tell-somebody",
        title="Groups that alerts go to are switched on and tell somebody",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:monitor:ActionGroup",),
        # SDK: enabled is required of a group.
        judge=both(_is_on, _tells_somebody),
        remedy="Set enabled to true and name a receiver.",
    ),
    Control(
        id="alerts-reach-somebody",
        title="Alerts are switched on and go to a group",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_ACTIVITY_ALERT, _METRIC_ALERT, _QUERY_ALERT),
        # Microsoft.Insights REST reference: on unless set.
        judge=both(_is_on, _reaches_a_group),
        remedy="Set enabled to true and name an action group in actions.",
        looks_around=True,
    ),
    Control(
        id="defender-plans-are-on",
        title="Defender watches what the council runs",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:security:Pricing",),
        # Azure Policy a1181c5f-672a-477a-979a-7d58aa086233. Plans cost money, so it only advises.
        judge=text_is("pricingTier", "Standard", default="Free"),
        remedy="Set pricingTier to Standard.",
        mandatory=False,
    ),
    Control(
        id="defender-tells-somebody",
        title="Defender tells somebody what it finds",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:security:SecurityContact",),
        # SDK: it says whether the contact is enabled; a contact that is made and says nothing is taken for on.
        judge=both(flag_is("isEnabled", wanted=True, default=True), _names_somebody),
        remedy="Set isEnabled to true, and emails or notificationsByRole.",
    ),
    Control(
        id="log-workspaces-are-watched-by-sentinel",
        title="Logs are watched by Sentinel",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_WORKSPACE,
        # Our reading: logs that nobody reads warn nobody. It is paid by what comes in, so it only advises.
        judge=_has_sentinel,
        remedy="Add a securityinsights.SentinelOnboardingState for the workspace, or name what watches the logs instead.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="detection-rules-are-on",
        title="Sentinel's rules are switched on",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(
            "azure-native:securityinsights:ScheduledAlertRule",
            "azure-native:securityinsights:FusionAlertRule",
            "azure-native:securityinsights:MicrosoftSecurityIncidentCreationAlertRule",
        ),
        # SDK: whether it is enabled must be said.
        judge=flag_is("enabled", wanted=True, default=False),
        remedy="Set enabled to true, or remove the rule.",
    ),
)
