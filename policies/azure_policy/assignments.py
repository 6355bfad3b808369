"""Policy assignments among planned resources: each rule of each, with the parameters that reach it, and what exempts from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, NoReturn, cast

from policies.azure_policy.decide import Pins, Selected, Setting, work_out
from policies.azure_policy.expressions import read
from policies.azure_policy.rules import Rule, read_rule
from policies.model import UNKNOWN, Subject, UnknownValueError

_AUTHORIZATION: Final = "azure-native:authorization:"
_DEFINITIONS: Final = ("PolicyDefinition", "PolicyDefinitionAtManagementGroup")
# What an assignment says; nobody can tell what it does while one of these is not known.
_SAID: Final = ("parameters", "overrides", "resourceSelectors", "enforcementMode", "notScopes")
_SETS: Final = ("PolicySetDefinition", "PolicySetDefinitionAtManagementGroup")


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One rule with its effect, as its definition writes it."""

    id: str
    title: str
    mode: str
    parameters: Mapping[str, Any]
    rule: Rule
    then: Mapping[str, Any]

    @property
    def details(self) -> Any:
        """What the effect needs to know, with names of its parts in small letters where it is an object."""
        held: Any = self.then.get("details")
        return {k.casefold(): v for k, v in cast("Mapping[str, Any]", held).items()} if isinstance(held, Mapping) else held


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """An assignment: of what, at which scope (in small letters), and whether it acts or only reports."""

    subject: Subject
    id: str
    name: str
    scope: str
    definition_id: str
    parameters: Mapping[str, Any]
    enforces: bool
    not_scopes: tuple[str, ...]
    overrides: tuple[Mapping[str, Any], ...]
    selectors: tuple[Mapping[str, Any], ...]

    @property
    def at(self) -> str:
        """Where it is made, for people: `management group exb`."""
        kind, _, name = self.scope.rpartition("/")
        what = "management group" if kind.endswith("managementgroups") else "resource group" if "resourcegroups" in kind else "subscription"
        return f"{what} {name}"


@dataclass(frozen=True, slots=True, eq=False)
class Assigned:
    """One rule at an assignment, with its parameters by name in small letters, its effect, and its own name in the initiative."""

    assignment: Assignment
    definition: Definition
    reference: str
    set_id: str
    parameters: Mapping[str, Any]
    effect: str

    @property
    def policy(self) -> Mapping[str, str]:
        """What the function `policy` answers."""
        return {
            "assignmentId": self.assignment.id,
            "definitionId": self.definition.id,
            "setDefinitionId": self.set_id,
            "definitionReferenceId": self.reference,
        }


@dataclass(frozen=True, slots=True)
class Unread:
    """An assignment of which a rule cannot be told, and why: what it assigns is not at hand, or is there in another version."""

    assignment: Assignment
    why: str
    is_of_another_version: bool = False


@dataclass(frozen=True, slots=True)
class Exemption:
    """What exempts a scope from an assignment or some of its rules; all names are in small letters."""

    scope: str
    assignment: str
    references: frozenset[str]
    ends: str

    def covers(self, assigned: Assigned, on: date) -> bool:
        """Whether it exempts from this rule on a day: an end that cannot be read is past."""
        if self.assignment != assigned.assignment.id.casefold() or (
            self.references and assigned.reference.casefold() not in self.references
        ):
            return False
        try:
            return not self.ends or datetime.fromisoformat(self.ends).astimezone(UTC).date() >= on
        except ValueError:
            return False


class Nothing:
    """Fields where there is no resource: what parameters and effects are made of does not look at one."""

    def select(self, name: str, pins: Pins) -> Selected:
        """Raises UnknownValueError: there is no resource yet."""
        del pins
        raise UnknownValueError("", f"{name} is asked of no resource")


def _nothing_around(name: str) -> NoReturn:
    raise UnknownValueError("", f"{name}() is asked where there is no resource")


