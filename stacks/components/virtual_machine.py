"""Virtual machines that are secure from the start: trusted launch, encryption at the host, no public address, own identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute, network

from stacks.components.diagnostics import diagnose
from stacks.naming import computer_name
from stacks.site import Site

# One managed disk holds at most this much. Source: Microsoft Learn, "Azure managed disk types" (Premium and Standard SSD, 32,767 GiB).
LARGEST_DISK_GB = 32_767


@dataclass(frozen=True)
class Machine:
    """What to build. `zone` is "" where machines are not spread; `premium` disks for production; `desktop` for people, not a server.

    Azure patches it when it chooses, or, where it is `scheduled`, in the windows of a maintenance configuration alone.
    """

    id: str
    size: str
    windows: bool
    storage_gb: int
    image: compute.ImageReferenceArgs
    zone: str
    premium: bool
    hybrid_benefit: bool
    address: str = ""
    scheduled: pulumi.Input[bool] = False
    desktop: bool = False

    @property
    def licence(self) -> str | None:
        """How Azure is told of a licence that the council brings: people's own on desktops, servers' where there is hybrid benefit."""
        if self.desktop:
            return "Windows_Client"
        return "Windows_Server" if self.windows and self.hybrid_benefit else None


@dataclass(frozen=True)
class MachinePlace:
    """Ids of its surroundings, and how administrators get in. The Windows password is a secret; `disk_set` brings an own key."""

    group: pulumi.Input[str]
    subnet: pulumi.Input[str]
    workspace: pulumi.Input[str]
    ssh_public_key: str
    windows_password: pulumi.Output[str]
    disk_set: pulumi.Input[str] | None = None

    def encryption_set(self) -> compute.DiskEncryptionSetParametersArgs | None:
        """What the machine's own disk is encrypted with besides Azure's keys."""
        return compute.DiskEncryptionSetParametersArgs(id=self.disk_set) if self.disk_set else None


class VirtualMachine(pulumi.ComponentResource):
    """A machine with its network interface and data disks. `id` is the machine's."""

    def __init__(self, machine: Machine, site: Site, place: MachinePlace, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:components:VirtualMachine", machine.id, None, opts)
        self._machine, self._at, self._place = machine, site, place
        self._child = pulumi.ResourceOptions(parent=self)
        interface = self._interface()
        disks = [self._disk(i, size) for i, size in enumerate(disk_sizes(machine.storage_gb))]
        self.machine = self._vm(interface, disks)
        self.id = self.machine.id
        self.name = self.machine.name
        diagnose(machine.id, self.machine.id, place.workspace, self._child, logs=False)
        self.register_outputs({"id": self.id})

    def _interface(self) -> network.NetworkInterface:
        return network.NetworkInterface(
            f"{self._machine.id}-interface",
            network_interface_name=self._at.name("network-interface", self._machine.id),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            enable_ip_forwarding=False,
            ip_configurations=[
                network.NetworkInterfaceIPConfigurationArgs(
                    name="inward",
                    primary=True,
                    subnet=network.SubnetArgs(id=self._place.subnet),
                    private_ip_allocation_method=self._allocation(),
                    private_ip_address=self._machine.address or None,
                )
            ],
            opts=self._child,
        )

    def _allocation(self) -> network.IPAllocationMethod:
        return network.IPAllocationMethod.STATIC if self._machine.address else network.IPAllocationMethod.DYNAMIC

    def _disk(self, number: int, size_gb: int) -> compute.Disk:
        return compute.Disk(
            f"{self._machine.id}-data-{number}",
            disk_name=self._at.name("data-disk", self._machine.id, str(number)),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            zones=self._zones(),
            sku=compute.DiskSkuArgs(name=self._disk_kind(compute.DiskStorageAccountTypes)),
            disk_size_gb=size_gb,
            encryption=self._own_encryption(),
            creation_data=compute.CreationDataArgs(create_option=compute.DiskCreateOption.EMPTY),
            # A disk can be downloaded by whoever has its address, unless nobody can.
            network_access_policy=compute.NetworkAccessPolicy.DENY_ALL,
            public_network_access=compute.PublicNetworkAccess.DISABLED,
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect),
        )

    def _own_encryption(self) -> compute.EncryptionArgs | None:
        if not self._place.disk_set:
            return None
        both = compute.EncryptionType.ENCRYPTION_AT_REST_WITH_PLATFORM_AND_CUSTOMER_KEYS
        return compute.EncryptionArgs(disk_encryption_set_id=self._place.disk_set, type=both)

    def _vm(self, interface: network.NetworkInterface, disks: Sequence[compute.Disk]) -> compute.VirtualMachine:
        return compute.VirtualMachine(
            f"{self._machine.id}-machine",
            vm_name=self._at.name("virtual-machine", self._machine.id),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            zones=self._zones(),
            license_type=self._machine.licence,
            identity=compute.VirtualMachineIdentityArgs(type=compute.ResourceIdentityType.SYSTEM_ASSIGNED),
            hardware_profile=compute.HardwareProfileArgs(vm_size=self._machine.size),
            security_profile=trusted_launch(),
            os_profile=self._os_profile(),
            storage_profile=self._storage(disks),
            network_profile=_attached(interface.id),
            diagnostics_profile=compute.DiagnosticsProfileArgs(boot_diagnostics=compute.BootDiagnosticsArgs(enabled=True)),
            # The password is made anew each time the program runs and used only when the machine is made.
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect, ignore_changes=["osProfile.adminPassword"]),
        )

    def _zones(self) -> list[str] | None:
        return [self._machine.zone] if self._machine.zone else None

    def _disk_kind(self, kinds: type[compute.DiskStorageAccountTypes]) -> compute.DiskStorageAccountTypes:
        return kinds.PREMIUM_LRS if self._machine.premium else kinds.STANDARD_SS_D_LRS

    def _os_profile(self) -> compute.OSProfileArgs:
        named = computer_name(self._machine.id, 15 if self._machine.windows else 63)
        if self._machine.windows:
            return compute.OSProfileArgs(
                computer_name=named,
                admin_username="council-admin",
                admin_password=self._place.windows_password,
                windows_configuration=windows_settings(scheduled=self._machine.scheduled),
            )
        return compute.OSProfileArgs(computer_name=named, admin_username="council-admin", linux_configuration=self._linux())

    def _linux(self) -> compute.LinuxConfigurationArgs:
        return linux_settings(self._place.ssh_public_key, scheduled=self._machine.scheduled)

    def _storage(self, disks: Sequence[compute.Disk]) -> compute.StorageProfileArgs:
        kinds = compute.StorageAccountTypes
        kind = kinds.PREMIUM_LRS if self._machine.premium else kinds.STANDARD_SS_D_LRS
        return compute.StorageProfileArgs(
            image_reference=self._machine.image,
            os_disk=compute.OSDiskArgs(
                name=self._at.name("os-disk", self._machine.id),
                create_option=compute.DiskCreateOptionTypes.FROM_IMAGE,
                caching=compute.CachingTypes.READ_WRITE,
                managed_disk=compute.ManagedDiskParametersArgs(storage_account_type=kind, disk_encryption_set=self._place.encryption_set()),
                delete_option=compute.DiskDeleteOptionTypes.DETACH,
            ),
            data_disks=[_data_disk(i, d) for i, d in enumerate(disks)],
        )


