"""Key vaults. Defaults of absent properties are those of the Microsoft.KeyVault REST reference, vaults/create-or-update."""

from __future__ import annotations

from policies.answers import any_of, fails
from policies.demands import flag_is, number_is_at_least, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject

_VAULT = ("azure-native:keyvault:Vault",)
_is_closed = text_is("properties.publicNetworkAccess", "Disabled", "SecuredByPerimeter", default="Enabled")
_denies_by_default = text_is("properties.networkAcls.defaultAction", "Deny", default="Allow")


def _denies_public(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy 55615ac9-af46-4a59-874e-391cc3dfb490: the public network is closed, or its firewall denies by default."""
    wide_open = fails("The vault answers the public network and its firewall does not deny by default.", "properties.publicNetworkAccess")
    return any_of([lambda: _is_closed(subject, portfolio), lambda: _denies_by_default(subject, portfolio)], wide_open)


CONTROLS = (
    Control(
        id="key-vault-denies-purge",
        title="Deleted key vaults and secrets cannot be purged before their time",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_VAULT,
        # Reference: enablePurgeProtection is not in force unless true; Azure Policy 0b60c0b2-2dc2-4e1c-b5c9-abbed971de53.
        judge=flag_is("properties.enablePurgeProtection", wanted=True, default=False),
        remedy="Set properties.enablePurgeProtection to true.",
    ),
    Control(
        id="key-vault-keeps-deleted-secrets",
        title="Deleted key vaults and secrets can be brought back",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_VAULT,
        # Reference: enableSoftDelete "will be set to true by default" for new vaults.
        judge=flag_is("properties.enableSoftDelete", wanted=True, default=True),
        remedy="Set properties.enableSoftDelete to true.",
    ),
    Control(
        id="key-vault-keeps-deleted-secrets-for-ninety-days",
        title="Deleted secrets are kept for ninety days",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_VAULT,
        # Reference: softDeleteRetentionInDays "accepts >=7 and <=90", 90 by default.
        judge=number_is_at_least("properties.softDeleteRetentionInDays", 90, default=90, unit="days"),
        remedy="Set properties.softDeleteRetentionInDays to 90; it cannot be changed later.",
        mandatory=False,
    ),
    Control(
        id="key-vault-uses-roles",
        title="Key vaults grant access by Azure roles, not by their own access policies",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_VAULT,
        # Azure Policy 12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5: absent counts as false.
        judge=flag_is("properties.enableRbacAuthorization", wanted=True, default=False),
        remedy="Set properties.enableRbacAuthorization to true and assign roles on the vault.",
    ),
    Control(
        id="key-vault-denies-public-access",
        title="Key vaults are closed to the public network",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_VAULT,
        judge=_denies_public,
        remedy="Set properties.publicNetworkAccess to disabled and reach the vault by a private endpoint.",
    ),
)
