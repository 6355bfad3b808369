"""Resources made up to hold a built-in definition against our controls: every value that its rule mentions, and the others there are.

Nothing is random: the same definition gives the same resources, whatever the machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise, product
from typing import Any, Final, cast

from policies.azure_policy.aliases import EACH, KIND, Aliases, Place, names_of
from policies.azure_policy.arm_form import Forms, Resource
from policies.azure_policy.assignments import Definition
from policies.azure_policy.expressions import Call, Literal, Node, Part
from policies.azure_policy.rules import AllOf, AnyOf, Condition, Count, Field, Not, Rule, Value
from policies.model import Subject
from policies.schema.azure_native import Kind, kind_of, kinds
from policies.schema.shapes import Shapes
from policies.schema.type_files import Type, TypeFiles, Types
from tests.policies.sdk_inputs import module

_MOST: Final = 600
_FIELDS: Final = 6
_ABSENT: Final = object()
_SUBSCRIPTION: Final = "/subscriptions/00000000-0000-4000-8000-000000000001"


@dataclass(frozen=True)
class Asked:
    """A field that a rule asks about, and the values that it compares it with."""

    name: str
    values: tuple[Any, ...]


def asked_by(rule: Rule, parameters: Mapping[str, Any]) -> list[Asked]:
    """What a rule asks about, in the order in which it does; the type is left out."""
    found: dict[str, list[Any]] = {}
    for name, value in _asked(rule, parameters):
        if name.casefold() != "type":
            found.setdefault(name.casefold(), []).append(value)
    names = {n.casefold(): n for n, _ in _asked(rule, parameters)}
    return [Asked(names[n], tuple({str(v): v for v in values if v is not None}.values())) for n, values in found.items()]


def _asked(rule: Rule, parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    match rule:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _asked(part, parameters)
        case Not(part):
            yield from _asked(part, parameters)
        case Condition(Field(Literal(name)), operator, right):
            for value in _values(right, parameters) if operator != "exists" else (None,):
                yield name, value
        case Condition(Value(of, _), _, right):
            is_plain = isinstance(of, Call) and of.name == "field"
            for name in _named(of):
                for value in _values(right, parameters) if is_plain else (None,):
                    yield name, value
        case Condition(Count(field, _, _, where), _, _):
            if field:
                yield field, None
            if where is not None:
                yield from _asked(where, parameters)
        case _:
            return


def _named(node: Node) -> Iterator[str]:
    match node:
        case Call("field", (Literal(name),)):
            yield name
        case Call(_, arguments):
            for argument in arguments:
                yield from _named(argument)
        case Part(of, _):
            yield from _named(of)
        case _:
            return


def _values(node: Node, parameters: Mapping[str, Any]) -> Iterable[Any]:
    value: Any = None
    match node:
        case Literal(held):
            value = held
        case Call("parameters", (Literal(name),)):
            value = parameters.get(str(name).casefold())
        case _:
            return [None]
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def kinds_of(arm_type: str) -> list[str]:
    """azure-native's type tokens of a type of Azure's."""
    tokens = [f"azure-native:{k}" for k in kinds()]
    return [t for t in tokens if (k := kind_of(t)) is not None and k.arm_type.casefold() == arm_type.casefold()]


class Inventing:
    """Resources by type token."""

    def __init__(self, files: TypeFiles) -> None:
        self._files = files
        self._forms = Forms(files)
        self._shapes = Shapes()
        self._aliases = Aliases()

    def of(self, token: str, definition: Definition, parameters: Mapping[str, Any]) -> Iterator[Subject]:
        """Resources of a type that differ in what a definition asks about; none where its fields cannot be asked for."""
        kind = kind_of(token)
        assert kind is not None
        form = self._forms.of(_subject(token, kind, {}))
        if isinstance(form, str):
            return
        settings: list[list[tuple[tuple[str, ...], Any]]] = []
        for asked in asked_by(definition.rule, parameters)[:_FIELDS]:
            path = self._path(asked.name, form.type, form.types, form.shape)
            if path:
                settings.append([(path, v) for v in (_ABSENT, *self._choices(asked, path, form.types, form.shape))])
        for chosen in islice(product(*settings), _MOST):
            inputs: dict[str, Any] = {}
            for path, value in chosen:
                if value is not _ABSENT:
                    _put(inputs, path, value)
            yield _subject(token, kind, inputs)

    def _path(self, name: str, arm_type: str, types: Types, shape: Type) -> tuple[str, ...]:
        """azure-native's names of the inputs that lead to a field, `[*]` for a list of one; () where there are none."""
        if "/" not in name:
            steps = tuple(name.split(".")) if name.split(".", maxsplit=1)[0] in ("kind", "identity", "sku", "location") else ()
        else:
            place = self._aliases.place(name, arm_type, types, shape)
            steps = place.steps if isinstance(place, Place) and not place.is_written_by_azure else ()
        return self._inputs(types, shape, tuple(s for s in steps if not s.startswith(KIND)))

    def _inputs(self, types: Types, wanted: Type, steps: tuple[str, ...]) -> tuple[str, ...]:
        if not steps:
            return ()
        if wanted["$type"] == "UnionType":
            objects = [types.at(e) for e in wanted["elements"]]
            return next((p for o in objects if (p := self._inputs(types, o, steps))), ())
        if wanted["$type"] == "ArrayType":
            rest = self._inputs(types, types.at(wanted["itemType"]), steps[1:])
            return (EACH, *rest) if steps[0] == EACH and (rest or len(steps) == 1) else ()
        if wanted["$type"] not in ("ObjectType", "DiscriminatedObjectType"):
            return steps if wanted["$type"] == "AnyType" else ()
        for key, field in self._shapes.of(types, wanted, {}).fields.items():
            at = (*field.within, field.arm_name)
            if tuple(s.casefold() for s in steps[: len(at)]) != tuple(a.casefold() for a in at) or field.read_only:
                continue
            rest = steps[len(at) :]
            below = self._inputs(types, field.type, rest) if rest and field.type is not None else ()
            if below or not rest:
                return (key, *below)
        return ()

    def _choices(self, asked: Asked, path: tuple[str, ...], types: Types, shape: Type) -> list[Any]:
        """The values mentioned, as the type has them, and those that the type lists; another where it lists none."""
        wanted = self._type_at(types, shape, path)
        kind = wanted["$type"] if wanted else "StringType"
        if kind == "BooleanType":
            return [True, False]
        if kind == "IntegerType":
            numbers = sorted({int(v) for v in asked.values if str(v).lstrip("-").isdigit()} or {1})
            return sorted({n + d for n in numbers for d in (-1, 0, 1)})
        if kind in ("ObjectType", "DiscriminatedObjectType"):
            return [{}]
        if kind == "ArrayType":
            return [[], [{}]]
        listed = [types.at(e).get("value") for e in wanted.get("elements", ())] if wanted else []
        texts = [
            *(str(v) for v in asked.values if not isinstance(v, (dict, list)) and "*" not in str(v)),
            *(v for v in listed if v),
            "Another",
        ]
        return list({t.casefold(): t for t in texts}.values())[:8]

    def _type_at(self, types: Types, wanted: Type, path: tuple[str, ...]) -> Type | None:
        for step in path:
            if wanted["$type"] == "UnionType":
                wanted = next((types.at(e) for e in wanted["elements"] if "Literal" not in types.at(e)["$type"]), wanted)
            if step == EACH:
                wanted = types.at(wanted["itemType"]) if wanted["$type"] == "ArrayType" else {"$type": "AnyType"}
                continue
            if wanted["$type"] not in ("ObjectType", "DiscriminatedObjectType"):
                return None
            field = self._shapes.of(types, wanted, {}).fields.get(step)
            if field is None or field.type is None:
                return None
            wanted = field.type
        return wanted


