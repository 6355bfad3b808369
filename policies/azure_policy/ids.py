"""The ids that planned resources will have. A preview of the real engine knows none of what is yet to be made, so they are made up.

A resource's group, host or parent may be known only by what its input is made from; the subscription is that of its provider.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from policies.model import Subject
from policies.schema.azure_native import Kind, kind_of
from policies.schema.shapes import is_secret

_GROUP_INPUT: Final = "resourceGroupName"
_HOSTS: Final = ("resourceUri", "resourceId", "scope")
_GROUP: Final = "azure-native:resources:ResourceGroup"
_DEEPEST: Final = 20


class Ids:
    """Ids of planned resources: their own where they have one."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        """Look things up among these."""
        self._by_urn: Mapping[str, Subject] = {s.id: s for s in subjects}

    def of(self, subject: Subject, depth: int = 0) -> str:
        """The id that a resource has or will have, "" when a part of it is not known."""
        if subject.resource_id.startswith("/"):
            return subject.resource_id
        kind, scope = kind_of(subject.type), self.scope_of(subject, depth)
        if kind is None or not scope or depth > _DEEPEST:
            return ""
        if subject.type == _GROUP:
            return scope
        inside = [p for p in kind.path if p not in (_GROUP_INPUT, *_HOSTS)]
        names = [self._name(subject, p) for p in inside]
        namespace, *segments = kind.type_for(subject.inputs).split("/")
        if len(names) != len(segments) or not all(names):
            return ""
        return f"{scope}/providers/{namespace}/{'/'.join(f'{s}/{n}' for s, n in zip(segments, names, strict=True))}"

    def scope_of(self, subject: Subject, depth: int = 0) -> str:
        """The resource group, or the resource that it extends, where that is known; "" where it is not."""
        kind = kind_of(subject.type)
        first = kind.path[0] if kind is not None and kind.path else ""
        if first == _GROUP_INPUT:
            group, subscription = self._name(subject, _GROUP_INPUT), self._subscription(subject)
            return f"/subscriptions/{subscription}/resourceGroups/{group}" if group and subscription else ""
        if first in _HOSTS and depth <= _DEEPEST:
            said = subject.inputs.get(first)
            host = self._made_from(subject, first)
            return said if isinstance(said, str) and said.startswith("/") else self.of(host, depth + 1) if host else ""
        return ""

    def is_in_subscription(self, subject: Subject) -> bool:
        """Whether a resource is of a type that lies in a resource group, so that policies look at it wherever that is."""
        kind = kind_of(subject.type)
        return kind is not None and kind.path[:1] == (_GROUP_INPUT,)

    def _name(self, subject: Subject, path: str) -> str:
        """A part of the path: as it is said, else the name of the resource that it is made from."""
        said: Any = subject.inputs.get(path)
        if isinstance(said, str):
            return "" if is_secret(said) else said
        source = self._made_from(subject, path)
        kind = kind_of(source.type) if source is not None else None
        return self._own_name(source, kind) if source is not None and kind is not None else ""

    def _own_name(self, source: Subject, kind: Kind) -> str:
        said: Any = source.inputs.get(kind.name_input or _GROUP_INPUT)
        return said if isinstance(said, str) and not is_secret(said) else ""

    def _made_from(self, subject: Subject, path: str) -> Subject | None:
        """The one resource that an input is made from."""
        urns = subject.waits_on.get(path, ())
        return self._by_urn.get(urns[0]) if len(urns) == 1 else None

    def _subscription(self, subject: Subject) -> str:
        provider = self._by_urn.get(subject.provider)
        said: Any = provider.inputs.get("subscriptionId") if provider is not None else None
        return said if isinstance(said, str) and not is_secret(said) else ""

    def subscription_of(self, subject: Subject) -> str:
        """The subscription that a resource's provider works in, "" when that is not known."""
        return self._subscription(subject)
