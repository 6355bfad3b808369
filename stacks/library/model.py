"""What the library's files say, as they say it: one frozen dataclass for each kind of file.

Names compare without case, as Azure compares them: every mapping is keyed by `key(name)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

ABSENT = object()
V = TypeVar("V")


def key(name: str) -> str:
    """The name as it is compared."""
    return name.lower()


def last(resource_id: str) -> str:
    """The name that ends a resource id."""
    return resource_id.rstrip("/").rsplit("/", 1)[-1]


def is_set(definition_id: str) -> bool:
    """Whether a definition's id is a set's."""
    return "/policysetdefinitions/" in definition_id.lower()


def find(held: Mapping[str, V], name: str) -> V | None:
    """What `held` has under `name`, whatever its case."""
    return held.get(key(name))


@dataclass(frozen=True, slots=True)
class Dependency:
    """Another member that a member stands on. `ref` is its version; `url` is somebody's own place."""

    path: str = ""
    ref: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """One member of the library: `platform/alz`. `version` is known where its digest is a published one's."""

    path: str
    name: str
    display_name: str
    description: str
    dependencies: tuple[Dependency, ...]
    digest: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a definition. `default` is `ABSENT` where a value must be given."""

    name: str
    type: str
    default: Any
    allowed: tuple[Any, ...] = ()
    assigns_permissions: bool = False

    @property
    def is_optional(self) -> bool:
        """Whether it may be left out."""
        return self.default is not ABSENT


def _parameters(properties: Mapping[str, Any]) -> Mapping[str, Parameter]:
    held = cast("Mapping[str, Mapping[str, Any]]", properties.get("parameters") or {})
    return MappingProxyType({key(name): _parameter(name, said) for name, said in held.items()})


def _parameter(name: str, said: Mapping[str, Any]) -> Parameter:
    about = cast("Mapping[str, Any]", said.get("metadata") or {})
    marked = about.get("assignPermissions") in (True, "true", "True")
    return Parameter(name, str(said.get("type", "")), said.get("defaultValue", ABSENT), tuple(said.get("allowedValues") or ()), marked)


@dataclass(frozen=True)
class Definition:
    """A policy definition, of the library's own or built into Azure. `properties` are ARM's."""

    name: str
    properties: Mapping[str, Any]
    file: Path
    built_in: bool = False

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """By compared name."""
        return _parameters(self.properties)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Ids of the role definitions that its identity needs, once each, in order."""
        details = self.properties["policyRule"].get("then", {}).get("details", {})
        named = cast("Mapping[str, Any]", details).get("roleDefinitionIds") or () if isinstance(details, Mapping) else ()
        return tuple(sorted({last(key(r)) for r in cast("Sequence[str]", named)}))

    @property
    def effect(self) -> str:
        """As written: `Deny`, or `[parameters('effect')]`."""
        return str(self.properties["policyRule"]["then"]["effect"])


@dataclass(frozen=True, slots=True)
class Reference:
    """A definition in a set, with the values (often expressions) that the set gives its parameters."""

    id: str
    definition_id: str
    parameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The definition's name."""
        return last(self.definition_id)


@dataclass(frozen=True)
class SetDefinition:
    """A set of policy definitions (an initiative), of the library's own or built in."""

    name: str
    properties: Mapping[str, Any]
    file: Path
    built_in: bool = False

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """By compared name."""
        return _parameters(self.properties)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Its definitions, in its order."""
        return tuple(_reference(held) for held in self.properties["policyDefinitions"])


def _reference(held: Mapping[str, Any]) -> Reference:
    given = cast("Mapping[str, Mapping[str, Any]]", held.get("parameters") or {})
    values = {key(name): said.get("value") for name, said in given.items()}
    return Reference(str(held.get("policyDefinitionReferenceId", "")), str(held["policyDefinitionId"]), values)


@dataclass(frozen=True)
class Assignment:
    """A policy assignment before it has a place. `identity` is its kind: `SystemAssigned`, `UserAssigned`, `None`."""

    name: str
    properties: Mapping[str, Any]
    file: Path
    identity: str = "None"

    @property
    def definition_id(self) -> str:
        """As written: of a built-in, or under `managementGroups/placeholder`."""
        return str(self.properties["policyDefinitionId"])

    @property
    def enforces(self) -> bool:
        """Whether it acts, rather than only report."""
        return key(str(self.properties.get("enforcementMode") or "Default")) == "default"

    @property
    def values(self) -> Mapping[str, Any]:
        """Parameters by the name that it writes."""
        held = cast("Mapping[str, Mapping[str, Any]]", self.properties.get("parameters") or {})
        return {name: said.get("value") for name, said in held.items()}


@dataclass(frozen=True)
class Role:
    """A role definition of the library's own. `id` is a GUID, `name` is what people read."""

    id: str
    name: str
    properties: Mapping[str, Any]
    file: Path


@dataclass(frozen=True)
class Archetype:
    """What one kind of management group gets, by names. An override becomes an archetype once it is laid on its base."""

    name: str
    assignments: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    file: Path = Path()


@dataclass(frozen=True, slots=True)
class Group:
    """A management group of an architecture, by the library's own id. `exists` ones are somebody else's to make."""

    id: str
    display_name: str
    parent: str
    exists: bool
    archetypes: tuple[str, ...]
    existing_id: str = ""


@dataclass(frozen=True)
class Blueprint:
    """An architecture as written: groups, parents before children."""

    name: str
    groups: tuple[Group, ...]
    file: Path

    @property
    def only_adds(self) -> bool:
        """Whether it makes no group and lies on top of another architecture (AMBA's does)."""
        return all(g.exists for g in self.groups)


@dataclass(frozen=True, slots=True)
class DefaultValue:
    """A value that many assignments want. `targets`: (assignment, parameter) pairs."""

    name: str
    description: str
    targets: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Library:
    """Everything read, later layers over earlier ones. `replaced` says which names a council's own folder took over."""

    members: tuple[Metadata, ...]
    definitions: Mapping[str, Definition]
    sets: Mapping[str, SetDefinition]
    assignments: Mapping[str, Assignment]
    roles: Mapping[str, Role]
    archetypes: Mapping[str, Archetype]
    blueprints: Mapping[str, Blueprint]
    defaults: Mapping[str, DefaultValue]
    built_in_definitions: Mapping[str, Definition] = field(default_factory=dict[str, Definition])
    built_in_sets: Mapping[str, SetDefinition] = field(default_factory=dict[str, SetDefinition])
    replaced: tuple[str, ...] = ()

    def definition(self, name: str) -> Definition | None:
        """A definition of the library's own, else a built-in one."""
        return find(self.definitions, name) or find(self.built_in_definitions, name)

    def set_definition(self, name: str) -> SetDefinition | None:
        """A set of the library's own, else a built-in one."""
        return find(self.sets, name) or find(self.built_in_sets, name)

    def members_of(self, definition_id: str) -> tuple[tuple[Reference | None, Definition | None], ...]:
        """The definitions behind an assignment's definition id: one, or a set's. A definition that is not at hand is None."""
        if not is_set(definition_id):
            return ((None, self.definition(last(definition_id))),)
        held = self.set_definition(last(definition_id))
        return tuple((r, self.definition(r.name)) for r in held.references) if held else ((None, None),)
