"""What each rule that reaches a resource would do to it, in Azure's order: changes first, then what refuses, then what reports.

Source: concepts/effects (learn.microsoft.com), "Order of evaluation", read 2026-11-25.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, cast

from policies.azure_policy.aliases import Aliases
from policies.azure_policy.arm_form import GROUP, Resource
from policies.azure_policy.around import around
from policies.azure_policy.assignments import Assigned, Definition, Exemption, alone
from policies.azure_policy.changes import Change, changed, changes_by
from policies.azure_policy.decide import Pins, Selected, Setting, decide
from policies.azure_policy.fields import ResourceFields
from policies.azure_policy.reasons import because
from policies.azure_policy.related import ByType, is_missing
from policies.azure_policy.scopes import Hierarchy, is_within
from policies.azure_policy.selectors import effect_on, is_meant
from policies.model import UNKNOWN, UnknownValueError

_CHANGING: Final = ("append", "modify")
_LOOKING: Final = ("auditifnotexists", "deployifnotexists")
_TELLING: Final = ("deny", "audit", *_LOOKING)
RESOURCE_MODES: Final = ("all", "indexed")
# Effects by which Azure may refuse a resource; "" is one that is not known.
REFUSING: Final = frozenset({"deny", "append", ""})
# Effects that do nothing when a resource is asked for: DenyAction acts when it is deleted, Manual is answered by people.
_IDLE: Final = frozenset({"disabled", "denyaction", "manual", "addtonetworkgroup", "mutate"})


class Outcome(StrEnum):
    """What a rule would do."""

    REFUSES = "refuses"
    WOULD_REFUSE = "would refuse, were it enforced"
    REPORTS = "reports"
    CHANGES = "changes"
    DEPLOYS = "deploys"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule would do to a resource, and why; with `is_doubt` nobody can tell whether it would."""

    assigned: Assigned
    outcome: Outcome
    why: str
    path: str = ""
    is_doubt: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What rules are judged in: where resources lie, what is assigned at each scope, what else is planned, and when.

    `is_all` says that what is planned is all there is.
    """

    hierarchy: Hierarchy
    by_scope: Mapping[str, Sequence[Assigned]]
    exemptions: Sequence[Exemption]
    groups: Mapping[str, Resource]
    by_type: ByType
    aliases: Aliases
    on: date
    now: datetime
    is_all: bool


class _TypeAlone:
    """Fields of any resource of a type: nothing but the type is known."""

    def __init__(self, arm_type: str) -> None:
        self._type = arm_type

    def select(self, name: str, pins: Pins) -> Selected:
        del pins
        if name.casefold() == "type":
            return Selected((self._type,))
        raise UnknownValueError


class Effects:
    """The findings of resources, one at a time; what is learnt of a type is kept."""

    def __init__(self, world: World) -> None:
        """Judge in this world."""
        self._world = world
        self._concerned: dict[tuple[int, str], bool] = {}
        self._rules: dict[tuple[tuple[str, ...], str, bool], list[Assigned]] = {}

    def rules_on(self, resource: Resource) -> list[Assigned]:
        """Every rule that is assigned where a resource lies and may be about its type."""
        world = self._world
        scopes = tuple(s for s in world.hierarchy.scopes_of(resource) if s in world.by_scope)
        key = (scopes, resource.type.casefold(), resource.is_indexed)
        if key not in self._rules:
            self._rules[key] = [a for s in scopes for a in world.by_scope[s] if self._concerns(a.definition, resource)]
        return self._rules[key]

    def _concerns(self, definition: Definition, resource: Resource) -> bool:
        mode = definition.mode.casefold()
        if mode not in RESOURCE_MODES or (mode == "indexed" and not resource.is_indexed):
            return False
        key = (id(definition), resource.type.casefold())
        if key not in self._concerned:
            fields = _TypeAlone(resource.type)
            setting = Setting(fields, fields, alone({}).parameters, alone({}).around, self._world.now)
            self._concerned[key] = _tried(lambda: decide(definition.rule, setting)) is not False
        return self._concerned[key]

    def of(self, resource: Resource, rules: Iterable[Assigned]) -> list[Finding]:
        """What these rules would do to a resource."""
        meant, found = self._meant(resource, rules)
        changes: list[Change] = []
        for assigned, effect in meant:
            if effect in _CHANGING:
                findings, made = self._changing(assigned, effect, resource)
                found += findings
                changes += made
        after = changed(resource, changes) if changes else resource
        for assigned, effect in meant:
            if effect not in _CHANGING:
                found += self._telling(assigned, effect, after)
        return found

    def _meant(self, resource: Resource, rules: Iterable[Assigned]) -> tuple[list[tuple[Assigned, str]], list[Finding]]:
        scopes = self._world.hierarchy.scopes_of(resource)
        meant: list[tuple[Assigned, str]] = []
        doubts: list[Finding] = []
        for assigned in rules:
            try:
                effect = effect_on(assigned, resource)
                if effect not in _IDLE and is_meant(assigned, resource, scopes) and not self._is_exempt(assigned, scopes):
                    meant.append((assigned, effect))
            except UnknownValueError as unknown:
                doubts.append(_doubt(assigned, Outcome.REFUSES, unknown))
        return meant, doubts

    def _is_exempt(self, assigned: Assigned, scopes: Sequence[str]) -> bool:
        return any(e.covers(assigned, self._world.on) and is_within(e.scope, scopes) for e in self._world.exemptions)

    def _setting(self, assigned: Assigned, resource: Resource, *, as_deployed: bool) -> Setting:
        fields = ResourceFields(resource, self._world.aliases, as_deployed)
        return Setting(fields, fields, assigned.parameters, around(resource, self._world.groups, assigned.policy), self._world.now)

    def _changing(self, assigned: Assigned, effect: str, resource: Resource) -> tuple[list[Finding], list[Change]]:
        at = self._setting(assigned, resource, as_deployed=False)
        fields = ResourceFields(resource, self._world.aliases)
        try:
            if not decide(assigned.definition.rule, at):
                return [], []
            changes = list(changes_by(effect, assigned.definition.details, fields, at))
        except UnknownValueError as unknown:
            return self._perhaps(assigned, effect, fields, at, unknown)
        if not assigned.assignment.enforces:
            return [Finding(assigned, Outcome.REPORTS, f"{c.field} is not as it sets it") for c in changes], []
        refused = [
            Finding(assigned, Outcome.REFUSES, f"{c.field} is already asked for, and it adds another value") for c in changes if c.conflicts
        ]
        made = [c for c in changes if not c.conflicts]
        return [*refused, *(Finding(assigned, Outcome.CHANGES, f"it sets {c.field}") for c in made)], made

    def _perhaps(
        self, assigned: Assigned, effect: str, fields: ResourceFields, at: Setting, unknown: UnknownValueError
    ) -> tuple[list[Finding], list[Change]]:
        """A rule that may change a resource, or refuse it if it appends: the fields that it may set are unknown after it."""
        found: list[Change] | None = _tried(lambda: list(changes_by(effect, assigned.definition.details, fields, at)))
        may_refuse = effect == "append" and (found is None or any(c.conflicts for c in found))
        doubt = _doubt(assigned, Outcome.REFUSES if may_refuse else Outcome.CHANGES, unknown)
        if not assigned.assignment.enforces:
            return [doubt], []
        return [doubt], [Change(c.field, c.place, UNKNOWN) for c in found or () if not c.conflicts]

    def _telling(self, assigned: Assigned, effect: str, resource: Resource) -> list[Finding]:
        """A Deny is judged on what is asked for; the others on what will be there, of which Azure writes a part."""
        outcome = _outcome(assigned, effect)
        at = self._setting(assigned, resource, as_deployed=effect != "deny")
        try:
            if not decide(assigned.definition.rule, at):
                return []
            if effect not in _TELLING:
                raise UnknownValueError(
                    "", f"its effect is {f'{effect}, which is not understood' if effect else 'not known before deployment'}"
                )
            if effect in _LOOKING and not self._is_missing(assigned, resource, at):
                return []
        except UnknownValueError as unknown:
            return [_doubt(assigned, outcome, unknown)]
        return [Finding(assigned, outcome, self._why(assigned, effect, at))]

    def _is_missing(self, assigned: Assigned, resource: Resource, at: Setting) -> bool:
        world, details = self._world, assigned.definition.details
        if not isinstance(details, Mapping):
            raise UnknownValueError("", "it does not say what it looks for")
        fields_of = self._as_deployed
        return is_missing(resource, cast("Mapping[str, Any]", details), at, world.by_type, fields_of, is_all=world.is_all)

    def _as_deployed(self, other: Resource) -> ResourceFields:
        return ResourceFields(other, self._world.aliases, as_deployed=True)

    def _why(self, assigned: Assigned, effect: str, at: Setting) -> str:
        if effect in _LOOKING:
            details: Any = assigned.definition.details
            condition = " as it asks for" if "existencecondition" in details else ""
            return f"there is no {details.get('type')}{condition}"
        return because(assigned.definition.rule, at)


def _outcome(assigned: Assigned, effect: str) -> Outcome:
    if effect in ("audit", "auditifnotexists"):
        return Outcome.REPORTS
    if effect == "deployifnotexists":
        return Outcome.DEPLOYS if assigned.assignment.enforces else Outcome.REPORTS
    return Outcome.REFUSES if assigned.assignment.enforces else Outcome.WOULD_REFUSE


def _doubt(assigned: Assigned, outcome: Outcome, unknown: UnknownValueError) -> Finding:
    outcome = Outcome.WOULD_REFUSE if outcome is Outcome.REFUSES and not assigned.assignment.enforces else outcome
    return Finding(
        assigned, outcome, f"{unknown.path} is unknown ({unknown.why})" if unknown.path else unknown.why, unknown.path, is_doubt=True
    )


def _tried(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except UnknownValueError:
        return None


def groups_of(resources: Iterable[Resource]) -> Iterator[tuple[str, Resource]]:
    """Planned resource groups, by id in small letters."""
    return ((r.scope, r) for r in resources if r.type == GROUP and r.scope)
