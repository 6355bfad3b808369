"""Alerts of the platform's own resources, and of sign-ins that nobody should see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_azure_native import monitor

from stacks.landing_zone.told import Told
from stacks.landing_zone.watching import MetricAlert, Severity, metric_alerts
from stacks.site import Site

# Azure's numbers, 0 the worst.
SEVERITIES: Mapping[Severity, int] = {"urgent": 0, "advice": 2}


class Alerts(pulumi.ComponentResource):
    """Metric alerts of what is built (`resources`: a part's name to its id). `sign_in_alert` watches accounts."""

    def __init__(
        self, site: Site, group: pulumi.Input[str], told: Told, resources: Mapping[str, pulumi.Input[str]], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("cloud-unless:landing-zone:Alerts", "alerts", None, opts)
        self._site, self._group, self._told = site, group, told
        self._child = pulumi.ResourceOptions(parent=self)
        for alert in metric_alerts():
            if alert.of in resources:
                self._metric(alert, resources[alert.of])
        self.register_outputs({})

    def _metric(self, alert: MetricAlert, target: pulumi.Input[str]) -> None:
        criterion = monitor.MetricCriteriaArgs(
            criterion_type="StaticThresholdCriterion",
            name=alert.metric,
            metric_name=alert.metric,
            metric_namespace=alert.namespace,
            operator=monitor.Operator(alert.operator),
            threshold=alert.threshold,
            time_aggregation=monitor.AggregationTypeEnum(alert.aggregation),
        )
        monitor.MetricAlert(
            f"alert-{alert.id}",
            rule_name=self._site.name("alert", alert.id),
            resource_group_name=self._group,
            location="Global",
            tags=self._site.tags,
            description=alert.title,
            severity=SEVERITIES[alert.severity],
            enabled=True,
            auto_mitigate=True,
            scopes=[target],
            evaluation_frequency=alert.every,
            window_size=alert.over,
            criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
                odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", all_of=[criterion]
            ),
            actions=[monitor.MetricAlertActionArgs(action_group_id=self._told.of(alert.severity))],
            opts=self._child,
        )

    def sign_in_alert(self, name: str, object_ids: Sequence[pulumi.Input[str]], workspace: pulumi.Input[str]) -> monitor.ScheduledQueryRule:
        """Wake somebody within minutes of any sign-in, or attempt at one, by these accounts (Entra object ids).

        It sees what Entra writes to the workspace: `security.entra_logs`, or the same setting made by hand.
        """
        listed = pulumi.Output.all(*object_ids).apply(lambda ids: ", ".join(f"'{i}'" for i in ids))
        query = pulumi.Output.concat(
            "union isfuzzy=true SigninLogs, AADNonInteractiveUserSignInLogs | where UserId in~ (", listed,
            ") | project TimeGenerated, UserPrincipalName, IPAddress, AppDisplayName, ResultType",
        )  # fmt: skip
        criterion = monitor.ConditionArgs(
            query=query,
            time_aggregation=monitor.TimeAggregation.COUNT,
            operator=monitor.ConditionOperator.GREATER_THAN,
            threshold=0,
            failing_periods=monitor.ConditionFailingPeriodsArgs(number_of_evaluation_periods=1, min_failing_periods_to_alert=1),
        )
        return monitor.ScheduledQueryRule(
            f"alert-{name}",
            rule_name=self._site.name("alert", name),
            resource_group_name=self._group,
            location=self._site.region,
            tags=self._site.tags,
            display_name=f"Somebody signed in as {name}",
            description="An account that is for emergencies only signed in, or tried to. Find out who, and why.",
            kind=monitor.Kind.LOG_ALERT,
            severity=SEVERITIES["urgent"],
            enabled=True,
            auto_mitigate=False,
            scopes=[workspace],
            evaluation_frequency="PT5M",
            window_size="PT5M",
            # The table is there only once the first sign-in has been written down.
            skip_query_validation=True,
            criteria=monitor.ScheduledQueryRuleCriteriaArgs(all_of=[criterion]),
            actions=monitor.ActionsArgs(action_groups=[self._told.urgent.id]),
            opts=self._child,
        )
