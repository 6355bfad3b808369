"""Azure's built-in definitions, run verbatim on made-up resources, against our own controls. Where they differ is listed, with why."""

from __future__ import annotations

import csv
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
from policies.schema.azure_native import kind_of
from policies.schema.type_files import TypeFiles, open_type_files
from tests.policies.agreement import Inventing, kinds_of, without_types

ROOT = Path(__file__).parents[2]
DATA = (ROOT / "../shared/data").resolve()
MAPPED = ROOT / "policies" / "knowledge" / "definitions.toml"
LISTED = ROOT / "tests" / "cases" / "azure-policy" / "disagreements.toml"
NOW = datetime(2026, 11, 25, tzinfo=UTC)
BUILT_IN = "/providers/Microsoft.Authorization/policyDefinitions/"
CONTROLS = {c.id: c for c in all_controls()}
GROUP = "azure-native:resources:ResourceGroup"
# The three UK initiatives, as the map of clauses has them: the assessment framework, the security principles, Cyber Essentials.
UK = ("CAF3.2", "CSP", "CE3.1")


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
    for subject, resource in made_up(definition, parameters, controls, inventing, forms):
        fired, failed = fires(definition, parameters, resource, groups), fails(controls, subject)
        if fired is None or failed is None:
            continue
        count += 1
        stricter = stricter or (f"{subject.type} {dict(subject.inputs)}" if failed and not fired else "")
        laxer = laxer or (f"{subject.type} {dict(subject.inputs)}" if fired and not failed else "")
    return Held(count, stricter, laxer)


def made_up(
    definition: Definition, parameters: Mapping[str, Any], controls: list[Control], inventing: Inventing, forms: Forms
) -> Iterator[tuple[Subject, Resource]]:
    """Resources of the types that the rule names; of those that no file describes, as the controls' own types have them."""
    for arm_type in dict.fromkeys(types_of(definition.rule)):
        known = kinds_of(arm_type)
        for subject in (s for token in known for s in inventing.of(token, definition, parameters)):
            resource = forms.of(subject)
            if isinstance(resource, Resource):
                yield subject, resource
        for token in dict.fromkeys(t for c in controls for t in c.types if kind_of(t) is None and not known):
            if is_of(token, arm_type):
                yield from without_types(token, arm_type, definition, parameters)


def is_of(token: str, arm_type: str) -> bool:
    """Whether a class without types is of a type: by the names of both, or as `OTHER_NAMES` says."""
    _, room, own = token.casefold().split(":")
    namespace, *_, last = arm_type.casefold().split("/")
    by_name = namespace == f"microsoft.{room}" and last.rstrip("s") == own.rstrip("s")
    return OTHER_NAMES.get(token, "").casefold() == arm_type.casefold() or by_name


# Classes that are named otherwise than Azure's type.
OTHER_NAMES = {
    "azure-native:applicationinsights:Component": "Microsoft.Insights/components",
    "azure-native:cosmosdb:DatabaseAccount": "Microsoft.DocumentDB/databaseAccounts",
    "azure-native:dbformariadb:Server": "Microsoft.DBforMariaDB/servers",
    "azure-native:elasticsan:ElasticSan": "Microsoft.ElasticSan/elasticSans",
    "azure-native:frontdoor:FrontDoor": "Microsoft.Network/frontdoors",
    "azure-native:machinelearningservices:Compute": "Microsoft.MachineLearningServices/workspaces/computes",
    "azure-native:redis:Redis": "Microsoft.Cache/redis",
    "azure-native:redisenterprise:RedisEnterprise": "Microsoft.Cache/redisEnterprise",
    "azure-native:webpubsub:WebPubSub": "Microsoft.SignalRService/webPubSub",
}


GROUP_ID = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg"


@pytest.fixture(scope="module")
def held(files: TypeFiles) -> dict[str, Held]:
    """Every mapped definition, held against its controls, by its id."""
    return {d.id: hold(d, p, c, files) for d, p, c in mapped()}


def test_definitions_and_controls_agree_but_where_it_is_listed(held: dict[str, Held]) -> None:
    listed = {(i, d["kind"]): d["because"] for d in tomllib.loads(LISTED.read_text("utf-8"))["disagreement"] for i in d["definitions"]}
    kinds = [(i, kind, on) for i, h in held.items() for kind, on in (("stricter", h.stricter), ("laxer", h.laxer))]
    found = {(i, kind): on for i, kind, on in kinds if on}
    assert {k: v for k, v in found.items() if k not in listed} == {}, "list them with why in tests/cases/azure-policy/disagreements.toml"
    assert [k for k in listed if k not in found] == [], "these no longer occur: take them out of the list"


def test_every_static_definition_of_the_uk_initiatives_is_held_against_a_control(held: dict[str, Held]) -> None:
    """But those that nothing of azure-native's can be of, for which the mapping says why."""
    with (DATA / "frameworks" / "azure_policy_uk_mcsb_map.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["static"] == "True" and any(u in r["controls"] for u in UK)]
    reasons = {e["id"] for e in tomllib.loads(MAPPED.read_text("utf-8"))["definition"] if e.get("why_none")}
    assert len(rows) >= 60
    assert [r["definitionId"] for r in rows if not (r["definitionId"] in reasons or held[r["definitionId"]].resources)] == []
    assert sum(bool(h.resources) for h in held.values()) >= 240
