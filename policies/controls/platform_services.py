"""Services that others lean on: App Configuration, Automation, Batch, health APIs, backup vaults, attestation and Spring."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, fails, passes, some
from policies.demands import by_type, flag_is, is_set, lists_none_of, only_where, text_is, text_is_not
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import has_sibling

_STORE: Final = ("azure-native:appconfiguration:ConfigurationStore",)
_AUTOMATION: Final = ("azure-native:automation:AutomationAccount",)
_BATCH: Final = ("azure-native:batch:BatchAccount",)
_POOL: Final = ("azure-native:batch:Pool",)
_FHIR: Final = "azure-native:healthcareapis:Service"
_HEALTH: Final = ("azure-native:healthcareapis:FhirService", "azure-native:healthcareapis:DicomService")
_DEID: Final = "azure-native:healthdataaiservices:DeidService"
_BACKUP: Final = ("azure-native:dataprotection:BackupVault",)
_RECOVERY: Final = ("azure-native:recoveryservices:Vault",)
_GUARDS: Final = ("azure-native:recoveryservices:ResourceGuardProxy",)
_SECURITY: Final = "properties.securitySettings"
_origins: Judge = lists_none_of("corsConfiguration.origins", "*")


def _takes_no_shared_keys(subject: Subject, _: Portfolio) -> Answer:
    """Microsoft.Batch reference (SDK 3.29.0): the list holds the modes that are allowed; absent, it takes none away."""
    path = "allowedAuthenticationModes"
    modes = at(subject).items(path)
    if not modes:
        return fails(f"{path} is not set, which allows shared keys.", path)
    if some([lambda mode=mode: same(mode.text(""), "SharedKey") for mode in modes]):
        return fails(f"{path} holds SharedKey.", path)
    return passes(f"{path} does not hold SharedKey.", path)


def _encrypts_disks(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 1760f9d4-7206-436e-a28f-d9f3a5c8a227: the targets hold TemporaryDisk."""
    path = "deploymentConfiguration.virtualMachineConfiguration.diskEncryptionConfiguration.targets"
    if some([lambda item=item: same(item.text(""), "TemporaryDisk") for item in at(subject).items(path)]):
        return passes(f"{path} holds TemporaryDisk.", path)
    return fails(f"{path} does not hold TemporaryDisk.", path)


def _can_join_a_network(spring: Place) -> bool:
    """Azure Policy af35e2a4-ef96-44e7-a9ae-853dd97032c4 asks it of these tiers."""
    return same(spring.text("sku.tier"), "Standard", "Enterprise")


