"""What only a deployed stack can tell: whether each workload takes its steps in order, and whether the platform knows what it needs.

A stack reads its own last outputs by a reference to itself (pulumi/pulumi issue 3722, a maintainer's example; read 2026-11-24).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any, cast

import pulumi

from stacks.landing_zone_reference import LandingZoneReference
from stacks.workloads.lifecycle import out_of_order, was
from stacks.workloads.wanted import Wanted


def in_order(wanted: Wanted, zone: LandingZoneReference, opts: pulumi.ResourceOptions) -> pulumi.Output[dict[str, str]]:
    """Workload id to state, once everything is known to be in order; else every fault at once, and whatever awaits this is not built."""
    itself = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    before = pulumi.StackReference("what-was-deployed", stack_name=itself, opts=opts).outputs

    def checked(both: list[Any]) -> dict[str, str]:
        faults = [*out_of_order(was(both[0] or {}), wanted.requests, wanted.settings.requests), *_strange_to(both[1] or {}, wanted)]
        if faults:
            raise pulumi.RunError("\n".join(faults))
        return {r.id: r.state for r in wanted.requests}

    return pulumi.Output.all(before, zone.outputs).apply(checked)


def _strange_to(platform: Mapping[str, Any], wanted: Wanted) -> Iterator[str]:
    """What the landing zone's outputs contradict. Outputs that an older landing zone does not have contradict nothing."""
    settings = wanted.settings
    placed = cast("list[str]", platform.get("placed_subscriptions", []))
    for request in wanted.requests:
        if request.own_subscription in placed:
            yield (
                f"{settings.requests}/{request.id}.toml, key subscription: the landing zone places {request.own_subscription} itself; "
                "remove it from subscriptions in the landing zone's settings, or write shared."
            )
    spokes = platform.get("spoke_address_space")
    known = [IPv4Network(s) for s in ([spokes] if isinstance(spokes, str) else cast("list[str]", spokes or []))]
    for council, ranges in {"": settings.addresses.of(""), **settings.addresses.councils}.items():
        for space in ranges:
            if known and not any(space.subnet_of(k) for k in known):
                key = f"addresses.councils.{council}" if council else "addresses.range"
                shown = " or ".join(str(k) for k in known)
                file = f"Pulumi.{pulumi.get_stack()}.yaml, key {pulumi.get_project()}"
                yield f"{file}:{key}: {space} is not within the landing zone's hub.spokes ({shown}), which the firewall needs. Widen them."
