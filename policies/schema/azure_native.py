"""Where azure-native differs from Azure's own types, and from its earlier self: facts of the three `azure_native*.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

_FIXED: Final = "-"
_INPUT: Final = re.compile(r"\{(\w+)\}")
_TOKEN: Final = "azure-native:"  # noqa: S105 - how a type token begins, not a secret


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource class of azure-native: Azure's type and API version, the inputs that are parts of its path, and others beside the body.

    `path` begins with the resource group's where there is one and is then in the order of the type's segments. `name_input` is
    the resource's own name, the last of the path; "" where Azure fixes it.
    """

    arm_type: str
    version: str
    path: tuple[str, ...]
    beside: frozenset[str]
    name_input: str

    def type_for(self, inputs: Mapping[str, Any]) -> str:
        """Azure's type of a resource with these inputs: of a record set the record's kind is a part of it."""
        return _INPUT.sub(lambda m: v if isinstance(v := inputs.get(m[1]), str) else m[0], self.arm_type)


@dataclass(frozen=True, slots=True)
class Differences:
    """What azure-native changes in Azure's objects, by the object's name in the type files.

    `kept` objects have `properties` as an input of its own, while all others have its fields one level up; the fields of `lifted`
    parts are one level up too. `renamed` gives Azure's name of an input, `beside` inputs that the types do not have, `writable`
    fields that azure-native takes though the types call them read-only, `listed` fields that are lists where Azure has a map,
    `unlisted` fields whose list of values Azure no longer keeps.
    """

    kept: frozenset[str]
    lifted: Mapping[str, tuple[str, ...]]
    renamed: Mapping[str, Mapping[str, str]]
    beside: Mapping[str, frozenset[str]]
    writable: Mapping[str, frozenset[str]]
    always_lifted: tuple[str, ...]
    always_writable: frozenset[str]
    listed: frozenset[str]
    never_required: frozenset[str]
    unlisted: frozenset[str]


@cache
def differences() -> Differences:
    """`azure_native.toml`, read once."""
    held = _toml("azure_native.toml")
    rules = held["everywhere"]
    return Differences(
        kept=frozenset(held["kept"]["objects"]),
        lifted={k: tuple(v) for k, v in held["lifted"].items()},
        renamed=held["renamed"],
        beside={k: frozenset(v) for k, v in held["beside"].items()},
        writable={k: frozenset(v) for k, v in held["writable"].items()},
        always_lifted=tuple(rules["lifted"]),
        always_writable=frozenset(rules["writable"]),
        listed=frozenset(rules["listed"]),
        never_required=frozenset(rules["never_required"]),
        unlisted=frozenset(rules["unlisted"]),
    )


@cache
def kinds() -> Mapping[str, str]:
    """The rows of `azure_native_types.toml`: `module:Class` to `TYPE@VERSION PATH… | BESIDE…`."""
    return _toml("azure_native_types.toml")["types"]


@cache
def renamed() -> Mapping[str, str]:
    """`azure_native_renamed.toml`: today's type token for each that an earlier version of azure-native had."""
    return {f"{_TOKEN}{was}": f"{_TOKEN}{now}" for was, now in _toml("azure_native_renamed.toml")["renamed"].items()}


@cache
def kind_of(type_: str) -> Kind | None:
    """The class of a type token without an API version, or None when it is not known which type of Azure's it is."""
    row = kinds().get(type_.removeprefix(_TOKEN)) if type_.startswith(_TOKEN) else None
    if row is None:
        return None
    main, _, beside = row.partition("|")
    named, *path = main.split()
    arm_type, _, version = named.partition("@")
    own = path[-1] if path and path[-1] != _FIXED else ""
    return Kind(arm_type, version, tuple(p for p in path if p != _FIXED), frozenset(beside.split()), own)


def is_azure_native(type_: str) -> bool:
    """Whether a type token is of a resource in Azure: the provider itself and its configuration are not."""
    return type_.startswith(_TOKEN)


def camel(name: str) -> str:
    """azure-native's spelling of Azure's name: `odata.type` is `odataType`, `release_policy` is `releasePolicy`."""
    if name.isalnum() and name[0].islower():
        return name
    words = [w for w in re.split(r"[^A-Za-z0-9]+", name) if w]
    if not words:
        return name
    return words[0][0].lower() + words[0][1:] + "".join(w[0].upper() + w[1:] for w in words[1:])


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__ or "policies.schema").joinpath(name).read_text("utf-8"))
