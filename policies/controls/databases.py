"""Databases: Azure SQL and Azure Database for PostgreSQL and MySQL (flexible servers)."""

from __future__ import annotations

from typing import Final

from policies.answers import any_of, both, fails, not_applicable, passes
from policies.demands import flag_is, is_made, number_is_at_least, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import at, same
from policies.siblings import references, unknowns

_SQL: Final = ("azure-native:sql:Server",)
_MANAGED: Final = ("azure-native:sql:ManagedInstance",)
_POSTGRESQL: Final = ("azure-native:dbforpostgresql:Server",)
_MYSQL: Final = ("azure-native:dbformysql:Server",)
_FIREWALL_RULES: Final = (
    "azure-native:sql:FirewallRule",
    "azure-native:dbforpostgresql:FirewallRule",
    "azure-native:dbformysql:FirewallRule",
    "azure-native:dbforpostgresql:SingleServerFirewallRule",
    "azure-native:dbformysql:SingleServerFirewallRule",
    "azure-native:dbformariadb:FirewallRule",
    "azure-native:synapse:IpFirewallRule",
)
_MODERN: Final = ("TLSv1.2", "TLSv1.3", "TLSv1.2,TLSv1.3")
_ENCRYPTION: Final = {"require_secure_transport": ("on",), "ssl_min_protocol_version": _MODERN, "tls_version": _MODERN}
_entra_only = flag_is("administrators.azureADOnlyAuthentication", wanted=True, default=False)
_switched = flag_is("azureADOnlyAuthentication", wanted=True, default=False)
_switch_types: Final = ("azure-native:sql:ServerAzureADOnlyAuthentication", "azure-native:sql:ManagedInstanceAzureADOnlyAuthentication")
_closed = text_is("network.publicNetworkAccess", "Disabled", default="Enabled")


def _sql_uses_entra(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy abda6d70-9778-44e7-84a8-06713e6db027: absent counts as false; the switch may also stand beside the server."""

    name = at(subject).text("serverName") or at(subject).text("managedInstanceName")
    lacking = fails("The server also takes SQL passwords; administrators.azureADOnlyAuthentication must be true.", "administrators")
    asked = [lambda: _entra_only(subject, portfolio)]
    for path in ("serverName", "managedInstanceName"):
        held = references(portfolio, _switch_types, path)
        asked += [*(lambda s=s: _switched(s, portfolio) for s in held.to(subject, name)), *unknowns(held)]
    return any_of(asked, lacking)


def _flexible_is_private(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure documentation, flexible server networking: a server in a delegated subnet has no public endpoint at all."""
    wide_open = fails("The server answers the public network.", "network.publicNetworkAccess")

    def in_subnet() -> Answer:
        path = "network.delegatedSubnetResourceId"
        return passes("The server stands in a subnet of its own.", path) if is_made(subject, path) else wide_open

    return any_of([in_subnet, lambda: _closed(subject, portfolio)], wide_open)


def _rule_is_narrow(subject: Subject, _: Portfolio) -> Answer:
    """Azure SQL firewall documentation: a rule that starts at 0.0.0.0 admits all of Azure, or the whole internet."""
    start = at(subject).text("startIpAddress")
    if start == "0.0.0.0":  # noqa: S104 - compared, not bound
        return fails(f"{subject.name} starts at 0.0.0.0: it admits every customer of Azure, or everybody.", "startIpAddress")
    if not start:
        return fails(f"{subject.name} names no first address.", "startIpAddress")
    return passes(f"{subject.name} starts at {start}.", "startIpAddress")


def _configured_securely(subject: Subject, _: Portfolio) -> Answer:
    """PostgreSQL flexible server documentation: require_secure_transport is ON and ssl_min_protocol_version TLSv1.2 unless set."""
    place = at(subject)
    name = place.text("configurationName")
    if name.casefold() not in _ENCRYPTION:
        return not_applicable(f"Setting {name} has nothing to do with encryption.")
    value = place.text("value")
    met = same(value, *_ENCRYPTION[name.casefold()])
    return passes(f"{name} is {value}.", "value") if met else fails(f"{name} is {value or 'empty'}: connections may be readable.", "value")


CONTROLS = (
    Control(
        id="sql-denies-public-access",
        title="SQL servers are closed to the public network",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SQL,
        # Azure Policy 1b8ca024-1d5c-4dec-8995-b1a932b41780: anything but Disabled does not comply.
        judge=text_is("publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set publicNetworkAccess to Disabled and reach the server by a private endpoint.",
    ),
    Control(
        id="sql-managed-instance-denies-public-endpoint",
        title="SQL managed instances have no public endpoint",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_MANAGED,
        # Microsoft.Sql REST reference: publicDataEndpointEnabled is false unless set.
        judge=flag_is("publicDataEndpointEnabled", wanted=False, default=False),
        remedy="Set publicDataEndpointEnabled to false.",
    ),
    Control(
        id="sql-requires-tls-1-2",
        title="SQL servers refuse TLS older than 1.2",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(*_SQL, *_MANAGED),
        # Azure Policy 32e6bbec-16b6-44c2-be37-c5b672d103cf: absent does not comply.
        judge=text_is("minimalTlsVersion", "1.2", "1.3", default="None"),
        remedy="Set minimalTlsVersion to 1.2.",
    ),
    Control(
        id="sql-uses-entra-only",
        title="SQL servers take Entra identities, not passwords",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(*_SQL, *_MANAGED),
        judge=_sql_uses_entra,
        remedy="Set administrators.azureADOnlyAuthentication to true with an Entra group as administrator.",
        looks_around=True,
    ),
    Control(
        id="database-firewalls-are-narrow",
        title="Database firewalls do not admit all of Azure or the internet",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_FIREWALL_RULES,
        judge=_rule_is_narrow,
        remedy="Remove the rule and reach the server by a private endpoint, or name the addresses that need it.",
    ),
    Control(
        id="open-source-databases-deny-public-access",
        title="PostgreSQL and MySQL servers are closed to the public network",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(*_POSTGRESQL, *_MYSQL),
        judge=_flexible_is_private,
        remedy="Put the server in a delegated subnet, or set network.publicNetworkAccess to Disabled and use a private endpoint.",
        looks_around=True,
    ),
    Control(
        id="open-source-databases-require-encryption",
        title="PostgreSQL and MySQL settings keep connections encrypted",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:dbforpostgresql:Configuration", "azure-native:dbformysql:Configuration"),
        judge=_configured_securely,
        remedy="Set require_secure_transport to on and the oldest protocol to TLSv1.2.",
    ),
    Control(
        id="postgresql-uses-entra-only",
        title="PostgreSQL servers take Entra identities, not passwords",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_POSTGRESQL,
        # Azure Policy fa498b91-8a7e-4710-9578-da944c68d1fe: anything but these two does not comply.
        judge=both(
            text_is("authConfig.activeDirectoryAuth", "Enabled", default="Disabled"),
            text_is("authConfig.passwordAuth", "Disabled", default="Enabled"),
        ),
        remedy="Set authConfig.activeDirectoryAuth to Enabled and authConfig.passwordAuth to Disabled.",
        mandatory=False,
    ),
    Control(
        id="open-source-databases-keep-fourteen-days-of-backups",
        title="PostgreSQL and MySQL backups reach back two weeks",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(*_POSTGRESQL, *_MYSQL),
        # Flexible server documentation: backups are kept for seven days unless set.
        judge=number_is_at_least("backup.backupRetentionDays", 14, default=7, unit="days"),
        remedy="Set backup.backupRetentionDays to 14 or more (at most 35).",
        mandatory=False,
    ),
)
