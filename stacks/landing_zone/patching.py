"""When servers are patched: a maintenance configuration for test servers and a later one for production."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import maintenance

from stacks.landing_zone.monitoring_settings import Patching
from stacks.site import Site

# How long a window may take: update manager's own default for machines, hours and minutes. Source: SDK and public templates
# (Azure/bicep-registry-modules, maintenance-configuration), read 2026-11-24.
_LONG = "03:55"


def maintenance_windows(
    site: Site, group: pulumi.Input[str], settings: Patching, opts: pulumi.ResourceOptions
) -> Mapping[str, maintenance.MaintenanceConfiguration]:
    """Configurations by the environment that they patch; development keeps company with test."""
    days = {"test": settings.test_day, "production": settings.production_day}
    return {name: _window(name, day, site, group, settings, opts) for name, day in days.items()} if settings.enabled else {}


def _window(
    name: str, day: str, site: Site, group: pulumi.Input[str], settings: Patching, opts: pulumi.ResourceOptions
) -> maintenance.MaintenanceConfiguration:
    return maintenance.MaintenanceConfiguration(
        f"patch-{name}",
        resource_name_=site.name("maintenance", name),
        resource_group_name=group,
        location=site.region,
        tags=site.tags,
        maintenance_scope=maintenance.MaintenanceScope.IN_GUEST_PATCH,
        # Said by the people's own schedule and not by the platform's.
        extension_properties={"InGuestPatchMode": "User"},
        visibility=maintenance.Visibility.CUSTOM,
        start_date_time=f"{settings.from_date} {settings.starts_at}",
        duration=_LONG,
        time_zone="GMT Standard Time",
        recur_every=f"1Week {day}",
        install_patches=maintenance.InputPatchConfigurationArgs(
            reboot_setting=maintenance.RebootOptions.IF_REQUIRED,
            windows_parameters=maintenance.InputWindowsParametersArgs(
                classifications_to_include=["Critical", "Security", "UpdateRollup", "Updates"]
            ),
            linux_parameters=maintenance.InputLinuxParametersArgs(classifications_to_include=["Critical", "Security"]),
        ),
        opts=opts,
    )
