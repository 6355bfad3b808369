"""The twin: the same management groups once more, where every policy only reports, for subscriptions that exist already."""

from __future__ import annotations

import pulumi

from stacks.components.propagation import Patience
from stacks.landing_zone.enforcement import Stages
from stacks.landing_zone.governance import Governance
from stacks.landing_zone.hierarchy import Hierarchy
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.library.architecture import Architecture


def twin(
    settings: LandingZoneSettings, architecture: Architecture, patience: Patience, opts: pulumi.ResourceOptions
) -> tuple[Hierarchy, Governance] | None:
    """The twin that the settings ask for."""
    if settings.twin is None:
        return None
    hierarchy = Hierarchy(settings, architecture, settings.twin_placements(), opts, twin=settings.twin.id)
    return hierarchy, Governance(settings, hierarchy, architecture, Stages(all_report=True), patience, opts)
