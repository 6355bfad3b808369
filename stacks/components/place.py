"""Where a component stands: what it needs to know of its surroundings, whatever it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class Place:
    """The group by name; subnet of private endpoints and log workspace by id; `zone` gives the id of the private DNS zone of a name."""

    group: pulumi.Input[str]
    endpoints: pulumi.Input[str]
    workspace: pulumi.Input[str]
    zone: Callable[[str], pulumi.Input[str]]
