"""More of machines: sets of them, their disks and images, desktops, and machines elsewhere that Azure Arc manages."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, all_of, any_of, both, fails, not_applicable, passes, some
from policies.demands import by_type, flag_is, is_empty, is_set, only_where, text_is, text_is_not
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same

_MACHINE: Final = "azure-native:compute:VirtualMachine"
_SET: Final = "azure-native:compute:VirtualMachineScaleSet"
_ARC: Final = "azure-native:hybridcompute:Machine"
_DISK: Final = "azure-native:compute:Disk"
_ARC_SCOPE: Final = ("azure-native:hybridcompute:PrivateLinkScope",)
_POOL: Final = ("azure-native:desktopvirtualization:HostPool",)
_PROFILE: Final = "virtualMachineProfile"
_SYSTEMS: Final = ("linuxConfiguration", "windowsConfiguration")
_snapshot_exports_privately = text_is("networkAccessPolicy", "DenyAll", "AllowPrivate", default="AllowAll")
_snapshot_is_off_the_network = text_is("publicNetworkAccess", "Disabled", default="Enabled")


def _runs_linux(machines: Place) -> bool:
    linux = machines.has(f"{_PROFILE}.osProfile.linuxConfiguration")
    return linux or same(machines.text(f"{_PROFILE}.storageProfile.osDisk.osType"), "Linux")


def _uses_managed_disks(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy 06a78e20-9358-41c9-923c-fb736d382a4d."""
    disk = "storageProfile.osDisk" if subject.type == _MACHINE else f"{_PROFILE}.storageProfile.osDisk"
    paths = (f"{disk}.vhd.uri",) if subject.type == _MACHINE else (f"{disk}.vhdContainers", f"{disk}.image.uri")
    return both(*(is_empty(p, "disks that are files in a storage account") for p in paths))(subject, portfolio)


