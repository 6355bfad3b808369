"""Databases behind their front door: encrypted, audited, backed up, on engines that somebody still mends."""

from __future__ import annotations

from datetime import date
from typing import Final

from policies.answers import Judge, any_of, fails, not_applicable, passes
from policies.demands import by_type, flag_is, text_is, text_is_not
from policies.knowledge import fact
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import at, same
from policies.siblings import references, unknowns

_SQL: Final = ("azure-native:sql:Server",)
_DATABASE: Final = ("azure-native:sql:Database",)
_AUDITS: Final = ("azure-native:sql:ServerBlobAuditingPolicy", "azure-native:sql:ExtendedServerBlobAuditingPolicy")
_SWITCHES: Final = ("azure-native:sql:ServerAzureADOnlyAuthentication", "azure-native:sql:ManagedInstanceAzureADOnlyAuthentication")
_POSTGRESQL: Final = "azure-native:dbforpostgresql:Server"
_MYSQL: Final = "azure-native:dbformysql:Server"
_SINGLE: Final = ("azure-native:dbforpostgresql:SingleServer", "azure-native:dbformysql:SingleServer")
_ENGINES: Final = {_POSTGRESQL: "postgresql", _MYSQL: "mysql"}
# Retired: azure.github.io/azure-service-operator, dbformysql (single servers, September 2024); learn.microsoft.com, MariaDB, supported
# versions ("on the retirement path", to September 2025); Azure/azure-cli pull request 32185 (PostgreSQL). Read 2026-11-25.
_RETIRED: Final = (*_SINGLE, "azure-native:dbformariadb:Server")
_LOGGED: Final = ("log_checkpoints", "log_connections", "log_disconnections", "audit_log_enabled")
_is_on: Judge = text_is("state", "Enabled", default="Disabled")
_geo: Judge = text_is("backup.geoRedundantBackup", "Enabled", default="Disabled")
_retired_geo: Judge = text_is("properties.storageProfile.geoRedundantBackup", "Enabled", default="Disabled")


