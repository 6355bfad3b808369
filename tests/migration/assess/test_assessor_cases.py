from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migration.assessors import ASSESSORS

CASES = Path(__file__).parents[2] / "cases"
FILES = sorted(CASES.glob("assessor-*/*.toml"))
KINDS = ("passing", "failing", "unknown", "not-applicable")


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_each_assessor_says_what_its_case_expects(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    assessor = dict(ASSESSORS)[path.parent.name.removeprefix("assessor-")]
    findings = assessor(case.workload, case.estate, case.terms)
    said = [(f.effect.value, f.subject, f.reason) for f in findings]
    assert [(effect, subject) for effect, subject, _ in said] == [(e["effect"], e["subject"]) for e in case.expect], said
    for finding, expected in zip(findings, case.expect, strict=True):
        assert expected["says"] in finding.reason
        assert expected.get("evidence", "") in "\n".join(finding.evidence)


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_each_finding_is_a_sentence_and_what_is_not_fine_has_a_remedy(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    name = path.parent.name.removeprefix("assessor-")
    for finding in dict(ASSESSORS)[name](case.workload, case.estate, case.terms):
        assert finding.assessor == name
        assert finding.workload_id == case.workload.id
        assert finding.reason[0].isupper() or finding.reason.startswith(("pay", "led"))
        assert finding.reason.endswith(".")
        assert finding.remedy.endswith(".") or finding.effect.value == "none"
        assert finding.effort_days is None or finding.effect.value != "none"


@pytest.mark.parametrize("name", [name for name, _ in ASSESSORS])
def test_each_assessor_has_cases_that_pass_fail_cannot_tell_and_do_not_apply(name: str) -> None:
    stems = [p.stem for p in (CASES / f"assessor-{name}").glob("*.toml")]
    missing = [kind for kind in KINDS if not any(s.startswith(kind) for s in stems)]
    assert not missing


def test_every_folder_of_cases_belongs_to_an_assessor() -> None:
    assert {p.parent.name.removeprefix("assessor-") for p in FILES} == {name for name, _ in ASSESSORS}