def _disks_use_own_keys(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy 702dd420-7fcc-42c5-afe8-4026edd20fe0; a data disk that exists already answers for itself."""
    if subject.type == _DISK:
        return _disk_has_set(subject, portfolio)
    whole, storage = at(subject), "storageProfile" if subject.type == _MACHINE else f"{_PROFILE}.storageProfile"

    def one(place: Place, disk: str) -> Answer:
        path = f"{place.path}.{disk}".strip(".")
        if place.has(f"{disk}.diskEncryptionSet.id"):
            return passes("The disk is encrypted with the council's own key.", path)
        if place.has(f"{disk}.id"):
            return not_applicable("The disk is one that stands by itself.")
        return fails("The disk is encrypted with Azure's key alone.", path)

    data = whole.items(f"{storage}.dataDisks")
    return all_of(
        [lambda: one(whole, f"{storage}.osDisk.managedDisk"), *(lambda d=d: one(d, "managedDisk") for d in data)],
        not_applicable(f"{subject.name} has no disks."),
    )


_disk_has_set: Judge = is_set("encryption.diskEncryptionSetId", "a disk encryption set")


def _snapshot_is_closed(subject: Subject, portfolio: Portfolio) -> Answer:
    wide_open = fails("Its export policy and the public network are open: the snapshot can be exported.", "networkAccessPolicy")
    asked = (_snapshot_exports_privately, _snapshot_is_off_the_network)
    return any_of([lambda j=j: j(subject, portfolio) for j in asked], wide_open)


def _looks_for_updates(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy bd876905-5b84-4f73-ab2d-2e7a7c4568d9: absent does not comply. It asks of some images alone."""
    place, profile = at(subject), f"{_PROFILE}.osProfile" if subject.type == _SET else "osProfile"
    systems = [s for s in _SYSTEMS if place.has(f"{profile}.{s}")]

    def one(system: str) -> Answer:
        settings = "" if subject.type == _ARC else ".patchSettings"
        path = f"{profile}.{system}{settings}.assessmentMode"
        if same(place.text(path), "AutomaticByPlatform"):
            return passes("Azure looks for missing updates.", path)
        return fails("Nobody looks for missing updates.", path)

    return all_of([lambda s=s: one(s) for s in systems], not_applicable(f"{subject.name} sets nothing of its operating system."))


def _set_has_no_public_address(subject: Subject, _: Portfolio) -> Answer:
    def one(configuration: Place) -> Answer:
        path = f"{configuration.path}.publicIPAddressConfiguration"
        if configuration.has("publicIPAddressConfiguration"):
            return fails("Every machine of the set gets a public address.", path)
        return passes("The set's machines have no public addresses.", path)

    interfaces = at(subject).items(f"{_PROFILE}.networkProfile.networkInterfaceConfigurations")
    asked = [lambda c=c: one(c) for i in interfaces for c in i.items("ipConfigurations")]
    return all_of(asked, not_applicable(f"{subject.name} configures no interfaces."))


def _redirects_nothing(subject: Subject, _: Portfolio) -> Answer:
    """Microsoft Learn, supported RDP properties: what is not said is redirected, drives and clipboard among it."""
    path = "customRdpProperty"
    said = [p.strip() for p in at(subject).text(path).split(";")]
    drives = some([lambda p=p: same(p, "drivestoredirect:s:") for p in said])
    clipboard = some([lambda p=p: same(p, "redirectclipboard:i:0") for p in said])
    if drives and clipboard:
        return passes("Desktops give no drive and no clipboard to the device before them.", path)
    return fails("Desktops give drives or the clipboard to whatever device is before them.", path)


CONTROLS = (
    Control(
        id="machines-use-managed-disks",
        title="Machines use managed disks",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_MACHINE, _SET),
        judge=_uses_managed_disks,
        remedy="Use managedDisk and leave vhd, vhdContainers and image out.",
    ),
    Control(
        id="machine-sets-use-trusted-launch",
        title="Sets of machines start from verified boot code",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_SET,),
        # SDK: the default behaviour is that UefiSettings are not enabled unless the type is set.
        judge=both(
            text_is("virtualMachineProfile.securityProfile.securityType", "TrustedLaunch", "ConfidentialVM", default=""),
            flag_is("virtualMachineProfile.securityProfile.uefiSettings.secureBootEnabled", wanted=True, default=False),
            flag_is("virtualMachineProfile.securityProfile.uefiSettings.vTpmEnabled", wanted=True, default=False),
        ),
        remedy="Set virtualMachineProfile.securityProfile.securityType to TrustedLaunch with secureBootEnabled and vTpmEnabled true.",
    ),
    Control(
        id="machine-sets-encrypt-at-host",
        title="Sets of machines encrypt caches and temporary disks at the host",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_SET,),
        # Azure Policy fc4d8e41-e223-45ea-9bf5-eada37891d87: absent counts as false.
        judge=flag_is("virtualMachineProfile.securityProfile.encryptionAtHost", wanted=True, default=False),
        remedy="Set virtualMachineProfile.securityProfile.encryptionAtHost to true.",
    ),
    Control(
        id="machine-sets-have-no-public-addresses",
        title="Machines of a set have no public addresses of their own",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_SET,),
        judge=_set_has_no_public_address,
        remedy="Remove publicIPAddressConfiguration and publish the service through the web application firewall.",
    ),
    Control(
        id="linux-machine-sets-disable-passwords",
        title="Sets of Linux machines take keys, not passwords",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_SET,),
        # Microsoft.Compute REST reference: false unless set.
        judge=only_where(
            _runs_linux,
            "The set does not run Linux.",
            flag_is("virtualMachineProfile.osProfile.linuxConfiguration.disablePasswordAuthentication", wanted=True, default=False),
        ),
        remedy="Set linuxConfiguration.disablePasswordAuthentication to true and give the machines a public key.",
    ),
    Control(
        id="machines-look-for-updates",
        title="Machines look for missing updates",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_MACHINE, _SET, _ARC),
        judge=_looks_for_updates,
        remedy="Set patchSettings.assessmentMode to AutomaticByPlatform.",
    ),
    Control(
        id="machines-have-an-identity",
        title="Machines have an identity, so that nothing on them needs a secret",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_MACHINE, _ARC),
        # Azure Policy e4953962-5ae4-43eb-bb92-d66fd5563487: absent does not comply.
        judge=text_is_not("identity.type", "None", default="None"),
        remedy="Set identity.type to SystemAssigned.",
        mandatory=False,
    ),
    Control(
        id="disk-encryption-sets-encrypt-twice",
        title="Disk encryption sets encrypt with two keys",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:compute:DiskEncryptionSet",),
        # Azure Policy ca91455f-eace-4f96-be59-e6e2c35b4816: anything else does not comply.
        judge=text_is("encryptionType", "EncryptionAtRestWithPlatformAndCustomerKeys", default=""),
        remedy="Set encryptionType to EncryptionAtRestWithPlatformAndCustomerKeys.",
    ),
    Control(
        id="disk-encryption-sets-follow-their-key",
        title="Disks change to a new version of their key by themselves",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:compute:DiskEncryptionSet",),
        # SDK: set it to true to update to the latest key version.
        judge=flag_is("rotationToLatestKeyVersionEnabled", wanted=True, default=False),
        remedy="Set rotationToLatestKeyVersionEnabled to true.",
        mandatory=False,
    ),
    Control(
        id="disks-use-own-keys",
        title="Disks are encrypted with the council's own keys",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_MACHINE, _SET, _DISK),
        judge=_disks_use_own_keys,
        remedy="Set diskEncryptionSet on every disk, where the information needs a key of the council's.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="snapshots-deny-public-export",
        title="Snapshots cannot be exported over the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:compute:Snapshot",),
        # As disks-deny-public-export.
        judge=_snapshot_is_closed,
        remedy="Set networkAccessPolicy to DenyAll and publicNetworkAccess to Disabled.",
    ),
    Control(
        id="extensions-take-small-updates",
        title="Extensions of machines take small updates when they are installed",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:compute:VirtualMachineExtension", "azure-native:hybridcompute:MachineExtension"),
        # SDK: it says whether a newer minor version is used; absent says no.
        judge=by_type(
            {
                "azure-native:compute:VirtualMachineExtension": flag_is("autoUpgradeMinorVersion", wanted=True, default=False),
                "azure-native:hybridcompute:MachineExtension": flag_is("properties.autoUpgradeMinorVersion", wanted=True, default=False),
            }
        ),
        remedy="Set autoUpgradeMinorVersion to true.",
        mandatory=False,
    ),
    Control(
        id="images-are-built-inside",
        title="Images are built in a network of the council",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:virtualmachineimages:VirtualMachineImageTemplate",),
        # Azure Policy 2154edb9-244f-4741-9970-660785bccdaa: absent does not comply.
        judge=is_set("vmProfile.vnetConfig", "a network of its own"),
        remedy="Set vmProfile.vnetConfig to a subnet of the council's.",
        looks_around=True,
    ),
    Control(
        id="desktops-deny-public-access",
        title="Virtual desktops take no session host from the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_POOL,
        # Azure Policy c25dcf31-878f-4eba-98eb-0818fdc6a334 and a22065a3-3b04-46ff-b84c-2d30e5c300d0: absent complies with neither.
        judge=text_is("publicNetworkAccess", "Disabled", "EnabledForClientsOnly", default="Enabled"),
        remedy="Set publicNetworkAccess to Disabled, or to EnabledForClientsOnly for staff at home.",
    ),
    Control(
        id="desktop-feeds-deny-public-access",
        title="Lists of virtual desktops are closed to the public network",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:desktopvirtualization:Workspace",),
        # Azure Policy 87ac3038-c07a-4b92-860d-29e270a4f3cd: anything else does not comply.
        judge=text_is("publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set publicNetworkAccess to Disabled.",
    ),
    Control(
        id="desktops-keep-files-in",
        title="Virtual desktops give no drive and no clipboard to the device before them",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_POOL,
        judge=_redirects_nothing,
        remedy="Add drivestoredirect:s: and redirectclipboard:i:0 to customRdpProperty.",
        mandatory=False,
    ),
    Control(
        id="arc-machines-use-private-links",
        title="Machines elsewhere reach Azure by private links",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_ARC, "azure-native:kubernetes:ConnectedCluster"),
        # Azure Policy efa3f296-ff2b-4f38-bc0d-5ef12c965b68 and 12e7176a-4919-47ef-922b-34eda4c7f0ce: absent does not comply.
        judge=is_set("privateLinkScopeResourceId", "a private link scope"),
        remedy="Set privateLinkScopeResourceId to the council's scope.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="arc-scopes-deny-public-access",
        title="Private link scopes of machines elsewhere are closed to the public network",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ARC_SCOPE,
        # Azure Policy 898f2439-3333-4713-af25-f1d78bc50556: anything else does not comply.
        judge=text_is("properties.publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set properties.publicNetworkAccess to Disabled.",
    ),
)
