"""Logs and backups: that they are written, kept and cannot be removed."""

from __future__ import annotations

from policies.answers import fails, passes
from policies.demands import flag_is, is_made, number_is_at_least, text_is
from policies.knowledge import fact
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import at
from policies.siblings import has_sibling

_WATCHED = (
    "azure-native:keyvault:Vault",
    "azure-native:network:AzureFirewall",
    "azure-native:network:ApplicationGateway",
    "azure-native:network:VirtualNetworkGateway",
    "azure-native:recoveryservices:Vault",
)
SETTINGS = ("azure-native:monitor:DiagnosticSetting", "azure-native:insights:DiagnosticSetting")


def writes_logs(setting: Subject) -> Answer:
    """Whether a diagnostic setting sends logs, not metrics alone, to a workspace that is there or will be."""
    if at(setting).has("logs") and is_made(setting, "workspaceId"):
        return passes(f"{setting.name} sends its logs to a workspace.", "logs")
    return fails(f"{setting.name} sends no logs to a workspace.", "logs")


def _are_kept(subject: Subject, portfolio: Portfolio) -> Answer:
    least, default = fact("logs", "least_days"), fact("logs", "azure_default_days")
    return number_is_at_least("retentionInDays", least, default=default, unit="days")(subject, portfolio)


CONTROLS = (
    Control(
        id="resources-send-their-logs",
        title="Vaults, firewalls and gateways send their logs to the workspace",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_WATCHED,
        judge=has_sibling(SETTINGS, "resourceUri", what="diagnostic setting that sends logs to a workspace", also=writes_logs),
        remedy="Add a monitor.DiagnosticSetting for it with its log categories and the workspace's id.",
        looks_around=True,
    ),
    Control(
        id="logs-are-kept-for-six-months",
        title="Logs are kept for at least six months",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:operationalinsights:Workspace",),
        # Ministry of Justice, Accounting (policies/knowledge/azure.toml); Microsoft.OperationalInsights reference: 30 days unless set.
        judge=_are_kept,
        remedy="Set retentionInDays to 180 or more.",
    ),
    Control(
        id="log-workspaces-use-entra",
        title="Log workspaces take Entra identities, not shared keys",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:operationalinsights:Workspace",),
        # Azure Policy e15effd4-2278-4c65-a0da-4d6f6d1890e2: absent counts as false.
        judge=flag_is("features.disableLocalAuth", wanted=True, default=False),
        remedy="Set features.disableLocalAuth to true.",
        mandatory=False,
    ),
    Control(
        id="backups-survive-deletion",
        title="Deleted backups can be brought back",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:recoveryservices:Vault",),
        # Azure Backup documentation, soft delete: it is enabled by default for new vaults.
        judge=text_is("properties.securitySettings.softDeleteSettings.softDeleteState", "Enabled", "AlwaysON", default="Enabled"),
        remedy="Set properties.securitySettings.softDeleteSettings.softDeleteState to AlwaysON.",
    ),
    Control(
        id="backups-are-immutable",
        title="Backups cannot be changed before they expire",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:recoveryservices:Vault",),
        # Azure Policy d6f6f560-14b7-49a4-9fc8-d2c3a9807868: anything but Unlocked or Locked does not comply.
        judge=text_is("properties.securitySettings.immutabilitySettings.state", "Unlocked", "Locked", default="Disabled"),
        remedy="Set properties.securitySettings.immutabilitySettings.state to Unlocked, and to Locked once retention is agreed.",
        mandatory=False,
    ),
)
