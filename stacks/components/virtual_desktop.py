"""Desktops for people (Azure Virtual Desktop): reached through the service's private doors, on machines joined to Entra.

The machines are made and joined here; that they belong to the pool is said to each of them by a token that lives for 27 days at most and
must stand in no state: docs/guides/workload-components.md has the command.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute, desktopvirtualization

from stacks.components import access
from stacks.components.diagnostics import diagnose
from stacks.components.place import Place
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.components.virtual_machine import VirtualMachine
from stacks.site import Site

ZONE = "privatelink.wvd.microsoft.com"
_DV = desktopvirtualization
# Sound and keyboard go through, the contents of the desktop stay there: no drives, printers or clipboard. Sign-in by Entra.
# Source: Microsoft Learn, "Supported RDP properties".
_RDP = "drivestoredirect:s:;redirectclipboard:i:0;redirectprinters:i:0;usbdevicestoredirect:s:;audiomode:i:0;enablerdsaadauth:i:1;"
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


@dataclass(frozen=True)
class DesktopSpec:
    """What to build. `kind` is pooled or personal; `group` the Entra group whose members use it."""

    id: str
    kind: str
    sessions_per_host: int
    group: str


class VirtualDesktop(pulumi.ComponentResource):
    """The pool, the desktops that it offers, the workspace in which people find them, and when machines are on."""

    def __init__(self, spec: DesktopSpec, site: Site, place: Place, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:components:VirtualDesktop", spec.id, None, opts)
        self._spec, self._at, self._place = spec, site, place
        self._child = pulumi.ResourceOptions(parent=self)
        self.pool = self._pool()
        self.desktops = self._desktops()
        self.workspace = self._workspace()
        if spec.kind == "pooled":
            self._scaling()
        self._doors()
        access.grant(f"{spec.id}-uses", access.DESKTOP_VIRTUALIZATION_USER, spec.group, self.desktops.id, self._child)
        for name, resource_id in ((f"{spec.id}-pool", self.pool.id), (f"{spec.id}-workspace", self.workspace.id)):
            diagnose(name, resource_id, place.workspace, self._child, metrics="")
        self.register_outputs({"pool_id": self.pool.id})

    def join(self, hosts: Sequence[VirtualMachine], names: Sequence[str]) -> None:
        """Join machines to Entra and let the group sign in on them."""
        for name, host in zip(names, hosts, strict=True):
            compute.VirtualMachineExtension(
                f"{name}-entra",
                vm_extension_name="AADLoginForWindows",
                vm_name=host.name,
                resource_group_name=self._place.group,
                location=self._at.region,
                tags=self._at.tags,
                publisher="Microsoft.Azure.ActiveDirectory",
                type="AADLoginForWindows",
                type_handler_version="2.2",
                auto_upgrade_minor_version=True,
                opts=self._child,
            )
            access.grant(f"{name}-signs-in", access.VIRTUAL_MACHINE_USER_LOGIN, self._spec.group, host.id, self._child)

    def _pool(self) -> _DV.HostPool:
        pooled = self._spec.kind == "pooled"
        return _DV.HostPool(
            f"{self._spec.id}-host-pool",
            host_pool_name=self._at.name("host-pool", self._spec.id),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            host_pool_type=_DV.HostPoolType.POOLED if pooled else _DV.HostPoolType.PERSONAL,
            load_balancer_type=_DV.LoadBalancerType.BREADTH_FIRST if pooled else _DV.LoadBalancerType.PERSISTENT,
            personal_desktop_assignment_type=None if pooled else _DV.PersonalDesktopAssignmentType.AUTOMATIC,
            max_session_limit=self._spec.sessions_per_host if pooled else None,
            preferred_app_group_type=_DV.PreferredAppGroupType.DESKTOP,
            start_vm_on_connect=True,
            validation_environment=False,
            custom_rdp_property=_RDP,
            public_network_access=_DV.HostpoolPublicNetworkAccess.DISABLED,
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect),
        )

    def _desktops(self) -> _DV.ApplicationGroup:
        return _DV.ApplicationGroup(
            f"{self._spec.id}-desktops",
            application_group_name=self._at.name("desktop-group", self._spec.id),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            application_group_type=_DV.ApplicationGroupType.DESKTOP,
            host_pool_arm_path=self.pool.id,
            opts=self._child,
        )

    def _workspace(self) -> _DV.Workspace:
        return _DV.Workspace(
            f"{self._spec.id}-workspace",
            workspace_name=self._at.name("desktop-workspace", self._spec.id),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            application_group_references=[self.desktops.id],
            public_network_access=_DV.PublicNetworkAccess.DISABLED,
            opts=self._child,
        )

    def _doors(self) -> None:
        """`connection` leads to the pool, `feed` to the workspace."""
        for part, resource_id in (("connection", self.pool.id), ("feed", self.workspace.id)):
            door = Door(self._spec.id, resource_id, part, [self._place.zone(ZONE)])
            private_endpoint(self._at, self._place.group, self._place.endpoints, door, self._child)

    def _scaling(self) -> None:
        """Machines are on in working hours and for whoever still works after them."""
        algorithm = _DV.SessionHostLoadBalancingAlgorithm
        week = _DV.ScalingScheduleArgs(
            name="working-days",
            days_of_week=_WEEKDAYS,
            ramp_up_start_time=_DV.TimeArgs(hour=7, minute=0),
            ramp_up_load_balancing_algorithm=algorithm.BREADTH_FIRST,
            ramp_up_minimum_hosts_pct=20,
            ramp_up_capacity_threshold_pct=60,
            peak_start_time=_DV.TimeArgs(hour=8, minute=30),
            peak_load_balancing_algorithm=algorithm.BREADTH_FIRST,
            ramp_down_start_time=_DV.TimeArgs(hour=18, minute=0),
            ramp_down_load_balancing_algorithm=algorithm.DEPTH_FIRST,
            ramp_down_minimum_hosts_pct=0,
            ramp_down_capacity_threshold_pct=90,
            ramp_down_force_logoff_users=False,
            ramp_down_stop_hosts_when=_DV.StopHostsWhen.ZERO_SESSIONS,
            ramp_down_wait_time_minutes=30,
            ramp_down_notification_message="Please save your work: this desktop will be switched off once nobody uses it.",
            off_peak_start_time=_DV.TimeArgs(hour=20, minute=0),
            off_peak_load_balancing_algorithm=algorithm.DEPTH_FIRST,
        )
        _DV.ScalingPlan(
            f"{self._spec.id}-scaling",
            scaling_plan_name=self._at.name("scaling-plan", self._spec.id),
            resource_group_name=self._place.group,
            location=self._at.region,
            tags=self._at.tags,
            host_pool_type=_DV.ScalingHostPoolType.POOLED,
            time_zone="GMT Standard Time",
            schedules=[week],
            host_pool_references=[_DV.ScalingHostPoolReferenceArgs(host_pool_arm_path=self.pool.id, scaling_plan_enabled=True)],
            opts=self._child,
        )
