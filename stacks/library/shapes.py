"""What each kind of file must look like, and the value that it becomes.

Source: the library's JSON schemas (archetype_definition, archetype_override, architecture_definition, default_policy_values,
library_metadata), Azure/Azure-Landing-Zones-Library faae8cc; assets are ARM resources, whose further keys are ignored there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from stacks.faults import sentences
from stacks.library import model
from stacks.library.files import Asset
from stacks.library.model import is_set

P = TypeVar("P", bound=BaseModel)
Named = model.Archetype | model.Assignment | model.Blueprint | model.Definition | model.SetDefinition | model.Role


class _Asset(BaseModel):
    """An ARM resource: what we do not know is Azure's business."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Construct(BaseModel):
    """A file of the library's own format: what nobody reads is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    schema_: str = Field(default="", alias="$schema")


def _object(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


class _Definition(_Asset):
    name: str = Field(min_length=1)
    properties: dict[str, Any]

    @field_validator("properties")
    @classmethod
    def _has_a_rule(cls, value: dict[str, Any]) -> dict[str, Any]:
        if "effect" not in _object(_object(value.get("policyRule")).get("then")):
            raise ValueError("policyRule.then.effect is missing; a policy definition says what it does")
        return _with_objects(value, "parameters")


class _Set(_Asset):
    name: str = Field(min_length=1)
    properties: dict[str, Any]

    @field_validator("properties")
    @classmethod
    def _has_definitions(cls, value: dict[str, Any]) -> dict[str, Any]:
        held: object = value.get("policyDefinitions")
        listed = cast("list[object]", held) if isinstance(held, list) else [None]
        if not all(isinstance(_object(r).get("policyDefinitionId"), str) for r in listed):
            raise ValueError("policyDefinitions must list definitions, each with its policyDefinitionId")
        return _with_objects(value, "parameters")


class _Identity(_Asset):
    type: str = "None"


class _Assignment(_Asset):
    name: str = Field(min_length=1, max_length=24, description="Azure allows 24 characters at a management group")
    properties: dict[str, Any]
    identity: _Identity = _Identity()

    @field_validator("properties")
    @classmethod
    def _assigns_something(cls, value: dict[str, Any]) -> dict[str, Any]:
        held = value.get("policyDefinitionId")
        if not isinstance(held, str) or not (is_set(held) or "/policydefinitions/" in held.lower()):
            raise ValueError("policyDefinitionId must be the id of a policy definition or set")
        if str(value.get("enforcementMode") or "Default") not in ("Default", "DoNotEnforce"):
            raise ValueError("enforcementMode must be Default or DoNotEnforce")
        return _with_objects(value, "parameters")


def _with_objects(value: dict[str, Any], name: str) -> dict[str, Any]:
    held: object = value.get(name) or {}
    if not isinstance(held, dict) or not all(isinstance(v, dict) for v in cast("dict[str, object]", held).values()):
        raise ValueError(f"{name} must hold an object for each name")
    return value


class _RoleProperties(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    roleName: str = Field(min_length=1)  # noqa: N815
    permissions: list[dict[str, Any]] = Field(min_length=1)


class _Role(_Asset):
    name: str = Field(min_length=1)
    properties: _RoleProperties


class _Archetype(_Construct):
    policy_assignments: tuple[str, ...] = ()
    policy_definitions: tuple[str, ...] = ()
    policy_set_definitions: tuple[str, ...] = ()
    role_definitions: tuple[str, ...] = ()


class OverrideFile(_Construct):
    """What a council changes of an archetype, which keeps its own name."""

    base_archetype: str = Field(min_length=1)
    policy_assignments_to_add: tuple[str, ...] = ()
    policy_assignments_to_remove: tuple[str, ...] = ()
    policy_definitions_to_add: tuple[str, ...] = ()
    policy_definitions_to_remove: tuple[str, ...] = ()
    policy_set_definitions_to_add: tuple[str, ...] = ()
    policy_set_definitions_to_remove: tuple[str, ...] = ()
    role_definitions_to_add: tuple[str, ...] = ()
    role_definitions_to_remove: tuple[str, ...] = ()


@dataclass(frozen=True)
class Override:
    """An override with the file that it stands in."""

    said: OverrideFile
    file: Path

    @property
    def name(self) -> str:
        """The archetype that it makes."""
        return self.said.name


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Za-z0-9._()-]{1,90}$", description="1 to 90 letters, digits and . _ ( ) -")
    display_name: str
    parent_id: str | None
    exists: bool
    archetypes: tuple[str, ...]


class _Architecture(_Construct):
    management_groups: tuple[_Group, ...] = Field(min_length=1)


class _Target(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    policy_assignment_name: str
    parameter_names: tuple[str, ...]


class _Default(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    default_name: str = Field(min_length=1)
    description: str = ""
    policy_assignments: tuple[_Target, ...]


class _Defaults(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: str = Field(default="", alias="$schema")
    defaults: tuple[_Default, ...]


class _Dependency(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = ""
    ref: str = ""
    custom_url: str = ""


class MetadataFile(_Construct):
    """The metadata of a member."""

    display_name: str = ""
    description: str = ""
    path: str = ""
    dependencies: tuple[_Dependency, ...] = ()


def checked(shape: type[P], held: Mapping[str, Any], shown: str) -> tuple[P | None, list[str]]:
    """The file's content in its shape, or a sentence for each fault."""
    try:
        return shape.model_validate(held), []
    except ValidationError as wrong:
        found = sentences(shape, wrong)
        return None, [f"{shown}, key {where}: {what}" if where else f"{shown}: {what}" for where, what in found]


def _definition(held: _Definition, file: Path) -> model.Definition:
    return model.Definition(held.name, held.properties, file)


def _set(held: _Set, file: Path) -> model.SetDefinition:
    return model.SetDefinition(held.name, held.properties, file)


def _assignment(held: _Assignment, file: Path) -> model.Assignment:
    return model.Assignment(held.name, held.properties, file, held.identity.type)


def _role(held: _Role, file: Path) -> model.Role:
    return model.Role(held.name, held.properties.roleName, held.properties.model_dump(), file)


def _archetype(held: _Archetype, file: Path) -> model.Archetype:
    lists = (held.policy_assignments, held.policy_definitions, held.policy_set_definitions, held.role_definitions)
    return model.Archetype(held.name, *(tuple(dict.fromkeys(names)) for names in lists), file=file)


def _blueprint(held: _Architecture, file: Path) -> model.Blueprint:
    groups = tuple(model.Group(g.id, g.display_name, g.parent_id or "", g.exists, g.archetypes) for g in held.management_groups)
    return model.Blueprint(held.name, groups, file)


def default_values(held: _Defaults) -> tuple[model.DefaultValue, ...]:
    """The values of a file of defaults."""
    return tuple(
        model.DefaultValue(
            d.default_name, d.description, tuple((t.policy_assignment_name, p) for t in d.policy_assignments for p in t.parameter_names)
        )
        for d in held.defaults
    )


SHAPES: Mapping[Asset, tuple[type[BaseModel], Callable[[Any, Path], Any]]] = {
    Asset.DEFINITION: (_Definition, _definition),
    Asset.SET: (_Set, _set),
    Asset.ASSIGNMENT: (_Assignment, _assignment),
    Asset.ROLE: (_Role, _role),
    Asset.ARCHETYPE: (_Archetype, _archetype),
    Asset.OVERRIDE: (OverrideFile, Override),
    Asset.ARCHITECTURE: (_Architecture, _blueprint),
    Asset.DEFAULTS: (_Defaults, lambda held, _file: default_values(held)),
}