_ANYTHING: Final[Type] = {"$type": "AnyType"}
_TOP: Final = ("location", "tags", "kind", "sku", "identity", "zones", "properties")


def without_types(token: str, arm_type: str, definition: Definition, parameters: Mapping[str, Any]) -> Iterator[tuple[Subject, Resource]]:
    """Resources of a type that no file at hand describes, with their bodies: azure-native's own class says which inputs there are.

    A field stands in `properties` unless it is one of a resource's own; azure-native takes it one level up unless it keeps `properties`.
    """
    module_name, _, class_name = token.removeprefix("azure-native:").partition(":")
    inputs = module(module_name).resources.get(class_name, {})
    settings: list[list[tuple[tuple[str, ...], Any]]] = []
    for asked in asked_by(definition.rule, parameters)[:_FIELDS]:
        spelt = {i.casefold(): i for i in inputs}
        first, *rest = names_of(asked.name.rpartition("/")[2])
        names = (spelt.get(first.casefold(), first), *rest)
        hint = inputs[names[0]].hint if names[0] in inputs else ""
        said = [v for v in asked.values if not isinstance(v, (dict, list)) and "*" not in str(v)]
        is_flag = "bool" in hint or any(str(v).casefold() in ("true", "false") for v in said)
        is_list = not rest and names[0] in inputs and inputs[names[0]].container == "list"
        choices: list[Any] = [[], [{}]] if is_list else [True, False] if is_flag else [*said, "Another"]
        settings.append([(names, v) for v in (_ABSENT, *choices)])
    for chosen in islice(product(*settings), _MOST):
        body: dict[str, Any] = {"location": "uksouth"}
        given: dict[str, Any] = {}
        for names, value in (c for c in chosen if c[1] is not _ABSENT):
            is_own = names[0] in _TOP
            _put(body, names if is_own else ("properties", *names), value)
            _put(given, names if is_own or names[0] in inputs or "properties" not in inputs else ("properties", *names), value)
        yield _loose(token, arm_type, given, body)


