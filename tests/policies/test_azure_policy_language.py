"""The language of Azure's policies: one file a case, of a rule on a resource of a made-up type, with what it comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from policies.azure_policy.aliases import Aliases
from policies.azure_policy.arm_form import Resource
from policies.azure_policy.around import around
from policies.azure_policy.decide import Setting, decide
from policies.azure_policy.fields import ResourceFields
from policies.azure_policy.functions import FUNCTIONS
from policies.azure_policy.operators import OPERATORS
from policies.azure_policy.rules import read_rule
from policies.model import Subject, UnknownValueError
from policies.schema.type_files import open_type_files
from tests.policies.conftest import decoded

CASES = Path(__file__).parents[1] / "cases" / "azure-policy"
THING = "Microsoft.Test/things"
ID = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/RG/providers/Microsoft.Test/things/it"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FILES = open_type_files(CASES / "types")


@dataclass(frozen=True)
class Case:
    name: str
    held: dict[str, Any]


def cases() -> list[Case]:
    return [Case(f.stem, json.loads(f.read_text("utf-8"))) for f in sorted((CASES / "language").glob("*.json"))]


def thing(body: dict[str, Any]) -> Resource:
    found = FILES.body(THING, "2026-01-01")
    assert found is not None
    subject = Subject("resource", "azure-native:test:Thing", "urn:it", "it", {})
    return Resource(subject, THING, "2026-01-01", ID, ("it",), decoded(body), *found, inputs={})


def comes_to(held: dict[str, Any]) -> tuple[bool | str, str]:
    resource = thing(held.get("body", {}))
    fields = ResourceFields(resource, Aliases(), held.get("as_deployed", False))
    parameters = {k.casefold(): decoded(v) for k, v in held.get("parameters", {}).items()}
    policy = {"assignmentId": "/providers/Microsoft.Authorization/policyAssignments/assigned"}
    try:
        return decide(read_rule(held["rule"]), Setting(fields, fields, parameters, around(resource, {}, policy), NOW)), ""
    except UnknownValueError as unknown:
        return "unknown", unknown.why


@pytest.mark.parametrize("case", cases(), ids=lambda c: c.name)
def test_every_case_comes_to_what_it_says(case: Case) -> None:
    holds, why = comes_to(case.held)
    assert holds == case.held["holds"], why
    assert case.held.get("why", "") in why


def without_one(held: Any) -> Iterator[Any]:
    """The same data with one part of it unknown, for each part."""
    yield "<unknown>"
    if isinstance(held, dict):
        for key, inner in cast("dict[str, Any]", held).items():
            yield from ({**held, key: less} for less in without_one(inner))
    elif isinstance(held, list):
        for n, inner in enumerate(cast("list[Any]", held)):
            yield from ([*held[:n], less, *held[n + 1 :]] for less in without_one(inner))


def test_knowing_less_never_changes_an_answer_to_its_opposite() -> None:
    """What a rule comes to when one part of the resource is not known is what it comes to with it, or unknown."""
    wrong: list[str] = []
    for case in cases():
        known = comes_to(case.held)[0]
        for body in (b for b in without_one(case.held.get("body", {})) if b != "<unknown>"):
            found = comes_to({**case.held, "body": body})[0]
            if found not in (known, "unknown"):
                wrong.append(f"{case.name}: {known} becomes {found} without a part: {body}")
    assert wrong == []


def corrupted(held: Any) -> Iterator[Any]:
    """The same data with one part of it taken out or of another form, for each part."""
    yield from ("x", 3, None, [], {}, True, "[parameters('p')]", "[field('Microsoft.Test/things/list')]")
    if isinstance(held, dict):
        for key, inner in cast("dict[str, Any]", held).items():
            yield {k: v for k, v in cast("dict[str, Any]", held).items() if k != key}
            yield from ({**held, key: other} for other in corrupted(inner))
    elif isinstance(held, list):
        for n, inner in enumerate(cast("list[Any]", held)):
            yield from ([*held[:n], other, *held[n + 1 :]] for other in corrupted(inner))


def test_a_rule_of_any_form_is_worked_out_or_unknown() -> None:
    for case in cases():
        for rule in corrupted(case.held["rule"]):
            assert comes_to({**case.held, "rule": rule})[0] in (True, False, "unknown")


def test_every_operator_and_function_has_a_case() -> None:
    written = json.dumps([c.held["rule"] for c in cases()]).casefold()
    assert {o for o in OPERATORS if f'"{o}":' not in written} == set()
    assert {f for f in FUNCTIONS if f"{f}(" not in written} == set()
