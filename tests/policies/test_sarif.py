"""SARIF against the schema that OASIS publishes with the standard (a copy of it is beside this file).

schemas/sarif-schema-2.1.0.json: oasis-tcs/sarif-spec at e058381, sarif-2.1/schema; published by OASIS for implementers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from policies.catalogue import all_controls
from policies.check import Check
from policies.evaluate import judge_all
from policies.frameworks import frameworks
from policies.model import UNKNOWN, Judgement, Subject
from policies.register import parse_register
from policies.report.findings import findings
from policies.report.sarif import sarif
from policies.report.text import report

SCHEMA = Path(__file__).parent / "schemas" / "sarif-schema-2.1.0.json"
ON = date(2026, 11, 22)
STORAGE = "azure-native:storage:StorageAccount"
REGISTER = """
format = "cloud-unless/exceptions/1"
[[exception]]
id = "EX-1"
controls = ["storage-requires-tls-1-2"]
subjects = ["open"]
requester = "A"
approver = "B"
approved_on = 2026-11-01
expires_on = 2026-12-01
"""


def done(judged: Sequence[Judgement], *lines: str) -> Check:
    return Check(tuple(judged), lines, ON, True, register=parse_register(REGISTER, "policies/exceptions.toml"))


def log(line: int = 7) -> dict[str, Any]:
    subjects = [
        Subject("resource", STORAGE, "urn:open", "open", {"allowBlobPublicAccess": True}, file="stacks/a b.py", line=line),
        Subject("resource", STORAGE, "urn:blurred", "blurred", {"publicNetworkAccess": UNKNOWN}),
        Subject("workload", "workload", "lights", "lights", {"disposition": "retain"}, file="plan.json"),
    ]
    judged = judge_all(subjects, all_controls(), parse_register(REGISTER, "policies/exceptions.toml"), ON)
    return sarif(done(judged, "a line"), all_controls(), frameworks(), "0.1.0")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return log()


def result(made: dict[str, Any], rule: str, subject: str) -> dict[str, Any]:
    return next(r for r in made["runs"][0]["results"] if r["ruleId"] == rule and r["properties"]["subject"] == subject)


def test_it_validates(made: dict[str, Any]) -> None:
    jsonschema.validate(json.loads(json.dumps(made)), json.loads(SCHEMA.read_text("utf-8")), jsonschema.Draft4Validator)


def test_with_nothing_to_tell_it_validates() -> None:
    empty = sarif(done([]), all_controls(), frameworks(), "0.1.0")
    jsonschema.validate(empty, json.loads(SCHEMA.read_text("utf-8")), jsonschema.Draft4Validator)


def test_a_fail_has_its_place_and_level(made: dict[str, Any]) -> None:
    told = result(made, "storage-denies-public-access", "urn:open")
    assert (told["kind"], told["level"]) == ("fail", "error")
    assert told["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "stacks/a%20b.py", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 7},
    }


@pytest.mark.parametrize(
    ("file", "line", "artifact", "start"),
    [
        ("stacks/a:b.py", 3, {"uri": "stacks/a%3Ab.py", "uriBaseId": "SRCROOT"}, 3),
        ("/srv/my state.json", 0, {"uri": "file:///srv/my%20state.json"}, 1),
        ("C:/my/state.json", 0, {"uri": "file:///C:/my/state.json"}, 1),
        ("", 0, {"uri": "Pulumi.yaml", "uriBaseId": "SRCROOT"}, 1),
    ],
)
def test_every_result_has_a_place(file: str, line: int, artifact: dict[str, str], start: int) -> None:
    subject = Subject("resource", STORAGE, "urn:open", "open", {"allowBlobPublicAccess": True}, file=file, line=line)
    judged = judge_all([subject], all_controls(), parse_register(REGISTER, "r.toml"), ON)
    told = result(sarif(done(judged), all_controls(), frameworks(), "0.1.0"), "storage-denies-public-access", "urn:open")
    assert told["locations"][0]["physicalLocation"] == {"artifactLocation": artifact, "region": {"startLine": start}}


def test_no_rule_has_more_tags_than_github_takes(made: dict[str, Any]) -> None:
    assert max(len(rule["properties"]["tags"]) for rule in made["runs"][0]["tool"]["driver"]["rules"]) <= 20


def test_an_unknown_is_open_and_notified(made: dict[str, Any]) -> None:
    told = result(made, "storage-denies-public-access", "urn:blurred")
    assert (told["kind"], told["level"]) == ("open", "none")
    notified = made["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert "storage-denies-public-access" in {n["associatedRule"]["id"] for n in notified}


def test_a_waiver_is_a_suppression_and_stays_a_result(made: dict[str, Any]) -> None:
    told = result(made, "storage-requires-tls-1-2", "urn:open")
    assert told["kind"] == "fail"
    assert told["suppressions"][0]["status"] == "accepted"
    assert "EX-1" in told["suppressions"][0]["justification"]
    assert result(made, "storage-requires-tls-1-2", "urn:blurred")["suppressions"] == []


def test_rules_and_taxonomies_are_indexed_rightly(made: dict[str, Any]) -> None:
    run = made["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
    taxa = {(t["name"], x["id"]) for t in run["taxonomies"] for x in t["taxa"]}
    pointed = {(r["target"]["toolComponent"]["name"], r["target"]["id"]) for rule in rules for r in rule["relationships"]}
    assert pointed <= taxa


def test_fingerprints_do_not_move_with_lines() -> None:
    def prints(made: dict[str, Any]) -> list[str]:
        return [r["partialFingerprints"]["cloudUnless/v2"] for r in made["runs"][0]["results"]]

    assert prints(log(7)) == prints(log(70))
    assert len(set(prints(log()))) == len(prints(log()))


def test_text_tells_rule_resource_place_reason_remedy_clauses_and_waiver() -> None:
    judged = judge_all(
        [Subject("resource", STORAGE, "urn:open", "open", {"allowBlobPublicAccess": True}, file="stacks/a.py", line=7)],
        all_controls(),
        parse_register(REGISTER, "r.toml"),
        ON,
    )
    told = "\n".join(report(judged, ["what was judged"]))
    assert "secure by design" in told
    assert "open (azure-native:storage:StorageAccount) stacks/a.py:7: allowBlobPublicAccess is true" in told
    assert "Remedy: Set allowBlobPublicAccess to false" in told
    assert "ncsc-caf-3.2:B4.b" in told
    assert "Exception EX-1 waives this until 2026-12-01." in told
    assert told.index("Blocking") < told.index("Advice") < told.index("Waived") < told.index("Judged:")


def test_findings_have_the_keys_of_the_reference() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "reference" / "files.md").read_text("utf-8")
    judged = judge_all([Subject("workload", "workload", "w", "w", {})], all_controls(), parse_register(REGISTER, "r"), ON)
    found = findings(judged, [], ON)
    assert all(f'"{key}"' in documented for key in found["judgements"][0])
    assert sum(found["summary"][v] for v in ("pass", "fail", "unknown", "not applicable")) == len(found["judgements"])


def test_names_cannot_steer_the_terminal_or_break_lines() -> None:
    hostile = Subject("resource", STORAGE, "urn:x", "\x1b[2J\nJudged:\n0 blocking.", {"allowBlobPublicAccess": True})
    told = [*report(judge_all([hostile], all_controls(), parse_register(REGISTER, "r"), ON), [])]
    assert not any("\x1b" in line or "\n" in line for line in told)
