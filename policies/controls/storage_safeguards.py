"""Storage accounts behind their front door: who else is let in, which keys are out, what can be brought back."""

from __future__ import annotations

from policies.answers import Judge, any_of, both, fails, not_applicable, passes
from policies.demands import flag_is, is_empty, is_set, only_where, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import references, unknowns

_ACCOUNT = ("azure-native:storage:StorageAccount",)
_CONTAINER = "azure-native:storage:BlobContainer"
_SCOPE = ("azure-native:storage:EncryptionScope",)
_LOCAL_USER = ("azure-native:storage:LocalUser",)
_BLOBS = ("azure-native:storage:BlobServiceProperties",)
_BLOBS_COME_BACK: Judge = both(
    flag_is("deleteRetentionPolicy.enabled", wanted=True, default=False),
    flag_is("containerDeleteRetentionPolicy.enabled", wanted=True, default=False),
)


def _takes_keys(account: Place) -> bool:
    return account.flag("allowSharedKeyAccess", default=True)


def _survives_a_zone(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 85b005b2-95fc-4953-b9cb-f9ee6427c754: the SKU ends in ZRS, and the account is not of the first kind, Storage."""
    place = at(subject)
    sku, kind = place.text("sku.name"), place.text("kind")
    if same(kind, "Storage"):
        return fails("kind is Storage, which stands in one data centre.", "kind")
    if sku.casefold().endswith("zrs"):
        return passes(f"sku.name is {sku}: three data centres.", "sku.name")
    return fails(f"sku.name is {sku or 'not set'}; it must be one that ends in ZRS.", "sku.name")


def _lets_trusted_services_in(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy c9d007d0-c057-4772-b18c-01e546713bcd: absent complies."""
    path = "networkRuleSet.bypass"
    held = at(subject).text(path, "AzureServices")
    if any(same(word, "AzureServices") for word in held.split(",")):
        return passes(f"{path} is {held}.", path)
    return fails(f"{path} is {held}; it must hold AzureServices.", path)


def _rules_for_blobs(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure keeps nothing of what is deleted unless the account's blob service says so, which stands beside the account."""
    name = at(subject).text("accountName")
    containers = references(portfolio, (_CONTAINER,), "accountName")
    if not containers.to(subject, name):
        none = not_applicable(f"No blob container of {subject.name} is among the resources judged.")
        return any_of(unknowns(containers), none)
    lacking = fails(f"Nothing among the resources judged says that {subject.name} keeps deleted blobs and containers.")
    held = references(portfolio, _BLOBS, "accountName")
    return any_of([*(lambda s=s: _BLOBS_COME_BACK(s, portfolio) for s in held.to(subject, name)), *unknowns(held)], lacking)


CONTROLS = (
    Control(
        id="storage-lets-trusted-services-in",
        title="Storage firewalls let in Azure's own services that prove who they are",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        judge=_lets_trusted_services_in,
        remedy="Set networkRuleSet.bypass to AzureServices, or keep None where no backup and no log needs the account.",
        mandatory=False,
    ),
    Control(
        id="storage-firewall-names-networks-only",
        title="Storage firewalls name networks, not addresses of the internet",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        # Azure Policy 2a1a9cdf-e04d-429a-8416-3bfb72a1b26f: Deny by default and not one ipRule.
        judge=both(
            text_is("networkRuleSet.defaultAction", "Deny", default="Allow"),
            is_empty("networkRuleSet.ipRules", "addresses of the internet"),
        ),
        remedy="Remove networkRuleSet.ipRules, set networkRuleSet.defaultAction to Deny and name subnets.",
        mandatory=False,
    ),
    Control(
        id="storage-keys-expire",
        title="Storage accounts that take shared keys say when these expire",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        # Azure Policy 044985bb-afe1-42cd-8a36-9d5d42424537 reckons from keyPolicy; without it no key ever expires.
        judge=only_where(
            _takes_keys,
            "The account takes no shared keys.",
            is_set("keyPolicy.keyExpirationPeriodInDays", "a time after which keys expire"),
        ),
        remedy="Set allowSharedKeyAccess to false, or keyPolicy.keyExpirationPeriodInDays to the days after which keys are renewed.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="storage-signatures-expire",
        title="Storage accounts that take shared keys bound the life of what these sign",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        # Microsoft.Storage reference (SDK 3.29.0): sasPolicy is assigned to an account or is not; there is none by default.
        judge=only_where(
            _takes_keys, "The account takes no shared keys.", is_set("sasPolicy.sasExpirationPeriod", "a longest life of signatures")
        ),
        remedy="Set allowSharedKeyAccess to false, or sasPolicy.sasExpirationPeriod and sasPolicy.expirationAction to Block.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="storage-copies-stay-in-the-tenant",
        title="Storage accounts are copied to and from only within the tenant",
        severity=Severity.LOW,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_ACCOUNT,
        # Microsoft.Storage reference (SDK 3.29.0): allowedCopyScope restricts copies; absent nothing restricts them.
        judge=text_is("allowedCopyScope", "AAD", "PrivateLink", default="any"),
        remedy="Set allowedCopyScope to AAD.",
        mandatory=False,
    ),
    Control(
        id="storage-survives-a-zone",
        title="Storage accounts are kept in several data centres",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        judge=_survives_a_zone,
        remedy="Choose a SKU of zone-redundant storage, such as Standard_ZRS.",
        mandatory=False,
    ),
    Control(
        id="storage-scopes-encrypt-twice",
        title="Encryption scopes encrypt in the service and in the infrastructure",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SCOPE,
        # Azure Policy bfecdea6-31c4-4045-ad42-71b9dc87247d: anything but true does not comply.
        judge=flag_is("requireInfrastructureEncryption", wanted=True, default=False),
        remedy="Set requireInfrastructureEncryption to true when the scope is made; it cannot be set later.",
        mandatory=False,
    ),
    Control(
        id="storage-local-users-have-no-passwords",
        title="SFTP users sign in by SSH key, not by password or shared key",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_LOCAL_USER,
        # Microsoft.Storage reference (SDK 3.29.0): "Set it to false to remove existing SSH password"; absent removes nothing.
        judge=both(flag_is("hasSshPassword", wanted=False, default=True), flag_is("hasSharedKey", wanted=False, default=True)),
        remedy="Set hasSshPassword and hasSharedKey to false and give the user an SSH key.",
    ),
    Control(
        id="deleted-blobs-can-be-brought-back",
        title="Deleted blobs and containers can be brought back",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_BLOBS,
        # Microsoft.Storage reference (SDK 3.29.0): each policy "is enabled" by its own switch; absent counts as off.
        judge=_BLOBS_COME_BACK,
        remedy="Set deleteRetentionPolicy.enabled and containerDeleteRetentionPolicy.enabled to true, with days that suit the data.",
    ),
    Control(
        id="storage-has-rules-for-deleted-blobs",
        title="Every storage account with blob containers says that what is deleted is kept",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_ACCOUNT,
        judge=_rules_for_blobs,
        remedy="Add a storage.BlobServiceProperties for the account that keeps deleted blobs and containers.",
        looks_around=True,
    ),
)
