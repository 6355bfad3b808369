"""A rule worked out on a resource, in three values: it holds, it does not, or UnknownValueError says what nobody knows.

A part that is known not to hold decides an allOf whatever the others are, and one that holds an anyOf: an unknown never hides
what is known. A rule that Azure itself could not work out is unknown as well; Azure refuses a resource on which a function fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol, cast

from policies.azure_policy.aliases import EACH
from policies.azure_policy.expressions import Broken, Call, Literal, Node, Part, Together, read
from policies.azure_policy.functions import FUNCTIONS, part, written
from policies.azure_policy.operators import OPERATORS
from policies.azure_policy.rules import AllOf, AnyOf, Condition, Count, Field, Not, Rule, Unreadable, Value
from policies.model import SECRET, UNKNOWN, UnknownValueError

Pins = Mapping[str, int]
_FAILED: Final = (TypeError, ValueError, LookupError, AttributeError, ZeroDivisionError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Selected:
    """What a field's name selects: one value, or with `is_many` those of the members of a list. `path` is azure-native's input."""

    values: tuple[Any, ...]
    is_many: bool = False
    path: str = ""


class Fields(Protocol):
    """Where a rule finds the fields of a resource; `pins` say which member of a list is counted at present."""

    def select(self, name: str, pins: Pins) -> Selected:
        """The values of a field. Raises UnknownValueError when nobody can tell what the name means here."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What a rule is worked out in.

    `fields` are those that conditions look at; `own` those of the resource under judgement, which the function `field` reads.
    `parameters` are values by name in small letters. `around` answers resourceGroup, subscription, requestContext and policy.
    """

    fields: Fields
    own: Fields
    parameters: Mapping[str, Any]
    around: Callable[[str], Any]
    now: datetime
    pins: Pins = field(default_factory=dict[str, int])
    counted: tuple[tuple[str, Any], ...] = ()


def decide(rule: Rule, at: Setting) -> bool:
    """Whether a rule holds. Raises UnknownValueError with what is not known."""
    match rule:
        case AllOf(parts):
            return not _some((lambda p=p: not decide(p, at)) for p in parts)
        case AnyOf(parts):
            return _some((lambda p=p: decide(p, at)) for p in parts)
        case Not(inner):
            return not decide(inner, at)
        case Unreadable(why):
            raise UnknownValueError("", why)
        case Condition():
            return _condition(rule, at)


def _some(tests: Iterable[Callable[[], bool]]) -> bool:
    unknown: UnknownValueError | None = None
    for test in tests:
        try:
            if test():
                return True
        except UnknownValueError as wrong:
            unknown = unknown or wrong
    if unknown is not None:
        raise unknown
    return False


def _condition(rule: Condition, at: Setting) -> bool:
    """A condition on a list's members holds when it does of every one: of none at all, too."""
    if isinstance(rule.left, Count):
        return _counted(rule, rule.left, at)
    found = left_of(rule.left, at)
    return not _some((lambda v=v: not compare(rule, v, found.path, at)) for v in found.values)


def compare(rule: Condition, value: Any, path: str, at: Setting) -> bool:
    """Whether a condition holds of one value. Raises UnknownValueError."""
    if value is UNKNOWN:
        raise UnknownValueError(path)
    if value is SECRET and rule.operator != "exists":
        raise UnknownValueError(path, "it is a secret, which is never read")
    wanted = work_out(rule.right, at)
    if wanted is UNKNOWN or wanted is SECRET:
        raise UnknownValueError(path, "what it is compared with is not known")
    if isinstance(rule.left, Field) and rule.left.name == _LOCATION:
        value, wanted = _place(value), _place(wanted)
    return _tried(lambda: OPERATORS[rule.operator](value, wanted), path, f"{rule.operator} cannot compare it")


_LOCATION: Final = Literal("location")


def _place(value: Any) -> Any:
    """Locations are compared without their spaces: UK South is uksouth."""
    if isinstance(value, list):
        return [_place(v) for v in cast("list[Any]", value)]
    return value.replace(" ", "").casefold() if isinstance(value, str) else value


def left_of(left: Field | Value, at: Setting) -> Selected:
    """What a condition compares. Raises UnknownValueError."""
    if isinstance(left, Field):
        return at.fields.select(field_name(left.name, at), at.pins)
    return Selected((work_out(left.of, at),))


def field_name(name: Node, at: Setting) -> str:
    """The name of a field, which may be worked out. Raises UnknownValueError."""
    found = work_out(name, at)
    if not isinstance(found, str):
        raise UnknownValueError("", "the name of a field is no text")
    return found


def _counted(rule: Condition, left: Count, at: Setting) -> bool:
    """A count is known when it comes to the same whichever way the members that nobody can tell of turn out."""
    least, doubts = count(left, at)
    outcomes = {compare(rule, n, "", at) for n in range(least, least + len(doubts) + 1)}
    if len(outcomes) > 1:
        raise doubts[0]
    return outcomes.pop()


def count(left: Count, at: Setting) -> tuple[int, list[UnknownValueError]]:
    """How many members are known to satisfy the condition, and why it cannot be told of others. Raises UnknownValueError."""
    within = [_pinned(at, p) for p in _each_member(left.field, at)] if left.field else [*_each_value(left, at)]
    held, doubts = 0, list[UnknownValueError]()
    for setting in within:
        try:
            held += left.where is None or decide(left.where, setting)
        except UnknownValueError as wrong:
            doubts.append(wrong)
    return held, doubts


def _pinned(at: Setting, pins: Mapping[str, int]) -> Setting:
    return replace(at, pins={**at.pins, **pins})


