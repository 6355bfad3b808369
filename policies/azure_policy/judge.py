"""Planned resources by the policies that are assigned to where they lie become judgements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any, Final, cast

from policies.answers import cannot_tell, fails, passes
from policies.azure_policy.aliases import Aliases
from policies.azure_policy.arm_form import Forms, Resource
from policies.azure_policy.assignments import (
    Assigned,
    Definitions,
    Unread,
    assignments_of,
    exemptions_of,
    planned_definitions,
    rules_of,
)
from policies.azure_policy.built_ins import BuiltIns
from policies.azure_policy.controls import CHANGES, REFUSES, REPORTS
from policies.azure_policy.effects import REFUSING, RESOURCE_MODES, Effects, Finding, Outcome, World, groups_of
from policies.azure_policy.ids import Ids
from policies.azure_policy.scopes import hierarchy_of
from policies.model import Answer, Control, Judgement, Subject, Verdict
from policies.schema.azure_native import is_azure_native
from policies.schema.type_files import TypeFiles

_NAMED: Final = 3
_ABOVE: Final = ("microsoft.management/", "microsoft.authorization/")
_CONTROLS: Final = {
    Outcome.REFUSES: REFUSES,
    Outcome.WOULD_REFUSE: REPORTS,
    Outcome.REPORTS: REPORTS,
    Outcome.CHANGES: CHANGES,
}
_SAID: Final = {
    Outcome.REFUSES: "Azure would refuse it",
    Outcome.WOULD_REFUSE: "Azure would refuse it, were the assignment enforced",
    Outcome.REPORTS: "Azure would report it",
    Outcome.CHANGES: "Azure would change it",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgements, and a line on what they rest on."""

    judgements: tuple[Judgement, ...]
    told: str


def judge_policies(subjects: Iterable[Subject], files: TypeFiles, built_ins: BuiltIns, on: date, *, is_all: bool = False) -> Judged:
    """What the planned assignments would do to the planned resources, on a day. `is_all` says that these are all there are.

    Raises PoliciesError when a type file or a definition cannot be read.
    """
    every = [s for s in subjects if s.kind == "resource"]
    held = [s for s in every if is_azure_native(s.type)]
    definitions = Definitions(planned_definitions(held), built_ins.properties)
    read = [r for a in assignments_of(held) for r in rules_of(a, definitions)]
    if not read:
        return Judged((), "Azure's policies: none is assigned by these resources, so nothing is judged by them")
    forms, ids = Forms(files), Ids(every)
    formed = [(s, forms.of(s, ids.of(s), ids.scope_of(s))) for s in held]
    resources = [r for _, r in formed if isinstance(r, Resource) and r.subscription]
    world = _world(every, resources, [r for r in read if isinstance(r, Assigned)], on, is_all=is_all)
    effects = Effects(world)
    found = [j for r in resources for j in _of(r, effects, world)]
    found += _unread([u for u in read if isinstance(u, Unread)], [r for r in read if isinstance(r, Assigned)])
    found += [Judgement(REPORTS, s, cannot_tell(f"Could not tell: {why}.")) for s, why in formed if isinstance(why, str)]
    found += [_lost(s, ids) for s, r in formed if isinstance(r, Resource) and not r.subscription and not r.id and not _is_above(r)]
    names = {s.id: s.name for s in every}
    return Judged(tuple(sorted((_with_awaited(j, names) for j in found), key=_order)), _told(world, resources, built_ins))


def _with_awaited(judgement: Judgement, names: Mapping[str, str]) -> Judgement:
    """What cannot be told, with the resources that it waits on."""
    answer, subject = judgement.answer, judgement.subject
    waits = sorted(names.get(u, u) for u in subject.waits_on.get(answer.path, ())) if answer.verdict is Verdict.UNKNOWN else []
    if not waits:
        return judgement
    return replace(judgement, answer=replace(answer, reason=f"{answer.reason} It waits on {', '.join(waits)}."))


def _order(judgement: Judgement) -> tuple[str, str, str]:
    return judgement.control.id, judgement.subject.id, judgement.answer.reason


def _world(held: Sequence[Subject], resources: Sequence[Resource], rules: Iterable[Assigned], on: date, *, is_all: bool) -> World:
    by_scope: dict[str, list[Assigned]] = {}
    for rule in rules:
        by_scope.setdefault(rule.assignment.scope, []).append(rule)
    by_type: dict[str, list[Resource]] = {}
    for resource in resources:
        by_type.setdefault(resource.type.casefold(), []).append(resource)
    now = datetime.combine(on, time(), UTC)
    groups = dict(groups_of(resources))
    return World(hierarchy_of(held, Ids(held)), by_scope, exemptions_of(held), groups, by_type, Aliases(), on, now, is_all)


