"""What data asks of whatever holds it: no slip takes it away, somebody answers for it, and what is done with it is written down."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, any_of, fails
from policies.controls.governance import is_protected
from policies.controls.monitoring import SETTINGS, writes_logs
from policies.demands import by_type, flag_is, is_set, only_where, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place
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
_SQL: Final = "azure-native:sql:Server"
_MANAGED: Final = "azure-native:sql:ManagedInstance"
_DATABASE: Final = "azure-native:sql:Database"
_POSTGRESQL: Final = "azure-native:dbforpostgresql:Server"
_MYSQL: Final = "azure-native:dbformysql:Server"
_OLD_POSTGRESQL: Final = "azure-native:dbforpostgresql:SingleServer"
_OLD_MYSQL: Final = "azure-native:dbformysql:SingleServer"
_is_zoned: Judge = flag_is("zoneRedundant", wanted=True, default=False)
_has_a_twin: Judge = text_is("highAvailability.mode", "ZoneRedundant", default="Disabled")
_scans: Judge = flag_is("recurringScans.isEnabled", wanted=True, default=False)


def _administered(kinds: tuple[str, ...], by: str) -> Judge:
    return has_sibling(kinds, by, what="Entra administrator", named=by)


def _sql_administered(kind: str, by: str) -> Judge:
    """Azure Policy 1f314764-cb73-4fc9-b863-8eca98ac36e9: named with the server, or beside it."""

    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        named = is_set("administrators.sid", "an Entra administrator")
        lacking = fails(f"{subject.name} has no Entra administrator.", "administrators.sid")
        return any_of([lambda: named(subject, portfolio), lambda: _administered((kind,), by)(subject, portfolio)], lacking)

    return judge


def _stands_alone(database: Place) -> bool:
    return not database.has("elasticPoolId")


def _looks_for_weaknesses(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy 1b7aa243-30e4-4c9e-bca8-d0d3022b634a: an assessment of the instance whose scans recur."""
    beside = has_sibling(
        ("azure-native:sql:ManagedInstanceVulnerabilityAssessment",),
        "managedInstanceName",
        what="assessment of weaknesses that recurs",
        also=lambda s: _scans(s, portfolio),
        named="managedInstanceName",
    )
    return beside(subject, portfolio)


_OPEN_SOURCE: Final = {
    _POSTGRESQL: _administered(
        ("azure-native:dbforpostgresql:Administrator", "azure-native:dbforpostgresql:AdministratorsMicrosoftEntra"), "serverName"
    ),
    _MYSQL: _administered(("azure-native:dbformysql:AzureADAdministrator",), "serverName"),
    _OLD_POSTGRESQL: _administered(("azure-native:dbforpostgresql:SingleServerServerAdministrator",), "serverName"),
    _OLD_MYSQL: _administered(("azure-native:dbformysql:SingleServerServerAdministrator",), "serverName"),
}
_SQL_ADMINISTERED: Final = {
    _SQL: _sql_administered("azure-native:sql:ServerAzureADAdministrator", "serverName"),
    _MANAGED: _sql_administered("azure-native:sql:ManagedInstanceAdministrator", "managedInstanceName"),
}
_IN_ZONES: Final = {
    # Azure Policies 6221cac0-bb8d-40f4-9535-5d03f713f054, 0fc92280-604b-4f23-9e04-5ef98d1a28df, 493c215d-2553-4976-bc81-57d2c04fc8c1,
    # 493c215d-2554-5976-bc81-57d2c04fc8c1 and 22888755-d824-4e43-8e0b-42d481836554; what a pool holds is zoned as the pool is.
    _DATABASE: only_where(_stands_alone, "The database stands in an elastic pool.", _is_zoned),
    _MANAGED: _is_zoned,
    "azure-native:sql:ElasticPool": _is_zoned,
    _POSTGRESQL: _has_a_twin,
    _MYSQL: _has_a_twin,
    "azure-native:web:AppServicePlan": _is_zoned,
}

CONTROLS = (
    Control(
        id="sql-servers-have-an-entra-administrator",
        title="Every SQL server has an administrator in Entra",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_SQL_ADMINISTERED),
        judge=by_type(_SQL_ADMINISTERED),
        remedy="Name an Entra group in administrators.",
        looks_around=True,
    ),
    Control(
        id="open-source-databases-have-an-entra-administrator",
        title="Every PostgreSQL and MySQL server has an administrator in Entra",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_OPEN_SOURCE),
        # Azure Policies b4dec045-250a-48c2-b5cc-e0c4eec8b5b4 and 146412e9-005c-472b-9e48-c87b72ac229e: an administrator stands beside it.
        judge=by_type(_OPEN_SOURCE),
        remedy="Add a dbforpostgresql.Administrator, or a dbformysql.AzureADAdministrator, that is an Entra group.",
        looks_around=True,
    ),
    Control(
        id="sql-managed-instances-look-for-weaknesses",
        title="SQL managed instances are looked over for weaknesses again and again",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_MANAGED,),
        judge=_looks_for_weaknesses,
        remedy="Add a sql.ManagedInstanceVulnerabilityAssessment whose recurringScans are enabled.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="data-survives-a-zone",
        title="Databases, and plans of web apps, survive the loss of a data centre",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_IN_ZONES),
        judge=by_type(_IN_ZONES),
        remedy="Set zoneRedundant to true, or highAvailability.mode to ZoneRedundant, where the workload's criticality asks for it.",
        mandatory=False,
    ),
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
