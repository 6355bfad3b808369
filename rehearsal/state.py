"""One resource's state, and its form in Pulumi's checkpoint (`ResourceV3` of apitype, deployment version 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class State:
    """What is recorded of one resource. Field for field the checkpoint's, in Python's spelling."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    parent: str = ""
    protect: bool = False
    external: bool = False
    dependencies: tuple[str, ...] = ()
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    additional_secret_outputs: tuple[str, ...] = ()
    custom_timeouts: dict[str, float] = field(default_factory=dict[str, float])
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    source_position: str = ""
    created: str = ""
    modified: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the checkpoint writes it: empty fields left out."""
        held: dict[str, Any] = {theirs: getattr(self, ours) for ours, theirs in _NAMES.items()}
        lists = {_NAMES[k]: list(cast("tuple[str, ...]", getattr(self, k))) for k in _TUPLES}
        return {k: v for k, v in (held | lists).items() if v or k in _ALWAYS}


_NAMES = {
    "urn": "urn",
    "custom": "custom",
    "id": "id",
    "type": "type",
    "inputs": "inputs",
    "outputs": "outputs",
    "parent": "parent",
    "protect": "protect",
    "external": "external",
    "dependencies": "dependencies",
    "provider": "provider",
    "property_dependencies": "propertyDependencies",
    "additional_secret_outputs": "additionalSecretOutputs",
    "custom_timeouts": "customTimeouts",
    "import_id": "importID",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "created": "created",
    "modified": "modified",
    "source_position": "sourcePosition",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
}
_ALWAYS = {"urn", "custom", "type"}
_TUPLES = {"dependencies", "additional_secret_outputs", "ignore_changes", "replace_on_changes"}


def from_json(held: dict[str, Any]) -> State:
    """The opposite of `State.to_json`. Raises KeyError or TypeError when it is no resource."""
    given: dict[str, Any] = {ours: held[theirs] for ours, theirs in _NAMES.items() if theirs in held and held[theirs] is not None}
    if not all(isinstance(given.get(k), str) for k in ("urn", "type")) or not isinstance(given.get("custom"), bool):
        raise TypeError("a resource needs urn, type and custom")
    if not all(isinstance(given.get(k, {}), dict) for k in ("inputs", "outputs", "property_dependencies", "custom_timeouts")):
        raise TypeError("inputs and outputs of a resource are objects")
    if not all(isinstance(given.get(k, []), list) for k in _TUPLES):
        raise TypeError("dependencies of a resource are a list")
    tuples: dict[str, Any] = {k: tuple(given[k]) for k in _TUPLES & given.keys()}
    return State(**(given | tuples))
