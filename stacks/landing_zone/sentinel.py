"""Microsoft Sentinel upon the workspace, with the connectors that can be built as resources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

import pulumi
from pulumi_azure_native import aadiam, securityinsights

from stacks.landing_zone.settings import LandingZoneSettings

_ON = securityinsights.DataTypeState.ENABLED
# What Entra writes down. Names: Microsoft Learn, template reference of microsoft.aadiam/diagnosticSettings, read 2026-11-24.
ENTRA_LOGS: Sequence[str] = (
    "AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs", "RiskyUsers", "UserRiskEvents",
)  # fmt: skip


@dataclass(frozen=True)
class SentinelPlace:
    """The workspace by its names, and the subscriptions whose Defender alerts come in."""

    group: pulumi.Input[str]
    workspace: pulumi.Input[str]
    subscriptions: Sequence[str]


class Sentinel(pulumi.ComponentResource):
    """Onboarding first, then the connectors. Analytics rules are the security team's own and are made in Sentinel."""

    def __init__(self, settings: LandingZoneSettings, place: SentinelPlace, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:Sentinel", "sentinel", None, opts)
        self._settings, self._place = settings, place
        self.onboarding = securityinsights.SentinelOnboardingState(
            "sentinel-on",
            sentinel_onboarding_state_name="default",
            workspace_name=place.workspace,
            resource_group_name=place.group,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._after = pulumi.ResourceOptions(parent=self, depends_on=[self.onboarding])
        build = {"defender-for-cloud": self._defender, "identity-protection": self._identity_protection, "office-365": self._office}
        for connector in settings.security.connectors:
            build[connector]()
        self.register_outputs({})

    def _id(self, name: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"cloud-unless/{self._settings.tenant}/sentinel/{name}"))

    def _defender(self) -> None:
        for subscription in self._place.subscriptions:
            securityinsights.ASCDataConnector(
                f"sentinel-defender-{subscription}",
                data_connector_id=self._id(f"defender/{subscription}"),
                kind="AzureSecurityCenter",
                workspace_name=self._place.workspace,
                resource_group_name=self._place.group,
                subscription_id=subscription,
                data_types=_alerts(),
                opts=self._after,
            )

    def _identity_protection(self) -> None:
        securityinsights.AADDataConnector(
            "sentinel-identity-protection",
            data_connector_id=self._id("identity-protection"),
            kind="AzureActiveDirectory",
            workspace_name=self._place.workspace,
            resource_group_name=self._place.group,
            tenant_id=self._settings.tenant,
            data_types=_alerts(),
            opts=self._after,
        )

    def _office(self) -> None:
        securityinsights.OfficeDataConnector(
            "sentinel-office-365",
            data_connector_id=self._id("office-365"),
            kind="Office365",
            workspace_name=self._place.workspace,
            resource_group_name=self._place.group,
            tenant_id=self._settings.tenant,
            data_types=securityinsights.OfficeDataConnectorDataTypesArgs(
                exchange=securityinsights.OfficeDataConnectorDataTypesExchangeArgs(state=_ON),
                share_point=securityinsights.OfficeDataConnectorDataTypesSharePointArgs(state=_ON),
                teams=securityinsights.OfficeDataConnectorDataTypesTeamsArgs(state=_ON),
            ),
            opts=self._after,
        )


def _alerts() -> securityinsights.AlertsDataTypeOfDataConnectorArgs:
    return securityinsights.AlertsDataTypeOfDataConnectorArgs(alerts=securityinsights.DataConnectorDataTypeCommonArgs(state=_ON))


def entra_logs(council: str, workspace: pulumi.Input[str], opts: pulumi.ResourceOptions) -> aadiam.DiagnosticSetting:
    """Send who signed in, and what was changed in the directory, to the workspace. Only a signed-in person may set this up."""
    return aadiam.DiagnosticSetting(
        "entra-logs",
        name=f"{council}-to-council-workspace",
        workspace_id=workspace,
        logs=[aadiam.LogSettingsArgs(category=c, enabled=True) for c in ENTRA_LOGS],
        opts=opts,
    )
