"""A resource's body as Azure Resource Manager writes it becomes the inputs of azure-native's class of that type.

azure-native has what Azure keeps under `properties` one level up, at every depth, except in the types that `azure_native.toml` lists as
kept; a few inputs of a type have another name than Azure's. What free-form parts hold (a policy's rule, a template, tags) is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, cast

from policies.frozen import FrozenDict, FrozenList, frozen
from policies.model import SECRET, UNKNOWN
from policies.read.lines import Written, line_of
from policies.schema.azure_native import Kind, differences, kind_of, kinds

_FREE: Final = frozenset({"tags", "policyRule", "template", "parameters", "metadata", "definition", "settings", "protectedSettings"})
_OF_THE_ENVELOPE: Final = frozenset(
    {
        "apiVersion",
        "comments",
        "condition",
        "copy",
        "dependsOn",
        "existing",
        "id",
        "name",
        "properties",
        "resources",
        "scope",
        "type",
        "metadata",
    }
)
_NAMES: Final = {
    n.casefold(): n
    for n in (*_OF_THE_ENVELOPE, "count", "input", "parameters", "template", "variables", "identity", "kind", "location", "sku")
}
_FREE_FOLDED: Final = frozenset(n.casefold() for n in _FREE)
_ASKED: Final = re.compile(r"\[\s*(parameters|variables)\(\s*'([^']+)'\s*\)\s*\]", re.IGNORECASE)
# A built-in role has the same id in every subscription, and Azure takes the tenant's id of it as well.
_ROLE: Final = re.compile(
    r"\[\s*(?:subscriptionR|tenantR|r)esourceId\(\s*'Microsoft\.Authorization/roleDefinitions'\s*,\s*'([^']+)'\s*\)\s*\]", re.IGNORECASE
)
_FUNCTION: Final = re.compile(r"\[\s*(\w+)\s*\(")
# Of Azure types that several classes of azure-native make, the one that a template or an export means; else the first by name.
_MEANT: Final = {
    "microsoft.alertsmanagement/actionrules": "alertsmanagement:AlertProcessingRuleByName",
    "microsoft.authorization/locks": "authorization:ManagementLockByScope",
}


class AnyCase(FrozenDict):
    """Inputs as Azure reads them: a field counts however its letters are written. Where two differ in that alone, neither is known."""

    __slots__ = ("_folded",)

    def __init__(self, held: Mapping[str, Any]) -> None:
        """Index the fields by their names in small letters."""
        super().__init__(held)
        folded: dict[str, Any] = {}
        for key, value in held.items():
            folded[key.casefold()] = UNKNOWN if key.casefold() in folded else value
        self._folded = folded

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> AnyCase:
        """These inputs, frozen through and through, in which every object is read so."""
        return cls({k: _any_case(v) for k, v in frozen(held, UNKNOWN).items()})

    def get(self, key: str, default: Any = None) -> Any:
        """What is here, however it is written."""
        return self._folded.get(key.casefold(), default)


class Partial(AnyCase):
    """Inputs of which others may be set than those at hand: what is not here is unknown, never absent."""

    __slots__ = ()

    def get(self, key: str, default: Any = None) -> Any:
        """What is here, else UNKNOWN."""
        del default
        return super().get(key, UNKNOWN)


def _any_case(value: Any) -> Any:
    if isinstance(value, dict):
        return AnyCase({k: _any_case(v) for k, v in cast("dict[str, Any]", value).items()})
    return FrozenList([_any_case(v) for v in cast("list[Any]", value)]) if isinstance(value, list) else value


def as_named(held: Mapping[str, Any]) -> Written:
    """An object of a template or an export with its fields as Azure names them, however their letters are written."""
    return Written({_NAMES.get(k.casefold(), k): v for k, v in held.items()}, line_of(held))


@dataclass
class Reader:
    """Reads values of one template, and notes for each place that is unknown why.

    `variables` are those that are plain values, `secrets` the parameters that are declared as secure.
    """

    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    secrets: frozenset[str] = frozenset()
    because: dict[str, str] = field(default_factory=dict[str, str])
    is_template: bool = True

    def value(self, raw: Any, path: str, *, lifts: bool = True) -> Any:
        """The value with expressions as UNKNOWN or SECRET, and `properties` one level up where it lifts."""
        if isinstance(raw, str):
            return self.text(raw, path)
        if isinstance(raw, Mapping):
            return self._object(cast("Mapping[str, Any]", raw), path, lifts=lifts)
        if isinstance(raw, list):
            return [self.value(v, f"{path}[{n}]", lifts=lifts) for n, v in enumerate(cast("list[Any]", raw))]
        return raw

    def text(self, raw: str, path: str) -> Any:
        """A text, or what its expression is: a plain variable's value, a secure parameter, or nothing that is known yet."""
        if not (self.is_template and raw.startswith("[") and raw.endswith("]")):
            return raw
        if raw.startswith("[["):
            return raw[1:]
        asked = _ASKED.fullmatch(raw)
        if asked and asked[1].casefold() == "parameters" and asked[2].casefold() in self.secrets:
            return SECRET
        if asked and asked[1].casefold() == "variables" and asked[2].casefold() in self.variables:
            return self.variables[asked[2].casefold()]
        if role := _ROLE.fullmatch(raw):
            return f"/providers/Microsoft.Authorization/roleDefinitions/{role[1]}"
        self.because[path] = f"the template has the expression {_shown(raw)} there"
        return UNKNOWN

    def _object(self, raw: Mapping[str, Any], path: str, *, lifts: bool) -> Any:
        if any(self.is_expression(k) for k in raw):
            self.because[path] = "the template has an expression for the name of a field there"
            return UNKNOWN
        made: dict[str, Any] = {}
        for key, inner in self._members(raw, path).items():
            if lifts and key.casefold() == "properties" and isinstance(inner, Mapping):
                lifted: Any = self.value(inner, path)
                made = {**lifted, **made} if isinstance(lifted, Mapping) else {**made, key: lifted}
            else:
                made[key] = self.value(inner, f"{path}.{key}" if path else key, lifts=lifts and key.casefold() not in _FREE_FOLDED)
        return made

    def _members(self, raw: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        """An object's members; a loop over one of them (`copy`) is laid out where its count is a number."""
        loops: object = next((v for k, v in raw.items() if k.casefold() == "copy"), None)
        if not (self.is_template and isinstance(loops, list)):
            return raw
        made = {k: v for k, v in raw.items() if k.casefold() != "copy"}
        for loop in map(as_named, cast("list[Mapping[str, Any]]", loops)):
            name = str(loop.get("name"))
            made[name] = [loop.get("input")] * times if (times := count(loop)) is not None else UNKNOWN
            if times is None:
                self.because[f"{path}.{name}" if path else name] = "the template lays it out in a loop whose count is an expression"
        return made

    def is_expression(self, text: object) -> bool:
        """Whether a text is an expression of a template."""
        return self.is_template and isinstance(text, str) and text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def count(loop: Mapping[str, Any]) -> int | None:
    """How often a loop runs; None where that is an expression. Azure allows 800 at most."""
    times = loop.get("count")
    return min(times, 800) if isinstance(times, int) and not isinstance(times, bool) and times >= 0 else None


def _shown(expression: str) -> str:
    """An expression for a person: whole where it only names a thing, else by its function, since it may hold a secret's text."""
    if _ASKED.fullmatch(expression):
        return expression
    found = _FUNCTION.match(expression)
    return f"[{found[1]}(…)]" if found else "[…]"


@cache
def _tokens() -> Mapping[str, str]:
    """The type token of azure-native for each of Azure's types, in small letters."""
    made: dict[str, str] = {}
    for token, row in sorted(kinds().items()):
        made.setdefault(row.partition("@")[0].casefold(), token)
    return {arm_type: f"azure-native:{_MEANT.get(arm_type, token)}" for arm_type, token in made.items()}


def token_of(arm_type: str) -> str:
    """The type token of one of Azure's types; `arm:TYPE` where azure-native has none."""
    folded = arm_type.casefold()
    whole, _, kind = folded.rpartition("/")
    found = _tokens().get(folded) or _tokens().get(f"{whole}/{{recordtype}}" if kind else "")
    return found or f"arm:{arm_type}"


def inputs_of(token: str, body: Mapping[str, Any], reader: Reader, names: Mapping[str, Any]) -> AnyCase:
    """The inputs of a resource's class. `body` is as `as_named` gives it, `names` are those that Azure has in the resource's path."""
    kind = kind_of(token)
    own = kind.arm_type if kind else token.removeprefix("arm:")
    made = {k: reader.value(v, k, lifts=k not in _FREE) for k, v in body.items() if k not in _OF_THE_ENVELOPE}
    inner: object = body.get("properties")
    if reader.is_template and "properties" not in body:
        return AnyCase.of({**made, **names})
    if own in differences().kept:
        reader.because.update({"properties": _LEFT_OUT} if inner is None else {})
        return AnyCase.of({**made, "properties": UNKNOWN if inner is None else reader.value(inner, "properties"), **names})
    held = reader.value(inner, "") if isinstance(inner, Mapping) else UNKNOWN
    if held is UNKNOWN:
        reader.because[""] = _LEFT_OUT if inner is None else "the template has an expression for all of its properties"
        return Partial.of({**made, **names})
    return AnyCase.of({**_renamed(own, cast("Mapping[str, Any]", held), reader), **made, **names})


def _renamed(own: str, held: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    """The properties of a type by azure-native's names, and the places that are unknown with them."""
    ours = {arm.casefold(): name for name, arm in differences().renamed.get(own, {}).items()}
    for path in [*reader.because]:
        first = _FIRST.split(path, maxsplit=1)[0]
        if first.casefold() in ours:
            reader.because[ours[first.casefold()] + path.removeprefix(first)] = reader.because.pop(path)
    return {ours.get(k.casefold(), k): v for k, v in held.items()}


_FIRST: Final = re.compile(r"[.\[]")
_LEFT_OUT: Final = "the export leaves the properties out: az resource show and az graph query tell them"


def names_of(kind: Kind | None, segments: Sequence[Any], group: str) -> dict[str, Any]:
    """The inputs that are parts of a resource's path, from its name's segments; the resource group's where that is known."""
    if kind is None:
        return {}
    own = [p for p in kind.path if p not in ("resourceGroupName", "scope", "resourceUri", "resourceId")]
    above = own[:-1] if kind.name_input else own
    pairs = dict(zip(above, segments[: len(segments) - bool(kind.name_input)], strict=False))
    last = {kind.name_input: segments[-1]} if kind.name_input and own else {}
    return {**pairs, **last, **({"resourceGroupName": group} if group and "resourceGroupName" in kind.path else {})}


def scope_input(kind: Kind | None) -> str:
    """The input that says what an extension (a role, a diagnostic setting) is about; "" for what is no extension."""
    return next((p for p in kind.path if p in ("scope", "resourceUri", "resourceId")), "") if kind else ""


def texts(value: object) -> Iterator[str]:
    """The texts of a list."""
    if isinstance(value, list):
        yield from (t for t in cast("list[object]", value) if isinstance(t, str))
