"""What surrounds a resource under judgement, for `resourceGroup()`, `subscription()`, `requestContext()` and `policy()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policies.azure_policy.arm_form import GROUP, Resource
from policies.model import UNKNOWN, UnknownValueError


def around(resource: Resource, groups: Mapping[str, Resource], policy: Mapping[str, str]) -> Callable[[str], Any]:
    """What each function answers for a resource. `groups` are planned resource groups by id in small letters, `policy` what applies."""

    def answer(name: str) -> Any:
        match name:
            case "resourcegroup":
                return _group(resource, groups)
            case "subscription":
                return _subscription(resource)
            case "requestcontext":
                return {"apiVersion": resource.api_version, "identity": UNKNOWN}
            case _:
                return policy

    return answer


def _group(resource: Resource, groups: Mapping[str, Resource]) -> Mapping[str, Any]:
    """The group that a resource is in; of a group that the program does not make only its name is known. Raises UnknownValueError."""
    if not resource.group or resource.type == GROUP:
        raise UnknownValueError("", "it is in no resource group that is known")
    own = "/".join(resource.id.split("/")[:5])
    held = groups.get(resource.group)
    known: Mapping[str, Any] = held.body if held else {"tags": UNKNOWN, "location": UNKNOWN, "managedBy": UNKNOWN}
    parts = {key: known.get(key) for key in ("tags", "location", "managedBy")}
    return {"id": own, "name": own.rpartition("/")[2], "type": GROUP, **parts, "properties": UNKNOWN}


def _subscription(resource: Resource) -> Mapping[str, Any]:
    if not resource.subscription:
        raise UnknownValueError("", "it is in no subscription that is known")
    own = "/".join(resource.id.split("/")[:3])
    return {"id": own, "subscriptionId": own.rpartition("/")[2], "displayName": UNKNOWN, "tags": UNKNOWN, "tenantId": UNKNOWN}
