"""What data asks of whatever holds it: that no slip takes it away, and that what is done with it is written down."""

from __future__ import annotations

from typing import Final

from policies.controls.governance import is_protected
from policies.controls.monitoring import SETTINGS, writes_logs
from policies.model import Control, GoldenRule, Severity
from policies.siblings import has_sibling

_KEEPS: Final = (
    "azure-native:storage:StorageAccount",
    "azure-native:sql:Database",
    "azure-native:sql:ManagedInstance",
    "azure-native:dbforpostgresql:Server",
    "azure-native:dbformysql:Server",
    "azure-native:cosmosdb:DatabaseAccount",
    "azure-native:netapp:CapacityPoolVolume",
    "azure-native:dataprotection:BackupVault",
)
_DATA_SERVICES: Final = (
    "azure-native:cosmosdb:DatabaseAccount",
    "azure-native:dbforpostgresql:Server",
    "azure-native:dbformysql:Server",
    "azure-native:sql:Database",
    "azure-native:synapse:Workspace",
    "azure-native:kusto:Cluster",
    "azure-native:databricks:Workspace",
    "azure-native:datafactory:Factory",
    "azure-native:streamanalytics:StreamingJob",
    "azure-native:purview:Account",
    "azure-native:redis:Redis",
    "azure-native:keyvault:ManagedHsm",
    "azure-native:dataprotection:BackupVault",
)
_APPLICATION_SERVICES: Final = (
    "azure-native:web:WebApp",
    "azure-native:apimanagement:ApiManagementService",
    "azure-native:logic:Workflow",
    "azure-native:cdn:Profile",
    "azure-native:servicebus:Namespace",
    "azure-native:eventhub:Namespace",
    "azure-native:eventgrid:Topic",
    "azure-native:eventgrid:Domain",
    "azure-native:signalrservice:SignalR",
    "azure-native:webpubsub:WebPubSub",
    "azure-native:iothub:IotHubResource",
    "azure-native:cognitiveservices:Account",
    "azure-native:search:Service",
    "azure-native:machinelearningservices:Workspace",
    "azure-native:batch:BatchAccount",
    "azure-native:automation:AutomationAccount",
    "azure-native:appconfiguration:ConfigurationStore",
)

CONTROLS = (
    Control(
        id="data-is-protected",
        title="What holds data is protected from deletion",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_KEEPS,
        judge=is_protected,
        remedy="Give the resource ResourceOptions(protect=True), or the tag decommission-on once it is agreed to go.",
        mandatory=False,
    ),
    Control(
        id="data-services-send-their-logs",
        title="Databases and data services send their logs to the workspace",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DATA_SERVICES,
        judge=has_sibling(SETTINGS, "resourceUri", what="diagnostic setting that sends logs to a workspace", also=writes_logs),
        remedy="Add a monitor.DiagnosticSetting for it, or rely on the policy assignments that add one and record that in an exception.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="application-services-send-their-logs",
        title="Web, message and AI services send their logs to the workspace",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APPLICATION_SERVICES,
        judge=has_sibling(SETTINGS, "resourceUri", what="diagnostic setting that sends logs to a workspace", also=writes_logs),
        remedy="Add a monitor.DiagnosticSetting for it, or rely on the policy assignments that add one and record that in an exception.",
        mandatory=False,
        looks_around=True,
    ),
)