def alone(parameters: Mapping[str, Any]) -> Setting:
    """What an expression is worked out in that may use parameters alone."""
    return Setting(Nothing(), Nothing(), parameters, _nothing_around, datetime(1970, 1, 1, tzinfo=UTC))


def assignments_of(subjects: Iterable[Subject]) -> list[Assignment]:
    """The assignments among planned resources."""
    return [_assignment(s) for s in subjects if s.type == f"{_AUTHORIZATION}PolicyAssignment"]


def _assignment(subject: Subject) -> Assignment:
    held = subject.inputs
    name = _text(held.get("policyAssignmentName")) or subject.name
    own = subject.resource_id or f"{_text(held.get('scope'))}/providers/Microsoft.Authorization/policyAssignments/{name}"
    return Assignment(
        subject=subject,
        id=own,
        name=name,
        scope=own.casefold().partition("/providers/microsoft.authorization/")[0],
        definition_id=_text(held.get("policyDefinitionId")),
        parameters=_object(held.get("parameters")),
        enforces=_text(held.get("enforcementMode")).casefold() != "donotenforce",
        not_scopes=tuple(_text(s).casefold() for s in _list(held.get("notScopes"))),
        overrides=tuple(_object(o) for o in _list(held.get("overrides"))),
        selectors=tuple(_object(s) for s in _list(held.get("resourceSelectors"))),
    )


def exemptions_of(subjects: Iterable[Subject]) -> list[Exemption]:
    """The exemptions among planned resources."""
    found: list[Exemption] = []
    for held, own in ((s.inputs, s.resource_id) for s in subjects if s.type == f"{_AUTHORIZATION}PolicyExemption"):
        scope = own.casefold().partition("/providers/microsoft.authorization/")[0] or _text(held.get("scope")).casefold()
        references = frozenset(_text(r).casefold() for r in _list(held.get("policyDefinitionReferenceIds")))
        found.append(Exemption(scope, _text(held.get("policyAssignmentId")).casefold(), references, _text(held.get("expiresOn"))))
    return found


def planned_definitions(subjects: Iterable[Subject]) -> Mapping[str, Mapping[str, Any]]:
    """What the planned definitions and initiatives say, by id in small letters."""
    found: dict[str, Mapping[str, Any]] = {}
    for subject in subjects:
        kind = subject.type.removeprefix(_AUTHORIZATION)
        if kind in (*_DEFINITIONS, *_SETS):
            found[_definition_id(subject, is_set=kind in _SETS).casefold()] = subject.inputs
    return found


def _definition_id(subject: Subject, *, is_set: bool) -> str:
    part = "policySetDefinition" if is_set else "policyDefinition"
    group, name = subject.inputs.get("managementGroupId"), subject.inputs.get(f"{part}Name")
    made = f"/providers/Microsoft.Management/managementGroups/{group}/providers/Microsoft.Authorization/{part}s/{name}"
    return subject.resource_id or made


class Definitions:
    """Definitions and initiatives by id: those that are planned, else Azure's own. Each is read once: initiatives share them."""

    def __init__(self, planned: Mapping[str, Mapping[str, Any]], built_in: Callable[[str], Mapping[str, Any] | None]) -> None:
        """`planned` by id in small letters; `built_in` finds what one of Azure's own says."""
        self._planned, self._built_in = planned, built_in
        self._read: dict[str, Definition] = {}

    def properties(self, own: str) -> Mapping[str, Any] | None:
        """What a definition or an initiative says, or None when it is not at hand."""
        return self._planned.get(own.casefold()) or self._built_in(own)

    def definition(self, own: str, held: Mapping[str, Any]) -> Definition:
        """The definition of that id, which says this."""
        key = own.casefold()
        if key not in self._read:
            self._read[key] = read_definition(own, held)
        return self._read[key]


