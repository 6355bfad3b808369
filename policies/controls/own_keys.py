"""Encryption at rest by keys that the council holds. It costs care (a lost key is lost data), so all of it is advice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.answers import Judge, any_of, both, fails
from policies.demands import by_type, flag_is, is_set, only_where, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import references, unknowns

_OWN_KEY: Final = "a key of the council's"
# Azure Policy 67121cc7-ff39-4ab8-b7e3-95b84dab487d leaves out these kinds of AI service, which keep nothing or cannot.
_WITHOUT_KEYS: Final = (
    *("CognitiveServices", "ContentSafety", "ImmersiveReader", "HealthInsights", "LUIS.Authoring", "LUIS", "QnAMaker", "QnAMaker.V2"),
    *("AIServices", "MetricsAdvisor", "SpeechTranslation", "Internal.AllInOne", "ConversationalLanguageUnderstanding", "knowledge"),
    *("TranscriptionIntelligence", "HealthDecisionSupport"),
)
_key_source: Judge = text_is("encryption.keySource", "Microsoft.KeyVault", default="Microsoft's own")
_protected: Judge = text_is("serverKeyType", "AzureKeyVault", default="ServiceManaged")
_server_key: Judge = is_set("keyId", _OWN_KEY)
_customer_key: Judge = is_set("encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl", _OWN_KEY)
_flexible: Judge = both(
    text_is("dataEncryption.type", "AzureKeyVault", default="SystemManaged"), is_set("dataEncryption.primaryKeyURI", _OWN_KEY)
)


def _is_premium(namespace: Place) -> bool:
    """Azure takes the tier from the name where only that is given."""
    return same(namespace.text("sku.tier") or namespace.text("sku.name"), "Premium")


def _stands_on_a_cluster(namespace: Place) -> bool:
    return namespace.has("clusterArmId")


def _is_by_own_key(account: Place) -> bool:
    return same(account.text("encryption.keySource"), "Microsoft.Keyvault")


def _is_a_box(job: Place) -> bool:
    return same(job.text("sku.name"), "DataBox", "DataBoxHeavy")


def _can_use_own_key(service: Place) -> bool:
    return not same(service.text("kind"), *_WITHOUT_KEYS)


def _is_no_project(workspace: Place) -> bool:
    return not same(workspace.text("kind"), "project")


def _sql_by_own_key(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy 0a370ff3-6cab-4e85-8995-295fd854c5b8: by the server's keyId, or by the protector that stands beside it."""
    lacking = fails(f"{subject.name} is encrypted by a key of Microsoft's: keyId is not set.", "keyId")
    held = references(portfolio, ("azure-native:sql:EncryptionProtector",), "serverName")
    mine = held.to(subject, at(subject).text("serverName"))
    asked = [lambda: _server_key(subject, portfolio), *(lambda s=s: _protected(s, portfolio) for s in mine), *unknowns(held)]
    return any_of(asked, lacking)


