"""Virtual machines and their disks. Defaults are those of the Microsoft.Compute REST reference."""

from __future__ import annotations

from policies.answers import all_of, any_of, both, fails, not_applicable, passes
from policies.demands import flag_is, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import at, same
from policies.siblings import has_sibling

_MACHINE = ("azure-native:compute:VirtualMachine",)
_LINUX = "osProfile.linuxConfiguration"
_exports_privately = text_is("networkAccessPolicy", "DenyAll", "AllowPrivate", default="AllowAll")
_is_off_the_network = text_is("publicNetworkAccess", "Disabled", default="Enabled")
_key_only = flag_is(f"{_LINUX}.disablePasswordAuthentication", wanted=True, default=False)


def _disables_passwords(subject: Subject, portfolio: Portfolio) -> Answer:
    place = at(subject)
    is_linux = place.has(_LINUX) or same(place.text("storageProfile.osDisk.osType"), "Linux")
    return _key_only(subject, portfolio) if is_linux else not_applicable("The machine does not run Linux.")


def _patches_itself(subject: Subject, _: Portfolio) -> Answer:
    """Reference: patchMode is ImageDefault (Linux) or AutomaticByOS (Windows) unless set; only the platform's mode can be overseen."""
    place = at(subject)
    systems = [s for s in ("linuxConfiguration", "windowsConfiguration") if place.has(f"osProfile.{s}")]

    def one(system: str) -> Answer:
        path = f"osProfile.{system}.patchSettings.patchMode"
        mode = place.text(path, "the system's own")
        met = same(mode, "AutomaticByPlatform")
        return passes("Azure patches the machine.", path) if met else fails(f"Patching is {mode}; Azure does not oversee it.", path)

    return all_of([lambda s=s: one(s) for s in systems], not_applicable("The machine sets nothing of its operating system."))


def _disk_is_closed(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy 8405fdab-1faf-48aa-b702-999c9c172094: either the export policy or the public network is closed."""
    wide_open = fails("Its export policy and the public network are open: the disk can be exported.", "networkAccessPolicy")
    return any_of([lambda: _exports_privately(subject, portfolio), lambda: _is_off_the_network(subject, portfolio)], wide_open)


CONTROLS = (
    Control(
        id="vm-encrypts-at-host",
        title="Machines encrypt caches and temporary disks at the host",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_MACHINE,
        # Azure Policy fc4d8e41-e223-45ea-9bf5-eada37891d87: absent counts as false.
        judge=flag_is("securityProfile.encryptionAtHost", wanted=True, default=False),
        remedy="Set securityProfile.encryptionAtHost to true (the subscription must have the feature registered).",
    ),
    Control(
        id="vm-uses-trusted-launch",
        title="Machines start from verified boot code",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_MACHINE,
        # Reference: "the default behavior is: UefiSettings will not be enabled unless this property is set".
        judge=both(
            text_is("securityProfile.securityType", "TrustedLaunch", "ConfidentialVM", default=""),
            flag_is("securityProfile.uefiSettings.secureBootEnabled", wanted=True, default=False),
            flag_is("securityProfile.uefiSettings.vTpmEnabled", wanted=True, default=False),
        ),
        remedy="Set securityProfile.securityType to TrustedLaunch with secureBootEnabled and vTpmEnabled true.",
    ),
    Control(
        id="linux-vm-disables-passwords",
        title="Linux machines take keys, not passwords",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_MACHINE,
        judge=_disables_passwords,  # Reference: disablePasswordAuthentication is false unless set.
        remedy="Set osProfile.linuxConfiguration.disablePasswordAuthentication to true and give the machine a public key.",
    ),
    Control(
        id="vm-has-backup",
        title="Every machine is backed up",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_MACHINE,
        judge=has_sibling(["azure-native:recoveryservices:ProtectedItem"], "properties.sourceResourceId", what="backup"),
        remedy="Add a recoveryservices.ProtectedItem whose properties.sourceResourceId is the machine.",
        looks_around=True,
    ),
    Control(
        id="vm-is-patched-by-the-platform",
        title="Azure patches machines, and can show it",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_MACHINE,
        judge=_patches_itself,
        remedy="Set patchSettings.patchMode to AutomaticByPlatform.",
        mandatory=False,
    ),
    Control(
        id="disks-deny-public-export",
        title="Disks cannot be exported over the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:compute:Disk",),
        judge=_disk_is_closed,
        remedy="Set networkAccessPolicy to DenyAll and publicNetworkAccess to Disabled.",
    ),
)
