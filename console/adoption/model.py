"""What exists, what a stack would make, and how the two meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_GROUPS = ("subscriptions", "resourcegroups")


def arm_type(resource_id: str) -> str:
    """The type that an ARM id says, in small letters: microsoft.network/virtualnetworks/subnets."""
    parts = resource_id.lower().strip("/").split("/")
    if "providers" not in parts:
        return "microsoft.resources/" + "/".join(p for p in parts[::2] if p in _GROUPS)
    at = len(parts) - 1 - parts[::-1].index("providers")
    return "/".join([*parts[at + 1 : at + 2], *parts[at + 2 :: 2]])


@dataclass(frozen=True, slots=True)
class Existing:
    """A resource of the export. `held` is its row, `properties` among it."""

    id: str
    name: str
    held: Mapping[str, Any]

    @property
    def type(self) -> str:
        """The ARM type in small letters."""
        return arm_type(self.id)


@dataclass(frozen=True, slots=True)
class Planned:
    """A resource of the rehearsed stack. A component has no `id`."""

    urn: str
    type: str
    id: str
    inputs: Mapping[str, Any]
    parent: str
    provider: str

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, slots=True)
class Difference:
    """What `pulumi up` would change of an adopted resource. `rank` 0 is the most dangerous."""

    planned: Planned
    key: str
    was: Any
    will_be: Any
    rank: int
    why: str


@dataclass(frozen=True)
class Adoption:
    """`pairs` exist and are planned; `alike` are planned anew beside something of their kind; `unknown` is left alone."""

    pairs: tuple[tuple[Planned, Existing], ...]
    alike: tuple[tuple[Planned, Existing, str], ...]
    unknown: tuple[Existing, ...]
    differences: tuple[Difference, ...]
    unseen: int
