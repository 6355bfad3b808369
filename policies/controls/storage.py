"""Storage accounts. Defaults of absent properties are those of the Microsoft.Storage REST reference, storageAccounts/create."""

from __future__ import annotations

from collections.abc import Iterable

from policies.answers import all_of, both, cannot_tell, not_applicable
from policies.demands import flag_is, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import at, same

_WEBSITE = ("azure-native:storage:StorageAccountStaticWebsite",)
_ACCOUNT = ("azure-native:storage:StorageAccount",)
_denies_by_default = text_is("networkRuleSet.defaultAction", "Deny", default="Allow")


def _firewall(subject: Subject, portfolio: Portfolio) -> Answer:
    if same(at(subject).text("publicNetworkAccess", "Enabled"), "Disabled", "SecuredByPerimeter"):
        return not_applicable("The public network is closed, so its firewall lets nothing through.")
    return _denies_by_default(subject, portfolio)


_network_is_closed = text_is("publicNetworkAccess", "Disabled", "SecuredByPerimeter", default="Enabled")


def _website(subject: Subject, portfolio: Portfolio) -> Answer:
    """A website is open to all whom its account's network lets in, whatever the account says of anonymous readers."""
    accounts = accounts_of(subject, portfolio)
    unseen = cannot_tell(
        f"Cannot tell: the account that {subject.name} opens to anonymous readers is not among the resources judged.", "accountName"
    )
    return all_of((lambda a=a: _network_is_closed(a, portfolio) for a in accounts), unseen)


def accounts_of(part: Subject, portfolio: Portfolio) -> list[Subject]:
    """The storage accounts that something which names its account (`accountName`) is known to be of: made from, or named alike."""
    made_from = [portfolio.by_id[u] for u in part.waits_on.get("accountName", ()) if u in portfolio.by_id]
    named = part.inputs.get("accountName")
    by_name = portfolio.once("storage accounts by name", lambda: _by_name(portfolio.by_type.get(_ACCOUNT[0], ())))
    found = [*(s for s in made_from if s.type in _ACCOUNT), *(by_name.get(_plain(named), ()) if isinstance(named, str) else ())]
    return list({s.id: s for s in found}.values())


def _by_name(accounts: Iterable[Subject]) -> dict[str, list[Subject]]:
    held: dict[str, list[Subject]] = {}
    for account in accounts:
        name = account.inputs.get("accountName")
        if isinstance(name, str):
            held.setdefault(_plain(name), []).append(account)
    return held


def _plain(name: str) -> str:
    return name.strip().casefold()


CONTROLS = (
    Control(
        id="storage-denies-public-access",
        title="Storage accounts are closed to anonymous readers and to the public network",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        # Reference: allowBlobPublicAccess "default interpretation is false"; publicNetworkAccess is Enabled unless set.
        judge=both(
            flag_is("allowBlobPublicAccess", wanted=False, default=False),
            text_is("publicNetworkAccess", "Disabled", "SecuredByPerimeter", default="Enabled"),
        ),
        remedy="Set allowBlobPublicAccess to false and publicNetworkAccess to Disabled, and reach the account by a private endpoint.",
    ),
    Control(
        id="blob-containers-deny-anonymous-readers",
        title="Blob containers are closed to anonymous readers",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:storage:BlobContainer",),
        # learn.microsoft.com, "Remediating anonymous read access for blob data" (read 2026-11-24): never permitted by default.
        judge=text_is("publicAccess", "None", default="None"),
        remedy="Set publicAccess to None, and give each reader a role on the container.",
    ),
    Control(
        id="storage-websites-stay-private",
        title="Static websites of storage accounts are not on the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_WEBSITE,
        # learn.microsoft.com, "Static website hosting in Azure Storage" (read 2026-11-24): files in $web are served to anonymous requests.
        judge=_website,
        remedy="Set publicNetworkAccess of its account to Disabled, or put pages for everybody on a service that is made for them.",
        looks_around=True,
    ),
    Control(
        id="storage-firewall-denies-by-default",
        title="Storage firewalls refuse networks that nobody has named",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        judge=_firewall,  # Reference: networkRuleSet.defaultAction is Allow unless set.
        remedy="Set networkRuleSet.defaultAction to Deny and name the subnets that need the account.",
    ),
    Control(
        id="storage-requires-https",
        title="Storage accounts accept encrypted connections only",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        # Reference: enableHttpsTrafficOnly is true by default since API version 2019-04-01.
        judge=flag_is("enableHttpsTrafficOnly", wanted=True, default=True),
        remedy="Set enableHttpsTrafficOnly to true.",
    ),
    Control(
        id="storage-requires-tls-1-2",
        title="Storage accounts refuse TLS older than 1.2",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        # Reference: "the default interpretation is TLS 1.0 for this property".
        judge=text_is("minimumTlsVersion", "TLS1_2", "TLS1_3", default="TLS1_0"),
        remedy="Set minimumTlsVersion to TLS1_2.",
    ),
    Control(
        id="storage-denies-shared-keys",
        title="Storage accounts take Entra identities, not shared keys",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        # Reference: allowSharedKeyAccess "default value is null, which is equivalent to true".
        judge=flag_is("allowSharedKeyAccess", wanted=False, default=True),
        remedy="Set allowSharedKeyAccess to false and give each reader a role on the account.",
    ),
    Control(
        id="storage-denies-copies-to-other-tenants",
        title="Storage accounts do not replicate to other organisations",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_ACCOUNT,
        # Reference: allowCrossTenantReplication "default interpretation is false" for new accounts.
        judge=flag_is("allowCrossTenantReplication", wanted=False, default=False),
        remedy="Set allowCrossTenantReplication to false.",
    ),
    Control(
        id="storage-encrypts-twice",
        title="Storage accounts encrypt in the service and in the infrastructure",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ACCOUNT,
        # Azure Policy 4733ea7b-a883-42fe-8cac-97454c2a9e4a: anything but true does not comply. Only a new account can have it.
        judge=flag_is("encryption.requireInfrastructureEncryption", wanted=True, default=False),
        remedy="Set encryption.requireInfrastructureEncryption to true when the account is made; it cannot be set later.",
        mandatory=False,
    ),
)
