"""Who a request is from and which subscription it gets; and what of that cannot be, before anything is built."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from stacks.request import Request
from stacks.vended import EXISTING, NEW, SHARED
from stacks.workloads.data import Placement, placement
from stacks.workloads.settings import WorkloadsSettings


@dataclass(frozen=True)
class Asker:
    """The council that a request is from. `subscription` is the one its workloads share, "" where it has none."""

    id: str
    cost_centre: str
    subscription: str
    contacts: tuple[str, ...]
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    is_member: bool = False


def asker(request: Request, settings: WorkloadsSettings) -> Asker:
    """Whose the request is: a council that shares the platform, or the platform's own. Its council must be known."""
    own = settings.council
    if request.council in ("", own.id):
        return Asker(own.id, own.cost_centre, settings.subscription, request.contacts or settings.budget.contacts)
    member = settings.councils[request.council]
    contacts = request.contacts or member.contacts or settings.budget.contacts
    tags = {"council": member.name, **member.tags}
    return Asker(request.council, member.cost_centre, member.subscription or "", contacts, tags, is_member=True)


def kind(request: Request, settings: WorkloadsSettings) -> str:
    """How it comes by its subscription: shared, new or existing."""
    said = request.subscription or settings.vending.subscription
    return said.partition(":")[0] if said.startswith(EXISTING) else said


def is_joined(request: Request, settings: WorkloadsSettings) -> bool:
    """Whether its network is joined to the hub: a sandbox never is, and nothing is once it is being decommissioned."""
    return request.state == "live" and (kind(request, settings) == SHARED or stands_in(request).joined)


def stands_in(request: Request) -> Placement:
    """The management group that its own subscription stands in while it is live."""
    return placement(request.management_group or "corp")


def faults(settings: WorkloadsSettings, requests: Sequence[Request], networks: Mapping[str, IPv4Network]) -> Iterator[str]:
    """What cannot be vended, a sentence each that names file and key. `networks` are those fixed already."""
    for request in requests:
        for key, what in _of(request, settings, networks):
            yield f"{settings.requests}/{request.id}.toml, key {key}: {what}"


def is_known(request: Request, settings: WorkloadsSettings) -> bool:
    """Whether the request's council is in the settings."""
    return request.council in ("", settings.council.id, *settings.councils)


def _of(request: Request, settings: WorkloadsSettings, networks: Mapping[str, IPv4Network]) -> Iterator[tuple[str, str]]:
    if not is_known(request, settings):
        yield "council", _no_such_council(request.council, settings)
        return
    yield from _council_faults(request, settings, networks)
    yield from _subscription_faults(request, settings)
    yield from _placement_faults(request, settings)


def _no_such_council(named: str, settings: WorkloadsSettings) -> str:
    there = [settings.council.id, *settings.councils]
    near = difflib.get_close_matches(named, there, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(there)}; add it to councils in the settings, or correct it."
    return f"no council is called {named}; {hint}"


def _council_faults(request: Request, settings: WorkloadsSettings, networks: Mapping[str, IPv4Network]) -> Iterator[tuple[str, str]]:
    member = settings.councils.get(request.council)
    if member and member.tenant and member.tenant != settings.tenant:
        yield (
            "council",
            f"{request.council} has an Entra tenant of its own ({member.tenant}), and one stack builds in one tenant. Give that council a "
            "workloads stack with its tenant; the platform manages it by the delegation of the landing-zone stack.",
        )
    held, ranges = networks.get(request.id), settings.addresses.of(request.council)
    if held and not any(held.subnet_of(r) for r in ranges):
        whose = request.council or settings.council.id
        shown = " or ".join(str(r) for r in ranges)
        yield "council", f"it has network {held}, which is not in the ranges of {whose} ({shown}). Change one of them, or plan its move."


def _subscription_faults(request: Request, settings: WorkloadsSettings) -> Iterator[tuple[str, str]]:
    wanted = kind(request, settings)
    whose = asker(request, settings)
    if wanted == SHARED and not whose.subscription:
        yield "subscription", f"council {whose.id} has none to share; add councils.{whose.id}.subscription to the settings, or write new."
    if wanted == NEW and not settings.vending.billing_scope:
        yield "subscription", "a new one has to be billed somewhere; add vending.billing_scope to the settings."
    shared = [settings.subscription, *(m.subscription for m in settings.councils.values())]
    if request.own_subscription in shared:
        yield "subscription", f"{request.own_subscription} is one that workloads share; write shared, or name one that nobody else uses."


def _placement_faults(request: Request, settings: WorkloadsSettings) -> Iterator[tuple[str, str]]:
    if kind(request, settings) == SHARED:
        if request.management_group and request.subscription is None:
            yield "management_group", 'it moves a subscription and this one is shared with others; remove it, or add subscription = "new".'
        return
    group, named = stands_in(request), f"management group {request.management_group or 'corp'}"
    if request.environment not in group.environments:
        yield "management_group", f"{named} is for {' and '.join(group.environments)} and this workload is {request.environment}."
    if request.classification not in group.classifications:
        yield "management_group", f"{named} is for {' and '.join(group.classifications)} data and this is {request.classification}."
