"""Whether a workload's servers are patched in the landing zone's windows, or whenever Azure chooses.

A scheduled server that no maintenance configuration reaches is never patched. So it is scheduled only where the landing zone's outputs say
that there is a window for its environment, and that its subscription is one whose servers the window is assigned to by their tags.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stacks.request import Request
from stacks.vended import SHARED
from stacks.workloads.settings import WorkloadsSettings
from stacks.workloads.vending import asker, kind


def window(environment: str) -> str:
    """The window that an environment keeps to: its own, or that of test."""
    return "production" if environment == "production" else "test"


def is_patched(platform: Mapping[str, Any], request: Request, settings: WorkloadsSettings) -> bool:
    """Whether a window reaches the request's servers. `platform` are the landing zone's outputs."""
    return settings.vending.patching and not _lacking(platform, request, settings)


def unpatched(platform: Mapping[str, Any], requests: Sequence[Request], settings: WorkloadsSettings) -> Iterator[str]:
    """A sentence for each live request whose servers were to be patched in a window and cannot be."""
    for request in requests:
        has_servers = any(s.count == 1 for s in request.server)
        if request.state == "live" and has_servers and settings.vending.patching and (lacking := _lacking(platform, request, settings)):
            yield f"{request.id}: its servers are patched when Azure chooses and in no window, since {lacking}"


def _lacking(platform: Mapping[str, Any], request: Request, settings: WorkloadsSettings) -> str:
    """Why no window reaches it; "" where one does. The baseline of a subscription of its own is made by this stack (stack.py)."""
    if window(request.environment) not in (platform.get("maintenance_configuration_ids") or {}):
        return "the landing zone has none; turn on patching in its settings and run pulumi up there, or set vending.patching to false here."
    shared = asker(request, settings).subscription
    if kind(request, settings) == SHARED and shared not in (platform.get("placed_subscriptions") or ()):
        return f"the landing zone places no subscription {shared}; name it in its settings and run pulumi up there."
    return ""
