"""A workload's own subscription: made or taken over, put under its management group, and in the end under `decommissioned`.

It is never cancelled from here: to delete an alias leaves the subscription as it is (pulumi-azure-native issue 2343, read 2026-11-24).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pulumi
import pulumi_azure_native as azure
from pulumi_azure_native import management, subscription
from pulumi_azure_native.subscription import outputs

from stacks.components.flow_log import network_watcher
from stacks.landing_zone.baseline import Baseline, BaselinePlan
from stacks.request import Request
from stacks.site import Site
from stacks.workloads.vending import stands_in

# The group that subscriptions rest in when their workload is gone (stacks/landing_zone/architecture.toml).
RESTING = "decommissioned"


@dataclass(frozen=True)
class SubscriptionPlan:
    """`existing` is its id, "" where it is to be made and billed to `billing_scope`. `group` is its management group's name.

    `baseline` is what every subscription has; the landing zone gives it to those of its own settings. A `watcher` of its networks is made.
    """

    existing: str
    billing_scope: str
    group: pulumi.Input[str]
    baseline: BaselinePlan
    watcher: bool = False


def group_of(request: Request, member: str) -> str:
    """The landing zone's key of the management group that it stands in; `member` is the council's id, "" for the platform's own."""
    if request.state == "gone":
        return RESTING
    return f"{member}-{stands_in(request).id}" if member else stands_in(request).id


def made_id(made: outputs.SubscriptionAliasResponsePropertiesResponse | None) -> pulumi.Output[str]:
    """The id that Azure gave; unknown in a preview that echoes what was asked for. Raises RunError where Azure made nothing."""
    given = made.subscription_id if made else None
    if given:
        return pulumi.Output.from_input(given)
    if pulumi.runtime.is_dry_run():
        return cast("pulumi.Output[str]", pulumi.Output.from_input(pulumi.UNKNOWN))
    raise pulumi.RunError(
        "Azure has not made the subscription yet. Look in the billing account whether it waits for an approval; then run pulumi up."
    )


class Subscription(pulumi.ComponentResource):
    """The subscription of one workload. `id` may be unknown until it is made; `provider` acts in it."""

    def __init__(self, request: Request, plan: SubscriptionPlan, site: Site, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:workloads:Subscription", f"{request.id}-subscription", None, opts)
        self._request, self._plan, self._at = request, plan, site
        self.id = pulumi.Output.from_input(plan.existing) if plan.existing else self._made()
        placed = self._place()
        # Nothing is built before the subscription stands under the policies of its management group.
        waiting = pulumi.ResourceOptions(parent=self, depends_on=[placed])
        self.provider = azure.Provider(request.id, subscription_id=self.id, opts=waiting)
        self.watcher: list[pulumi.Resource] = []
        if request.state != "gone":
            within = pulumi.ResourceOptions(parent=self, providers=[self.provider])
            self.watcher = network_watcher(site, within, f"{request.id}-") if plan.watcher else []
            Baseline(request.id, self.id, plan.baseline, site, within)
        self.register_outputs({"id": self.id})

    def _made(self) -> pulumi.Output[str]:
        alias = subscription.Alias(
            f"{self._request.id}-alias",
            alias_name=self._at.name("subscription", self._request.id),
            properties=subscription.PutAliasRequestPropertiesArgs(
                billing_scope=self._plan.billing_scope,
                display_name=self._at.name("subscription", self._request.id),
                # DevTest is cheaper and only for people who hold Visual Studio subscriptions, of whom a request knows nothing.
                workload=subscription.Workload.PRODUCTION,
                additional_properties=subscription.PutAliasRequestAdditionalPropertiesArgs(tags=self._at.tags),
            ),
            # The request for a subscription is made once: a new name, tag or bill is changed on the subscription itself.
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect, retain_on_delete=True, ignore_changes=["properties"]),
        )
        return alias.properties.apply(made_id)

    def _place(self) -> management.ManagementGroupSubscription:
        """Azure takes the subscription to move from the provider that asks. A move is one call: nothing is taken out of a group first."""
        acting = azure.Provider(f"{self._request.id}-placing", subscription_id=self.id, opts=pulumi.ResourceOptions(parent=self))
        return management.ManagementGroupSubscription(
            f"{self._request.id}-place",
            group_id=self._plan.group,
            opts=pulumi.ResourceOptions(parent=self, provider=acting, retain_on_delete=True, delete_before_replace=False),
        )
