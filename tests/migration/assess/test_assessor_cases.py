from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from migration.assessors import ASSESSORS
from migration.model import Effect, Finding
from tests.migration.assess.conftest import Case

CASES = Path(__file__).parents[2] / "cases"
FILES = sorted(CASES.glob("assessor-*/*.toml"))
KINDS = ("passing", "failing", "unknown", "not-applicable")


def faults_of(name: str, findings: Sequence[Finding], case: Case) -> list[str]:
    """Where findings are not what their case expects: effect, subject, words of the reason, the remedy and the evidence, the effort."""
    said = [(f.effect.value, f.subject, f.reason) for f in findings]
    if [(effect, subject) for effect, subject, _ in said] != [(e["effect"], e["subject"]) for e in case.expect]:
        return [f"found {said}"]
    return [fault for f, e in zip(findings, case.expect, strict=True) for fault in (*_unexpected(f, e, case), *_malformed(name, f, case))]


def _unexpected(finding: Finding, expected: Mapping[str, Any], case: Case) -> Iterator[str]:
    evidence = "\n".join(finding.evidence)
    for key, text in (("says", finding.reason), ("remedy", finding.remedy), ("evidence", evidence)):
        if expected.get(key, "") not in text:
            yield f"{expected[key]!r} is not in {text!r}"
    if (without := expected.get("without")) and without in f"{finding.reason}\n{evidence}":
        yield f"{without!r} is in {finding.reason!r} or {evidence!r}"
    if len(finding.evidence) != expected.get("lines", len(finding.evidence)):
        yield f"{len(finding.evidence)} lines of evidence, not {expected['lines']}"
    read = [line.partition(": case.toml, ")[0].replace(" ", "_") for line in finding.evidence if ": case.toml, " in line]
    if "from" in expected and read != expected["from"]:
        yield f"it is read from {read}, not from {expected['from']}"
    if "effort" in expected and finding.effort_days != case.terms.knowledge.efforts[expected["effort"]]:
        yield f"effort is {finding.effort_days}, not that of {expected['effort']}"


def _malformed(name: str, f: Finding, case: Case) -> Iterator[str]:
    if (f.assessor, f.workload_id) != (name, case.workload.id):
        yield f"said by {f.assessor} of {f.workload_id}"
    if not ((f.reason[0].isupper() or f.reason.startswith(("pay", "led"))) and f.reason.endswith(".")):
        yield f"{f.reason!r} is not a sentence"
    if not (f.remedy.endswith(".") or f.effect is Effect.NONE):
        yield f"{f.remedy!r} does not say what to do"
    if f.effort_days is not None and f.effect is Effect.NONE:
        yield "what is fine takes no effort"


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_each_assessor_says_what_its_case_expects(path: Path, read_case: Callable[[Path], Case]) -> None:
    case, name = read_case(path), path.parent.name.removeprefix("assessor-")
    assert faults_of(name, dict(ASSESSORS)[name](case.workload, case.estate, case.terms), case) == []


@pytest.mark.parametrize("name", [name for name, _ in ASSESSORS])
def test_each_assessor_has_cases_that_pass_fail_cannot_tell_and_do_not_apply(name: str) -> None:
    stems = [p.stem for p in (CASES / f"assessor-{name}").glob("*.toml")]
    missing = [kind for kind in KINDS if not any(s.startswith(kind) for s in stems)]
    assert not missing


def test_every_folder_of_cases_belongs_to_an_assessor() -> None:
    assert {p.parent.name.removeprefix("assessor-") for p in FILES} == {name for name, _ in ASSESSORS}
