"""The controls behind Pulumi's policy SDK: what it hands over becomes subjects, what we judge becomes violations.

Resource policies see each resource before it is made, so they carry the controls that need nothing else; stack policies
see all of them, so they carry the controls that look around. An unknown is a violation like a fail: the SDK would turn
an access to an unknown value into mere advice, which is why its proxies are taken off before anything is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

from policies.catalogue import all_controls, known_controls
from policies.evaluate import evaluate
from policies.model import KINDS, SECRET, Control, Judgement, Portfolio, Subject, Verdict
from policies.read.properties import known_inputs
from policies.read.resources import plain_type
from policies.register import Register, read_register
from policies.waivers import waive

Report = Callable[[str, str], None]


class Resource(Protocol):
    """What the SDK's resource and resource arguments have in common."""

    resource_type: str
    props: Mapping[str, Any]
    urn: str
    name: str
    opts: Any


@cache
def selected(*, mandatory: bool, looks_around: bool) -> tuple[Control, ...]:
    """The controls that one policy of the pack carries: only those of resources, which is all that Pulumi shows it."""
    return tuple(c for c in all_controls() if c.mandatory is mandatory and c.looks_around is looks_around and not set(c.types) & set(KINDS))


def judge_resources(resources: Iterable[Resource], controls: Sequence[Control], register: Register, on: date) -> list[Judgement]:
    """The judgements of these resources that a person must hear of: fails and unknowns, waived ones included."""
    portfolio = Portfolio(tuple(subject_of(r) for r in resources), on, {c.id: c.severity for c in known_controls()})
    judged = (waive(j, register, on) for j in evaluate(portfolio, controls))
    return [j for j in judged if j.answer.verdict in (Verdict.FAIL, Verdict.UNKNOWN)]


def report(judgements: Iterable[Judgement], violation: Report) -> None:
    """Report what nothing waives."""
    for j in judgements:
        if not j.waived_by:
            violation(sentence(j), j.subject.id)


def sentence(judgement: Judgement) -> str:
    """One violation for a person: the control, the verdict, the reason, the remedy and the clauses."""
    control, answer = judgement.control, judgement.answer
    told = f"{control.id} ({answer.verdict.value}): {answer.reason}"
    return "\n".join(t for t in (told, judgement.waiver, f"Remedy: {control.remedy}", f"Clauses: {', '.join(control.clauses)}") if t)


def subject_of(resource: Resource) -> Subject:
    """The subject that the SDK's resource describes, with its proxies taken off."""
    inputs = known_inputs(bare(resource.props))
    return Subject(
        kind="resource",
        type=plain_type(resource.resource_type),
        id=resource.urn,
        name=resource.name,
        inputs={k: v for k, v in inputs.items() if k not in ("id", "urn")},
        protect=bool(resource.opts.protect),
        waits_on=_waits_on(resource, inputs),
        resource_id=_text(inputs.get("id")),
    )


def bare(value: Any) -> Any:
    """A property value without the SDK's proxies; what it marks as secret is SECRET.

    Its proxies give their target under the key `__target`; its mark of a secret is `pulumi_policy.secret.Secret`.
    """
    if type(value).__name__ == "Secret" and type(value).__module__ == "pulumi_policy.secret":
        return SECRET
    if isinstance(value, Mapping):
        held = cast("Mapping[str, Any]", value)
        if not isinstance(value, dict):
            held = held["__target"]
        return {k: bare(v) for k, v in held.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        many = cast("Sequence[Any]", value)
        if not isinstance(value, (list, tuple)):
            many = cast("Any", many)["__target"]
        return [bare(v) for v in many]
    return value


@cache
def register_at(path: Path) -> Register:
    """The exception register that the pack's waivers come from; empty when there is none. Raises PoliciesError when it is bad."""
    return read_register(path) if path.is_file() else Register()


def _waits_on(resource: Resource, inputs: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What inputs are made from. Before a resource is made the SDK does not say, only that unknowns come from others' outputs."""
    told = cast("Mapping[str, Iterable[Resource]] | None", getattr(resource, "property_dependencies", None))
    if told is None:
        return dict.fromkeys(inputs, ("",))
    return {key: tuple(sorted(r.urn for r in held)) for key, held in told.items()}


def _text(value: object) -> str:
    return value if isinstance(value, str) and value is not SECRET else ""
