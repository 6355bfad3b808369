"""What Pulumi's engine sends of a resource becomes a subject, as a preview or a stack export of the same resource would."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policies.model import SECRET, Subject
from policies.read.properties import known_inputs
from policies.read.resources import api_version, plain_type

Sent = analyzer_pb2.AnalyzeRequest | analyzer_pb2.AnalyzerResource
_PROVIDER = "pulumi:providers:"


def subject_of(sent: Sent) -> Subject:
    """The subject of a resource before it is made.

    The engine does not yet say what its inputs are made from, only that an unknown comes from another resource's outputs; and it never says
    where in the program the resource was written.
    """
    inputs = known_inputs(plain(sent.properties))
    return Subject(
        kind="resource",
        type=plain_type(sent.type),
        id=sent.urn,
        name=sent.urn.rsplit("::", 1)[-1],
        inputs=inputs,
        parent=sent.options.parent,
        protect=sent.options.protect,
        is_component=not sent.HasField("provider") and not sent.type.startswith(_PROVIDER),
        waits_on=dict.fromkeys(inputs, ("",)),
        api_version=api_version(sent.type),
    )


def beside_others(sent: analyzer_pb2.AnalyzerResource, before: Subject | None) -> Subject:
    """The subject of a resource among all those of its stack.

    The engine now sends what the cloud answered; a control judges what was asked for, which is `before`, if the resource was seen then.
    """
    outputs = known_inputs(plain(sent.properties))
    asked = before or replace(subject_of(sent), inputs={k: v for k, v in outputs.items() if k not in ("id", "urn")})
    return replace(
        asked,
        parent=sent.parent or asked.parent,
        depends_on=tuple(sorted(sent.dependencies)),
        waits_on={key: tuple(sorted(made.urns)) for key, made in sent.propertyDependencies.items() if made.urns},
        resource_id=_text(outputs.get("id")),
    )


def plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A protobuf struct as JSON types; a whole number is an `int`, as in the JSON that Pulumi writes."""
    return {key: _value(held) for key, held in sorted(struct.fields.items())}


def _value(held: struct_pb2.Value) -> Any:
    match held.WhichOneof("kind"):
        case "string_value":
            return held.string_value
        case "number_value":
            return int(held.number_value) if held.number_value.is_integer() else held.number_value
        case "bool_value":
            return held.bool_value
        case "list_value":
            return [_value(v) for v in held.list_value.values]
        case "struct_value":
            return plain(held.struct_value)
        case _:
            return None


def _text(value: object) -> str:
    return value if isinstance(value, str) and value is not SECRET else ""