_STORAGE: Final[Mapping[str, Judge]] = {
    # Azure Policies 6fac406b-40ca-413b-bf8e-0bf964659c25, b5ec538c-daa0-4006-8596-35468b9148e8, 7698f4ed-80ce-4e13-b408-ee135fa400a5,
    # 970f84d8-71b6-4091-9979-ace7e3fb6dbb and 86efb160-8de7-451d-bc08-5d475b0aadae: absent does not comply.
    "azure-native:storage:StorageAccount": _key_source,
    "azure-native:storage:EncryptionScope": text_is("source", "Microsoft.KeyVault", default="Microsoft.Storage"),
    "azure-native:netapp:Account": _key_source,
    "azure-native:elasticsan:VolumeGroup": text_is(
        "encryption", "EncryptionAtRestWithCustomerManagedKey", default="EncryptionAtRestWithPlatformKey"
    ),
    "azure-native:storagecache:Cache": both(
        is_set("encryptionSettings.keyEncryptionKey.keyUrl", _OWN_KEY),
        is_set("encryptionSettings.keyEncryptionKey.sourceVault.id", "a vault that holds its key"),
    ),
    "azure-native:databox:Job": only_where(
        _is_a_box,
        "The device is not one that can.",
        text_is("details.keyEncryptionKey.kekType", "CustomerManaged", default="MicrosoftManaged"),
    ),
}
_DATABASES: Final[Mapping[str, Judge]] = {
    # Azure Policies 0a370ff3-6cab-4e85-8995-295fd854c5b8, ac01ad65-10e5-46df-bdd9-6b0cad13e1d2 and 12c74c95-0efd-48da-b8d9-2a7d68470c92.
    "azure-native:sql:Server": _sql_by_own_key,
    "azure-native:sql:ManagedInstance": _server_key,
    "azure-native:sql:EncryptionProtector": _protected,
    "azure-native:dbforpostgresql:Server": _flexible,
    "azure-native:dbformysql:Server": _flexible,
    # Azure Policy 413923f0-ff16-41ae-8583-90c5c5d9fa8f: absent does not comply.
    "azure-native:azurearcdata:SqlManagedInstance": text_is(
        "properties.k8sRaw.spec.security.transparentDataEncryption.mode", "CustomerManaged", default="Disabled"
    ),
}
_DATA: Final[Mapping[str, Judge]] = {
    # Azure Policies 1f905d99-2ab7-462c-a6b0-f709acca6c8f, f7d52b2d-e161-4dfa-a82b-55e564167385, 09aa11bb-87ec-409f-bf0b-49b7c1561a87,
    # 81e74cea-30fd-40d5-802f-d72103c2aaaa, 64d314f6-6062-4780-a861-c23e8951bee5, 4ec52d6d-beb7-40c4-9a9e-fe753254690e and
    # 87ba29ef-1ab3-4d82-b763-87fcd4f531f7; the last is met by a job that keeps its content in an account of the council's.
    "azure-native:cosmosdb:DatabaseAccount": is_set("keyVaultKeyUri", _OWN_KEY),
    "azure-native:synapse:Workspace": is_set("encryption.cmk.key.name", _OWN_KEY),
    "azure-native:redisenterprise:RedisEnterprise": is_set("encryption.customerManagedKeyEncryption", _OWN_KEY),
    "azure-native:kusto:Cluster": both(
        is_set("keyVaultProperties.keyName", _OWN_KEY),
        is_set("keyVaultProperties.keyVersion", "a version of its key"),
        is_set("keyVaultProperties.keyVaultUri", "a vault that holds its key"),
    ),
    "azure-native:hdinsight:Cluster": is_set("properties.diskEncryptionProperties.keyName", _OWN_KEY),
    "azure-native:datafactory:Factory": is_set("encryption.vaultBaseUrl", _OWN_KEY),
    "azure-native:streamanalytics:StreamingJob": text_is("contentStoragePolicy", "JobStorageAccount", default="SystemAccount"),
}
_MESSAGES: Final[Mapping[str, Judge]] = {
    # Azure Policies 295fc8b1-dc9f-4f53-9c61-3f313ceab40a and a1ad735a-e96f-45d2-a7b2-9a4932cab7ec: absent does not comply.
    "azure-native:servicebus:Namespace": only_where(_is_premium, "Only premium namespaces can.", _key_source),
    "azure-native:eventhub:Namespace": only_where(_stands_on_a_cluster, "Only namespaces of a cluster can.", _key_source),
}
_INTELLIGENCE: Final[Mapping[str, Judge]] = {
    # Azure Policies 67121cc7-ff39-4ab8-b7e3-95b84dab487d, ba769a63-b8cc-4b2d-abf6-ac33c7204be8, 76a56461-9dc0-40f0-82f5-2453283afa2f
    # and 51522a96-0869-4791-82f3-981000c2c67f: absent does not comply.
    "azure-native:cognitiveservices:Account": only_where(
        _can_use_own_key,
        "A service of that kind keeps nothing under a key.",
        text_is("properties.encryption.keySource", "Microsoft.KeyVault", default="Microsoft.CognitiveServices"),
    ),
    "azure-native:machinelearningservices:Workspace": only_where(
        _is_no_project, "A project's data lies in its hub.", text_is("encryption.status", "Enabled", default="Disabled")
    ),
    "azure-native:search:Service": text_is("encryptionWithCmk.enforcement", "Enabled", default="Unspecified"),
    "azure-native:botservice:Bot": flag_is("properties.isCmekEnabled", wanted=True, default=False),
}
_PLATFORM: Final[Mapping[str, Judge]] = {
    # Azure Policies 56a5ee18-2ae6-4810-86f7-18e39ce5629b, 99e9ccd8-3db9-4592-b0d1-14b1715a4d8a, 967a4b4b-2da9-43c1-b7d0-f98d0d74d0b1,
    # 2e94d99a-8a36-4563-bc77-810d8893b671, 65c4f833-1f2e-426c-8780-f6d7593bed7a, 46388f67-373c-4018-98d3-2b83172dd13a,
    # 43c323f6-0329-4f7c-a19a-6e5a5690d042 and 1fafeaf6-7927-4059-a50a-8eb2a7a6f2b5: absent does not comply.
    "azure-native:automation:AutomationAccount": _key_source,
    "azure-native:batch:BatchAccount": _key_source,
    "azure-native:appconfiguration:ConfigurationStore": is_set("encryption.keyVaultProperties.keyIdentifier", _OWN_KEY),
    "azure-native:recoveryservices:Vault": is_set("properties.encryption.keyVaultProperties.keyUri", _OWN_KEY),
    "azure-native:loadtestservice:LoadTest": is_set("encryption.keyUrl", _OWN_KEY),
    "azure-native:fluidrelay:FluidRelayServer": is_set("encryption.customerManagedKeyEncryption", _OWN_KEY),
    "azure-native:deviceupdate:Account": is_set("encryption.keyVaultKeyUri", _OWN_KEY),
    "azure-native:logic:IntegrationServiceEnvironment": is_set("properties.encryptionConfiguration", _OWN_KEY),
}
_HEALTH: Final[Mapping[str, Judge]] = {
    # Azure Policies 051cba44-2429-45b9-9649-46cec11c7119, c42dee8c-0202-4a12-bd8e-3e171cbf64dd, 14961b63-a1eb-4378-8725-7e84ca8db0e6
    # and 4d080fa5-a6d2-4f98-ba9c-f482d0d335c0: absent does not comply.
    "azure-native:healthcareapis:Service": is_set("properties.cosmosDbConfiguration.keyVaultKeyUri", _OWN_KEY),
    "azure-native:healthcareapis:FhirService": _customer_key,
    "azure-native:healthcareapis:DicomService": _customer_key,
    "azure-native:healthbot:Bot": is_set("properties.keyVaultProperties.keyVaultUri", _OWN_KEY),
}

