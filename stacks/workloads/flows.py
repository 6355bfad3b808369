"""Flow logs of workloads' networks, where the landing zone keeps flows of their regions, and a word where it does not.

A request says nothing of them: whether there can be one is known from the landing zone's outputs alone, which are there at every preview.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pulumi

from stacks.components.flow_log import FlowStore, flow_log
from stacks.request import Request
from stacks.site import Site


def keep_flows(
    name: str, site: Site, stores: pulumi.Output[dict[str, FlowStore]], target: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> None:
    """A flow log of the network `target` (an id), if the flows of its region are kept anywhere: Azure takes no storage elsewhere."""

    def keep(known: Mapping[str, FlowStore]) -> None:
        if store := known.get(site.region):
            flow_log(name, site, store, target, opts)

    stores.apply(keep)


def unlogged(stores: Mapping[str, FlowStore], requests: Sequence[Request]) -> Iterator[str]:
    """A sentence for each live request in whose region the landing zone keeps no flows."""
    for request in requests:
        if request.state == "live" and request.region not in stores:
            yield (
                f"{request.id}: who speaks with whom in its network is not kept, since the landing zone keeps no flows in {request.region}."
                f" In the landing zone's settings turn flow_logs on, with {request.region} in flow_logs.further_regions where its own "
                "region is another; run pulumi up there, and then here."
            )
