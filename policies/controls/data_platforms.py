"""Data services: Cosmos DB, Redis, Synapse, Data Explorer, Databricks and HDInsight."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, any_of, both, fails, some
from policies.demands import by_type, flag_is, is_set, only_where, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, same

_COSMOS: Final = ("azure-native:cosmosdb:DatabaseAccount",)
_REDIS: Final = "azure-native:redis:Redis"
_ENTERPRISE: Final = "azure-native:redisenterprise:RedisEnterprise"
_ENTERPRISE_DATABASE: Final = "azure-native:redisenterprise:Database"
_SYNAPSE: Final = ("azure-native:synapse:Workspace",)
_EXPLORER: Final = ("azure-native:kusto:Cluster",)
_DATABRICKS: Final = ("azure-native:databricks:Workspace",)
_HDINSIGHT: Final = ("azure-native:hdinsight:Cluster",)
_is_closed: Judge = text_is("publicNetworkAccess", "Disabled", default="Enabled")
# APIs of Cosmos DB that Entra cannot sign anybody in to. Azure Policy 5450f5bd-9c72-4390-a9c4-a7aba4edfdd2.
_NEED_KEYS: Final = ("EnableMongo", "EnableCassandra", "EnableTable", "EnableGremlin")


def _takes_entra(account: Place) -> bool:
    return not some([lambda held=held: same(held.text("name"), *_NEED_KEYS) for held in account.items("capabilities")])


def _is_open(account: Place) -> bool:
    return not same(account.text("publicNetworkAccess", "Enabled"), "Disabled")


def _cosmos_names_networks(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy 862e97cf-49fc-4a5c-9de4-40d4e2e7c8eb: it filters by network, or lists addresses."""
    wide_open = fails("The account answers every network: it neither filters by network nor lists addresses.", "ipRules")
    filters = flag_is("isVirtualNetworkFilterEnabled", wanted=True, default=False)
    lists = is_set("ipRules", "addresses that may connect")
    return any_of([lambda: filters(subject, portfolio), lambda: lists(subject, portfolio)], wide_open)


_stands_in_network: Judge = both(
    is_set("parameters.customVirtualNetworkId.value", "a network of its own"),
    is_set("parameters.customPublicSubnetName.value", "a subnet for its hosts"),
    is_set("parameters.customPrivateSubnetName.value", "a subnet for its containers"),
)