def _loose(token: str, arm_type: str, given: Mapping[str, Any], body: Mapping[str, Any]) -> tuple[Subject, Resource]:
    namespace, *segments = arm_type.split("/")
    own = f"{_SUBSCRIPTION}/resourceGroups/rg/providers/{namespace}/{'/'.join(f'{s}/it' for s in segments)}"
    subject = Subject("resource", token, f"urn:pulumi:t::t::{token}::it", "it", {"location": "uksouth", **given}, resource_id=own)
    types = Types("made up", [_ANYTHING])
    shape: Type = {"$type": "ObjectType", "name": arm_type, "properties": {n: {"type": {"$ref": "#/0"}, "flags": 0} for n in _TOP}}
    return subject, Resource(subject, arm_type, "2026-01-01", own, ("it",), body, types, shape, {})


def _put(inputs: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set a value, in objects and lists of one that are made on the way."""
    here: Any = inputs
    for step, after in pairwise(path):
        empty: Any = [] if after == EACH else {}
        if step == EACH:
            if not here or not isinstance(here[0], dict):
                here[:] = [empty]
            here = here[0]
        else:
            if not isinstance(here.get(step), type(empty)):
                here[step] = empty
            here = here[step]
    if path[-1] == EACH:
        here[:] = [value]
    else:
        here[path[-1]] = value


def _subject(token: str, kind: Kind, inputs: Mapping[str, Any]) -> Subject:
    """A resource of its own name in a group that has none of Azure's other services as its manager."""
    namespace, *segments = kind.arm_type.split("/")
    tail = "/".join(f"{s}/it" for s in segments)
    names = {p: "rg" if p == "resourceGroupName" else "it" for p in kind.path}
    own = f"{_SUBSCRIPTION}/resourceGroups/rg/providers/{namespace}/{tail}"
    return Subject("resource", token, f"urn:pulumi:t::t::{token}::it", "it", {**names, "location": "uksouth", **inputs}, resource_id=own)
