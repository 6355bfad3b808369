"""What no setting says wrongly by itself, and Azure would refuse or take in another sense: said before anything is built."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from stacks.addresses import INSIDE, is_inside

if TYPE_CHECKING:
    from stacks.landing_zone.settings import LandingZoneSettings

# The least that a workload's network is (addresses.prefix in stacks/workloads/settings.py), which `spokes` must hold several of.
_LEAST_SPOKES: Final = 24
# Source: Microsoft Learn, "BudgetTimePeriod" (Azure Resource Manager, Consumption and Cost Management), read on 2026-11-25: no earlier
# than this, no later than twelve months from now; a past start only within the present period, unless the budget is there already.
_FIRST_BUDGET: Final = date(2017, 6, 1)


def faults(settings: LandingZoneSettings) -> Iterator[str]:
    """Every one, as the rest of a sentence that names the file."""
    yield from _public(settings)
    yield from _names_twice(settings)
    yield from _ids(settings)
    yield from _budget(settings)
    if settings.hub.spokes.prefixlen > _LEAST_SPOKES:
        yield f"hub.spokes {settings.hub.spokes} holds no two workloads' networks; give it a /{_LEAST_SPOKES} or larger"
    held = settings.directory
    if held and not held.promoted and (own := sorted({str(s) for s in held.dns_servers} & set(held.addresses))):
        yield f"directory.dns_servers names {', '.join(own)}, which are its own new servers; name those that answer today"


def _public(settings: LandingZoneSettings) -> Iterator[str]:
    for key, network in settings.own_ranges().items():
        if network is not None and not is_inside(network, settings.hub.own_public):
            yield (
                f"{key} {network} is somebody's on the internet, who could then not be reached; choose one within "
                f"{', '.join(str(n) for n in INSIDE)}, or list it in hub.own_public if it is the council's"
            )


def _names_twice(settings: LandingZoneSettings) -> Iterator[str]:
    """Names that Azure compares without case."""
    said = {
        "hub.dns_forwarding": [f.domain for f in settings.hub.dns_forwarding],
        "mandatory_tags": settings.mandatory_tags,
        "policy_roles": settings.policy_roles,
        "enforcement": settings.enforcement,
    }
    for key, names in said.items():
        first: dict[str, str] = {}
        for name in names:
            before = first.setdefault(name.casefold(), name)
            if before is not name:
                yield f"{key} has {before} and {name}, which are one to Azure; keep one of them"


def _ids(settings: LandingZoneSettings) -> Iterator[str]:
    if any(sid == settings.tenant for _, sid in (*settings.placements(), *settings.twin_placements())):
        yield f"tenant {settings.tenant} is named as a subscription as well; `az account show` tells tenantId from id"
    if settings.twin and settings.twin.id in settings.councils:
        yield f"twin.id {settings.twin.id} is the id of a council that shares the platform; choose another"


def _budget(settings: LandingZoneSettings) -> Iterator[str]:
    starts, today = settings.budget.starts_on, settings.judged_on
    if starts < _FIRST_BUDGET:
        yield f"budget.starts_on {starts} is before Azure's first, {_FIRST_BUDGET}; write the first of this month"
    elif today and starts > today.replace(year=today.year + 1, day=1):
        yield f"budget.starts_on {starts} is more than twelve months after {today} (judged_on), and Azure takes none such; write an earlier"
