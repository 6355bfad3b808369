"""Whom a workload's alerts reach, and of what: health of its resources, machines that are away, backups that fail."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import alertsmanagement, monitor

from stacks.site import Site
from stacks.workloads.data import alerts

_EVERYWHERE = "Global"


def action_group(
    name: str, site: Site, group: pulumi.Input[str], contacts: Sequence[str], opts: pulumi.ResourceOptions
) -> monitor.ActionGroup:
    """The people of a workload, by their addresses."""
    return monitor.ActionGroup(
        f"{name}-people-to-tell",
        action_group_name=site.name("action-group", name),
        resource_group_name=group,
        location=_EVERYWHERE,
        tags=site.tags,
        # Azure shows at most twelve characters of it in a text message.
        group_short_name=name.replace("-", "")[:12],
        enabled=True,
        email_receivers=[
            monitor.MicrosoftCommonEmailReceiverArgs(name=f"contact-{i}", email_address=c, use_common_alert_schema=True)
            for i, c in enumerate(contacts)
        ],
        opts=opts,
    )


class Alerts(pulumi.ComponentResource):
    """What a live workload raises. `people` is the id of its action group; `scope` that of its resource group."""

    def __init__(
        self,
        name: str,
        site: Site,
        group: pulumi.Input[str],
        scope: pulumi.Input[str],
        people: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("cloud-unless:workloads:Alerts", f"{name}-alerts", None, opts)
        self._name, self._at, self._group, self._scope, self._people = name, site, group, scope, people
        self._child = pulumi.ResourceOptions(parent=self)
        self._health()
        self.register_outputs({})

    def _health(self) -> None:
        held = alerts()["health"]
        monitor.ActivityLogAlert(
            f"{self._name}-health",
            activity_log_alert_name=f"{self._name}-health",
            resource_group_name=self._group,
            location=_EVERYWHERE,
            tags=self._at.tags,
            description=held["description"],
            scopes=[self._scope],
            enabled=True,
            condition=monitor.AlertRuleAllOfConditionArgs(
                all_of=[
                    monitor.AlertRuleAnyOfOrLeafConditionArgs(field="category", equals="ResourceHealth"),
                    _any_of("properties.cause", held["causes"]),
                    _any_of("properties.currentHealthStatus", held["statuses"]),
                ]
            ),
            actions=monitor.ActionListArgs(action_groups=[monitor.ActionGroupArgs(action_group_id=self._people)]),
            opts=self._child,
        )

    def machines(self) -> None:
        """Tell when one of the group's machines is away."""
        held = alerts()["machines"]
        criterion = monitor.MetricCriteriaArgs(
            criterion_type=monitor.CriterionType.STATIC_THRESHOLD_CRITERION,
            name="available",
            metric_namespace="Microsoft.Compute/virtualMachines",
            metric_name=held["metric"],
            operator=monitor.Operator.LESS_THAN,
            threshold=held["below"],
            time_aggregation=monitor.AggregationTypeEnum.AVERAGE,
        )
        monitor.MetricAlert(
            f"{self._name}-machines",
            rule_name=f"{self._name}-machines",
            resource_group_name=self._group,
            location=_EVERYWHERE,
            tags=self._at.tags,
            description=held["description"],
            severity=held["severity"],
            enabled=True,
            scopes=[self._scope],
            evaluation_frequency=held["every"],
            window_size=held["over"],
            target_resource_type="Microsoft.Compute/virtualMachines",
            target_resource_region=self._at.region,
            criteria=monitor.MetricAlertMultipleResourceMultipleMetricCriteriaArgs(
                odata_type=monitor.Odatatype.MICROSOFT_AZURE_MONITOR_MULTIPLE_RESOURCE_MULTIPLE_METRIC_CRITERIA, all_of=[criterion]
            ),
            actions=[monitor.MetricAlertActionArgs(action_group_id=self._people)],
            opts=self._child,
        )


def tell_of_backups(
    name: str, site: Site, group: pulumi.Input[str], scope: pulumi.Input[str], people: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> None:
    """Send on what the recovery vaults of the group (`scope` is its id) raise when a job fails."""
    held = alerts()["backup"]
    alertsmanagement.AlertProcessingRuleByName(
        f"{name}-backup-alerts",
        alert_processing_rule_name=f"{name}-backup-alerts",
        resource_group_name=group,
        location=_EVERYWHERE,
        tags=site.tags,
        properties=alertsmanagement.AlertProcessingRulePropertiesArgs(
            description=held["description"],
            enabled=True,
            scopes=[scope],
            conditions=[
                alertsmanagement.ConditionArgs(
                    field=alertsmanagement.Field.MONITOR_SERVICE, operator=alertsmanagement.Operator.EQUALS, values=[held["service"]]
                )
            ],
            actions=[
                alertsmanagement.AddActionGroupsArgs(action_type=alertsmanagement.ActionType.ADD_ACTION_GROUPS, action_group_ids=[people])
            ],
        ),
        opts=opts,
    )


def _any_of(field: str, values: Sequence[str]) -> monitor.AlertRuleAnyOfOrLeafConditionArgs:
    return monitor.AlertRuleAnyOfOrLeafConditionArgs(any_of=[monitor.AlertRuleLeafConditionArgs(field=field, equals=v) for v in values])
