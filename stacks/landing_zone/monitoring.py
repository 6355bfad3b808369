"""What watches the platform and every subscription of the settings, and what protects them."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_azure_native as azure

from stacks.landing_zone.alerts import Alerts
from stacks.landing_zone.baseline import Baseline, BaselinePlan
from stacks.landing_zone.collection import Collection
from stacks.landing_zone.logs import Logs
from stacks.landing_zone.patching import maintenance_windows
from stacks.landing_zone.sentinel import Sentinel, SentinelPlace, entra_logs
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.landing_zone.watching import activity_alerts, defender_plans
from stacks.naming import Naming
from stacks.site import Site


class Monitoring(pulumi.ComponentResource):
    """Alerts, what agents gather, Sentinel, and for each subscription its baseline. `resources` are the platform's parts by name."""

    def __init__(
        self,
        settings: LandingZoneSettings,
        site: Site,
        logs: Logs,
        resources: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("cloud-unless:landing-zone:Monitoring", "monitoring", None, opts)
        self._settings, self._site, self._logs = settings, site, logs
        self._child = pulumi.ResourceOptions(parent=self)
        self.subscriptions = tuple(dict.fromkeys(s for _, s in settings.placements()))
        self.collection = Collection(site, logs.group.name, logs.workspace.id, self._child)
        self.alerts = Alerts(site, logs.group.name, logs.told, resources, self._child)
        self.windows = maintenance_windows(site, logs.group.name, settings.patching, self._child)
        self.sentinel = self._sentinel() if settings.security.sentinel else None
        if settings.security.entra_logs:
            entra_logs(settings.council.id, logs.workspace.id, self._child)
        self.baselines = [self._baseline(group, s) for group, s in settings.placements()]
        self.register_outputs({})

    def _sentinel(self) -> Sentinel:
        place = SentinelPlace(self._logs.group.name, self._logs.workspace.name, self.subscriptions)
        return Sentinel(self._settings, place, self._child)

    def _baseline(self, group: str, subscription: str) -> Baseline:
        """In the subscription itself, by a provider of its own."""
        name = group if self._is_only(group) else f"{group}-{subscription[-12:]}"
        own = azure.Provider(f"baseline-{name}", subscription_id=subscription, opts=self._child)
        naming = Naming(self._settings.council.id, self._settings.region, subscription)
        site = Site(naming, self._site.region, self._site.tags, self._site.protect)
        return Baseline(name, subscription, self._plan(), site, pulumi.ResourceOptions(parent=self, providers=[own]))

    def _is_only(self, group: str) -> bool:
        return sum(g == group for g, _ in self._settings.placements()) == 1

    def _plan(self) -> BaselinePlan:
        settings = self._settings
        contacts = (settings.security.contact,) if settings.security.contact else settings.budget.contacts
        return BaselinePlan(
            alerts=activity_alerts(),
            told={"urgent": self._logs.told.urgent.id, "advice": self._logs.told.advice.id},
            defender=defender_plans(settings.security.defender),
            contacts=contacts,
            anomalies_from=settings.budget.starts_on if settings.alerts.anomalies else None,
            patching={environment: window.id for environment, window in self.windows.items()},
        )
