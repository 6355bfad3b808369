"""Every control against its cases, and whether every control has all that it needs."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from typing import Any

from policies.catalogue import all_controls
from policies.evaluate import evaluate
from policies.frameworks import frameworks
from policies.model import Portfolio, Verdict

CONTROLS = {c.id: c for c in all_controls()}
SEVERITIES = {c.id: c.severity for c in all_controls()}


def test_every_case_gets_its_verdict(cases: list[Any], on: date) -> None:
    wrong: list[str] = []
    for case in cases:
        judged = evaluate(Portfolio(case.subjects, on, SEVERITIES), [CONTROLS[case.control]])
        mine = [j.answer for j in judged if j.subject.id == case.subjects[0].id]
        verdict = mine[0].verdict if mine else Verdict.NOT_APPLICABLE
        if verdict is not case.verdict:
            wrong.append(f"{case.control}/{case.name}: {verdict} ({mine[0].reason if mine else 'not judged'})")
        elif case.path and mine[0].path != case.path:
            wrong.append(f"{case.control}/{case.name}: looked at {mine[0].path}, not {case.path}")
        elif mine and "failed (" in mine[0].reason:
            wrong.append(f"{case.control}/{case.name}: {mine[0].reason}")
    assert wrong == []


def test_every_control_has_cases_of_every_verdict(cases: list[Any]) -> None:
    held: dict[str, set[Verdict]] = defaultdict(set)
    for case in cases:
        held[case.control].add(case.verdict)
    assert set(held) == set(CONTROLS)
    # Whether a resource is protected, and what it stands below, is always known: there is nothing in it that can be unknown.
    assert {c for c, v in held.items() if v != set(Verdict)} == {"foundations-are-protected", "resources-belong-to-a-component"}


def test_every_control_has_a_clause_that_exists_a_remedy_and_a_title() -> None:
    clauses = {f"{f.id}:{c.id}" for f in frameworks() for c in f.clause}
    for control in CONTROLS.values():
        assert control.clauses, control.id
        assert set(control.clauses) <= clauses
        assert control.remedy.endswith(".")
        assert not control.title.endswith(".")
        assert control.types


def test_ids_are_kebab_case_and_name_no_framework() -> None:
    assert len(CONTROLS) == len(all_controls())
    names = ("ncsc", "caf", "mcsb", "cyber-essentials", "tcop", "cis")
    for control in CONTROLS:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", control)
        assert not set(control.split("-")) & set(names)


def test_controls_that_need_their_neighbours_say_so(cases: list[Any], on: date) -> None:
    """A control judged without its neighbours says the same as with them, unless it declares that it looks around."""
    for case in cases:
        control = CONTROLS[case.control]
        if control.looks_around or len(case.subjects) < 2:
            continue
        alone = evaluate(Portfolio(case.subjects[:1], on, SEVERITIES), [control])
        among = evaluate(Portfolio(case.subjects, on, SEVERITIES), [control])
        assert [j.answer for j in alone] == [j.answer for j in among if j.subject.id == case.subjects[0].id]
