"""The landing zone's facts, read from the TOML beside this file and checked as they are read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from stacks.errors import StacksError


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Group:
    """A management group: `id` follows the council's own, `parent` is another group's id."""

    id: str
    parent: str
    name: str


@dataclass(frozen=True)
class Assignment:
    """A built-in policy or set at the groups named by `scopes`. `roles` are role definition ids its identity needs there."""

    id: str
    title: str
    scopes: tuple[str, ...]
    version: str
    policy: str = ""
    set: str = ""
    roles: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    from_settings: dict[str, str] = field(default_factory=dict[str, str])
    for_each: str = ""
    parameter: str = ""
    message: str = ""
    uk: bool = False

    def __post_init__(self) -> None:
        """A name too long, or neither a policy nor a set, is a mistake in our data."""
        if len(self.id) > 24 or bool(self.policy) == bool(self.set):
            raise StacksError(f"assignments.toml, assignment {self.id}: give a name of at most 24 characters, and either policy or set.")

    def for_tag(self, tag: str) -> Assignment:
        """This assignment for one tag."""
        return Assignment(
            f"{self.id}-{tag}", f"{self.title} {tag}", self.scopes, self.version, self.policy, self.set, self.roles,
            {**self.parameters, self.parameter: tag}, self.from_settings, message=self.message, uk=self.uk,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authorisation:
    """A built-in role's id that `people` have in delegated subscriptions; eligible for `most` at a time, standing where that is ""."""

    id: str
    title: str
    role: str
    people: str
    why: str
    most: str = ""


@dataclass(frozen=True, slots=True)
class SubnetPlan:
    """One of the hub's subnets. `guarded` ones have a network security group."""

    name: str
    prefix: int
    guarded: bool = False
    delegation: str = ""


@cache
def groups() -> tuple[Group, ...]:
    """Management groups, parents before children."""
    return tuple(Group(**g) for g in _read("architecture.toml")["group"])


@cache
def _assignments() -> tuple[Assignment, ...]:
    held = _read("assignments.toml")
    return tuple(_assignment(a, held["role"]) for a in held["assignment"])


def _assignment(held: dict[str, Any], roles: dict[str, str]) -> Assignment:
    lists: dict[str, Any] = {"scopes": tuple(held["scopes"]), "roles": tuple(roles[r] for r in held.get("roles", ()))}
    return Assignment(**{**held, **lists})


def assignments(mandatory_tags: tuple[str, ...]) -> tuple[Assignment, ...]:
    """Every assignment, those for each tag written out."""
    return tuple(each for a in _assignments() for each in ([a.for_tag(t) for t in mandatory_tags] if a.for_each else [a]))


@cache
def allowed_regions() -> tuple[str, ...]:
    """Regions in which the council's resources live."""
    return tuple(_read("regions.toml")["allowed"])


@cache
def global_types() -> dict[str, str]:
    """Types of ours that live in no region, each with the reason for which that is right."""
    return {g["type"]: g["why"] for g in _read("regions.toml")["global"]}


@cache
def authorisations() -> tuple[Authorisation, ...]:
    """What the platform's people may do in subscriptions of other tenants."""
    return tuple(Authorisation(**a) for a in _read("delegations.toml")["authorisation"])


@cache
def hub_subnets() -> tuple[SubnetPlan, ...]:
    """The hub's subnets in the order in which they take addresses."""
    return tuple(SubnetPlan(**s) for s in _read("hub_subnets.toml")["subnet"])


def least_hub_prefix() -> int:
    """The smallest address space, as a prefix length, that holds the hub's subnets."""
    size = sum(2 ** (32 - s.prefix) for s in hub_subnets())
    return 32 - (size - 1).bit_length()


def hub_addresses(space: IPv4Network) -> dict[str, IPv4Network]:
    """Each subnet's range, one after the other, each on its own boundary.

    `space` must be `least_hub_prefix` or larger: the order of the data (largest first) leaves no gaps.
    """
    at = int(space.network_address)
    ranges: dict[str, IPv4Network] = {}
    for subnet in hub_subnets():
        size = 2 ** (32 - subnet.prefix)
        at = -(-at // size) * size
        ranges[subnet.name] = IPv4Network((at, subnet.prefix))
        at += size
    return ranges


@cache
def firewall_collections() -> tuple[dict[str, Any], ...]:
    """Rule collections as written."""
    return tuple(_read("firewall_rules.toml")["collection"])


@cache
def private_dns_zones() -> tuple[str, ...]:
    """Names of the zones that private endpoints use."""
    return tuple(_read("private_dns_zones.toml")["zones"])
