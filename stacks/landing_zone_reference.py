"""What other stacks know of the platform landing zone: its outputs, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from stacks.components.flow_log import FlowStore


class LandingZoneReference:
    """The outputs that the landing-zone stack exports (stacks/landing_zone/stack.py), read by a StackReference."""

    def __init__(self, stack: str, opts: pulumi.ResourceOptions, *, virtual_wan: bool = False) -> None:
        """`stack` is organization/project/stack; `virtual_wan` whether its network is said to be one."""
        self.virtual_wan = virtual_wan
        self._stack = stack
        self.outputs = self._outputs = pulumi.StackReference(stack, opts=opts).outputs
        self.hub_network_id = self._outputs.apply(self._hub_network)
        self.virtual_hub_name = self._text("virtual_hub_name")
        self.hub_has_gateways = self._outputs.apply(lambda held: bool(self._required(held, "hub_has_gateways")))
        self.hub_network_name = self._text("hub_network_name")
        self.hub_group_name = self._text("hub_group_name")
        self.hub_subscription_id = self._text("hub_subscription_id")
        self.firewall_private_ip = self._text("firewall_private_ip")
        self.log_workspace_id = self._text("log_workspace_id")
        self.action_group_id = self._text("action_group_id")
        self.urgent_action_group_id = self._text("urgent_action_group_id")

    def zone(self, name: str) -> pulumi.Output[str]:
        """The id of the private DNS zone `name`."""
        return self._outputs.apply(lambda held: str(self._required(self._required(held, "private_dns_zone_ids"), name)))

    def maintenance_configuration(self, environment: str) -> pulumi.Output[str]:
        """The id of the patching window of an environment: test or production."""
        return self.outputs.apply(lambda held: str(self._required(self._required(held, "maintenance_configuration_ids"), environment)))

    def flow_stores(self) -> pulumi.Output[dict[str, FlowStore]]:
        """Where flows are kept, by region: nowhere, where the landing zone keeps none or is older than this output."""
        return self.outputs.apply(lambda held: flow_stores_of(held or {}))

    def management_group(self, name: str) -> pulumi.Output[str]:
        """The name in Azure of a management group, by its key in the landing zone: corp, decommissioned, wcc-corp."""
        return self._outputs.apply(lambda held: str(self._required(self._required(held, "management_group_ids"), name)).rsplit("/", 1)[-1])

    def _hub_network(self, held: dict[str, Any] | None) -> str:
        """The network that spokes are peered with; there is none in a virtual WAN, whatever stands beside its hub."""
        if bool(self._required(held, "virtual_hub_name")) != self.virtual_wan:
            said, wanted = ("a hub network", "hub") if self.virtual_wan else ("a virtual WAN", "virtual-wan")
            raise pulumi.RunError(f"The network of {self._stack} is {said}. Set network: {wanted} in this stack's settings.")
        return str(self._required(held, "hub_network_id"))

    def _text(self, name: str) -> pulumi.Output[str]:
        return self._outputs.apply(lambda held: str(self._required(held, name)))

    def _required(self, held: dict[str, Any] | None, name: str) -> Any:
        if not held or name not in held:
            raise pulumi.RunError(f"The stack {self._stack} has no output {name}. Deploy the landing zone first, or correct landing_zone.")
        return held[name]


def flow_stores_of(held: Mapping[str, Any]) -> dict[str, FlowStore]:
    """Region to where its flows are kept, of a landing zone's outputs."""
    stores = cast("dict[str, dict[str, Any]]", held.get("flow_log_stores") or {})
    return {region: FlowStore(**_whole(store)) for region, store in stores.items()}


def _whole(store: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers come back from a state as fractions, and what is None does not come back."""
    minutes = store.get("every_minutes")
    whole = {"retention_days": int(store["retention_days"]), "every_minutes": int(minutes) if minutes else None}
    return {**store, **whole}
