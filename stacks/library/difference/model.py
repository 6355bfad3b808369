"""A difference of two releases: changes, each with its points, and how many resources `pulumi up` would touch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stacks.library.architecture import Architecture
from stacks.library.difference.advice import advice
from stacks.library.model import Library


class Kind(StrEnum):
    """What is changed."""

    GROUP = "management group"
    ARCHETYPE = "archetype"
    ASSIGNMENT = "policy assignment"
    DEFINITION = "policy definition"
    SET = "policy set definition"
    ROLE = "role definition"
    IDENTITY_ROLE = "role of an identity"
    DEFAULT = "default value"


class Verb(StrEnum):
    """What happens to it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Weight(StrEnum):
    """How much a change matters, worst first."""

    BREAKING = "breaking"
    REFUSES = "refuses more"
    ACTS = "acts otherwise"
    LOOSENS = "guards less"
    NOTED = "to be noted"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Weight).index(self)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that a change does. `rule` names the entry of advice.toml that weighs it."""

    rule: str
    says: str

    @property
    def weight(self) -> Weight:
        """As the rule has it."""
        return Weight(advice(self.rule).weight)

    @property
    def first(self) -> str:
        """What to do before the upgrade, or ""."""
        return advice(self.rule).first


@dataclass(frozen=True, slots=True)
class Change:
    """One thing added, removed or changed. `groups` are those that hold it, `reaches` those and all beneath; "" is the top group.

    `used_by` are the assignments of the architecture that use a definition or set.
    """

    kind: Kind
    verb: Verb
    name: str
    points: tuple[Point, ...]
    groups: tuple[str, ...] = ()
    reaches: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()

    @property
    def weight(self) -> Weight:
        """Its worst point's."""
        return min((p.weight for p in self.points), key=lambda w: w.rank)

    @property
    def first(self) -> tuple[str, ...]:
        """What to do before the upgrade, once each."""
        return tuple(dict.fromkeys(p.first for p in self.points if p.first))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many resources `pulumi up` would create, update, replace and delete, and leave as they are."""

    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    same: int = 0

    @property
    def touched(self) -> int:
        """All but those that stay."""
        return self.create + self.update + self.replace + self.delete


@dataclass(frozen=True)
class Release:
    """A library, and what an architecture of it gives each group."""

    library: Library
    architecture: Architecture


@dataclass(frozen=True)
class Difference:
    """From one release to another. `changes` stand worst first; `resources` are counted by kind."""

    before: str
    after: str
    changes: tuple[Change, ...]
    resources: Mapping[Kind, Counts]

    @property
    def whole(self) -> Counts:
        """Resources of every kind."""
        held = self.resources.values()
        return Counts(*(sum(getattr(c, name) for c in held) for name in ("create", "update", "replace", "delete", "same")))

    def of(self, weight: Weight) -> tuple[Change, ...]:
        """Changes of one weight."""
        return tuple(c for c in self.changes if c.weight is weight)
