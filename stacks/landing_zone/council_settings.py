"""Settings of councils that share one platform: a management group, a budget and readers each, or a delegation where tenants differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Self

from pydantic import Field, model_validator

from stacks.landing_zone.data import authorisations
from stacks.library.architecture import Architecture, GroupPlan
from stacks.settings import CouncilId, Email, Guid, Part, Pounds

# The groups that each council has of its own, beneath its own group; what is assigned at these is assigned there too.
ITS_OWN = ("corp", "online")


class Delegation(Part):
    """Subscriptions of a council with an Entra tenant of its own, which the platform's people manage from theirs (Azure Lighthouse)."""

    tenant: Guid
    subscriptions: tuple[Guid, ...] = Field(min_length=1)
    people: dict[str, Guid] = Field(description="who in delegations.toml to the id of a security group in the platform's tenant")

    @model_validator(mode="after")
    def _everybody_is_named(self) -> Self:
        wanted = tuple(dict.fromkeys(a.people for a in authorisations()))
        faults = [f"people lacks {p}; add the id of its group" for p in wanted if p not in self.people]
        faults += [
            f"people names {p}, whom delegations.toml does not know; there are {', '.join(wanted)}" for p in self.people if p not in wanted
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self


class SharingCouncil(Part):
    """A council that shares the platform. One with `delegated` has its own tenant, and there its own groups and budgets."""

    name: str = Field(min_length=1, max_length=80)
    monthly_pounds: Pounds | None = None
    contacts: tuple[Email, ...] = ()
    readers: Guid | None = Field(default=None, description="the Entra group that may read everything of this council")
    corp: tuple[Guid, ...] = ()
    online: tuple[Guid, ...] = ()
    delegated: Delegation | None = None

    @model_validator(mode="after")
    def _has_a_budget_or_a_tenant(self) -> Self:
        if self.delegated and (self.corp or self.online or self.monthly_pounds or self.readers):
            raise ValueError(
                "a council with a tenant of its own (delegated) has its groups, budget and readers there; "
                "remove corp, online, monthly_pounds and readers"
            )
        if not self.delegated and not (self.monthly_pounds and self.contacts):
            raise ValueError("what a council may spend is its own affair; add monthly_pounds and contacts")
        return self


def of_this_tenant(councils: Mapping[CouncilId, SharingCouncil]) -> dict[str, SharingCouncil]:
    """Those that have management groups here."""
    return {c: held for c, held in councils.items() if not held.delegated}


def with_councils(architecture: Architecture, councils: Mapping[CouncilId, SharingCouncil]) -> Architecture:
    """Each council's own group beneath the landing zones, then its corp and online; what is assigned at these is assigned there too."""
    more: list[GroupPlan] = []
    for council, held in of_this_tenant(councils).items():
        more.append(GroupPlan(council, "landingzones", held.name))
        for own in ITS_OWN:
            plan = architecture.group(own)
            assigned = plan.assignments if plan else ()
            more.append(GroupPlan(f"{council}-{own}", council, f"{held.name}: {own}", assignments=assigned))
    return architecture.with_groups(more)


def council_placements(councils: Mapping[CouncilId, SharingCouncil]) -> Iterator[tuple[str, str]]:
    """(management group, subscription) for every subscription of each council."""
    for council, held in councils.items():
        yield from ((f"{council}-{own}", s) for own in ITS_OWN for s in getattr(held, own))


def faults(councils: Mapping[CouncilId, SharingCouncil], own: str, tenant: str, taken: Iterable[str]) -> Iterator[str]:
    """What cannot be: a council called like the platform's own or like a management group, or delegated to its own tenant."""
    for council, held in councils.items():
        if council == own or council in taken:
            yield f"councils.{council} is called like the platform's own council or a management group; give it another id"
        if held.delegated and held.delegated.tenant == tenant:
            yield f"councils.{council}.delegated.tenant is the platform's own; remove delegated, and name corp or online subscriptions"