def _keeps_an_audit(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy a6fb4358-5bf4-4ad7-ba82-2cd2f41ce5e9: an auditing policy of the server is Enabled. It stands beside the server."""
    name = at(subject).text("serverName")
    held = references(portfolio, _AUDITS, "serverName")
    lacking = fails(f"{subject.name} has no auditing policy that is Enabled among the resources judged.")
    return any_of([*(lambda s=s: _is_on(s, portfolio) for s in held.to(subject, name)), *unknowns(held)], lacking)


def _audit_lasts(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 89099bee-89e0-4b26-a5f4-165451757743: 0 keeps them for ever; only logs in storage have a time of their own."""
    place = at(subject)
    if not place.has("storageEndpoint"):
        return not_applicable(f"{subject.name} writes to no storage account; the workspace says how long it keeps logs.")
    days = place.number("retentionDays")
    if days is None or days == 0:
        return passes("retentionDays is not set or 0: logs are kept for ever.", "retentionDays")
    met = days >= 90
    return passes(f"Logs are kept for {days:g} days.", "retentionDays") if met else fails(f"Logs go after {days:g} days.", "retentionDays")


def _logs_what_happens(subject: Subject, _: Portfolio) -> Answer:
    """PostgreSQL and MySQL flexible servers: these settings write to the log who connects and what the server does."""
    place = at(subject)
    name = place.text("configurationName")
    if not same(name, *_LOGGED):
        return not_applicable(f"Setting {name} has nothing to do with logs.")
    value = place.text("value")
    return passes(f"{name} is {value}.", "value") if same(value, "on") else fails(f"{name} is {value or 'empty'}; it must be on.", "value")


def _entra_setting(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 40e85574-ef33-47e8-a854-7a65c7500560: the setting aad_auth_only is ON."""
    place = at(subject)
    name = place.text("configurationName")
    if not same(name, "aad_auth_only"):
        return not_applicable(f"Setting {name} does not say how people sign in.")
    value = place.text("value")
    return passes(f"{name} is {value}.", "value") if same(value, "on") else fails(f"{name} is {value or 'empty'}; it must be ON.", "value")


def _engine_is_in_support(subject: Subject, portfolio: Portfolio) -> Answer:
    """policies/knowledge/azure.toml: the days on which Azure's standard support of each release ends."""
    version = at(subject).text("version")
    ends: dict[str, str] = fact("engines", _ENGINES[subject.type])
    if version not in ends:
        return fails(f"version is {version or 'not set'}, which is no release that policies/knowledge/azure.toml knows.", "version")
    if not ends[version]:
        return passes(f"Release {version} gets security updates, and no end of them is announced.", "version")
    end = date.fromisoformat(ends[version])
    if end < portfolio.on:
        return fails(f"Release {version} has had no security updates since {end}.", "version")
    return passes(f"Release {version} gets security updates until {end}.", "version")


def _service_lasts(subject: Subject, _: Portfolio) -> Answer:
    """What is being decommissioned says so by its tag, and has no better service to move to."""
    if subject.type not in _RETIRED:
        return passes(f"{subject.name} is a flexible server.")
    if agreed := at(subject).text("tags.decommission-on"):
        return not_applicable(f"{subject.name} is being decommissioned, as agreed for {agreed}.")
    return fails(f"{subject.name} is of a service that Azure has retired.")


CONTROLS = (
    Control(
        id="sql-databases-encrypt-at-rest",
        title="SQL databases are encrypted where they are stored",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:sql:TransparentDataEncryption",),
        # Azure Policy 17k78e20-9358-41c9-923c-fb736d382a12: anything but enabled does not comply.
        judge=_is_on,
        remedy="Set state to Enabled.",
    ),
    Control(
        id="arc-sql-encrypts-at-rest",
        title="SQL managed instances outside Azure are encrypted where they are stored",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:azurearcdata:SqlManagedInstance",),
        # Azure Policy 6599ab01-29bc-4852-a6f5-de9e2151714a: absent or Disabled does not comply.
        judge=text_is_not("properties.k8sRaw.spec.security.transparentDataEncryption.mode", "Disabled", default="Disabled"),
        remedy="Set properties.k8sRaw.spec.security.transparentDataEncryption.mode to ServiceManaged or CustomerManaged.",
    ),
    Control(
        id="sql-servers-keep-an-audit",
        title="SQL servers keep an audit of what is done in them",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SQL,
        judge=_keeps_an_audit,
        remedy="Add a sql.ServerBlobAuditingPolicy for the server whose state is Enabled.",
        looks_around=True,
    ),
    Control(
        id="sql-audits-last-ninety-days",
        title="SQL audits in storage are kept for ninety days",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_AUDITS,
        judge=_audit_lasts,
        remedy="Set retentionDays to 90 or more, or to 0, which keeps them for ever.",
    ),
    Control(
        id="sql-threat-alerts-are-on",
        title="Threat alerts of SQL servers are not switched off",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:sql:ServerSecurityAlertPolicy",),
        # Azure Policy abfb4388-5bf4-4ad7-ba82-2cd2f41ceae9 asks for state Enabled; the state is a required input.
        judge=_is_on,
        remedy="Set state to Enabled.",
    ),
    Control(
        id="sql-entra-switches-are-on",
        title="Switches of SQL servers for Entra alone are switched on",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SWITCHES,
        # Azure Policies b3a22bc9-66de-45fb-98fa-00f5df42f41a and 0c28c3fb-c244-42d5-a9bf-f35f2999577b: absent does not comply.
        judge=flag_is("azureADOnlyAuthentication", wanted=True, default=False),
        remedy="Set azureADOnlyAuthentication to true.",
    ),
    Control(
        id="sql-backups-reach-another-region",
        title="Backups of SQL databases are also kept in another region",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(*_DATABASE, "azure-native:sql:ManagedInstance"),
        # Microsoft.Sql reference (SDK 3.29.0): it is what is "used to store backups"; absent nobody has asked, which counts as Local.
        judge=text_is("requestedBackupStorageRedundancy", "Geo", "GeoZone", default="Local"),
        remedy="Set requestedBackupStorageRedundancy to Geo or GeoZone.",
        mandatory=False,
    ),
    Control(
        id="open-source-backups-reach-another-region",
        title="Backups of PostgreSQL, MySQL and MariaDB are also kept in another region",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_POSTGRESQL, _MYSQL, *_RETIRED),
        # Azure Policies 48af4db5-9b8b-401c-8e74-076be876a430, 82339799-d096-41ae-8538-b108becf0970 and
        # 0ec47710-77ff-4a3d-9181-6aa50af424d0: anything but Enabled does not comply; the SDK's default is Disabled.
        judge=by_type({_POSTGRESQL: _geo, _MYSQL: _geo, **dict.fromkeys(_RETIRED, _retired_geo)}),
        remedy="Set backup.geoRedundantBackup to Enabled when the server is made; it cannot be set later.",
        mandatory=False,
    ),
    Control(
        id="open-source-databases-run-a-release-in-support",
        title="PostgreSQL and MySQL servers run a release that still gets security updates",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_ENGINES),
        judge=_engine_is_in_support,
        remedy="Choose a release that is in support, and test the application against it.",
    ),
    Control(
        id="open-source-databases-are-of-services-that-last",
        title="PostgreSQL and MySQL run on flexible servers, not on services that Azure has retired",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_POSTGRESQL, _MYSQL, *_RETIRED),
        judge=_service_lasts,
        remedy="Move to a flexible server, or give what is leaving the tag decommission-on with the day that was agreed.",
    ),
    Control(
        id="open-source-databases-log-what-happens",
        title="PostgreSQL and MySQL settings keep a log of connections",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:dbforpostgresql:Configuration", "azure-native:dbformysql:Configuration"),
        judge=_logs_what_happens,
        remedy="Set the value to on.",
        mandatory=False,
    ),
    Control(
        id="mysql-uses-entra-only",
        title="MySQL servers take Entra identities, not passwords",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:dbformysql:Configuration",),
        judge=_entra_setting,
        remedy="Set aad_auth_only to ON, with an Entra administrator of the server.",
        mandatory=False,
    ),
    Control(
        id="retired-databases-deny-public-access",
        title="Single servers and MariaDB, which Azure has retired, are closed to the public network",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_RETIRED,
        # Azure Policies b52376f7-9612-48a1-81cd-1ffe4b61032c, d9844e8a-1437-4aeb-a32c-0c992f056095 and
        # fdccbe47-f3e3-4213-ad5d-ea459b2fa077: anything but Disabled does not comply.
        judge=text_is("properties.publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set properties.publicNetworkAccess to Disabled, and move to a flexible server.",
    ),
    Control(
        id="retired-databases-require-encryption",
        title="Single servers and MariaDB, which Azure has retired, refuse connections in the clear",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_RETIRED,
        # Azure Policies d158790f-bfb0-486c-8631-2dc6b4e8e6af and e802a67a-daf5-4436-9ea6-f6d821dd0c5d: absent complies.
        judge=text_is("properties.sslEnforcement", "Enabled", default="Enabled"),
        remedy="Set properties.sslEnforcement to Enabled, and move to a flexible server.",
    ),
    Control(
        id="retired-databases-require-tls-1-2",
        title="Single servers and MariaDB, which Azure has retired, refuse TLS older than 1.2",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_RETIRED,
        # Microsoft.DBforMySQL reference (SDK 3.29.0): minimalTlsVersion is what "Enforce"s one; absent none is enforced.
        judge=text_is("properties.minimalTlsVersion", "TLS1_2", default="TLSEnforcementDisabled"),
        remedy="Set properties.minimalTlsVersion to TLS1_2, and move to a flexible server.",
    ),
    Control(
        id="retired-databases-encrypt-twice",
        title="Single servers, which Azure has retired, encrypt in the infrastructure too",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SINGLE,
        # Azure Policies 24fba194-95d6-48c0-aea7-f65bf859c598 and 3a58212a-c829-4f13-9872-6371df2fd0b4.
        judge=text_is("properties.infrastructureEncryption", "Enabled", default="Disabled"),
        remedy="Move to a flexible server; what stands cannot be changed.",
        mandatory=False,
    ),
)