CONTROLS = (
    Control(
        id="app-configuration-denies-public-access",
        title="App Configuration is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_STORE,
        # Azure Policy 3d9f5e4c-9947-4579-9539-2a7695fbc187: anything but Disabled does not comply.
        judge=text_is("publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set publicNetworkAccess to Disabled and reach the store by a private endpoint.",
    ),
    Control(
        id="app-configuration-denies-shared-keys",
        title="App Configuration takes Entra identities, not shared keys",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_STORE,
        # Microsoft.AppConfiguration reference (SDK 3.29.0): it "Disables all authentication methods other than AAD"; absent it does not.
        judge=flag_is("disableLocalAuth", wanted=True, default=False),
        remedy="Set disableLocalAuth to true and give readers roles.",
    ),
    Control(
        id="app-configuration-denies-purge",
        title="Deleted configuration cannot be purged before its time",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_STORE,
        # Microsoft.AppConfiguration reference (SDK 3.29.0): "whether protection against purge is enabled"; absent counts as not.
        judge=flag_is("enablePurgeProtection", wanted=True, default=False),
        remedy="Set enablePurgeProtection to true.",
        mandatory=False,
    ),
    Control(
        id="app-configuration-can-be-private",
        title="App Configuration is of a tier that takes private endpoints",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_STORE,
        # Azure Policy 89c8a434-18f0-402c-8147-630a8dea54e0: only Free fails. The SKU is a required input.
        judge=text_is_not("sku.name", "Free", default="Free"),
        remedy="Choose the Standard SKU.",
        mandatory=False,
    ),
    Control(
        id="automation-encrypts-variables",
        title="Variables of Automation are encrypted",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:automation:Variable",),
        # Azure Policy 3657f5a0-770e-44a3-b44e-9431ba1e9735: anything but true does not comply.
        judge=flag_is("isEncrypted", wanted=True, default=False),
        remedy="Set isEncrypted to true.",
    ),
    Control(
        id="automation-denies-public-access",
        title="Automation is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_AUTOMATION,
        # Azure Policy 955a914f-bf86-4f0e-acd5-e0766b0efcb6: anything but false does not comply.
        judge=flag_is("publicNetworkAccess", wanted=False, default=True),
        remedy="Set publicNetworkAccess to false and reach the account by a private endpoint.",
    ),
    Control(
        id="automation-denies-shared-keys",
        title="Automation takes Entra identities, not shared keys",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_AUTOMATION,
        # Azure Policy 48c5f1cb-14ad-4797-8e3b-f78ab3f8d700: anything but true does not comply.
        judge=flag_is("disableLocalAuth", wanted=True, default=False),
        remedy="Set disableLocalAuth to true.",
    ),
    Control(
        id="automation-has-an-identity",
        title="Automation has an identity with which it signs in to what it works on",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_AUTOMATION,
        # Azure Policy dea83a72-443c-4292-83d5-54a2f98749c0: absent or None does not comply.
        judge=text_is_not("identity.type", "None", default="None"),
        remedy="Set identity.type to SystemAssigned or UserAssigned.",
    ),
    Control(
        id="batch-denies-public-access",
        title="Batch is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BATCH,
        # Azure Policy 74c5a0ae-5e48-4738-b093-65e23a060488: anything but Disabled does not comply.
        judge=text_is("publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set publicNetworkAccess to Disabled and reach the account by a private endpoint.",
    ),
    Control(
        id="batch-denies-shared-keys",
        title="Batch takes Entra identities, not shared keys",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BATCH,
        judge=_takes_no_shared_keys,
        remedy="Set allowedAuthenticationModes to AAD.",
    ),
    Control(
        id="batch-pools-encrypt-disks",
        title="Pools of Batch encrypt the disks of their machines",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_POOL,
        judge=_encrypts_disks,
        remedy="Add TemporaryDisk, and OsDisk on Windows, to the targets of diskEncryptionConfiguration.",
    ),
    Control(
        id="health-apis-name-their-callers",
        title="Health APIs do not let the pages of every site call them",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_FHIR, *_HEALTH),
        # Azure Policy 0fea8f8a-4169-495d-8307-30ec335f387d: no origin may be *; absent there is none.
        judge=by_type({_FHIR: lists_none_of("properties.corsConfiguration.origins", "*"), **dict.fromkeys(_HEALTH, _origins)}),
        remedy="Name the origins in corsConfiguration.origins that may call the API.",
    ),
    Control(
        id="health-apis-deny-public-access",
        title="Health APIs are closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_FHIR, _DEID),
        # Azure Policy c5f34731-7ab9-42ff-922d-ef4920068b74: anything but Disabled does not comply.
        judge=text_is("properties.publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set properties.publicNetworkAccess to Disabled and reach the service by a private endpoint.",
    ),
    Control(
        id="backup-vaults-are-immutable",
        title="What backup vaults hold cannot be changed before it expires",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BACKUP,
        # Azure Policy 2514263b-bc0d-4b06-ac3e-f262c0979018: anything but Unlocked or Locked does not comply.
        judge=text_is(f"{_SECURITY}.immutabilitySettings.state", "Unlocked", "Locked", default="Disabled"),
        remedy=f"Set {_SECURITY}.immutabilitySettings.state to Unlocked, and to Locked once retention is agreed.",
        mandatory=False,
    ),
    Control(
        id="backup-vaults-survive-deletion",
        title="What is deleted from backup vaults can be brought back",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BACKUP,
        # Azure Policy 9798d31d-6028-4dee-8643-46102185c016: anything but On or AlwaysOn does not comply.
        judge=text_is(f"{_SECURITY}.softDeleteSettings.state", "On", "AlwaysOn", default="Off"),
        remedy=f"Set {_SECURITY}.softDeleteSettings.state to AlwaysOn.",
    ),
    Control(
        id="recovery-vaults-deny-public-access",
        title="Recovery Services vaults are closed to the public network",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_RECOVERY,
        # Azure Policy 9ebbbba3-4d65-4da9-bb67-b22cfaaff090: anything but Disabled does not comply.
        judge=text_is("properties.publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set properties.publicNetworkAccess to Disabled and give the vault private endpoints.",
        mandatory=False,
    ),
    Control(
        id="recovery-vaults-tell-of-failures",
        title="Recovery Services vaults raise an alert when a backup fails",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_RECOVERY,
        # Microsoft.RecoveryServices reference (SDK 3.29.0): alertsForAllJobFailures is Enabled or Disabled; absent counts as Disabled.
        judge=text_is("properties.monitoringSettings.azureMonitorAlertSettings.alertsForAllJobFailures", "Enabled", default="Disabled"),
        remedy="Set properties.monitoringSettings.azureMonitorAlertSettings.alertsForAllJobFailures to Enabled.",
        mandatory=False,
    ),
    Control(
        id="recovery-vaults-survive-a-region",
        title="Recovery Services vaults are kept in another region too",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_RECOVERY,
        # PSRule for Azure, rule Azure.RSV.StorageType (read 2026-11-25): "The default storage type used … is Geo-redundant".
        judge=text_is("properties.redundancySettings.standardTierStorageRedundancy", "GeoRedundant", default="GeoRedundant"),
        remedy="Set properties.redundancySettings.standardTierStorageRedundancy to GeoRedundant.",
        mandatory=False,
    ),
    Control(
        id="recovery-vaults-need-two-people",
        title="Nobody can weaken or delete backups alone",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_RECOVERY,
        # Azure Policy c7031eab-0fc0-4cd9-acd0-4497bd66d91a: a resource guard, of which the vault has a proxy, asks a second person.
        judge=has_sibling(_GUARDS, "vaultName", what="resource guard", named="vaultName"),
        remedy="Add a recoveryservices.ResourceGuardProxy for the vault, of a resource guard in another subscription.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="attestation-denies-public-access",
        title="Attestation providers are closed to the public network",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:attestation:AttestationProvider",),
        # Azure Policy 5e7e928c-8693-4a23-9bf3-1c77b9a8fe97: anything but Disabled does not comply.
        judge=text_is("properties.publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set properties.publicNetworkAccess to Disabled and reach the provider by a private endpoint.",
    ),
    Control(
        id="spring-apps-stand-in-a-network",
        title="Spring Apps stand in a network of the council's",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:appplatform:Service",),
        # Azure Policy af35e2a4-ef96-44e7-a9ae-853dd97032c4: absent does not comply.
        judge=only_where(
            _can_join_a_network,
            "The tier does not stand in a network.",
            is_set("properties.networkProfile.serviceRuntimeSubnetId", "a subnet to stand in"),
        ),
        remedy="Set properties.networkProfile.serviceRuntimeSubnetId.",
        mandatory=False,
        looks_around=True,
    ),
)