def _of(resource: Resource, effects: Effects, world: World) -> Iterator[Judgement]:
    rules = effects.rules_on(resource)
    found = effects.of(resource, rules)
    if not world.hierarchy.is_placed(resource):
        why = "its subscription is in no management group of these resources, so what is assigned above it is not known"
        yield Judgement(REPORTS, resource.subject, cannot_tell(f"Could not tell: {why}."))
    certain = [f for f in found if not f.is_doubt and f.outcome in _CONTROLS]
    yield from (_judgement(resource, alike) for alike in _alike(certain))
    doubts = [f for f in found if f.is_doubt]
    refusals = [f for f in doubts if f.outcome is Outcome.REFUSES]
    yield from (_judgement(resource, alike) for alike in _alike(refusals))
    others = _alike(f for f in doubts if f.outcome is not Outcome.REFUSES)
    if others:
        yield Judgement(REPORTS, resource.subject, _doubts(others))
    if rules and not refusals and not any(f.outcome is Outcome.REFUSES for f in certain):
        yield Judgement(REFUSES, resource.subject, passes(f"{len(rules)} rules reach {resource.subject.name}, and none refuses it."))


def _alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of one definition with one outcome for one reason, whichever assignments make it: many initiatives share them."""
    found: dict[tuple[Any, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.outcome, finding.is_doubt, finding.assigned.definition.id.casefold(), finding.why)
        found.setdefault(key, []).append(finding)
    return list(found.values())


def _judgement(resource: Resource, alike: Sequence[Finding]) -> Judgement:
    first = alike[0]
    control: Control = _CONTROLS[first.outcome]
    about = first.assigned.definition.id.rsplit("/", 1)[-1]
    by = f'"{first.assigned.definition.title}", {_assignments(alike)}'
    if first.is_doubt:
        doubt = cannot_tell(f"Could not tell whether Azure refuses it: {first.why} ({by}).", first.path)
        return Judgement(control, resource.subject, doubt, about=about)
    said = _message(first.assigned)
    reason = f"{_SAID[first.outcome]}, because {first.why} ({by}).{f' {said}' if said else ''}"
    return Judgement(control, resource.subject, fails(reason, first.path), about=about)


def _assignments(alike: Sequence[Finding]) -> str:
    named = sorted({f"{f.assigned.assignment.name} at {f.assigned.assignment.at}" for f in alike})
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"assignment{'s' if len(named) > 1 else ''} {', '.join(named[:_NAMED])}{more}"


def _message(assigned: Assigned) -> str:
    """What the assignment says to whom it refuses: of this rule, else of all of them."""
    held: Any = assigned.assignment.subject.inputs.get("nonComplianceMessages")
    every = cast("list[Any]", held) if isinstance(held, list) else []
    messages = [cast("dict[str, Any]", m) for m in every if isinstance(m, dict)]
    own = [m for m in messages if str(m.get("policyDefinitionReferenceId", "")).casefold() in ("", assigned.reference.casefold())]
    texts = [m.get("message") for m in sorted(own, key=lambda m: not m.get("policyDefinitionReferenceId"))]
    return next((t for t in texts if isinstance(t, str)), "")


def _doubts(doubts: Sequence[Sequence[Finding]]) -> Answer:
    shown = "; ".join(f'"{d[0].assigned.definition.title}": {d[0].why}' for d in doubts[:_NAMED])
    more = f"; and {len(doubts) - _NAMED} more" if len(doubts) > _NAMED else ""
    rules = "1 rule" if len(doubts) == 1 else f"{len(doubts)} rules"
    return cannot_tell(f"Could not tell of {rules} that report or change: {shown}{more}.", doubts[0][0].path)


def _is_above(resource: Resource) -> bool:
    """Whether a resource governs subscriptions rather than lying in one: Azure's policies do not look at it."""
    return resource.type.casefold().startswith(_ABOVE)


def _lost(subject: Subject, ids: Ids) -> Judgement:
    """A resource of which it is not known where it will be: a policy may refuse it there."""
    lacking = "its resource group" if ids.subscription_of(subject) else "the subscription of its provider"
    why = f"Could not tell whether Azure refuses it: {lacking} is not known, so neither is what is assigned there."
    return Judgement(REFUSES if ids.is_in_subscription(subject) else REPORTS, subject, cannot_tell(why))


def _unread(unread: Sequence[Unread], rules: Iterable[Assigned]) -> Iterator[Judgement]:
    """One judgement for each assignment. Another version of rules that only report can refuse nothing, so it is no more than advice."""
    refusing = {id(r.assignment) for r in rules if r.definition.mode.casefold() in RESOURCE_MODES and r.effect in REFUSING}
    by_assignment: dict[int, list[Unread]] = {}
    for each in unread:
        by_assignment.setdefault(id(each.assignment), []).append(each)
    for key, held in by_assignment.items():
        subject = held[0].assignment.subject
        is_mild = key not in refusing and all(u.is_of_another_version for u in held)
        more = f", and {len(held) - 1} more" if len(held) > 1 else ""
        why = f"Could not tell all that {subject.name} would do: {held[0].why}{more}."
        yield Judgement(REPORTS if is_mild else REFUSES, subject, cannot_tell(why))


def _told(world: World, resources: Sequence[Resource], built_ins: BuiltIns) -> str:
    rules = sum(len(r) for r in world.by_scope.values())
    made = len({id(r.assignment) for held in world.by_scope.values() for r in held})
    by = f"{_counted(rules, 'rule')} of {_counted(made, 'assignment')}"
    return f"Azure's policies ({built_ins.folder.name}): {_counted(len(resources), 'resource')} judged by {by}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
