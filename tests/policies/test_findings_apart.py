"""One control may say several things of one subject (Azure's types and policies do): each is a finding of its own, and stays itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from console.check_forms import dump
from policies.answers import fails
from policies.check import Check, told_apart
from policies.model import Judgement, Subject
from policies.report.base import difference, fingerprint, parse_base
from policies.report.findings import findings
from policies.report.junit import junit
from policies.report.lines import without_places
from policies.report.markdown import markdown
from policies.report.oscal import plan_of_action
from policies.schema.controls import FIT
from tests.policies.golden_run import ON
from tests.policies.published import oscal_faults

ACCOUNT = Subject("resource", "azure-native:storage:StorageAccount", "urn:pulumi:dev::p::t::sa", "sa", {}, file="a.py", line=1)


def said(path: str, reason: str = "It is a number.") -> Judgement:
    return Judgement(FIT, ACCOUNT, fails(reason, path), about=without_places(path))


def run(*judgements: Judgement) -> Check:
    return Check(told_apart(judgements), (), ON, True)


def marks(judgements: Sequence[Judgement]) -> list[str]:
    return [fingerprint(j) for j in judgements]


THREE = (said("rules[0].port"), said("rules[1].port"), said("rules[1].name"))


def test_each_has_a_mark_of_its_own_whatever_the_order() -> None:
    assert len(set(marks(run(*THREE).judgements))) == 3
    assert run(*reversed(THREE)) == run(*THREE)


def test_a_mark_does_not_move_with_its_place_in_a_list() -> None:
    assert marks(run(said("rules[7].port")).judgements) == marks(run(said("rules[0].port")).judgements)


def test_each_is_a_test_a_risk_and_a_line_of_its_own() -> None:
    done = run(*THREE)
    names = [case.get("name") for case in ET.fromstring(junit(done)).iter("testcase")]  # noqa: S314 - our own output
    assert names == ["t::sa [rules[].name]", "t::sa [rules[].port]", "t::sa [rules[].port#2]"]
    assert markdown(done).count("- FAIL") == 3
    plan = plan_of_action(done, "0.1.0")
    assert oscal_faults(plan) == []
    assert len({risk["uuid"] for risk in plan["plan-of-action-and-milestones"]["risks"]}) == 3


def test_against_a_base_one_more_is_new_and_one_less_is_mended() -> None:
    two, three = run(*THREE[:2]), run(*THREE)
    of_two, of_three = (parse_base(json.loads(dump(findings(d.judgements, (), ON))), "base.json") for d in (two, three))
    more, less = difference(three.judgements, of_two), difference(two.judgements, of_three)
    assert [j.answer.path for j in more.new] == ["rules[1].name"]
    assert (len(more.still), len(more.fixed)) == (2, 0)
    assert [row.about for row in less.fixed] == ["rules[].name"]
    assert (len(less.still), len(less.new)) == (2, 0)
