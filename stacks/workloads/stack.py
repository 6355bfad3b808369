"""Application landing zones: one for each request."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
import pulumi_azure_native as azure

from stacks.landing_zone_reference import LandingZoneReference
from stacks.naming import Naming
from stacks.passwords import new_password
from stacks.request import Request
from stacks.site import Site
from stacks.workloads.networks import FILE
from stacks.workloads.settings import WorkloadsSettings
from stacks.workloads.shortfalls import shortfalls
from stacks.workloads.wanted import Wanted
from stacks.workloads.workload import Surroundings, Workload


class Workloads(pulumi.ComponentResource):
    """Every request's landing zone. `workloads` by id."""

    def __init__(self, wanted: Wanted, password: Callable[[], str]) -> None:
        super().__init__("cloud-unless:workloads:Workloads", wanted.settings.council.id)
        settings = wanted.settings
        given = settings.windows_password.get_secret_value() if settings.windows_password else ""
        is_wide = settings.network == "virtual-wan"
        zone = LandingZoneReference(settings.landing_zone, pulumi.ResourceOptions(parent=self), virtual_wan=is_wide)
        child = pulumi.ResourceOptions(parent=self)
        own = azure.Provider("workloads", subscription_id=settings.subscription, opts=child)
        hub = azure.Provider("hub", subscription_id=zone.hub_subscription_id, opts=child)
        around = Surroundings(settings, zone, hub, (lambda: given) if given else password)
        within = pulumi.ResourceOptions(parent=self, providers=[own])
        self.workloads = {r.id: Workload(r, wanted.networks[r.id], site_of(r, settings), around, within) for r in wanted.requests}
        self.register_outputs({})


def site_of(request: Request, settings: WorkloadsSettings) -> Site:
    """Names, region and tags of a request's resources."""
    council = settings.council
    naming = Naming(council.id, request.region, settings.subscription)
    tags = {"owner": request.owner, "service": request.service, "cost-centre": council.cost_centre}
    site = Site(naming, request.region, tags, settings.protect).tagged(
        classification=request.classification, environment=request.environment, workload=request.id, wave=request.wave
    )
    return site.tagged(exception=request.exception) if request.exception else site


def build(wanted: Wanted, password: Callable[[], str] = new_password) -> Workloads:
    """Build every request's landing zone and export where each stands."""
    for shortfall in shortfalls(wanted.requests):
        pulumi.log.warn(shortfall)
    if wanted.new:
        pulumi.log.warn(
            f"Nothing fixes the network of {', '.join(wanted.new)} yet: a workload that comes or goes could move it. "
            f"Run unless rehearse, which writes {wanted.settings.requests}/{FILE}, and commit that file before pulumi up."
        )
    made = Workloads(wanted, password)
    pulumi.export("networks", {workload: str(network) for workload, network in wanted.networks.items()})
    pulumi.export("resource_groups", {workload: w.group.name for workload, w in made.workloads.items()})
    pulumi.export("key_vaults", {workload: w.vault.id for workload, w in made.workloads.items()})
    pulumi.export("shortfalls", list(shortfalls(wanted.requests)))
    return made
