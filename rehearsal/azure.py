"""The pretend Azure Resource Manager: ids, names and the properties that only the cloud gives. Always the same answer.

An id is the path of the resource in Azure's own form. The few dozen that need it are written in azure.toml; all others
follow one rule: the inputs that end in `Name`, in order, each under its plural, below the resource group. A name that is
not given is the logical name and eight characters, as azure-native makes one (here they come of the URN).
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from rehearsal import urns
from rehearsal.sdk import Shape, shape_of
from rehearsal.values import UNKNOWN, bare, has_unknown, is_secret, secret

_FIELD = re.compile(r"\{(\w+)\}")
_SCOPES = ("scope", "resourceUri", "scopeId")
_GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_SPACE = uuid.UUID("6e2f1c1e-4b43-5d1c-9d52-5f0b6a6f7a11")


@dataclass(frozen=True, slots=True)
class Made:
    """What the pretend cloud answers: the inputs with names filled in, the id, and every property."""

    inputs: dict[str, Any]
    id: str
    outputs: dict[str, Any]


@cache
def _ids() -> dict[str, str]:
    return tomllib.loads(Path(__file__).with_name("azure_ids.toml").read_text("utf-8"))["ids"]


@cache
def facts() -> dict[str, Any]:
    """The table, read once."""
    return tomllib.loads(Path(__file__).with_name("azure.toml").read_text("utf-8"))


def make(type_: str, urn: str, inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Made:
    """The resource as the cloud would have it. `config` is the provider's (subscriptionId, tenantId, location)."""
    short = _short(type_)
    shape = shape_of(type_)
    template = template_of(short, shape)
    named = _named(urn, inputs, template, shape, config)
    fields = {**known(config), **_plain(named)}
    path = _fill(template, fields)
    name = path.rsplit("/", 1)[-1] if path != UNKNOWN else UNKNOWN
    outputs = _outputs(short, path, named, {**fields, "id": path, "name": name, "armType": arm_type(template)})
    return Made(named, path, outputs)


def known(config: Mapping[str, Any]) -> dict[str, Any]:
    """Who and where the pretend deployment is: the provider's configuration, else the table's."""
    return {**facts()["tenant"], "apiVersion": "", **{k: bare(v) for k, v in config.items()}}


def identity(type_: str, fields: Mapping[str, Any]) -> str:
    """The id of a resource of that type, of its inputs and `known`."""
    return _fill(template_of(_short(type_), shape_of(type_)), fields)


def filled(form: Any, fields: Mapping[str, Any], seed: str) -> Any:
    """A form out of the table with its fields replaced; `secret:WORD` is a made-up secret."""
    if isinstance(form, Mapping):
        return {k: filled(v, fields, seed) for k, v in cast("Mapping[str, Any]", form).items()}
    if isinstance(form, list):
        return [filled(v, fields, seed) for v in cast("list[Any]", form)]
    if isinstance(form, str) and form.startswith("secret:"):
        return secret(hashlib.sha256(f"{seed}{form}{sorted(fields.items(), key=str)}".encode()).hexdigest())
    return _given(form, f"{seed}{sorted(fields.items(), key=str)}", fields) if isinstance(form, str) else form


def _plain(held: Mapping[str, Any]) -> dict[str, Any]:
    return {k: bare(v) for k, v in held.items()}


def _short(type_: str) -> str:
    """`network:Subnet` of `azure-native:network/v20230101:Subnet`."""
    _, module, name = type_.split(":")
    return f"{module.split('/')[0]}:{name}"


def template_of(short: str, shape: Shape | None) -> str:
    """The form of the id of a type."""
    form = facts()["ids"].get(short) or _ids().get(short) or _by_rule(short, shape)
    return form if form.startswith("/") else f"{_GROUP}/providers/{form}"


def _by_rule(short: str, shape: Shape | None) -> str:
    module, kind = short.split(":")
    inputs = shape.inputs if shape else ()
    parts = [i for i in inputs if i.endswith("Name") and i != "resourceGroupName" and i in (shape.required_or_named if shape else ())]
    namespace = facts()["namespaces"].get(module) or f"Microsoft.{module.capitalize()}"
    head = "/subscriptions/{subscriptionId}"
    if not inputs or "resourceGroupName" in inputs:
        head += "/resourceGroups/{resourceGroupName}"
    own = kind[0].lower() + kind[1:]
    segments = [f"{_plural(p.removesuffix('Name'))}/{{{p}}}" for p in parts[:-1]]
    last = parts[-1] if parts else f"{own}Name"
    return f"{head}/providers/{namespace}/" + "/".join([*segments, f"{_plural(own)}/{{{last}}}"])


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else f"{word}s"


def arm_type(template: str) -> str:
    """`Microsoft.Network/virtualNetworks/subnets` of an id's form."""
    after = template.rsplit("/providers/", 1)[-1].split("/")
    return "/".join([after[0], *after[1::2]])


def path_inputs(type_: str) -> tuple[str, ...]:
    """The inputs that are parts of the id: to change one is to make another resource."""
    return tuple(f for f in _FIELD.findall(template_of(_short(type_), shape_of(type_))) if f != "subscriptionId")


def answered() -> frozenset[str]:
    """Properties that every resource has and nobody gives."""
    return frozenset(facts()["outputs"]["*"])