CONTROLS = (
    Control(
        id="storage-uses-own-keys",
        title="Storage is encrypted by keys that the council holds",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_STORAGE),
        judge=by_type(_STORAGE),
        remedy="Set encryption.keySource to Microsoft.KeyVault, with a key of the council's, in a vault that denies purge.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="databases-use-own-keys",
        title="Databases are encrypted by keys that the council holds",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_DATABASES),
        judge=by_type(_DATABASES),
        remedy="Set keyId, or dataEncryption of a PostgreSQL or MySQL server, to a key of the council's, in a vault that denies purge.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="data-platforms-use-own-keys",
        title="Data services are encrypted by keys that the council holds",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_DATA),
        judge=by_type(_DATA),
        remedy="Set the service's encryption to a key of the council's, in a vault that denies purge.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="message-queues-use-own-keys",
        title="Namespaces of Service Bus and Event Hubs are encrypted by keys that the council holds",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_MESSAGES),
        judge=by_type(_MESSAGES),
        remedy="Set encryption.keySource to Microsoft.KeyVault, with a key of the council's, in a vault that denies purge.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="ai-services-use-own-keys",
        title="AI services are encrypted by keys that the council holds",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_INTELLIGENCE),
        judge=by_type(_INTELLIGENCE),
        remedy="Set the service's encryption to a key of the council's, in a vault that denies purge.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="platform-services-use-own-keys",
        title="Automation, Batch, App Configuration, backups and their like are encrypted by keys that the council holds",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_PLATFORM),
        judge=by_type(_PLATFORM),
        remedy="Set the service's encryption to a key of the council's, in a vault that denies purge.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="health-services-use-own-keys",
        title="Health services are encrypted by keys that the council holds",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=tuple(_HEALTH),
        judge=by_type(_HEALTH),
        remedy="Set the service's encryption to a key of the council's, in a vault that denies purge.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="storage-own-keys-cover-queues-and-tables",
        title="Where the council holds a storage account's key, queues and tables are encrypted by it too",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:storage:StorageAccount",),
        # Azure Policies f0e5abd0-2554-4736-b7c0-4ffef23475ef and 7c322315-e26d-4174-a99e-f49d351b4688: absent counts as Service.
        judge=only_where(
            _is_by_own_key,
            "The account's key is Microsoft's.",
            both(
                text_is("encryption.services.queue.keyType", "Account", default="Service"),
                text_is("encryption.services.table.keyType", "Account", default="Service"),
            ),
        ),
        remedy="Set encryption.services.queue.keyType and encryption.services.table.keyType to Account when the account is made.",
        mandatory=False,
    ),
)
