"""Application landing zones: one for each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import pulumi
import pulumi_azure_native as azure
import pulumi_azuread as azuread

from stacks.components.propagation import Patience
from stacks.landing_zone.baseline import BaselinePlan
from stacks.landing_zone.watching import activity_alerts, defender_plans
from stacks.landing_zone_reference import LandingZoneReference, flow_stores_of
from stacks.naming import Naming
from stacks.passwords import new_password
from stacks.request import Request
from stacks.site import Site
from stacks.vended import NEW, SHARED
from stacks.workloads.flows import unlogged
from stacks.workloads.lifecycle import kept, stands
from stacks.workloads.networks import FILE
from stacks.workloads.order import in_order
from stacks.workloads.patching import unpatched, window
from stacks.workloads.settings import WorkloadsSettings
from stacks.workloads.shortfalls import shortfalls
from stacks.workloads.subscription import Subscription, SubscriptionPlan, group_of
from stacks.workloads.vending import asker, kind
from stacks.workloads.wanted import Wanted
from stacks.workloads.workload import Surroundings, Workload


class Workloads(pulumi.ComponentResource):
    """Every request's landing zone. `workloads` by id and `subscriptions` of their own; `states` once known to be in order."""

    def __init__(self, wanted: Wanted, password: Callable[[], str]) -> None:
        super().__init__("cloud-unless:workloads:Workloads", wanted.settings.council.id)
        self._wanted, self._settings = wanted, wanted.settings
        given = self._settings.windows_password.get_secret_value() if self._settings.windows_password else ""
        self._child = pulumi.ResourceOptions(parent=self)
        self._zone = LandingZoneReference(self._settings.landing_zone, self._child, virtual_wan=self._settings.network == "virtual-wan")
        self.states = in_order(wanted, self._zone, self._child)
        self._shared = {s: self._acting_in(name, s) for name, s in shared_subscriptions(self._settings).items()}
        hub = azure.Provider("hub", subscription_id=self._once_in_order(self._zone.hub_subscription_id), opts=self._child)
        around = Surroundings(self._settings, self._zone, hub, (lambda: given) if given else password, Patience(), self._entra())
        self.subscriptions = {r.id: self._subscription(r) for r in wanted.requests if kind(r, self._settings) != SHARED}
        self.workloads = {r.id: self._workload(r, around) for r in wanted.requests if stands(r)}
        self.missed = self._zone.outputs.apply(lambda held: self._missed(held or {}))
        self.register_outputs({})

    def _missed(self, platform: Mapping[str, Any]) -> list[str]:
        """What requests do not get for want of something in the landing zone, whose outputs `platform` are."""
        told = list(unlogged(flow_stores_of(platform), self._wanted.requests)) if self._settings.flow_logs else []
        told += unpatched(platform, self._wanted.requests, self._settings)
        for sentence in told:
            pulumi.log.warn(sentence)
        return told

    def _once_in_order(self, value: pulumi.Input[str]) -> pulumi.Output[str]:
        """The value, known only when no workload takes a step too early: whatever needs it is not built before."""
        return pulumi.Output.all(self.states, value).apply(lambda both: str(both[1]))

    def _acting_in(self, name: str, subscription: str) -> azure.Provider:
        return azure.Provider(name, subscription_id=self._once_in_order(subscription), opts=self._child)

    def _entra(self) -> azuread.Provider | None:
        wanted = self._settings.vending.group_owners
        return azuread.Provider("entra", tenant_id=self._once_in_order(self._settings.tenant), opts=self._child) if wanted else None

    def _subscription(self, request: Request) -> Subscription:
        whose = asker(request, self._settings)
        group = self._zone.management_group(group_of(request, whose.id if whose.is_member else ""))
        billed = self._settings.vending.billing_scope or ""
        # Who takes a subscription over finds there the watcher that Azure made; a new one has none until its first network.
        watcher = self._settings.flow_logs and kind(request, self._settings) == NEW
        plan = SubscriptionPlan(request.own_subscription, billed, group, self._baseline(request), watcher)
        within = pulumi.ResourceOptions(parent=self, providers=[self._shared[self._settings.subscription]])
        return Subscription(request, plan, site_of(request, self._settings), within)

    def _baseline(self, request: Request) -> BaselinePlan:
        """What the platform's own subscriptions have too: the same people hear of it, the same windows patch."""
        settings, zone = self._settings, self._zone
        patching = (
            {request.environment: zone.maintenance_configuration(window(request.environment))}
            if settings.vending.patching and request.machine_ids
            else {}
        )
        return BaselinePlan(
            alerts=activity_alerts(),
            told={"urgent": zone.urgent_action_group_id, "advice": zone.action_group_id},
            defender=defender_plans(settings.vending.defender),
            contacts=asker(request, settings).contacts,
            anomalies_from=settings.budget.starts_on,
            patching=patching,
        )

    def _workload(self, request: Request, around: Surroundings) -> Workload:
        own = self.subscriptions.get(request.id)
        acting = own.provider if own else self._shared[asker(request, self._settings).subscription]
        held = replace(around, subscription=own.id, watcher=own.watcher) if own else around
        within = pulumi.ResourceOptions(parent=self, providers=[acting])
        return Workload(request, self._wanted.networks[request.id], site_of(request, self._settings), held, within)


