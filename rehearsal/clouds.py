"""Which pretend cloud answers for a type, and what it says: azure-native by azure.py, the rest here.

Other packages' resources get an id made of their URN (azuread's is the object id, as there), and echo their inputs.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal import azure, urns
from rehearsal.azure import Made
from rehearsal.sdk import shape_of
from rehearsal.values import bare

_SPACE = uuid.UUID("0c0e1d0b-7a44-5b1e-8d0a-4d4a0e4f5b22")
_OBJECT_IDS = {"azuread"}


def make(type_: str, urn: str, inputs: Mapping[str, Any], config: Mapping[str, Any], known: str = "") -> Made:
    """The resource as its cloud would have it; the same for the same question, always.

    `known` is the id that the resource has already, where its inputs do not give it.
    """
    package = urns.package_of(type_)
    if package == "azure-native":
        return azure.make(type_, urn, inputs, config)
    identity = known or str(uuid.uuid5(_SPACE, urn))
    if urns.provider_package(type_):
        return Made(dict(inputs), identity, dict(inputs))
    outputs = dict(inputs)
    if package in _OBJECT_IDS:
        outputs |= _directory_object(type_, urn, identity)
    return Made(dict(inputs), identity, outputs)


def _directory_object(type_: str, urn: str, identity: str) -> dict[str, Any]:
    shape = shape_of(type_)
    given = set(shape.outputs) if shape else {"objectId"}
    seed = urn if identity == str(uuid.uuid5(_SPACE, urn)) else identity
    client = str(uuid.uuid5(_SPACE, f"{seed}#client"))
    made = {"objectId": identity, "clientId": client, "applicationId": client}
    return {k: v for k, v in made.items() if k in given}


def next_id(identity: str) -> str:
    """The id of what replaces a resource, where its inputs do not give it: never the same again."""
    return str(uuid.uuid5(_SPACE, identity))


def immutable(type_: str) -> tuple[str, ...]:
    """Paths of the properties whose change makes another resource."""
    if urns.package_of(type_) == "azure-native":
        return azure.immutable(type_)
    shape = shape_of(type_)
    return shape.forces_new if shape else ()


def deletes_before_replacing(type_: str) -> bool:
    """Whether the cloud cannot hold the old and the new at once: azure-native's names are ids, so it cannot."""
    return urns.package_of(type_) == "azure-native"


def read(type_: str, identity: str) -> dict[str, Any]:
    """What is known of a resource that exists already, by its id alone."""
    if urns.package_of(type_) == "azure-native":
        return {"name": identity.rstrip("/").rsplit("/", 1)[-1]}
    return {"objectId": identity.rsplit("/", 1)[-1]} if urns.package_of(type_) in _OBJECT_IDS else {}


def function(
    token: str, args: Mapping[str, Any], config: Mapping[str, Any], made: Callable[[str], Mapping[str, Any] | None]
) -> dict[str, Any] | None:
    """What a provider's function answers, or None when nothing is known of it. `made` gives outputs by id."""
    fields = {**azure.known(config), **bare(dict(args))}
    form = azure.facts()["functions"].get(token)
    if form is not None:
        return azure.filled(form, fields, token)
    if token.startswith("azure-native:") and token.split(":")[2].startswith("get"):
        package, module, name = token.split(":")
        identity = azure.identity(f"{package}:{module}:{name.removeprefix('get')}", fields)
        found = made(identity)
        return None if found is None else {**found, "id": identity}
    return None