def read_definition(own: str, held: Mapping[str, Any]) -> Definition:
    """The definition that JSON describes. Without a mode it is Indexed (concepts/definition-structure.md, "Mode")."""
    rule = _object(held.get("policyRule"))
    title = _text(held.get("displayName")) or own.rpartition("/")[2]
    mode = _text(held.get("mode")) or "Indexed"
    return Definition(own, title, mode, _object(held.get("parameters")), read_rule(rule.get("if")), _object(rule.get("then")))


def rules_of(assignment: Assignment, known: Definitions) -> Iterator[Assigned | Unread]:
    """Every rule that an assignment makes, and why some cannot be told: of another version than the one asked for, all are doubtful."""
    unsaid = [k for k in _SAID if assignment.subject.inputs.get(k) is UNKNOWN]
    if unsaid or not assignment.scope.startswith("/"):
        yield Unread(assignment, f"{unsaid[0] if unsaid else 'its scope'} is not known before deployment")
        return
    held = known.properties(assignment.definition_id)
    if held is None:
        yield Unread(assignment, f"what it assigns is not at hand ({assignment.definition_id or 'it is not known yet'})")
        return
    if not _is_of_version(held, assignment.subject.inputs.get("definitionVersion")):
        asked, there = assignment.subject.inputs.get("definitionVersion"), held.get("version")
        why = f"it asks for version {asked} of {assignment.definition_id}, and by {there}, which is at hand, it is judged"
        yield Unread(assignment, why, is_of_another_version=True)
    if "policyDefinitions" not in held:
        definition = known.definition(assignment.definition_id, held)
        yield _assigned(assignment, definition, assignment.parameters)
    elif held["policyDefinitions"] is UNKNOWN or held.get("parameters") is UNKNOWN:
        yield Unread(assignment, "what its initiative holds is not known before deployment")
    else:
        given = _values(_object(held.get("parameters")), assignment.parameters)
        for member in _list(held.get("policyDefinitions")):
            yield _member(assignment, _object(member), given, known)


def _is_of_version(held: Mapping[str, Any], asked: Any) -> bool:
    """Whether what is at hand is the version asked for: `9.*.*` is any of the ninth. Planned definitions have none."""
    there = held.get("version")
    if not isinstance(asked, str) or not isinstance(there, str):
        return True
    pairs = zip(asked.partition("-")[0].split("."), there.partition("-")[0].split("."), strict=False)
    return all(a in ("*", t) for a, t in pairs)


def _member(assignment: Assignment, member: Mapping[str, Any], given: Mapping[str, Any], known: Definitions) -> Assigned | Unread:
    own = _text(member.get("policyDefinitionId"))
    held = known.properties(own)
    if held is None:
        return Unread(assignment, f"a definition of its initiative is not at hand ({own})")
    said = {k: {"value": _worked_out(_object(v).get("value"), given)} for k, v in _object(member.get("parameters")).items()}
    reference = _text(member.get("policyDefinitionReferenceId"))
    return _assigned(assignment, known.definition(own, held), said, reference, assignment.definition_id)


def _assigned(assignment: Assignment, definition: Definition, given: Mapping[str, Any], reference: str = "", set_id: str = "") -> Assigned:
    parameters = _values(definition.parameters, given)
    effect = _worked_out(definition.then.get("effect", ""), parameters)
    return Assigned(assignment, definition, reference, set_id, parameters, effect.casefold() if isinstance(effect, str) else "")


def _values(declared: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Parameters by name in small letters: as given, else by default; one that has neither is not there."""
    said = {k.casefold(): _object(v).get("value", UNKNOWN) for k, v in given.items()}
    defaults = {k.casefold(): v["defaultValue"] for k, v in ((k, _object(v)) for k, v in declared.items()) if "defaultValue" in v}
    return {**defaults, **said}


def _worked_out(value: Any, parameters: Mapping[str, Any]) -> Any:
    if value is UNKNOWN:
        return UNKNOWN
    try:
        return work_out(read(value), alone(parameters))
    except UnknownValueError:
        return UNKNOWN


def _object(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
