"""Property values as they travel between a program and the engine: plain JSON with a few signed objects.

Pulumi marks what JSON cannot say by an object that holds a signature under one fixed key (sdk/go/common/resource
of pulumi/pulumi): secrets, assets, archives, resource references, output values. An unknown is a fixed string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from google.protobuf import struct_pb2

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - Pulumi's public mark of a secret
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
HIDDEN: Final = "[secret]"


def signature(value: object) -> str:
    """The signature of a signed object, else the empty string."""
    if isinstance(value, Mapping):
        return str(cast("Mapping[str, Any]", value).get(SIGNATURE, ""))
    return ""


def secret(value: Any) -> dict[str, Any]:
    """`value` marked secret (once)."""
    return cast("dict[str, Any]", value) if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def is_secret(value: object) -> bool:
    """Whether the value is a secret, open or sealed."""
    return signature(value) == SECRET


def bare(value: Any) -> Any:
    """The value with every secret mark taken off; a sealed secret becomes `[secret]`."""
    if is_secret(value):
        return bare(value.get("value", HIDDEN))
    return each(value, bare)


def each(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with `change` applied to its direct members; scalars as they are."""
    if isinstance(value, Mapping):
        held = cast("Mapping[str, Any]", value)
        return {k: v if k == SIGNATURE else change(v) for k, v in held.items()}
    if isinstance(value, (list, tuple)):
        return [change(v) for v in cast("Sequence[Any]", value)]
    return value


def walk(value: Any) -> Iterator[Any]:
    """The value and everything inside it."""
    yield value
    if isinstance(value, Mapping):
        for v in cast("Mapping[str, Any]", value).values():
            yield from walk(v)
    elif isinstance(value, (list, tuple)):
        for v in cast("Sequence[Any]", value):
            yield from walk(v)


def pretend(value: Any) -> Any:
    """The value with every sealed secret replaced by a pretend one, still secret: a sealed one cannot be opened."""
    if is_secret(value):
        return value if "value" in value else secret(HIDDEN)
    return each(value, pretend)


def has_unknown(value: Any) -> bool:
    """Whether an unknown is anywhere inside."""
    return any(v == UNKNOWN for v in walk(value) if isinstance(v, str))


def unknown_beyond(value: Any, given: Any) -> Any:
    """The value with everything unknown that was not `given`: what only the cloud adds is not known before it has answered."""
    if signature(value) or signature(given):
        return value
    if isinstance(value, Mapping) and isinstance(given, Mapping):
        held, known = cast("Mapping[str, Any]", value), cast("Mapping[str, Any]", given)
        return {k: unknown_beyond(v, known[k]) if k in known else UNKNOWN for k, v in held.items()}
    if isinstance(value, list) and isinstance(given, list):
        answered, asked = cast("list[Any]", value), cast("list[Any]", given)
        if len(answered) == len(asked):
            return [unknown_beyond(v, g) for v, g in zip(answered, asked, strict=True)]
    return cast("Any", value)


def secret_texts(value: Any) -> Iterator[str]:
    """Every string that stands inside an open secret."""
    if is_secret(value):
        yield from (v for v in walk(value.get("value")) if isinstance(v, str) and v != UNKNOWN)
    elif isinstance(value, Mapping):
        for v in cast("Mapping[str, Any]", value).values():
            yield from secret_texts(v)
    elif isinstance(value, (list, tuple)):
        for v in cast("Sequence[Any]", value):
            yield from secret_texts(v)


def _settled(value: dict[str, Any]) -> Any:
    """An output value as what it stands for: unknown, secret or plain. Dependencies travel beside the properties."""
    inner = value.get("value", UNKNOWN)
    return secret(inner) if value.get("secret") else inner


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() else value


def from_value(value: struct_pb2.Value) -> Any:
    """A protobuf value as JSON types; whole numbers become `int`, output values become what they stand for."""
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "number_value":
            return _number(value.number_value)
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [from_value(v) for v in value.list_value.values]
        case "struct_value":
            held = from_struct(value.struct_value)
            return _settled(held) if signature(held) == OUTPUT else held
        case _:
            return None


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A protobuf struct as a dictionary, keys sorted: a protobuf map has no order of its own."""
    return {k: from_value(v) for k, v in sorted(struct.fields.items())}


def to_struct(value: Mapping[str, Any]) -> struct_pb2.Struct:
    """The opposite of `from_struct`; nulls are left out, as the SDK takes them for absent."""
    struct = struct_pb2.Struct()
    struct.update({k: v for k, v in value.items() if v is not None})
    return struct
