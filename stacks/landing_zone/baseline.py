"""What every subscription has, whoever's it is: alerts of its activity log, Defender's plans, an eye on its cost, its servers patched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pulumi
from pulumi_azure_native import costmanagement, maintenance, monitor, resources, security

from stacks.landing_zone.watching import ActivityAlert, DefenderPlan, Severity
from stacks.site import Site

# Environments that the window of another patches too.
_IN_WINDOW: Mapping[str, Sequence[str]] = {"test": ("test", "development")}


@dataclass(frozen=True)
class BaselinePlan:
    """What to turn on. `told` are action groups by severity; `patching` maintenance configurations by the tag `environment`."""

    alerts: Sequence[ActivityAlert]
    told: Mapping[Severity, pulumi.Input[str]]
    defender: Sequence[DefenderPlan]
    contacts: Sequence[str]
    anomalies_from: date | None
    patching: Mapping[str, pulumi.Input[str]]


class Baseline(pulumi.ComponentResource):
    """The baseline of one subscription. `opts` carries a provider of that very subscription."""

    def __init__(self, name: str, subscription: pulumi.Input[str], plan: BaselinePlan, site: Site, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:Baseline", f"{name}-baseline", None, opts)
        self._name, self._subscription, self._plan, self._at = name, subscription, plan, site
        self._child = pulumi.ResourceOptions(parent=self)
        self._watch()
        self._defend()
        if plan.anomalies_from:
            self._mind_the_cost(plan.anomalies_from)
        for environment, configuration in plan.patching.items():
            self._patch(environment, configuration)
        self.register_outputs({})

    def _watch(self) -> None:
        group = resources.ResourceGroup(
            f"{self._name}-alerts-group",
            resource_group_name=self._at.name("resource-group", f"{self._name} alerts"),
            location=self._at.region,
            tags=self._at.tags,
            opts=self._child,
        )
        for alert in self._plan.alerts:
            monitor.ActivityLogAlert(
                f"{self._name}-{alert.id}",
                activity_log_alert_name=self._at.name("alert", alert.id),
                resource_group_name=group.name,
                location="Global",
                tags=self._at.tags,
                description=alert.title,
                enabled=True,
                scopes=[pulumi.Output.concat("/subscriptions/", self._subscription)],
                condition=monitor.AlertRuleAllOfConditionArgs(all_of=_conditions(alert)),
                actions=monitor.ActionListArgs(action_groups=[monitor.ActionGroupArgs(action_group_id=self._plan.told[alert.severity])]),
                opts=self._child,
            )

    def _defend(self) -> None:
        """One plan after the other: Azure refuses two changes of a subscription's plans at once."""
        before: list[pulumi.Resource] = []
        for plan in self._plan.defender:
            made = security.Pricing(
                f"{self._name}-{plan.name}",
                pricing_name=plan.name,
                scope_id=pulumi.Output.concat("subscriptions/", self._subscription),
                pricing_tier=security.PricingTier.STANDARD,
                sub_plan=plan.sub_plan or None,
                extensions=[
                    security.ExtensionArgs(name=k, is_enabled=security.IsEnabled.TRUE if on else security.IsEnabled.FALSE)
                    for k, on in plan.extensions.items()
                ]
                or None,
                opts=pulumi.ResourceOptions(parent=self, depends_on=before),
            )
            before = [made]
        if self._plan.defender:
            self._tell_of_findings()

    def _tell_of_findings(self) -> None:
        security.SecurityContact(
            f"{self._name}-security-contact",
            security_contact_name="default",
            emails=";".join(self._plan.contacts),
            is_enabled=True,
            notifications_by_role=security.SecurityContactPropertiesNotificationsByRoleArgs(
                state=security.State.ON, roles=[security.SecurityContactRole.OWNER]
            ),
            notifications_sources=[
                security.NotificationsSourceAlertArgs(source_type="Alert", minimal_severity=security.MinimalSeverity.MEDIUM),
                security.NotificationsSourceAttackPathArgs(source_type="AttackPath", minimal_risk_level=security.MinimalRiskLevel.HIGH),
            ],
            opts=self._child,
        )

    def _mind_the_cost(self, starts_on: date) -> None:
        """Cost Management learns what a day costs and writes when one is out of line, in the billing account's currency."""
        scope = pulumi.Output.concat("subscriptions/", self._subscription)
        costmanagement.ScheduledActionByScope(
            f"{self._name}-cost-anomalies",
            name=f"{self._at.naming.council}-cost-anomalies",
            scope=scope,
            kind=costmanagement.ScheduledActionKind.INSIGHT_ALERT,
            display_name="Unusual cost",
            status=costmanagement.ScheduledActionStatus.ENABLED,
            view_id=pulumi.Output.concat("/", scope, "/providers/Microsoft.CostManagement/views/ms:DailyAnomalyByResourceGroup"),
            notification=costmanagement.NotificationPropertiesArgs(
                to=list(self._plan.contacts), subject=f"Unusual cost in {self._name}", regional_format="en-gb", language="en"
            ),
            schedule=costmanagement.SchedulePropertiesArgs(
                frequency=costmanagement.ScheduleFrequency.DAILY,
                start_date=f"{starts_on.isoformat()}T00:00:00Z",
                # Azure wants an end; five years is what Terraform's own resource of this kind writes.
                end_date=f"{starts_on.replace(year=starts_on.year + 5).isoformat()}T00:00:00Z",
            ),
            opts=self._child,
        )

    def _patch(self, environment: str, configuration: pulumi.Input[str]) -> None:
        """Every server with that tag, now and later, is patched by the configuration; development keeps company with test."""
        maintenance.ConfigurationAssignmentsForSubscription(
            f"{self._name}-patch-{environment}",
            configuration_assignment_name=f"{self._at.naming.council}-{environment}",
            maintenance_configuration_id=configuration,
            filter=maintenance.ConfigurationAssignmentFilterPropertiesArgs(
                resource_types=["Microsoft.Compute/virtualMachines"],
                os_types=["Windows", "Linux"],
                tag_settings=maintenance.TagSettingsPropertiesArgs(
                    tags={"environment": list(_IN_WINDOW.get(environment, (environment,)))},
                    filter_operator=maintenance.TagOperators.ANY,
                ),
            ),
            opts=self._child,
        )


def _conditions(alert: ActivityAlert) -> list[monitor.AlertRuleAnyOfOrLeafConditionArgs]:
    any_of = [monitor.AlertRuleLeafConditionArgs(field=alert.field, equals=v) for v in alert.values]
    found = [
        monitor.AlertRuleAnyOfOrLeafConditionArgs(field="category", equals=alert.category),
        monitor.AlertRuleAnyOfOrLeafConditionArgs(any_of=any_of),
    ]
    if alert.succeeded:
        found.append(monitor.AlertRuleAnyOfOrLeafConditionArgs(field="status", contains_any=["succeeded"]))
    return found
