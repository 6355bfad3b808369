"""A load balancer inside the private network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from stacks.site import Site

ZONES = ("1", "2", "3")
_FRONT, _BACK = "inward", "machines"


@dataclass(frozen=True)
class BalancerSpec:
    """What to build: TCP `ports` shared out among machines; over zones where `spread`."""

    id: str
    ports: Sequence[int]
    spread: bool


class LoadBalancer(pulumi.ComponentResource):
    """The balancer. `pool_id` is that of the pool which machines join."""

    def __init__(
        self, spec: BalancerSpec, site: Site, group_id: pulumi.Output[str], subnet: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("cloud-unless:components:LoadBalancer", f"{spec.id}-balancer", None, opts)
        name = site.name("load-balancer", spec.id)
        # Its parts refer to one another by ids that begin with its own, which is known before it is made.
        own_id = pulumi.Output.concat(group_id, "/providers/Microsoft.Network/loadBalancers/", name)
        self.balancer = network.LoadBalancer(
            f"{spec.id}-load-balancer",
            load_balancer_name=name,
            resource_group_name=group_id.apply(lambda held: held.rsplit("/", 1)[-1]),
            location=site.region,
            tags=site.tags,
            sku=network.LoadBalancerSkuArgs(name=network.LoadBalancerSkuName.STANDARD),
            frontend_ip_configurations=[_front(subnet, spec.spread)],
            backend_address_pools=[network.BackendAddressPoolArgs(name=_BACK)],
            probes=[_probe(port) for port in spec.ports],
            load_balancing_rules=[_rule(own_id, port) for port in spec.ports],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.pool_id = self.balancer.id.apply(lambda held: f"{held}/backendAddressPools/{_BACK}")
        self.register_outputs({"id": self.balancer.id})


def _front(subnet: pulumi.Input[str], spread: bool) -> network.FrontendIPConfigurationArgs:
    return network.FrontendIPConfigurationArgs(
        name=_FRONT,
        subnet=network.SubnetArgs(id=subnet),
        private_ip_allocation_method=network.IPAllocationMethod.DYNAMIC,
        zones=list(ZONES) if spread else None,
    )


def _probe(port: int) -> network.ProbeArgs:
    return network.ProbeArgs(name=f"port-{port}", protocol=network.ProbeProtocol.TCP, port=port, interval_in_seconds=15, number_of_probes=2)


def _rule(own_id: pulumi.Output[str], port: int) -> network.LoadBalancingRuleArgs:
    def part(path: str) -> network.SubResourceArgs:
        return network.SubResourceArgs(id=pulumi.Output.concat(own_id, path))

    return network.LoadBalancingRuleArgs(
        name=f"port-{port}",
        protocol=network.TransportProtocol.TCP,
        frontend_port=port,
        backend_port=port,
        frontend_ip_configuration=part(f"/frontendIPConfigurations/{_FRONT}"),
        backend_address_pool=part(f"/backendAddressPools/{_BACK}"),
        probe=part(f"/probes/port-{port}"),
        enable_tcp_reset=True,
        idle_timeout_in_minutes=15,
        # What machines send out goes through the hub's firewall.
        disable_outbound_snat=True,
    )
