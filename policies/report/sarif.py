"""The findings as SARIF 2.1.0 (OASIS): rules, taxonomies of the frameworks, suppressions for waivers, stable fingerprints.

A fail is kind `fail`; an unknown is kind `open`, which the standard defines as too little information to decide, with level
`none` as it requires (3.27.10); so that scanners which show alerts only do not lose it, a blocking unknown is also a
notification of the run, and so is what was not judged at all. Passes and what does not apply are left out.

With a base each result has its `baselineState`. What the base had and is mended is not written as an absent result, since scanners
would show it as an alert; the run's properties count it.

GitHub refuses a whole file in which a result has no physical location, or a rule has more than 20 tags, and follows an alert by
`primaryLocationLineHash` alone (docs.github.com, "SARIF support for code scanning" and "SARIF results exceed limits", read
2026-11-25). So every result has a place, tags are the few that people filter by, and that hash is our fingerprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import PureWindowsPath
from typing import Any, Final
from urllib.parse import quote

from policies.check import Check
from policies.frameworks import Framework
from policies.model import Control, Judgement, Severity, Verdict
from policies.register import Register
from policies.report.base import Base, difference, fingerprint
from policies.report.lines import standing

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE: Final = "SRCROOT"
_NOWHERE: Final = "Pulumi.yaml"
_LEVELS: Final = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
# GitHub code scanning sorts by this number; the steps are those of CVSS 3.1's ratings.
_SCORES: Final = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}


def sarif(
    done: Check, controls: Sequence[Control], frameworks: Sequence[Framework], version: str, base: Base | None = None
) -> dict[str, Any]:
    """One SARIF log with one run. `version` is the tool's; `base` the findings that today's are compared with."""
    places = {c.id: n for n, c in enumerate(controls)}
    shown = [j for j in done.judgements if standing(j) is not None]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(controls, frameworks, version)},
                "taxonomies": [_taxonomy(f) for f in frameworks],
                "originalUriBaseIds": {_BASE: {"description": {"text": "The folder of the Pulumi project."}}},
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(done.judgements, done.not_judged)],
                "properties": {
                    "on": done.on.isoformat(),
                    "judged": list(done.judged),
                    "notJudged": list(done.not_judged),
                    **({} if base is None else {"mendedSinceBase": len(difference(shown, base).fixed)}),
                },
                "results": [_result(j, places[j.control.id], done.register, base) for j in shown],
            }
        ],
    }


def _driver(controls: Sequence[Control], frameworks: Sequence[Framework], version: str) -> dict[str, Any]:
    taxa = {f"{f.id}:{c.id}": (n, m) for n, f in enumerate(frameworks) for m, c in enumerate(f.clause)}
    return {
        "name": "cloud-unless",
        "version": version,
        "rules": [_rule(c, taxa) for c in controls],
        "supportedTaxonomies": [{"name": f.id, "index": n} for n, f in enumerate(frameworks)],
    }


def _rule(control: Control, taxa: dict[str, tuple[int, int]]) -> dict[str, Any]:
    clauses = f" Clauses: {', '.join(control.clauses)}." if control.clauses else ""
    return {
        "id": control.id,
        "shortDescription": {"text": control.title},
        "fullDescription": {"text": f"{control.title}. Golden rule: {control.rule.value}."},
        "help": {"text": f"Remedy: {control.remedy}{clauses}"},
        "defaultConfiguration": {"level": _LEVELS[control.severity]},
        "properties": {
            "tags": ["security", control.rule.value, *sorted({c.partition(":")[0] for c in control.clauses})][:20],
            "security-severity": _SCORES[control.severity],
            "mandatory": control.mandatory,
            "clauses": list(control.clauses),
        },
        "relationships": [{"target": _taxon(c, *taxa[c]), "kinds": ["relevant"]} for c in control.clauses],
    }


def _taxon(clause: str, framework: int, taxon: int) -> dict[str, Any]:
    name, _, clause_id = clause.partition(":")
    return {"id": clause_id, "index": taxon, "toolComponent": {"name": name, "index": framework}}


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


def _result(judgement: Judgement, rule: int, register: Register, base: Base | None) -> dict[str, Any]:
    control, subject, answer = judgement.control, judgement.subject, judgement.answer
    fails = answer.verdict is Verdict.FAIL
    mark = fingerprint(judgement)
    stands = standing(judgement)
    return {
        "ruleId": control.id,
        "ruleIndex": rule,
        "kind": "fail" if fails else "open",
        "level": _LEVELS[control.severity] if fails else "none",
        "message": {"text": " ".join(t for t in (f"{subject.name}: {answer.reason}", judgement.waiver, control.remedy) if t)},
        "locations": [_location(judgement)],
        "partialFingerprints": {"cloudUnless/v2": mark, "primaryLocationLineHash": mark},
        "suppressions": _suppressions(judgement, register),
        **({} if base is None else {"baselineState": _baseline(answer.verdict, mark, base)}),
        "properties": {
            "verdict": answer.verdict.value,
            "blocks": judgement.blocks,
            "standing": stands.value if stands else "",
            "path": answer.path,
            "about": judgement.about,
            "subject": subject.id,
        },
    }


def _baseline(verdict: Verdict, mark: str, base: Base) -> str:
    """`updated` where the base had the finding with another verdict."""
    if mark not in base.rows:
        return "new"
    return "unchanged" if base.rows[mark].verdict is verdict else "updated"


def _suppressions(judgement: Judgement, register: Register) -> list[dict[str, Any]]:
    """The waiver with why it was given, until when, and where the register has it. An empty list says: nothing suppresses it."""
    if not judgement.waived_by:
        return []
    entry = next((e for e in register.entries if e.id == judgement.waived_by), None)
    written = next((s for s in register.subjects if s.id == judgement.waived_by), None)
    until: date | None = judgement.waived_until
    made: dict[str, Any] = {
        "kind": "external",
        "status": "accepted",
        "justification": " ".join(t for t in (judgement.waiver, entry.rationale if entry else "") if t),
        "properties": {"exception": judgement.waived_by, "expiresOn": until.isoformat() if until else None},
    }
    return [made | ({"location": {"physicalLocation": _physical(written.file, written.line)}} if written else {})]


def _location(judgement: Judgement) -> dict[str, Any]:
    subject = judgement.subject
    logical = {"fullyQualifiedName": subject.id, "name": subject.name, "kind": "resource" if subject.kind == "resource" else "object"}
    return {"physicalLocation": _physical(subject.file or _NOWHERE, judgement.line), "logicalLocations": [logical]}


def _physical(file: str, line: int) -> dict[str, Any]:
    """A place. What is said of a whole file stands at its first line: GitHub wants one."""
    return {"artifactLocation": _artifact(file), "region": {"startLine": line or 1}}


def _artifact(file: str) -> dict[str, str]:
    """A file of the project from its folder, any other by its whole path."""
    if file.startswith("/") or PureWindowsPath(file).is_absolute():
        return {"uri": f"file:///{quote(file.lstrip('/'), safe='/:', errors='replace')}"}
    return {"uri": quote(file, errors="replace"), "uriBaseId": _BASE}
