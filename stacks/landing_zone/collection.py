"""What agents gather on servers and send to the workspace: an endpoint, a rule for each purpose, one identity for all agents."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import managedidentity, monitor

from stacks.landing_zone.watching import Gathered, gathered
from stacks.site import Site


class Collection(pulumi.ComponentResource):
    """`rule_ids` by the library's name of its default value; `identity` is the agents'."""

    def __init__(self, site: Site, group: pulumi.Input[str], workspace: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:Collection", "collection", None, opts)
        self._site, self._group, self._workspace = site, group, workspace
        self._child = pulumi.ResourceOptions(parent=self)
        self.identity = managedidentity.UserAssignedIdentity(
            "monitor-agent",
            resource_name_=site.name("identity", "monitor agent"),
            resource_group_name=group,
            location=site.region,
            tags=site.tags,
            opts=self._child,
        )
        self.endpoint = self._endpoint()
        self.rules = {rule.id: self._rule(rule) for rule in gathered()}
        self.rule_ids = {rule.default_value: self.rules[rule.id].id for rule in gathered()}
        self.register_outputs({})

    def _endpoint(self) -> monitor.DataCollectionEndpoint:
        """Servers reach it from anywhere with their own identity: closed to the public it would need a private link scope."""
        return monitor.DataCollectionEndpoint(
            "collection-endpoint",
            data_collection_endpoint_name=self._site.name("data-collection-endpoint", "platform"),
            resource_group_name=self._group,
            location=self._site.region,
            tags=self._site.tags,
            network_acls=monitor.DataCollectionEndpointNetworkAclsArgs(
                public_network_access=monitor.KnownPublicNetworkAccessOptions.ENABLED
            ),
            opts=self._child,
        )

    def _rule(self, rule: Gathered) -> monitor.DataCollectionRule:
        return monitor.DataCollectionRule(
            f"collect-{rule.id}",
            data_collection_rule_name=self._site.name("data-collection-rule", rule.id),
            resource_group_name=self._group,
            location=self._site.region,
            tags=self._site.tags,
            description=rule.title,
            data_collection_endpoint_id=self.endpoint.id,
            data_sources=_sources(rule),
            destinations=monitor.DataCollectionRuleDestinationsArgs(
                log_analytics=[monitor.LogAnalyticsDestinationArgs(name="workspace", workspace_resource_id=self._workspace)]
            ),
            data_flows=[monitor.DataFlowArgs(streams=list(rule.streams), destinations=["workspace"])],
            opts=self._child,
        )


def _sources(rule: Gathered) -> monitor.DataCollectionRuleDataSourcesArgs:
    counters = monitor.PerfCounterDataSourceArgs(
        name=rule.id, streams=list(rule.streams), counter_specifiers=list(rule.counters), sampling_frequency_in_seconds=rule.seconds
    )
    extensions = [
        monitor.ExtensionDataSourceArgs(
            name=held["name"], extension_name=held["name"], streams=list(rule.streams), extension_settings=held["settings"]
        )
        for held in rule.extension
    ]
    return monitor.DataCollectionRuleDataSourcesArgs(
        performance_counters=[counters] if rule.counters else None, extensions=extensions or None
    )