def _each_value(left: Count, at: Setting) -> Iterable[Setting]:
    values = work_out(left.value, at) if left.value is not None else ()
    if not isinstance(values, list):
        raise UnknownValueError("", "what is counted is no list")
    for value in cast("list[Any]", values):
        yield replace(at, counted=(*at.counted, (left.name.casefold() or "default", value)))


def _each_member(alias: str, at: Setting) -> Iterable[Pins]:
    """The places of every member that `a[*].b[*]` selects: which of `a[*]`, and in it which of `a[*].b[*]`."""
    lists = [alias[: n + len(EACH)] for n in range(len(alias)) if alias.startswith(EACH, n)]
    found: list[Pins] = [{}]
    for one in lists:
        key = one.casefold()
        if key in at.pins:
            found = [{**p, key: at.pins[key]} for p in found]
            continue
        found = [{**p, key: n} for p in found for n in range(len(at.fields.select(one, {**at.pins, **p}).values))]
    return found if lists else []


def work_out(node: Node, at: Setting) -> Any:
    """The value of an expression. Raises UnknownValueError."""
    match node:
        case Literal(value):
            return value
        case Broken(why):
            raise UnknownValueError("", why)
        case Together(held):
            return _each_inside(held, at)
        case Part(of, index):
            return _part(of, index, at)
        case Call():
            return _call(node, at)


def _part(of: Node, index: Node, at: Setting) -> Any:
    held, name = work_out(of, at), work_out(index, at)
    found = _tried(lambda: part(held, name), "", f"{_shown(of)} has no {name}, and Azure refuses a resource then")
    if found is UNKNOWN:
        raise UnknownValueError("", f"{_shown(of)}.{name} is not known")
    return found


def _shown(node: Node) -> str:
    match node:
        case Call(name, _):
            return f"{name}()"
        case Part(of, Literal(index)):
            return f"{_shown(of)}.{index}"
        case _:
            return "a value"


def _each_inside(held: Any, at: Setting) -> Any:
    if isinstance(held, Mapping):
        return {k: _each_inside(v, at) for k, v in cast("Mapping[str, Any]", held).items()}
    if isinstance(held, list):
        return [_each_inside(v, at) for v in cast("list[Any]", held)]
    return work_out(read(held), at)


def _call(node: Call, at: Setting) -> Any:
    special = SPECIAL.get(node.name)
    if special is not None:
        return _tried(lambda: special(node.arguments, at), "", f"the function {node.name} is given what it cannot take")
    function = FUNCTIONS.get(node.name)
    if function is None:
        raise UnknownValueError("", f"the function {node.name} is not one that is worked out here")
    given = [work_out(a, at) for a in node.arguments]
    return _tried(lambda: function(*given), "", f"the function {node.name} fails on what it is given, and Azure refuses a resource then")


def _tried(do: Callable[[], Any], path: str, why: str) -> Any:
    try:
        return do()
    except _FAILED as wrong:
        raise UnknownValueError(path, why) from wrong


def _if(given: Sequence[Node], at: Setting) -> Any:
    condition, yes, no = given
    return work_out(yes if FUNCTIONS["bool"](work_out(condition, at)) else no, at)


def _and(given: Sequence[Node], at: Setting) -> bool:
    return not _some((lambda g=g: not FUNCTIONS["bool"](work_out(g, at))) for g in given)


def _or(given: Sequence[Node], at: Setting) -> bool:
    return _some((lambda g=g: FUNCTIONS["bool"](work_out(g, at))) for g in given)


def _parameter(given: Sequence[Node], at: Setting) -> Any:
    name = str(work_out(given[0], at))
    if name.casefold() not in at.parameters:
        raise UnknownValueError("", f"the parameter {name} has no value")
    found = at.parameters[name.casefold()]
    if found is UNKNOWN:
        raise UnknownValueError("", f"the parameter {name} is not known before deployment")
    return found


def _field(given: Sequence[Node], at: Setting) -> Any:
    """The value as it is: a list for the members of one, null for what is not there."""
    found = at.own.select(str(work_out(given[0], at)), at.pins)
    return _known(list(found.values) if found.is_many else found.values[0], found.path)


def _current(given: Sequence[Node], at: Setting) -> Any:
    """The member that is counted at present, by the name of the count or by its alias."""
    name = str(work_out(given[0], at)) if given else ""
    for called, value in reversed(at.counted):
        if not name or called == name.casefold():
            return value
    if not name:
        name = max(at.pins, key=len, default="")
    found = at.fields.select(name, at.pins)
    return _known(found.values[0] if len(found.values) == 1 else list(found.values), found.path)


def _known(value: Any, path: str) -> Any:
    """The value, when all of it is known: a function must not see half of a list. Raises UnknownValueError."""
    if value is UNKNOWN:
        raise UnknownValueError(path)
    if value is SECRET:
        raise UnknownValueError(path, "it is a secret, which is never read")
    held: Iterable[Any] = ()
    if isinstance(value, Mapping):
        held = cast("Mapping[str, Any]", value).values()
    elif isinstance(value, list):
        held = cast("list[Any]", value)
    for inner in held:
        _known(inner, path)
    return cast("Any", value)


def _around(name: str) -> Callable[[Sequence[Node], Setting], Any]:
    return lambda _, at: at.around(name)


# Functions that look at the resource, or that leave what they need not work out alone.
SPECIAL: Final[Mapping[str, Callable[[Sequence[Node], Setting], Any]]] = {
    "if": _if,
    "and": _and,
    "or": _or,
    "parameters": _parameter,
    "field": _field,
    "current": _current,
    "utcnow": lambda _, at: written(at.now),
    "resourcegroup": _around("resourcegroup"),
    "subscription": _around("subscription"),
    "requestcontext": _around("requestcontext"),
    "policy": _around("policy"),
}