CONTROLS = (
    Control(
        id="cosmos-denies-shared-keys",
        title="Cosmos DB takes Entra identities, not shared keys",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_COSMOS,
        # Azure Policy 5450f5bd-9c72-4390-a9c4-a7aba4edfdd2: anything but true does not comply.
        judge=only_where(
            _takes_entra, "The account's API knows no Entra identities.", flag_is("disableLocalAuth", wanted=True, default=False)
        ),
        remedy="Set disableLocalAuth to true and give each reader a role on the account's data.",
    ),
    Control(
        id="cosmos-denies-public-access",
        title="Cosmos DB is closed to the public network",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_COSMOS,
        # Azure Policy 797b37f7-06b8-444c-b1ad-fc62867f335a: anything but Disabled does not comply.
        judge=_is_closed,
        remedy="Set publicNetworkAccess to Disabled and reach the account by a private endpoint.",
    ),
    Control(
        id="cosmos-names-who-may-connect",
        title="Cosmos DB accounts that are open name the networks that may connect",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_COSMOS,
        judge=only_where(_is_open, "The public network is closed.", _cosmos_names_networks),
        remedy="Close the public network, or set isVirtualNetworkFilterEnabled and name the subnets.",
        looks_around=True,
    ),
    Control(
        id="cosmos-requires-tls-1-2",
        title="Cosmos DB refuses TLS older than 1.2",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_COSMOS,
        # Microsoft.DocumentDB reference (SDK 3.29.0): "The default value is Tls 1.2".
        judge=text_is("minimalTlsVersion", "Tls12", default="Tls12"),
        remedy="Set minimalTlsVersion to Tls12.",
    ),
    Control(
        id="cosmos-keys-change-no-settings",
        title="Keys of Cosmos DB change data at most, never databases, containers or throughput",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_COSMOS,
        # Azure Policy 4750c32b-89c0-46af-bfcb-2e4541a818d5 appends true; the switch is off unless set.
        judge=flag_is("disableKeyBasedMetadataWriteAccess", wanted=True, default=False),
        remedy="Set disableKeyBasedMetadataWriteAccess to true.",
        mandatory=False,
    ),
    Control(
        id="cosmos-backs-up-continuously",
        title="Cosmos DB can be restored to any moment",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_COSMOS,
        # Microsoft.DocumentDB reference (SDK 3.29.0): backupPolicy is of mode Periodic or Continuous; it is Periodic unless set.
        judge=text_is("backupPolicy.type", "Continuous", default="Periodic"),
        remedy="Set backupPolicy.type to Continuous.",
        mandatory=False,
    ),
    Control(
        id="redis-encrypts-connections",
        title="Redis refuses connections in the clear",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_REDIS, _ENTERPRISE_DATABASE),
        # Azure Policy 22bee202-a82f-4305-9a2a-6d7f44d4dedb: only true fails. Enterprise (SDK 3.29.0): "Default is TLS-encrypted".
        judge=by_type(
            {
                _REDIS: flag_is("enableNonSslPort", wanted=False, default=False),
                _ENTERPRISE_DATABASE: text_is("clientProtocol", "Encrypted", default="Encrypted"),
            }
        ),
        remedy="Set enableNonSslPort to false, or clientProtocol to Encrypted.",
    ),
    Control(
        id="redis-requires-tls-1-2",
        title="Redis refuses TLS older than 1.2",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_REDIS, _ENTERPRISE),
        # Microsoft.Cache reference (SDK 3.29.0): "requires clients to use a specified TLS version"; absent requires none. Of Enterprise:
        # TLS 1.0 and 1.1 "are now completely obsolete -- you cannot use them".
        judge=by_type(
            {_REDIS: text_is("minimumTlsVersion", "1.2", default="none"), _ENTERPRISE: text_is("minimumTlsVersion", "1.2", default="1.2")}
        ),
        remedy="Set minimumTlsVersion to 1.2.",
    ),
    Control(
        id="redis-denies-public-access",
        title="Redis is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_REDIS, _ENTERPRISE),
        # Azure Policy 470baccb-7e51-4549-8b1a-3e5be069f663: anything but Disabled does not comply.
        judge=_is_closed,
        remedy="Set publicNetworkAccess to Disabled and reach the cache by a private endpoint.",
    ),
    Control(
        id="redis-denies-shared-keys",
        title="Redis takes Entra identities, not access keys",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_REDIS, _ENTERPRISE_DATABASE),
        # Microsoft.Cache reference (SDK 3.29.0): disableAccessKeyAuthentication "Default value is false"; Enterprise: not said.
        judge=by_type(
            {
                _REDIS: flag_is("disableAccessKeyAuthentication", wanted=True, default=False),
                _ENTERPRISE_DATABASE: text_is("accessKeysAuthentication", "Disabled", default="Enabled"),
            }
        ),
        remedy="Set disableAccessKeyAuthentication to true, or accessKeysAuthentication to Disabled.",
    ),
    Control(
        id="synapse-uses-entra-only",
        title="Synapse takes Entra identities, not SQL passwords",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SYNAPSE,
        # Azure Policy 2158ddbe-fefa-408e-b43f-d4faef8ff3b8: absent counts as false.
        judge=flag_is("azureADOnlyAuthentication", wanted=True, default=False),
        remedy="Set azureADOnlyAuthentication to true.",
    ),
    Control(
        id="synapse-denies-public-access",
        title="Synapse is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SYNAPSE,
        # Azure Policy 38d8df46-cf4e-4073-8e03-48c24b29de0d: anything but Disabled does not comply.
        judge=_is_closed,
        remedy="Set publicNetworkAccess to Disabled and reach the workspace by a private endpoint.",
    ),
    Control(
        id="synapse-sends-data-nowhere-else",
        title="Synapse sends data only where somebody has approved",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_SYNAPSE,
        # Azure Policies 2d9dbfa3-927b-4cf0-9d0f-08747f971650 and 3484ce98-c0c5-4c83-994b-c5ac24785218: absent does not comply.
        judge=both(
            text_is("managedVirtualNetwork", "default", default=""),
            flag_is("managedVirtualNetworkSettings.preventDataExfiltration", wanted=True, default=False),
        ),
        remedy="Set managedVirtualNetwork to default and managedVirtualNetworkSettings.preventDataExfiltration to true.",
        mandatory=False,
    ),
    Control(
        id="data-explorer-encrypts-disks",
        title="Data Explorer encrypts its disks",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_EXPLORER,
        # Azure Policy f4b53539-8df9-40e4-86c6-6b607703bd4e: absent counts as false.
        judge=flag_is("enableDiskEncryption", wanted=True, default=False),
        remedy="Set enableDiskEncryption to true.",
    ),
    Control(
        id="data-explorer-encrypts-twice",
        title="Data Explorer encrypts in the service and in the infrastructure",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_EXPLORER,
        # Azure Policy ec068d99-e9c7-401f-8cef-5bdde4e6ccf1: absent counts as false.
        judge=flag_is("enableDoubleEncryption", wanted=True, default=False),
        remedy="Set enableDoubleEncryption to true when the cluster is made; it cannot be set later.",
        mandatory=False,
    ),
    Control(
        id="data-explorer-denies-public-access",
        title="Data Explorer is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_EXPLORER,
        # Azure Policy 43bc7be6-5e69-4b0d-a2bb-e815557ca673: anything but Disabled does not comply.
        judge=_is_closed,
        remedy="Set publicNetworkAccess to Disabled and reach the cluster by a private endpoint.",
    ),
    Control(
        id="databricks-denies-public-access",
        title="Databricks is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DATABRICKS,
        # Azure Policy 0e7849de-b939-4c50-ab48-fc6b0f5eeba2: anything but Disabled does not comply.
        judge=_is_closed,
        remedy="Set publicNetworkAccess to Disabled and reach the workspace by a private endpoint.",
    ),
    Control(
        id="databricks-clusters-have-no-public-address",
        title="Clusters of Databricks have no public address",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DATABRICKS,
        # Azure Policy 51c1490f-3319-459c-bbbc-7f391bbed753: absent does not comply, though Azure's own default is true.
        judge=flag_is("parameters.enableNoPublicIp.value", wanted=True, default=False),
        remedy="Set parameters.enableNoPublicIp.value to true.",
    ),
    Control(
        id="databricks-stands-in-a-network",
        title="Databricks stands in a network of the council's",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DATABRICKS,
        # Azure Policy 9c25c9e4-ee12-4882-afd2-11fb9d87893f: all three must be set.
        judge=_stands_in_network,
        remedy="Set parameters.customVirtualNetworkId, customPublicSubnetName and customPrivateSubnetName.",
        looks_around=True,
    ),
    Control(
        id="databricks-can-be-private",
        title="Databricks is of the tier that has private endpoints and own keys",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DATABRICKS,
        # Azure Policy 2cc2c3b5-c2f8-45aa-a9e6-f90d85ae8352: Premium, or no name at all.
        judge=text_is("sku.name", "premium", default="premium"),
        remedy="Set sku.name to premium.",
        mandatory=False,
    ),
    Control(
        id="hdinsight-encrypts-disks",
        title="HDInsight encrypts disks on their hosts",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_HDINSIGHT,
        # Azure Policy 1fd32ebd-e4c3-4e13-a54a-d7422d4d95f6: absent counts as false.
        judge=flag_is("properties.diskEncryptionProperties.encryptionAtHost", wanted=True, default=False),
        remedy="Set properties.diskEncryptionProperties.encryptionAtHost to true.",
    ),
    Control(
        id="hdinsight-encrypts-connections",
        title="HDInsight encrypts what its nodes tell one another",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_HDINSIGHT,
        # Azure Policy d9da03a1-f3c3-412a-9709-947156872263: absent counts as false.
        judge=flag_is("properties.encryptionInTransitProperties.isEncryptionInTransitEnabled", wanted=True, default=False),
        remedy="Set properties.encryptionInTransitProperties.isEncryptionInTransitEnabled to true.",
    ),
    Control(
        id="hdinsight-requires-tls-1-2",
        title="HDInsight refuses TLS older than 1.2",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_HDINSIGHT,
        # Microsoft.HDInsight reference (SDK 3.29.0): minSupportedTlsVersion is what a cluster is told; absent it is told none.
        judge=text_is("properties.minSupportedTlsVersion", "1.2", default="none"),
        remedy="Set properties.minSupportedTlsVersion to 1.2.",
    ),
)