def shared_subscriptions(settings: WorkloadsSettings) -> dict[str, str]:
    """The subscriptions that workloads share, by the name of the provider that acts in each."""
    members = {f"workloads-{council}": m.subscription for council, m in settings.councils.items() if m.subscription}
    return {"workloads": settings.subscription, **members}


def site_of(request: Request, settings: WorkloadsSettings) -> Site:
    """Names, region and tags of a request's resources. What is leaving is no longer protected."""
    whose = asker(request, settings)
    naming = Naming(whose.id, request.region, _seed(request, settings))
    tags = {"owner": request.owner, "service": request.service, "cost-centre": whose.cost_centre}
    site = Site(naming, request.region, tags, settings.protect and request.state == "live").tagged(
        classification=request.classification, environment=request.environment, workload=request.id, wave=request.wave, **whose.tags
    )
    more = {"exception": request.exception, "decommission_on": str(request.decommission_on or "")}
    return site.tagged(**{k: v for k, v in more.items() if v})


def _seed(request: Request, settings: WorkloadsSettings) -> str:
    """What sets its names apart in all of Azure: its subscription, or what a new one is asked for by, whose id nobody knows yet."""
    match kind(request, settings):
        case "shared":
            return asker(request, settings).subscription
        case "new":
            return f"{settings.tenant}/{asker(request, settings).id}/{request.id}"
        case _:
            return request.own_subscription


def build(wanted: Wanted, password: Callable[[], str] = new_password) -> Workloads:
    """Build every request's landing zone and export where each stands."""
    for shortfall in shortfalls(wanted):
        pulumi.log.warn(shortfall)
    if wanted.new:
        pulumi.log.warn(
            f"Nothing fixes the network of {', '.join(wanted.new)} yet: a workload that comes or goes could move it. "
            f"Run unless rehearse, which writes {wanted.settings.requests}/{FILE}, and commit that file before pulumi up."
        )
    made = Workloads(wanted, password)
    pulumi.export("networks", {workload: str(network) for workload, network in wanted.networks.items()})
    pulumi.export("resource_groups", {workload: w.group.name for workload, w in made.workloads.items()})
    pulumi.export("key_vaults", {workload: w.vault.id for workload, w in made.workloads.items() if w.vault})
    pulumi.export("subscriptions", {workload: s.id for workload, s in made.subscriptions.items()})
    pulumi.export("states", made.states)
    pulumi.export("kept", {r.id: [asdict(k) for k in kept(r)] for r in wanted.requests if r.state != "live"})
    pulumi.export("shortfalls", made.missed.apply(lambda more: [*shortfalls(wanted), *more]))
    return made