def disk_sizes(storage_gb: int) -> list[int]:
    """Sizes in GiB of the disks that hold `storage_gb`: as few as may be, of one size."""
    if storage_gb <= 0:
        return []
    count = -(-storage_gb // LARGEST_DISK_GB)
    return [-(-storage_gb // count)] * count


def trusted_launch() -> compute.SecurityProfileArgs:
    """Starts from verified boot code; the host encrypts what never reaches a disk."""
    return compute.SecurityProfileArgs(
        security_type=compute.SecurityTypes.TRUSTED_LAUNCH,
        encryption_at_host=True,
        uefi_settings=compute.UefiSettingsArgs(secure_boot_enabled=True, v_tpm_enabled=True),
    )


def _data_disk(lun: int, disk: compute.Disk) -> compute.DataDiskArgs:
    return compute.DataDiskArgs(
        lun=lun,
        create_option=compute.DiskCreateOptionTypes.ATTACH,
        caching=compute.CachingTypes.NONE,
        delete_option=compute.DiskDeleteOptionTypes.DETACH,
        managed_disk=compute.ManagedDiskParametersArgs(id=disk.id),
    )


def _attached(interface: pulumi.Input[str]) -> compute.NetworkProfileArgs:
    nic = compute.NetworkInterfaceReferenceArgs(id=interface, primary=True, delete_option=compute.DeleteOptions.DETACH)
    return compute.NetworkProfileArgs(network_interfaces=[nic])


def windows_settings(*, scheduled: pulumi.Input[bool] = False) -> compute.WindowsConfigurationArgs:
    """Azure patches it, and can show it; a scheduled machine only when a maintenance configuration says."""
    # Source: Microsoft Learn, Azure Update Manager, prerequisites of dynamic scopes (2023-08-02): customer managed schedules.
    by_schedule = compute.WindowsVMGuestPatchAutomaticByPlatformSettingsArgs(bypass_platform_safety_checks_on_user_schedule=scheduled)
    return compute.WindowsConfigurationArgs(
        provision_vm_agent=True,
        enable_automatic_updates=True,
        time_zone="GMT Standard Time",
        patch_settings=compute.PatchSettingsArgs(
            patch_mode=compute.WindowsVMGuestPatchMode.AUTOMATIC_BY_PLATFORM,
            automatic_by_platform_settings=None if scheduled is False else by_schedule,
            assessment_mode=compute.WindowsPatchAssessmentMode.AUTOMATIC_BY_PLATFORM,
        ),
    )


def linux_settings(key: str, *, scheduled: pulumi.Input[bool] = False) -> compute.LinuxConfigurationArgs:
    """Reached by key alone; Azure patches it, and can show it; a scheduled machine only when a maintenance configuration says."""
    by_schedule = compute.LinuxVMGuestPatchAutomaticByPlatformSettingsArgs(bypass_platform_safety_checks_on_user_schedule=scheduled)
    held = compute.SshPublicKeyArgs(path="/home/council-admin/.ssh/authorized_keys", key_data=key)
    return compute.LinuxConfigurationArgs(
        provision_vm_agent=True,
        disable_password_authentication=True,
        ssh=compute.SshConfigurationArgs(public_keys=[held]),
        patch_settings=compute.LinuxPatchSettingsArgs(
            patch_mode=compute.LinuxVMGuestPatchMode.AUTOMATIC_BY_PLATFORM,
            automatic_by_platform_settings=None if scheduled is False else by_schedule,
            assessment_mode=compute.LinuxPatchAssessmentMode.AUTOMATIC_BY_PLATFORM,
        ),
    )
