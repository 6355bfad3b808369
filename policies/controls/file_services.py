"""File services: Azure Files, Azure NetApp Files, File Sync, Elastic SAN and Data Box."""

from __future__ import annotations

from collections.abc import Callable

from policies.answers import Judge, all_of, any_of, both, cannot_tell, fails, passes, some
from policies.controls.storage import accounts_of
from policies.demands import flag_is, only_where, text_is, words_are
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import references, unknowns

_FILES = ("azure-native:storage:FileServiceProperties",)
_SHARE = ("azure-native:storage:FileShare",)
_PROTECTED = ("azure-native:recoveryservices:ProtectedItem",)
_VOLUME = ("azure-native:netapp:CapacityPoolVolume",)
_DATA_BOX = ("azure-native:databox:Job",)
_EVERYBODY = ("0.0.0.0/0", "::/0")


def _share_has_backup(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Backup keeps a share by its account: the protected item's sourceResourceId is the account's id."""
    accounts = accounts_of(subject, portfolio)
    unseen = cannot_tell(f"Cannot tell: the account of {subject.name} is not among the resources judged.", "accountName")
    return all_of((lambda a=a: _account_has_backup(subject, a, portfolio) for a in accounts), unseen)


def _account_has_backup(share: Subject, account: Subject, portfolio: Portfolio) -> Answer:
    held = references(portfolio, _PROTECTED, "properties.sourceResourceId")
    lacking = fails(f"No backup of {share.name}, nor of another share of {account.name}, is among the resources judged.")
    kept = held.to(account)
    return any_of([*(lambda k=k: passes(f"{k.name} keeps shares of {account.name}.") for k in kept), *unknowns(held)], lacking)


def _speaks(protocol: str) -> Callable[[Place], bool]:
    """Whether a NetApp volume is shared by the protocol; the reference has NFSv3 as the default."""

    def speaks(volume: Place) -> bool:
        return some([lambda item=item: same(item.text(""), protocol) for item in volume.items("protocolTypes")])

    return speaks


def _rules_encrypt(subject: Subject, _: Portfolio) -> Answer:
    """Kerberos 5p is the mode that encrypts: 5 only knows who asks, 5i also that nothing was changed on the way."""
    rules = at(subject).items("exportPolicy.rules")
    lacking = fails(f"{subject.name} names no client in its exportPolicy.", "exportPolicy.rules")
    return all_of((lambda rule=rule: _encrypts(rule) for rule in rules), lacking)


def _encrypts(rule: Place) -> Answer:
    modes = ("kerberos5pReadOnly", "kerberos5pReadWrite")
    weaker = ("kerberos5ReadOnly", "kerberos5ReadWrite", "kerberos5iReadOnly", "kerberos5iReadWrite")
    if some([lambda mode=mode: rule.flag(mode, default=False) for mode in weaker]):
        return fails(f"{rule.path} also takes a mode of Kerberos that does not encrypt.", rule.path)
    if some([lambda mode=mode: rule.flag(mode, default=False) for mode in modes]):
        return passes(f"{rule.path} asks for Kerberos 5p.", rule.path)
    return fails(f"{rule.path} does not ask for Kerberos 5p, so what is read and written can be read on the way.", rule.path)


def _names_its_clients(subject: Subject, _: Portfolio) -> Answer:
    """An export rule without clients, or for all of them, lets in whoever reaches the volume's subnet."""
    rules = at(subject).items("exportPolicy.rules")
    lacking = fails(f"{subject.name} names no client in its exportPolicy.", "exportPolicy.rules")
    return all_of((lambda rule=rule: _names_clients(rule) for rule in rules), lacking)


def _names_clients(rule: Place) -> Answer:
    clients = [c.strip() for c in rule.text("allowedClients").split(",") if c.strip()]
    path = f"{rule.path}.allowedClients"
    if not clients or any(same(c, *_EVERYBODY) for c in clients):
        return fails(f"{path} is {', '.join(clients) or 'empty'}: everybody who reaches the volume.", path)
    return passes(f"{path} is {', '.join(clients)}.", path)


def _speaks_nfs(volume: Place) -> bool:
    return some([lambda: not volume.has("protocolTypes"), lambda: _speaks("NFSv3")(volume), lambda: _speaks("NFSv4.1")(volume)])


def _is_a_box(job: Place) -> bool:
    return same(job.text("sku.name"), "DataBox", "DataBoxHeavy")


_by_kerberos: Judge = both(flag_is("kerberosEnabled", wanted=True, default=False), _rules_encrypt)

CONTROLS = (
    Control(
        id="deleted-shares-can-be-brought-back",
        title="Deleted file shares can be brought back",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_FILES,
        # Microsoft.Storage reference (SDK 3.29.0): the policy "is enabled" by its switch; absent counts as off.
        judge=flag_is("shareDeleteRetentionPolicy.enabled", wanted=True, default=False),
        remedy="Set shareDeleteRetentionPolicy.enabled to true, with days that suit the data.",
    ),
    Control(
        id="file-shares-encrypt-connections",
        title="File shares speak SMB 3.1.1 only, and encrypt it by AES-256",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_FILES,
        # Microsoft.Storage reference (SDK 3.29.0): each lists what the server supports of the valid values; absent, none is left out.
        judge=both(
            words_are("protocolSettings.smb.versions", "SMB3.1.1"), words_are("protocolSettings.smb.channelEncryption", "AES-256-GCM")
        ),
        remedy="Set protocolSettings.smb.versions to SMB3.1.1 and protocolSettings.smb.channelEncryption to AES-256-GCM.",
    ),
    Control(
        id="file-shares-sign-in-by-kerberos",
        title="File shares sign people in by Kerberos with AES-256, not by NTLM",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_FILES,
        # Microsoft.Storage reference (SDK 3.29.0): NTLMv2 and RC4-HMAC are valid values too; absent, none is left out.
        judge=both(
            words_are("protocolSettings.smb.authenticationMethods", "Kerberos"),
            words_are("protocolSettings.smb.kerberosTicketEncryption", "AES-256"),
        ),
        remedy="Set protocolSettings.smb.authenticationMethods to Kerberos and kerberosTicketEncryption beside it to AES-256.",
    ),
    Control(
        id="nfs-shares-squash-root",
        title="NFS shares give a client's root no rights of root",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_SHARE,
        # Microsoft.Storage reference (SDK 3.29.0): rootSquash is for NFS alone, "The default is NoRootSquash".
        judge=only_where(
            lambda share: same(share.text("enabledProtocols", "SMB"), "NFS"),
            "The share is not an NFS share.",
            text_is("rootSquash", "RootSquash", "AllSquash", default="NoRootSquash"),
        ),
        remedy="Set rootSquash to RootSquash.",
        mandatory=False,
    ),
    Control(
        id="file-shares-have-backup",
        title="Every file share has a backup",
        severity=Severity.HIGH,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_SHARE,
        judge=_share_has_backup,
        remedy="Add a recoveryservices.ProtectedItem for the share, or a recorded exception.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="netapp-volumes-encrypt-smb",
        title="NetApp volumes encrypt what they serve over SMB",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_VOLUME,
        # Azure Policy ddcf4b94-9dfa-4a80-aca6-22bb654fde72; reference (SDK 3.29.0): smbEncryption "enables" it, so absent is off.
        judge=only_where(_speaks("CIFS"), "The volume is not shared over SMB.", flag_is("smbEncryption", wanted=True, default=False)),
        remedy="Set smbEncryption to true.",
    ),
    Control(
        id="netapp-volumes-encrypt-nfs",
        title="NetApp volumes encrypt what they serve over NFS 4.1, by Kerberos",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_VOLUME,
        # Azure Policy 7c6c7139-7d8e-45d0-9d94-72386a61308b; reference (SDK 3.29.0): Kerberos is what a volume is said to have.
        judge=only_where(_speaks("NFSv4.1"), "The volume is not shared over NFS 4.1.", _by_kerberos),
        remedy="Set kerberosEnabled to true and kerberos5pReadWrite, or kerberos5pReadOnly, in every rule of exportPolicy.",
        mandatory=False,
    ),
    Control(
        id="netapp-volumes-name-their-clients",
        title="NetApp volumes name the clients that may mount them",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_VOLUME,
        judge=only_where(_speaks_nfs, "The volume is not shared over NFS.", _names_its_clients),
        remedy="Name the clients' subnets in exportPolicy.rules.",
    ),
    Control(
        id="elastic-san-denies-public-access",
        title="Elastic SANs are closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:elasticsan:ElasticSan",),
        # Azure Policy 6a92fe1f-0b86-44ae-843d-2db3d2b571ae: anything but Disabled does not comply.
        judge=text_is("publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set publicNetworkAccess to Disabled and reach the SAN by private endpoints of its volume groups.",
    ),
    Control(
        id="file-sync-denies-public-access",
        title="File Sync talks to its servers over private networks only",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:storagesync:StorageSyncService",),
        # Azure Policy 21a8cd35-125e-4d13-b82d-2e19b7208bb7; anything but AllowVirtualNetworksOnly admits the internet.
        judge=text_is("incomingTrafficPolicy", "AllowVirtualNetworksOnly", default="AllowAllTraffic"),
        remedy="Set incomingTrafficPolicy to AllowVirtualNetworksOnly and give the service a private endpoint.",
    ),
    Control(
        id="data-boxes-encrypt-twice",
        title="Data Boxes encrypt by software as well as by hardware",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DATA_BOX,
        # Azure Policy c349d81b-9985-44ae-a8da-ff98d108ede8; the SDK's default is Disabled.
        judge=only_where(
            _is_a_box,
            "The device is not one that can.",
            text_is("details.preferences.encryptionPreferences.doubleEncryption", "Enabled", default="Disabled"),
        ),
        remedy="Set details.preferences.encryptionPreferences.doubleEncryption to Enabled.",
        mandatory=False,
    ),
)
