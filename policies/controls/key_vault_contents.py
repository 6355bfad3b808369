"""What key vaults hold, whom they answer, and managed HSMs."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, any_of, fails, passes, some
from policies.demands import flag_is, is_set, number_is_at_least, only_where, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same

_SECRET: Final = ("azure-native:keyvault:Secret",)
_KEY: Final = ("azure-native:keyvault:Key",)
_HSM: Final = ("azure-native:keyvault:ManagedHsm",)
_expires: Judge = is_set("properties.attributes.expires", "a day on which it ends")
_is_renewed_until: Judge = is_set("properties.rotationPolicy.attributes.expiryTime", "a day on which every version of it ends")
_long_enough: Judge = number_is_at_least("properties.keySize", 2048, default=2048, unit="bits")
_strong_curve: Judge = text_is("properties.curveName", "P-256", "P-384", "P-521", default="P-256")


def _key_expires(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy 152b15f7-8e1f-4c1f-ab71-8c010ba5dbc0: keys have an expiration date. A rotation policy gives each version one."""
    lacking = fails(f"{subject.name} never ends: neither it nor its rotation policy has a day.", "properties.attributes.expires")
    return any_of([lambda: _expires(subject, portfolio), lambda: _is_renewed_until(subject, portfolio)], lacking)


def _is_strong(subject: Subject, portfolio: Portfolio) -> Answer:
    """Microsoft.KeyVault reference (SDK 3.29.0): 2048 bits and P-256 are the defaults. P-256K is a curve of crypto-currencies."""
    kind = at(subject).text("properties.kty")
    if same(kind, "RSA", "RSA-HSM"):
        return _long_enough(subject, portfolio)
    if same(kind, "EC", "EC-HSM"):
        return _strong_curve(subject, portfolio)
    return fails(f"properties.kty is {kind or 'not set'}, which is no kind of key that is known to be strong.", "properties.kty")


def _rotates(subject: Subject, _: Portfolio) -> Answer:
    path = "properties.rotationPolicy.lifetimeActions"
    if some([lambda item=item: same(item.text("action.type"), "Rotate") for item in at(subject).items(path)]):
        return passes(f"{subject.name} is renewed by its rotation policy.", path)
    return fails(f"{subject.name} has no rotation policy that renews it.", path)


def _is_new(vault: Place) -> bool:
    return not same(vault.text("properties.createMode", "default"), "recover")


CONTROLS = (
    Control(
        id="key-vault-answers-no-public-network",
        title="Key vaults answer no public network, not even one that is named",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:keyvault:Vault",),
        # Azure Policy 405c5871-3e91-4644-8a63-58e19d68ff5b: anything but Disabled does not comply; the SDK's default is enabled.
        judge=only_where(
            _is_new, "The vault is being recovered.", text_is("properties.publicNetworkAccess", "Disabled", default="Enabled")
        ),
        remedy="Set properties.publicNetworkAccess to Disabled and reach the vault by a private endpoint.",
        mandatory=False,
    ),
    Control(
        id="secrets-expire",
        title="Every secret has a day on which it ends",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SECRET,
        # Microsoft.KeyVault reference (SDK 3.29.0): attributes.expires is a moment; absent it never comes.
        judge=_expires,
        remedy="Set properties.attributes.expires, and renew the secret before then.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="secrets-say-what-they-are",
        title="Every secret says of what kind it is",
        severity=Severity.LOW,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_SECRET,
        # Microsoft.KeyVault reference (SDK 3.29.0): contentType is a free text; absent nothing is said.
        judge=is_set("properties.contentType", "a kind"),
        remedy="Set properties.contentType, such as password or connection string, so that whoever renews it knows how.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="keys-expire",
        title="Every key, or every version of it, has a day on which it ends",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_KEY,
        judge=_key_expires,
        remedy="Set properties.rotationPolicy.attributes.expiryTime, or properties.attributes.expires.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="keys-are-renewed",
        title="Keys are renewed by themselves",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_KEY,
        # Azure Policy d8cf8476-a2ec-4916-896e-992351803c44: a rotation must be scheduled.
        judge=_rotates,
        remedy="Add a lifetime action of type Rotate to properties.rotationPolicy.",
        mandatory=False,
    ),
    Control(
        id="keys-are-strong",
        title="Keys are long enough and on curves that are recommended",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_KEY,
        judge=_is_strong,
        remedy="Make an RSA key of 2048 bits or more, or an EC key on P-256, P-384 or P-521.",
    ),
    Control(
        id="managed-hsm-denies-purge",
        title="Deleted managed HSMs cannot be purged before their time",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_HSM,
        # Azure Policy c39ba22d-4428-4149-b981-70acb31fc383; SDK 3.29.0 sets true unless told otherwise.
        judge=only_where(_is_new, "The HSM is being recovered.", flag_is("properties.enablePurgeProtection", wanted=True, default=True)),
        remedy="Set properties.enablePurgeProtection to true.",
    ),
    Control(
        id="managed-hsm-denies-public-access",
        title="Firewalls of managed HSMs refuse networks that nobody has named",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_HSM,
        # Azure Policy 19ea9d63-adee-4431-a95e-1913c6c1c75f: anything but Deny does not comply.
        judge=only_where(_is_new, "The HSM is being recovered.", text_is("properties.networkAcls.defaultAction", "Deny", default="Allow")),
        remedy="Set properties.networkAcls.defaultAction to Deny and reach the HSM by a private endpoint.",
    ),
)
