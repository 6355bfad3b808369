"""What pydantic found, said to the person who can mend it."""

from __future__ import annotations

import difflib
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Union, cast, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

_Where = tuple[int | str, ...]
# What to write instead, by pydantic's name of the fault; `c` is what it knows besides.
_REMEDIES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "literal_error": lambda c: f"write {c['expected']}",
    "enum": lambda c: f"write {c['expected']}",
    "greater_than": lambda c: f"write a number greater than {c['gt']}",
    "greater_than_equal": lambda c: f"write {c['ge']} or more",
    "less_than_equal": lambda c: f"write {c['le']} or less",
    "multiple_of": lambda c: f"write a multiple of {c['multiple_of']}",
    "string_pattern_mismatch": lambda c: f"write text that matches {c['pattern']}",
    "string_too_short": lambda c: f"write {c['min_length']} characters or more",
    "string_too_long": lambda c: f"write {c['max_length']} characters or fewer",
    "too_short": lambda c: f"name {c['min_length']} or more",
    "too_long": lambda c: f"name {c['max_length']} or fewer",
    "int_parsing": lambda _: "write a whole number without units",
    "int_type": lambda _: "write a whole number without units",
    "int_from_float": lambda _: "write a whole number",
    "float_parsing": lambda _: "write a number without units",
    "float_type": lambda _: "write a number without units",
    "bool_parsing": lambda _: "write true or false",
    "bool_type": lambda _: "write true or false",
    "string_type": lambda _: "write text",
    "date_from_datetime_parsing": lambda _: "write a date such as 2026-12-01, in quotes",
    "date_parsing": lambda _: "write a date such as 2026-12-01, in quotes",
    "model_type": lambda _: "write a group of settings, one per line, indented",
    "dict_type": lambda _: "write a group of settings, one per line, indented",
    "tuple_type": lambda _: "write a list",
    "list_type": lambda _: "write a list",
}


def sentences(model: type[BaseModel], wrong: ValidationError) -> list[tuple[str, str]]:
    """For each fault the key at which it stands ("" for the whole) and what to do about it."""
    errors = [cast("Mapping[str, Any]", e) for e in wrong.errors()]
    places = [cast("_Where", e["loc"]) for e in errors]
    # A list is also called too short when its only members are wrong; those say it better.
    kept = [e for e, at in zip(errors, places, strict=True) if e["type"] != "too_short" or not any(_is_within(p, at) for p in places)]
    return [(key_of(e["loc"]), _what(model, e["loc"], e)) for e in kept]


def key_of(where: Sequence[int | str]) -> str:
    """A location as people write it: `subscriptions.corp[0]`."""
    said = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return said.lstrip(".")


def _is_within(place: _Where, at: _Where) -> bool:
    return len(place) > len(at) and place[: len(at)] == at


def _what(model: type[BaseModel], where: _Where, error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return f"no setting has this name{_suggestion(model, where)}"
    if error["type"] == "missing":
        return f"this setting is required{_meaning(model, where)}; add it."
    if error["type"] in ("value_error", "assertion_error"):
        return f"{str(error['msg']).removeprefix('Value error, ')}."
    secret = _is_secret(model, where)
    remedy = _REMEDIES.get(f"string_{error['type']}" if secret else error["type"])
    meant = remedy(error.get("ctx", {})) if remedy else str(error["msg"])[0].lower() + str(error["msg"])[1:]
    said = "" if secret else f"; it says {_shown(error['input'])}"
    return f"{meant}{said}."


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _suggestion(model: type[BaseModel], where: _Where) -> str:
    names = list(_fields(model, where[:-1]))
    near = difflib.get_close_matches(str(where[-1]), names, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(names))}."


def _meaning(model: type[BaseModel], where: _Where) -> str:
    field = _fields(model, where[:-1]).get(str(where[-1]))
    return f" ({field.description})" if field and field.description else ""


def _is_secret(model: type[BaseModel], where: _Where) -> bool:
    field = _fields(model, where[:-1]).get(str(where[-1])) if where else None
    return field is not None and (field.annotation is SecretStr or SecretStr in get_args(field.annotation))


def _fields(model: type[BaseModel], where: _Where) -> Mapping[str, FieldInfo]:
    """The settings that there are at `where`."""
    at: type[BaseModel] | None = model
    for part in where:
        if at and not isinstance(part, int) and part in at.model_fields:
            at = _model_in(at.model_fields[part].annotation)
    return at.model_fields if at else {}


def _model_in(kind: Any) -> type[BaseModel] | None:
    """The model inside `Part`, `Part | None`, `tuple[Part, ...]` or `dict[str, Part]`."""
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias) and issubclass(kind, BaseModel):
        return kind
    if get_origin(kind) in (Union, types.UnionType, tuple, list, dict, Annotated):
        return next((found for inner in get_args(kind) if (found := _model_in(inner))), None)
    return None
