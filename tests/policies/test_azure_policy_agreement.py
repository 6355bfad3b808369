"""Azure's built-in definitions, run verbatim on made-up resources, against our own controls. Where they differ is listed, with why."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from policies.azure_policy.aliases import Aliases
from policies.azure_policy.arm_form import Forms, Resource
from policies.azure_policy.around import around
from policies.azure_policy.assignments import Definition, read_definition
from policies.azure_policy.built_ins import BuiltIns, find_built_ins
from policies.azure_policy.decide import Setting, decide
from policies.azure_policy.fields import ResourceFields
from policies.azure_policy.rules import AllOf, AnyOf, Condition, Field, Not, Rule
from policies.catalogue import all_controls
from policies.evaluate import judge_one, subjects_of
from policies.model import Control, Portfolio, Subject, UnknownValueError, Verdict
from policies.schema.type_files import TypeFiles, open_type_files
from tests.policies.agreement import Inventing, kinds_of

ROOT = Path(__file__).parents[2]
DATA = (ROOT / "../shared/data").resolve()
MAPPED = ROOT / "policies" / "knowledge" / "definitions.toml"
LISTED = ROOT / "tests" / "cases" / "azure-policy" / "disagreements.toml"
NOW = datetime(2026, 11, 25, tzinfo=UTC)
BUILT_IN = "/providers/Microsoft.Authorization/policyDefinitions/"
CONTROLS = {c.id: c for c in all_controls()}
GROUP = "azure-native:resources:ResourceGroup"


@dataclass(frozen=True)
class Held:
    """A definition held against the controls that demand the same: on how many resources, and where they differ."""

    resources: int
    stricter: str
    laxer: str


@pytest.fixture(scope="module")
def files() -> TypeFiles:
    if not (DATA / "bicep-types").is_dir() or not (DATA / "azure-policy").is_dir():
        pytest.skip("../shared/data is not here: no types and no definitions")
    return open_type_files(DATA)


@cache
def built_ins() -> BuiltIns:
    found = find_built_ins(DATA)
    assert found is not None
    return found


def mapped() -> Iterator[tuple[Definition, Mapping[str, Any], list[Control]]]:
    """Definitions with their parameters' defaults, and our controls, which judge the resource as the only one there is.

    Left out are those that look for another resource: their rule says of which resources, and not what is the matter.
    """
    for entry in tomllib.loads(MAPPED.read_text("utf-8"))["definition"]:
        held = built_ins().properties(BUILT_IN + entry["id"])
        controls = [CONTROLS[c] for c in entry.get("controls", ()) if c in CONTROLS]
        if held is not None and controls:
            definition = read_definition(entry["id"], held)
            if "type" in (definition.details or ()):
                continue
            yield definition, {k.casefold(): v["defaultValue"] for k, v in definition.parameters.items() if "defaultValue" in v}, controls


def types_of(rule: Rule) -> Iterator[str]:
    """The types that a rule names."""
    match rule:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from types_of(part)
        case Not(part):
            yield from types_of(part)
        case Condition(Field(name), _, right) if getattr(name, "value", "") == "type":
            value: Any = getattr(right, "value", None)
            yield from [value] if isinstance(value, str) else value or ()
        case _:
            return


def fires(definition: Definition, parameters: Mapping[str, Any], resource: Resource, groups: Mapping[str, Resource]) -> bool | None:
    fields = ResourceFields(resource, ALIASES)
    try:
        return decide(definition.rule, Setting(fields, fields, parameters, around(resource, groups, {}), NOW))
    except UnknownValueError:
        return None


ALIASES = Aliases()


def fails(controls: list[Control], subject: Subject) -> bool | None:
    portfolio = Portfolio((subject,), date(2026, 11, 25))
    verdicts = [judge_one(c, subject, portfolio).verdict for c in controls if [*subjects_of(c, portfolio)]]
    if Verdict.FAIL in verdicts:
        return True
    return None if not verdicts or Verdict.UNKNOWN in verdicts else False


def hold(definition: Definition, parameters: Mapping[str, Any], controls: list[Control], files: TypeFiles) -> Held:
    inventing, forms = Inventing(files), Forms(files)
    group = forms.of(Subject("resource", GROUP, "urn:rg", "rg", {"location": "uksouth"}, resource_id=GROUP_ID))
    groups = {GROUP_ID.casefold(): group} if isinstance(group, Resource) else {}
    count, stricter, laxer = 0, "", ""
    for token in {t: None for a in types_of(definition.rule) for t in kinds_of(a)}:
        for subject in inventing.of(token, definition, parameters):
            resource = forms.of(subject)
            fired = fires(definition, parameters, resource, groups) if isinstance(resource, Resource) else None
            failed = fails(controls, subject)
            if fired is None or failed is None:
                continue
            count += 1
            stricter = stricter or (f"{token} {dict(subject.inputs)}" if failed and not fired else "")
            laxer = laxer or (f"{token} {dict(subject.inputs)}" if fired and not failed else "")
    return Held(count, stricter, laxer)


GROUP_ID = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg"


def test_definitions_and_controls_agree_but_where_it_is_listed(files: TypeFiles) -> None:
    listed = {(i, d["kind"]): d["because"] for d in tomllib.loads(LISTED.read_text("utf-8"))["disagreement"] for i in d["definitions"]}
    found: dict[tuple[str, str], str] = {}
    held_at_all = 0
    for definition, parameters, controls in mapped():
        held = hold(definition, parameters, controls, files)
        held_at_all += bool(held.resources)
        found |= {(definition.id, kind): on for kind, on in (("stricter", held.stricter), ("laxer", held.laxer)) if on}
    assert {k: v for k, v in found.items() if k not in listed} == {}, "list them with why in tests/cases/azure-policy/disagreements.toml"
    assert [k for k in listed if k not in found] == [], "these no longer occur: take them out of the list"
    assert held_at_all >= 80
