"""A set of virtual machines that are all alike, each as secure as a single one, and none of them kept: one that breaks is made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute

from stacks.components.diagnostics import diagnose
from stacks.components.load_balancer import ZONES, BalancerSpec, LoadBalancer
from stacks.components.virtual_machine import (
    Machine,
    MachinePlace,
    disk_sizes,
    linux_settings,
    trusted_launch,
    windows_settings,
)
from stacks.naming import computer_name
from stacks.site import Site

# Azure adds six characters to the prefix, and Windows has 15 for a name. Source: azure-native 3.29.0, computer_name_prefix (1 to 15).
_WINDOWS_PREFIX, _LINUX_PREFIX = 9, 54
# The version of the network's interface that flexible sets take. Source: azure-native 3.29.0, compute.NetworkApiVersion.
_NETWORK = compute.NetworkApiVersion.NETWORK_API_VERSION_2020_11_01


@dataclass(frozen=True)
class SetSpec:
    """`count` machines like `machine`, over the zones where `spread`; `ports` are shared out among them."""

    machine: Machine
    count: int
    ports: Sequence[int]
    spread: bool


class MachineSet(pulumi.ComponentResource):
    """The set (a flexible scale set), and a balancer where there are ports."""

    def __init__(self, spec: SetSpec, site: Site, place: MachinePlace, group_id: pulumi.Output[str], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:components:MachineSet", spec.machine.id, None, opts)
        self._machine, self._at, self._place, self._spread = spec.machine, site, place, spec.spread
        child = pulumi.ResourceOptions(parent=self)
        balancer = BalancerSpec(spec.machine.id, spec.ports, spec.spread)
        self.balancer = LoadBalancer(balancer, site, group_id, place.subnet, child) if spec.ports else None
        self.set = self._set(spec.count)
        diagnose(spec.machine.id, self.set.id, place.workspace, child, logs=False)
        self.register_outputs({"id": self.set.id})

    def _set(self, count: int) -> compute.VirtualMachineScaleSet:
        return compute.VirtualMachineScaleSet(
            f"{self._machine.id}-set",
            vm_scale_set_name=self._at.name("machine-set", self._machine.id),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            zones=list(ZONES) if self._spread else None,
            orchestration_mode=compute.OrchestrationMode.FLEXIBLE,
            platform_fault_domain_count=1,
            single_placement_group=False,
            sku=compute.SkuArgs(name=self._machine.size, tier="Standard", capacity=count),
            virtual_machine_profile=self._profile(),
            # The password is made anew each time the program runs and used only when a machine is made.
            opts=pulumi.ResourceOptions(
                parent=self, protect=self._at.protect, ignore_changes=["virtualMachineProfile.osProfile.adminPassword"]
            ),
        )

    def _profile(self) -> compute.VirtualMachineScaleSetVMProfileArgs:
        return compute.VirtualMachineScaleSetVMProfileArgs(
            license_type=self._machine.licence,
            security_profile=trusted_launch(),
            os_profile=self._os_profile(),
            storage_profile=self._storage(),
            network_profile=self._network(),
            diagnostics_profile=compute.DiagnosticsProfileArgs(boot_diagnostics=compute.BootDiagnosticsArgs(enabled=True)),
        )

    def _os_profile(self) -> compute.VirtualMachineScaleSetOSProfileArgs:
        if self._machine.windows:
            return compute.VirtualMachineScaleSetOSProfileArgs(
                computer_name_prefix=computer_name(self._machine.id, _WINDOWS_PREFIX),
                admin_username="council-admin",
                admin_password=self._place.windows_password,
                windows_configuration=windows_settings(),
            )
        return compute.VirtualMachineScaleSetOSProfileArgs(
            computer_name_prefix=computer_name(self._machine.id, _LINUX_PREFIX),
            admin_username="council-admin",
            linux_configuration=linux_settings(self._place.ssh_public_key),
        )

    def _storage(self) -> compute.VirtualMachineScaleSetStorageProfileArgs:
        kinds = compute.StorageAccountTypes
        kind = kinds.PREMIUM_LRS if self._machine.premium else kinds.STANDARD_SS_D_LRS
        managed = compute.VirtualMachineScaleSetManagedDiskParametersArgs(storage_account_type=kind)
        system = compute.VirtualMachineScaleSetOSDiskArgs(
            create_option=compute.DiskCreateOptionTypes.FROM_IMAGE,
            caching=compute.CachingTypes.READ_WRITE,
            managed_disk=managed,
            delete_option=compute.DiskDeleteOptionTypes.DELETE,
        )
        data = [
            compute.VirtualMachineScaleSetDataDiskArgs(
                lun=lun,
                create_option=compute.DiskCreateOptionTypes.EMPTY,
                caching=compute.CachingTypes.NONE,
                disk_size_gb=size,
                managed_disk=managed,
                delete_option=compute.DiskDeleteOptionTypes.DELETE,
            )
            for lun, size in enumerate(disk_sizes(self._machine.storage_gb))
        ]
        return compute.VirtualMachineScaleSetStorageProfileArgs(image_reference=self._machine.image, os_disk=system, data_disks=data)

    def _network(self) -> compute.VirtualMachineScaleSetNetworkProfileArgs:
        pools = [compute.SubResourceArgs(id=self.balancer.pool_id)] if self.balancer else None
        address = compute.VirtualMachineScaleSetIPConfigurationArgs(
            name="inward",
            primary=True,
            subnet=compute.ApiEntityReferenceArgs(id=self._place.subnet),
            load_balancer_backend_address_pools=pools,
        )
        interface = compute.VirtualMachineScaleSetNetworkConfigurationArgs(
            name=self._at.name("network-interface", self._machine.id),
            primary=True,
            enable_ip_forwarding=False,
            delete_option=compute.DeleteOptions.DELETE,
            ip_configurations=[address],
        )
        return compute.VirtualMachineScaleSetNetworkProfileArgs(network_api_version=_NETWORK, network_interface_configurations=[interface])
