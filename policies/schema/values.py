"""Whether inputs fit Azure's types: every misfit at any depth, each with what to do. Unknown and secret values are never judged wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, cast

from policies.model import UNKNOWN
from policies.schema.azure_native import Kind, differences
from policies.schema.misfits import Fit, Found, Misfit
from policies.schema.shapes import Shape, Shapes, is_secret
from policies.schema.type_files import Type, Types
from policies.schema.wording import bounds, last, listing, looks_like, meant, one_of, shown

_DEEPEST: Final = 60


class Fitting:
    """The fitting of one resource's inputs; `found` and `unknown` are filled as it goes."""

    def __init__(self, types: Types, shapes: Shapes) -> None:
        """Nothing is found yet."""
        self.types = types
        self.shapes = shapes
        self.found: list[Found] = []
        self.unknown: list[str] = []

    def resource(self, body: Type, kind: Kind, inputs: Mapping[str, Any]) -> Fit:
        """How a resource's inputs fit the body that Azure takes and the path that they make."""
        beside = kind.beside | {*kind.path}
        given = {k: v for k, v in inputs.items() if k not in beside}
        self._object(self.shapes.of_resource(self.types, body, given), given, "")
        self._names(body, kind, inputs)
        return Fit(tuple(self.found), tuple(self.unknown))

    def _names(self, body: Type, kind: Kind, inputs: Mapping[str, Any]) -> None:
        """Parts of the path are texts; the last is the resource's name, whose form the body tells."""
        own: Mapping[str, Any] = body.get("properties") or body.get("baseProperties") or {}
        told = own.get("name")
        for name in kind.path:
            if name in inputs and name == kind.name_input and told is not None:
                self.value(self.types.at(told["type"]), inputs[name], name)
            elif name in inputs:
                self._plain({"$type": "StringType"}, inputs[name], name)

    def value(self, wanted: Type, value: Any, path: str) -> None:
        """Find what does not fit in one value."""
        if value is None or is_secret(value):
            return
        if value is UNKNOWN:
            self.unknown.append(path)
            return
        match wanted["$type"]:
            case "ObjectType" | "DiscriminatedObjectType":
                self._of_object(wanted, value, path)
            case "ArrayType":
                self._list(wanted, value, path)
            case "UnionType":
                self._union(wanted, value, path)
            case "AnyType":
                return
            case _:
                self._plain(wanted, value, path)

    def _of_object(self, wanted: Type, value: Any, path: str) -> None:
        if isinstance(value, Mapping):
            held = cast("Mapping[str, Any]", value)
            if path.count(".") + path.count("[") < _DEEPEST:
                self._object(self.shapes.of(self.types, wanted, held), held, path)
        elif isinstance(value, list) and last(path) in differences().listed:
            for n, member in enumerate(cast("list[Any]", value)):
                self.value({"$type": "StringType"}, member, f"{path}[{n}]")
        else:
            self._wrong(path, value, "an object")

    def _object(self, shape: Shape, value: Mapping[str, Any], path: str) -> None:
        for choice in shape.open_choices:
            self._no_kind(choice.name, choice.kinds, value, path)
        kinds = {c.name for c in shape.open_choices}
        for key, held in value.items():
            at = f"{path}.{key}" if path else key
            field = shape.fields.get(key)
            if held is None or key in kinds:
                continue
            if field is None:
                self._further(shape, key, held, at)
            elif field.read_only:
                self._add(Misfit.READ_ONLY, at, f"{at} is written by Azure alone", "Leave it out.")
            elif field.type is not None:
                self.value(field.type, held, at)
        for name in shape.required:
            if value.get(name) is None:
                at = f"{path}.{name}" if path else name
                self._add(Misfit.MISSING, at, f"{at} is required, and missing", "Give it.")

    def _further(self, shape: Shape, key: str, held: Any, at: str) -> None:
        """A key that is none of the fields."""
        if key in shape.beside:
            return
        if shape.others is not None:
            self.value(shape.others, held, at)
            return
        self._add(Misfit.NO_SUCH_INPUT, at, f"{at} is no input of azure-native's here", meant(shape, key))

    def _no_kind(self, name: str, kinds: Sequence[str], value: Mapping[str, Any], path: str) -> None:
        at = f"{path}.{name}" if path else name
        if value.get(name) is None:
            self._add(Misfit.MISSING, at, f"{at} is required, and missing", f"Give one of: {listing(kinds)}.")
        else:
            self._add(Misfit.NO_SUCH_KIND, at, f"{at} {shown(value[name], at)} is none of its kinds", one_of(value[name], kinds))

    def _list(self, wanted: Type, value: Any, path: str) -> None:
        if not isinstance(value, list):
            self._wrong(path, value, "a list")
            return
        members = cast("list[Any]", value)
        if not wanted.get("minLength", 0) <= len(members) <= wanted.get("maxLength", len(members)):
            self._add(Misfit.LENGTH, path, f"{path} has {len(members)} members", f"Give {bounds(wanted, 'Length')}.")
        item = self.types.at(wanted["itemType"])
        for n, member in enumerate(members):
            self.value(item, member, f"{path}[{n}]")

    def _union(self, wanted: Type, value: Any, path: str) -> None:
        literals, others = _members(self.types, wanted)
        if isinstance(value, str) and (value.casefold() in literals or last(path) in differences().unlisted):
            return
        texts = [o for o in others if o["$type"] == "StringType"]
        if isinstance(value, str) and literals and texts:
            if looks_like(value, [*literals.values()]):
                what = f"{path} {shown(value, path)} is not among the values that Azure's types list; others may come"
                self._add(Misfit.VALUE_NOT_LISTED, path, what, one_of(value, [*literals.values()]))
            return
        tried = [self._tried(o, value, path) for o in others]
        if any(not t for t in tried):
            return
        if literals and isinstance(value, str):
            what = f"{path} {shown(value, path)} is no value that Azure takes"
            self._add(Misfit.NO_SUCH_VALUE, path, what, one_of(value, [*literals.values()]))
        elif tried and (not literals or isinstance(value, (Mapping, list))):
            self.found.extend(min(tried, key=len))
        else:
            self._wrong(path, value, "text")

    def _tried(self, wanted: Type, value: Any, path: str) -> list[Found]:
        apart = Fitting(self.types, self.shapes)
        apart.value(wanted, value, path)
        return apart.found

    def _plain(self, wanted: Type, value: Any, path: str) -> None:
        if value is None or is_secret(value):
            return
        if value is UNKNOWN:
            self.unknown.append(path)
            return
        match wanted["$type"]:
            case "StringLiteralType" if not isinstance(value, str):
                self._wrong(path, value, "text")
            case "StringLiteralType" if value.casefold() != wanted["value"].casefold():
                what = f"{path} {shown(value, path)} is no value that Azure takes"
                self._add(Misfit.NO_SUCH_VALUE, path, what, f'Give "{wanted["value"]}".')
            case "StringType":
                self._text(wanted, value, path)
            case "IntegerType":
                self._number(wanted, value, path)
            case "BooleanType" if not isinstance(value, bool):
                self._wrong(path, value, "true or false")
            case _:
                return

    def _text(self, wanted: Type, value: Any, path: str) -> None:
        if not isinstance(value, str):
            self._wrong(path, value, "text")
            return
        is_of_another_length = not wanted.get("minLength", 0) <= len(value) <= wanted.get("maxLength", len(value))
        is_malformed = "pattern" in wanted and not _matches(wanted["pattern"], value)
        if not (is_of_another_length or is_malformed):
            return
        told = "" if wanted.get("sensitive") else f" {shown(value, path)}"
        if is_of_another_length:
            self._add(Misfit.LENGTH, path, f"{path}{told} has {len(value)} characters", f"Give {bounds(wanted, 'Length')} characters.")
        if is_malformed:
            self._add(Misfit.PATTERN, path, f"{path}{told} is not of the form that Azure asks for", f"It must match {wanted['pattern']}")

    def _number(self, wanted: Type, value: Any, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self._wrong(path, value, "a number")
        elif not wanted.get("minValue", value) <= value <= wanted.get("maxValue", value):
            self._add(Misfit.RANGE, path, f"{path} {value} is out of range", f"Give {bounds(wanted, 'Value')}.")

    def _wrong(self, path: str, value: Any, wanted: str) -> None:
        self._add(Misfit.WRONG_TYPE, path, f"{path} {shown(value, path)} is not {wanted}", f"Give {wanted}.")

    def _add(self, misfit: Misfit, path: str, what: str, remedy: str) -> None:
        self.found.append(Found(misfit, path, f"{what}.", remedy))


def _members(types: Types, wanted: Type) -> tuple[dict[str, str], list[Type]]:
    """A union's literals, by themselves in small letters, and its other members; unions in it are opened."""
    literals: dict[str, str] = {}
    others: list[Type] = []
    for each in wanted["elements"]:
        member = types.at(each)
        if member["$type"] == "StringLiteralType":
            literals[member["value"].casefold()] = member["value"]
        elif member["$type"] == "UnionType":
            inner, further = _members(types, member)
            literals.update(inner)
            others.extend(further)
        else:
            others.append(member)
    return literals, others


def _matches(pattern: str, value: str) -> bool:
    """Whether a text matches; a pattern that is no regular expression of Python's is not judged by."""
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None
