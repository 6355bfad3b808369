"""The findings as SARIF 2.1.0 (OASIS): rules, taxonomies of the frameworks, suppressions for waivers, stable fingerprints.

A fail is kind `fail`; an unknown is kind `open`, which the standard defines as too little information to decide, with level
`none` as it requires (3.27.10); so that scanners which show alerts only do not lose it, a blocking unknown is also a
notification of the run, and so is what was not judged at all. Passes and what does not apply are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from policies.frameworks import Framework
from policies.model import Control, Judgement, Severity, Verdict

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE: Final = "SRCROOT"
_LEVELS: Final = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
# GitHub code scanning sorts by this number; the steps are those of CVSS 3.1's ratings.
_SCORES: Final = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}


def sarif(
    judgements: Sequence[Judgement],
    controls: Sequence[Control],
    frameworks: Sequence[Framework],
    judged: Sequence[str],
    version: str,
    on: date,
    not_judged: Sequence[str] = (),
) -> dict[str, Any]:
    """One SARIF log with one run. `version` is the tool's, `judged` what was read and what was not there,
    `not_judged` what was read and met no control."""
    places = {c.id: n for n, c in enumerate(controls)}
    shown = [j for j in judgements if j.answer.verdict in (Verdict.FAIL, Verdict.UNKNOWN)]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(controls, frameworks, version)},
                "taxonomies": [_taxonomy(f) for f in frameworks],
                "originalUriBaseIds": {_BASE: {"description": {"text": "The folder of the Pulumi project."}}},
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(judgements, not_judged)],
                "properties": {"on": on.isoformat(), "judged": list(judged), "notJudged": list(not_judged)},
                "results": [_result(j, places[j.control.id]) for j in shown],
            }
        ],
    }


def _driver(controls: Sequence[Control], frameworks: Sequence[Framework], version: str) -> dict[str, Any]:
    return {
        "name": "cloud-unless",
        "version": version,
        "rules": [_rule(c) for c in controls],
        "supportedTaxonomies": [{"name": f.id, "index": n} for n, f in enumerate(frameworks)],
    }


def _rule(control: Control) -> dict[str, Any]:
    return {
        "id": control.id,
        "shortDescription": {"text": control.title},
        "fullDescription": {"text": f"{control.title}. Golden rule: {control.rule.value}."},
        "help": {"text": control.remedy},
        "defaultConfiguration": {"level": _LEVELS[control.severity]},
        "properties": {
            "tags": ["security", control.rule.value, *control.clauses],
            "security-severity": _SCORES[control.severity],
            "mandatory": control.mandatory,
        },
        "relationships": [{"target": _taxon(c), "kinds": ["relevant"]} for c in control.clauses],
    }


def _taxon(clause: str) -> dict[str, Any]:
    framework, _, clause_id = clause.partition(":")
    return {"id": clause_id, "toolComponent": {"name": framework}}


def _taxonomy(framework: Framework) -> dict[str, Any]:
    return {
        "name": framework.id,
        "version": framework.version,
        "organization": framework.publisher,
        "shortDescription": {"text": framework.title},
        "informationUri": framework.source,
        "isComprehensive": True,
        "taxa": [{"id": c.id, "name": c.title or c.id, "shortDescription": {"text": c.title or c.id}} for c in framework.clause],
    }


def _invocation(judgements: Sequence[Judgement], not_judged: Sequence[str]) -> dict[str, Any]:
    unknown = [j for j in judgements if j.blocks and j.answer.verdict is Verdict.UNKNOWN]
    return {
        "executionSuccessful": True,
        "toolExecutionNotifications": [
            {"level": "error", "associatedRule": {"id": j.control.id}, "message": {"text": f"{j.subject.name}: {j.answer.reason}"}}
            for j in unknown
        ]
        + [{"level": "error", "message": {"text": sentence}} for sentence in not_judged],
    }


def _result(judgement: Judgement, rule: int) -> dict[str, Any]:
    control, subject, answer = judgement.control, judgement.subject, judgement.answer
    fails = answer.verdict is Verdict.FAIL
    waiver = [{"kind": "external", "status": "accepted", "justification": judgement.waiver}] if judgement.waived_by else []
    return {
        "ruleId": control.id,
        "ruleIndex": rule,
        "kind": "fail" if fails else "open",
        "level": _LEVELS[control.severity] if fails else "none",
        "message": {"text": " ".join(t for t in (f"{subject.name}: {answer.reason}", judgement.waiver, control.remedy) if t)},
        "locations": [_location(judgement)],
        "partialFingerprints": {"cloudUnless/v1": fingerprint(judgement)},
        "suppressions": waiver,
        "properties": {"verdict": answer.verdict.value, "blocks": judgement.blocks, "path": answer.path, "subject": subject.id},
    }


def fingerprint(judgement: Judgement) -> str:
    """Which finding this is, whatever line it has moved to: the control, the subject and the place in its inputs."""
    named = "\0".join((judgement.control.id, judgement.subject.id, judgement.answer.path))
    return hashlib.sha256(named.encode()).hexdigest()


def _location(judgement: Judgement) -> dict[str, Any]:
    subject = judgement.subject
    logical = {"fullyQualifiedName": subject.id, "name": subject.name, "kind": "resource" if subject.kind == "resource" else "object"}
    if not subject.file:
        return {"logicalLocations": [logical]}
    where: dict[str, Any] = {"artifactLocation": {"uri": quote(subject.file.lstrip("/")), "uriBaseId": _BASE}}
    if subject.line:
        where["region"] = {"startLine": subject.line}
    return {"physicalLocation": where, "logicalLocations": [logical]}