def fields_of(type_: str, identity: str) -> dict[str, str]:
    """The inputs that are parts of an id of that type; none when the id has another form."""
    template = template_of(_short(type_), shape_of(type_))
    pattern = re.sub(r"\\\{(\w+)\\\}", lambda m: f"(?P<{m[1]}>{'.+' if m[1] in _SCOPES else '[^/]+'})", re.escape(template))
    found = re.fullmatch(pattern, identity, re.IGNORECASE)
    return {k: v for k, v in found.groupdict().items() if k != "subscriptionId"} if found else {}


def immutable(type_: str) -> tuple[str, ...]:
    """Paths of the properties that cannot be changed in place."""
    table = facts()["immutable"]
    return (*path_inputs(type_), *table["*"], *table.get(_short(type_), ()))


def _named(urn: str, inputs: Mapping[str, Any], template: str, shape: Shape | None, config: Mapping[str, Any]) -> dict[str, Any]:
    named = dict(inputs)
    own = _FIELD.findall(template)[-1:]
    if own and own[0] not in (*named, "subscriptionId") and template.endswith(f"{{{own[0]}}}"):
        named[own[0]] = _auto_name(urn, own[0])
    if shape and "location" in shape.inputs and "location" not in named and config.get("location"):
        named["location"] = config["location"]
    return named


def _auto_name(urn: str, field: str) -> str:
    """Names that must be UUIDs are; others are the logical name and eight characters."""
    if field in ("roleAssignmentName", "roleDefinitionId", "roleEligibilityScheduleRequestName"):
        return str(uuid.uuid5(_SPACE, urn))
    return urns.name_of(urn) + hashlib.sha256(urn.encode()).hexdigest()[:8]


def _fill(template: str, fields: Mapping[str, Any]) -> str:
    wanted = _FIELD.findall(template)
    if any(has_unknown(fields.get(w)) for w in wanted):
        return UNKNOWN
    return _FIELD.sub(lambda m: str(fields.get(m[1], "")).strip("/") if m.start() < 2 else str(fields.get(m[1], "")), template)


def _outputs(short: str, path: str, inputs: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    outputs: dict[str, Any] = {k: v for k, v in inputs.items() if k not in _FIELD.findall(template_of(short, None)) or k == "location"}
    table = facts()["outputs"]
    for where, form in {**table["*"], **table.get(short, {})}.items():
        value = _given(form, path, fields)
        if value:
            _put(outputs, where, value)
    if isinstance(bare(inputs.get("identity")), dict):
        outputs["identity"] = _identity(bare(inputs["identity"]), path)
    return outputs


def _given(form: str, path: str, fields: Mapping[str, Any]) -> Any:
    kind, _, word = form.partition(":")
    if path == UNKNOWN and form != "{armType}":
        return UNKNOWN
    if kind == "uuid":
        return str(uuid.uuid5(_SPACE, f"{path}#{word}"))
    if kind in ("ip", "private"):
        return _address(f"{path}#{word}", public=kind == "ip")
    return _fill(form, fields)


def _address(seed: str, *, public: bool) -> str:
    digest = hashlib.sha256(seed.encode()).digest()
    head = f"20.{digest[0]}" if public else f"100.{64 + digest[0] % 64}"
    return f"{head}.{digest[1]}.{1 + digest[2] % 254}"


def _is_group(value: object) -> bool:
    return isinstance(value, dict)


def _put(outputs: dict[str, Any], where: str, value: Any) -> None:
    """Set a nested property; `x[*].y` sets it in every member of the list x that there is, `x?.y` in x where there is one."""
    head, _, rest = where.partition(".")
    name = head.removesuffix("[*]").removesuffix("?")
    if not rest:
        outputs[name] = value
        return
    held = outputs.get(name)
    inner: Any = cast("dict[str, Any]", held).get("value") if is_secret(held) else held
    if head.endswith("?"):
        if _is_group(inner):
            outputs[name] = _into(held, rest, value)
        return
    if head != name and not isinstance(inner, list):
        return
    made = [_into(m, rest, value) for m in cast("list[Any]", inner)] if head != name else _into(inner, rest, value)
    outputs[name] = secret(made) if is_secret(held) else made


def _into(held: Any, where: str, value: Any) -> Any:
    """A copy of an object with the property set, as secret as it was."""
    if is_secret(held):
        return secret(_into(held.get("value"), where, value))
    copy = dict(cast("dict[str, Any]", held)) if isinstance(held, dict) else {}
    _put(copy, where, value)
    return copy


def _identity(given: dict[str, Any], path: str) -> dict[str, Any]:
    kind = str(given.get("type", ""))
    wanted = bare(given.get("userAssignedIdentities"))
    if isinstance(wanted, list):  # asked for as a list of ids, answered as a map by id
        held: dict[str, Any] = {str(bare(i)): {} for i in cast("list[Any]", wanted)}
        given = {**given, "userAssignedIdentities": UNKNOWN if has_unknown(wanted) else held}
    if "systemassigned" not in kind.lower().replace(" ", ""):
        return given
    known = path != UNKNOWN
    principal = str(uuid.uuid5(_SPACE, f"{path}#identity")) if known else UNKNOWN
    return {**given, "principalId": principal, "tenantId": cast("str", facts()["tenant"]["tenantId"])}
