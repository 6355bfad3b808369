"""Every form of one judged run: as its golden file has it, valid by the schema that others publish, and the same for the same findings."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, cast
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from console.check_forms import dump
from policies.check import Check
from policies.errors import PoliciesError
from policies.model import Answer, Judgement, Subject, Verdict
from policies.report.base import difference, fingerprint, parse_base, read_base
from policies.report.junit import junit
from policies.report.lines import Standing, standing
from policies.report.markdown import LIMIT_BYTES, MARK, code, markdown
from policies.report.oscal import assessment_results, plan_of_action
from policies.report.sarif import sarif
from tests.policies.golden_run import FOLDER, HOSTILE, ON, base, controls, forms, frameworks, nothing_bad, run
from tests.policies.published import junit_faults, oscal_faults, sarif_faults

# What the comment is made of; no HTML, link, image, table, quotation or block of code among it.
PLAIN = {f"{part}_{end}" for part in ("heading", "paragraph", "bullet_list", "list_item", "strong") for end in ("open", "close")} | {
    "text",
    "code_inline",
    "softbreak",
    "hardbreak",
}
EMPTY = Check((), (), ON, False)
RUNS = {"everything": run(), "passes alone": nothing_bad(run()), "nothing": EMPTY, "in summer": run(date(2026, 7, 1))}
each_run = pytest.mark.parametrize("done", RUNS.values(), ids=RUNS.keys())


@pytest.mark.parametrize("name", forms())
def test_each_form_is_as_its_golden_file_has_it(name: str) -> None:
    assert forms()[name] == (FOLDER / name).read_text("utf-8")


def test_the_golden_run_has_every_verdict_and_every_standing() -> None:
    assert {standing(j) for j in run().judgements} == {None, *Standing}
    assert {j.answer.verdict for j in run().judgements} == {Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN}


@pytest.mark.parametrize("name", forms())
def test_each_form_names_control_subject_place_reason_remedy_and_clauses(name: str) -> None:
    told = forms()[name].replace("%20", " ")
    named = ("closed", "letters", "stacks/a b.py", "public is true; it must be false.", "Set public to false.", "example-1.0:A1")
    assert [t for t in named if t not in told and t.replace("example-1.0:", "") not in told] == []
    assert "stacks/a b.py:7" in told or '"startLine": 7' in told


@each_run
def test_sarif_is_valid(done: Check) -> None:
    assert sarif_faults(sarif(done, controls(), frameworks(), "0.1.0")) == []
    assert sarif_faults(sarif(done, controls(), frameworks(), "0.1.0", base())) == []


@each_run
def test_oscal_is_valid(done: Check) -> None:
    assert oscal_faults(assessment_results(done, "0.1.0")) == []
    assert oscal_faults(plan_of_action(done, "0.1.0")) == []


@pytest.mark.parametrize(
    ("key", "value"), [("uuid", "no uuid"), ("last-modified", "2026-11-22"), ("oscal-version", " 1.1.3"), ("extra", "")]
)
def test_the_oscal_schema_is_not_blind(key: str, value: str) -> None:
    spoilt = assessment_results(run(), "0.1.0")
    held = spoilt["assessment-results"] if key == "uuid" else spoilt["assessment-results"]["metadata"]
    held[key] = value
    assert oscal_faults(spoilt)


@each_run
def test_junit_is_valid(done: Check) -> None:
    assert junit_faults(junit(done)) == []


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own output


@each_run
def test_junit_is_red_exactly_when_the_check_does_not_end_with_nought(done: Check) -> None:
    root = parsed(junit(done))
    red = root.findall(".//failure") + root.findall(".//error")
    assert bool(red) == (done.breaks or done.cannot_tell)
    for suite in root:
        counted = (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped"))
        assert counted == tuple(str(len(suite.findall(f".//{tag}"))) for tag in ("testcase", "failure", "error", "skipped"))


def test_each_test_of_a_junit_file_has_a_name_of_its_own() -> None:
    named = [(s.get("name"), c.get("classname"), c.get("name")) for s in parsed(junit(run())) for c in s]
    assert len(set(named)) == len(named)


def walk(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            yield from [(key, inner)] if isinstance(inner, str) else walk(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from walk(inner)


@pytest.mark.parametrize("make", [assessment_results, plan_of_action])
def test_oscal_ids_are_each_given_once_and_what_points_at_one_finds_it(make: Any) -> None:
    held = list(walk(make(run(), "0.1.0")))
    given = [v for k, v in held if k == "uuid"]
    assert len(set(given)) == len(given)
    assert {v for k, v in held if k.endswith("-uuid")} <= set(given)
    assert {v.removeprefix("#") for k, v in held if k == "href" and v.startswith("#")} <= set(given)


def test_oscal_tells_what_is_waived_until_when_and_what_is_under_investigation() -> None:
    risks = plan_of_action(run(), "0.1.0")["plan-of-action-and-milestones"]["risks"]
    told = {(r["title"].split(": ")[1], r["status"], r.get("deadline", "")) for r in risks if r["title"].startswith("Stores are closed")}
    assert told == {
        ("website", "deviation-approved", "2026-12-01T23:59:59+00:00"),
        ("leaflets", "open", ""),
        ("letters", "open", ""),
        ("blurred", "investigating", ""),
    }


def test_a_waived_or_unknown_control_is_never_satisfied() -> None:
    (result,) = assessment_results(run(), "0.1.0")["assessment-results"]["results"]
    states = {f["target"]["target-id"]: (f["target"]["status"]["state"], f["target"]["status"]["reason"]) for f in result["findings"]}
    assert states == {
        "closed": ("not-satisfied", "fail"),
        "encrypted": ("not-satisfied", "other"),
        "named-well": ("not-satisfied", "fail"),
        "wheeled": ("not-satisfied", "fail"),
    }


def test_forms_are_the_same_bytes_whatever_the_order_of_the_judgements() -> None:
    done = run()
    shuffled = list(done.judgements)
    random.Random(1).shuffle(shuffled)  # noqa: S311 - an order, not a secret
    other = replace(done, judgements=tuple(shuffled))
    assert junit(other) == junit(done)
    assert markdown(other, base()) == markdown(done, base())
    assert plan_of_action(other, "0.1.0") == plan_of_action(done, "0.1.0")
    assert assessment_results(other, "0.1.0") == assessment_results(done, "0.1.0")


def marks(done: Check) -> set[str]:
    return {r["partialFingerprints"]["cloudUnless/v2"] for r in sarif(done, controls(), frameworks(), "0.1.0")["runs"][0]["results"]}


def test_a_fingerprint_stays_when_lines_verdicts_places_and_neighbours_move() -> None:
    done = run()
    moved = tuple(
        replace(j, subject=replace(j.subject, line=j.subject.line + 100), answer=replace(j.answer, path=f"rules[9].{j.answer.path}"))
        for j in done.judgements
    )
    added = replace(moved[0], subject=replace(moved[0].subject, id="urn:pulumi:x::y::z::new", name="new"))
    before = {fingerprint(j) for j in done.judgements}
    assert {fingerprint(j) for j in (*moved, added)} - before == {fingerprint(added)}
    assert len(before) == len(done.judgements)


def test_github_takes_the_sarif_file() -> None:
    (log,) = sarif(run(), controls(), frameworks(), "0.1.0")["runs"]
    assert all(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in log["results"])
    assert all(r["partialFingerprints"]["primaryLocationLineHash"] in marks(run()) for r in log["results"])
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in log["tool"]["driver"]["rules"])


def test_a_rule_with_many_frameworks_keeps_within_the_tags_that_github_takes() -> None:
    held = tuple(replace_framework(n) for n in range(30))
    (closed, *others) = controls()
    wide = replace(closed, clauses=tuple(f"{f.id}:A1" for f in held))
    (log,) = sarif(EMPTY, (wide, *(replace(c, clauses=()) for c in others)), held, "0.1.0")["runs"]
    assert len(log["tool"]["driver"]["rules"][0]["properties"]["tags"]) == 20
    assert len(log["tool"]["driver"]["rules"][0]["relationships"]) == 30


def replace_framework(number: int) -> Any:
    (framework,) = frameworks()
    return framework.model_copy(update={"id": f"example-{number}"})


def test_a_suppression_says_why_until_when_and_where_it_is_written() -> None:
    (log,) = sarif(run(), controls(), frameworks(), "0.1.0")["runs"]
    (waived,) = [s for r in log["results"] for s in r["suppressions"]]
    assert waived["justification"] == "Exception EX-1 waives this until 2026-12-01. Published reports are public by law."
    assert waived["properties"] == {"exception": "EX-1", "expiresOn": "2026-12-01"}
    assert waived["location"]["physicalLocation"]["artifactLocation"]["uri"] == "policies/exceptions.toml"
    assert waived["location"]["physicalLocation"]["region"]["startLine"] == 3


def test_against_a_base_sarif_says_what_is_new_unchanged_and_updated() -> None:
    (log,) = sarif(run(), controls(), frameworks(), "0.1.0", base())["runs"]
    states = {(r["ruleId"], r["properties"]["subject"].split("::")[-1]): r["baselineState"] for r in log["results"]}
    assert states["closed", "letters"] == "updated"
    assert states["wheeled", "bins"] == "unchanged"
    assert states["closed", "blurred"] == "new"
    assert log["properties"]["mendedSinceBase"] == 1
    assert "baselineState" not in sarif(run(), controls(), frameworks(), "0.1.0")["runs"][0]["results"][0]


def test_what_was_waived_on_the_base_and_no_longer_is_counts_as_new() -> None:
    found = difference(run().judgements, base())
    assert ("closed", "leaflets") in {(j.control.id, j.subject.name) for j in found.new}
    assert {j.subject.name for j in found.still} == {"letters", "Bins"}
    assert [r.subject_name for r in found.fixed] == ["<b>gone</b>"]


def outside_code(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from outside_code(token.children) if token.children else [token]


@pytest.mark.parametrize("text", [markdown(run()), markdown(run(), base())], ids=["alone", "against a base"])
def test_no_name_can_become_markup_a_link_or_a_mention(text: str) -> None:
    assert text.startswith(MARK + "\n")
    tokens = list(outside_code(MarkdownIt("commonmark").enable("table").parse(text.removeprefix(MARK))))
    assert {t.type for t in tokens} <= PLAIN
    told = "".join(t.content for t in tokens if t.type == "text")
    assert "@" not in told
    assert "http" not in told
    assert any(t.type == "code_inline" and "@admins" in t.content for t in tokens)


@pytest.mark.parametrize("text", ["", " ", "`", "``", "a`b``c", "`a", HOSTILE, "x" * 99, " a ", "\\", "a\\"])
def test_a_code_span_holds_the_text_and_nothing_else(text: str) -> None:
    (paragraph,) = [t for t in MarkdownIt("commonmark").parse(f"before {code(text)} after") if t.type == "inline"]
    assert [c.type for c in paragraph.children or ()] == ["text", "code_inline", "text"]


def named(text: str) -> Check:
    """One blocking fail of each control in which everything that may come of a file is this text."""
    subject = Subject("resource", "azure-native:x:Y", f"urn:pulumi:{text}::p::azure-native:x:Y::{text}", text, {}, file=text, line=1)
    judged = [Judgement(c, subject, Answer(Verdict.FAIL, text, text), waiver=text) for c in controls()]
    return Check((*judged, replace(judged[0], subject=replace(subject, kind="workload"))), (text,), ON, True, (text,))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.text(st.characters() | st.sampled_from("`@#<>&|\\[]()!*_~-\n\r\t \x00\x1b\ufeff\u2028\u202e\ud800"), max_size=40))
def test_no_text_from_a_file_can_break_a_form(text: str) -> None:
    done = named(text)
    assert len(parsed(junit(done)).findall(".//failure")) == sum(c.mandatory for c in controls()) + 1
    assert sarif_faults(json.loads(dump(sarif(done, controls(), frameworks(), "0.1.0", base())))) == []
    assert oscal_faults(json.loads(dump(assessment_results(done, "0.1.0")))) == []
    assert oscal_faults(json.loads(dump(plan_of_action(done, "0.1.0")))) == []
    tokens = list(outside_code(MarkdownIt("commonmark").enable("table").parse(markdown(done).removeprefix(MARK))))
    assert {t.type for t in tokens} <= PLAIN
    assert len([t for t in tokens if t.type == "heading_open"]) == 4


def many(count: int) -> Check:
    (closed, *_) = controls()
    names = [f"store-{n:05}-" + "é" * (n % 200) for n in range(count)]
    judged = [
        Judgement(closed, Subject("resource", "t", f"urn:{n}", n, {}, file="a.py"), Answer(Verdict.FAIL, "It is public.")) for n in names
    ]
    return Check(tuple(judged), (), ON, True)


def test_a_comment_that_is_too_long_leaves_out_whole_entries_and_counts_them() -> None:
    done = many(5000)
    text = markdown(done)
    assert len(text.encode()) <= LIMIT_BYTES
    whole = set(markdown(done, limit_bytes=10**9).splitlines())
    *shown, last = text.splitlines()
    assert set(shown) <= whole
    left_out = int(last.split()[0])
    assert left_out + sum(line.startswith("- FAIL") for line in shown) == 5000
    assert left_out > 0


def test_one_entry_that_is_too_long_hides_no_other() -> None:
    (first, *rest) = many(3).judgements
    done = replace(many(3), judgements=(replace(first, answer=Answer(Verdict.FAIL, "x" * LIMIT_BYTES)), *rest))
    text = markdown(done)
    assert len(re.findall("^- FAIL", text, re.MULTILINE)) == 2
    assert "**closed**" in text
    assert "\n1 more are not shown" in text


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ({}, "its format is 'not given'"),
        ({"format": "cloud-unless/findings/2"}, "findings/2"),
        ({"format": "cloud-unless/findings/1"}, "judgements: Field required"),
        ({"format": "cloud-unless/findings/1", "judgements": [{"control": 1, "verdict": "maybe"}]}, "judgements.0.control"),
    ],
)
def test_a_base_that_cannot_be_read_is_a_plain_fault(held: dict[str, Any], told: str) -> None:
    with pytest.raises(PoliciesError) as wrong:
        parse_base(held, "base.json")
    assert told in wrong.value.faults[0]
    assert all(f.startswith("base.json") for f in wrong.value.faults)


def test_a_base_that_is_not_there_or_cut_short_is_a_plain_fault(tmp_path: Any) -> None:
    with pytest.raises(PoliciesError, match="cannot be read"):
        read_base(tmp_path / "none.json")
    (tmp_path / "cut.json").write_text(json.dumps({"format": "x"})[:-3], "utf-8")
    with pytest.raises(PoliciesError, match="not whole JSON"):
        read_base(tmp_path / "cut.json")
