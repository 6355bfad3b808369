"""A resource's state, as previews and stack exports write it, becomes a subject."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field

from policies.model import UNKNOWN, Subject
from policies.read.properties import known, known_inputs
from policies.schema.azure_native import renamed

# azure-native names an API version in the module (azure-native:storage/v20230101:StorageAccount) or, in a package made for one
# version, in the package (azure-native_storage_v20230101:storage:StorageAccount). It is the same resource, judged the same way.
_VERSIONED: Final = re.compile(r"azure-native(?:_[a-z0-9]+_v\d{8}[a-z]*)?:([a-z0-9]+)(?:/v\d{8}[a-z]*)?:(\w+)", re.IGNORECASE)
_VERSION: Final = re.compile(r"azure-native\S*?[_/](v\d{8}[a-z]*):", re.IGNORECASE)


def plain_type(type_: str) -> str:
    """A type token as azure-native has it today: without the API version that it may hold, and by its class's present name."""
    found = _VERSIONED.fullmatch(type_)
    plain = f"azure-native:{found[1]}:{found[2]}" if found else type_
    return renamed().get(plain, plain)


def api_version(type_: str) -> str:
    """The API version that azure-native's type token asks for, such as v20230101; "" when it asks for none."""
    found = _VERSION.match(type_)
    return found[1] if found else ""


class State(BaseModel):
    """The fields of a Pulumi resource state that are read; others are let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    custom: bool = True
    urn: str = Field(pattern=r"^urn:pulumi:")
    type: str = Field(min_length=1)
    id: str | None = None
    inputs: dict[str, Any] | None = None
    parent: str | None = None
    dependencies: tuple[str, ...] | None = None
    property_dependencies: dict[str, tuple[str, ...] | None] | None = Field(default=None, alias="propertyDependencies")
    protect: bool = False
    external: bool = False
    delete: bool = False
    provider: str | None = None
    source_position: str | None = Field(default=None, alias="sourcePosition")


def subject_of(state: State, *, is_new: bool = False) -> Subject:
    """The subject that a state describes; `is_new` where a preview would create it."""
    file, line = source_position(state.source_position or "")
    resource_id = known(state.id or "")
    return Subject(
        kind="resource",
        type=plain_type(state.type),
        id=state.urn,
        name=state.urn.rsplit("::", 1)[-1],
        inputs=known_inputs(state.inputs),
        parent=state.parent or "",
        depends_on=tuple(sorted(state.dependencies or ())),
        protect=state.protect,
        is_component=not state.custom,
        file=file,
        line=line,
        waits_on=_waits_on(state.property_dependencies or {}),
        resource_id="" if resource_id is UNKNOWN else resource_id,
        api_version=api_version(state.type),
        is_new=is_new,
        provider=(state.provider or "").rpartition("::")[0],
    )


def source_position(written: str) -> tuple[str, int]:
    """File and line of `project:///stacks/a.py#12,4`; ("", 0) when there is none."""
    place, _, at = written.partition("#")
    line = at.split(",")[0]
    file = unquote(place.removeprefix("project://").removeprefix("file://").lstrip("/"))
    return (file, int(line)) if file and line.isdigit() else (file, 0)


def _waits_on(written: Mapping[str, tuple[str, ...] | None]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(sorted(urns)) for key, urns in written.items() if urns}
