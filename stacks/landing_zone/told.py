"""Who is told: an action group for what wakes somebody and one for what waits for the morning."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import monitor

from stacks.landing_zone.settings import LandingZoneSettings
from stacks.landing_zone.watching import Severity
from stacks.site import Site


class Told(pulumi.ComponentResource):
    """Action groups by severity."""

    def __init__(self, settings: LandingZoneSettings, site: Site, group: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:Told", "told", None, opts)
        self._settings, self._site, self._group = settings, site, group
        # It was once a child of the logs: it is the same one.
        moved = pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(parent=opts.parent)])
        self.advice = self._people("platform-people", "platform", settings.council.id, settings.budget.contacts, moved)
        urgent = settings.alerts.urgent or settings.budget.contacts
        self.urgent = self._people("platform-urgent", "urgent", f"{settings.council.id}!", urgent, pulumi.ResourceOptions(parent=self))
        self.register_outputs({})

    def of(self, severity: Severity) -> pulumi.Output[str]:
        """The id of the action group for `severity`."""
        return self.urgent.id if severity == "urgent" else self.advice.id

    def _people(self, name: str, named: str, short: str, contacts: tuple[str, ...], opts: pulumi.ResourceOptions) -> monitor.ActionGroup:
        texts = self._settings.alerts.texts if name == "platform-urgent" else ()
        return monitor.ActionGroup(
            name,
            action_group_name=self._site.name("action-group", named),
            resource_group_name=self._group,
            location="Global",
            tags=self._site.tags,
            group_short_name=short[:12],
            enabled=True,
            email_receivers=[
                monitor.MicrosoftCommonEmailReceiverArgs(name=f"contact-{i}", email_address=c, use_common_alert_schema=True)
                for i, c in enumerate(contacts)
            ],
            sms_receivers=[
                monitor.MicrosoftCommonSmsReceiverArgs(name=f"text-{i}", country_code=t.country, phone_number=t.number)
                for i, t in enumerate(texts)
            ]
            or None,
            opts=opts,
        )
