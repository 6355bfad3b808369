from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migration.plan import make_plan

CASES = Path(__file__).parents[2] / "cases"


def _files(folder: str) -> list[Path]:
    return sorted((CASES / folder).glob("*.toml"))


@pytest.mark.parametrize("path", _files("waves-planned"), ids=lambda p: p.stem)
def test_each_case_has_the_waves_and_the_reasons_it_expects(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    plan = make_plan(case.estate, case.assessments, case.terms)
    waves = [{"starts": w.starts, "ends": w.ends, "workloads": list(w.workload_ids)} for w in plan.waves]
    assert waves == case.expect.get("waves", [])
    assert [w.id for w in plan.waves] == [f"wave-{n}" for n in range(1, len(waves) + 1)]
    expected: dict[str, str] = case.expect.get("unplanned", {})
    assert set(plan.unplanned) == set(expected)
    for workload_id, part in expected.items():
        assert part in plan.unplanned[workload_id]
    notes: list[str] = case.expect.get("notes", [])
    assert len(plan.notes) == len(notes)
    for part, note in zip(notes, plan.notes, strict=True):
        assert part in note


@pytest.mark.parametrize("path", _files("move-groups-formed"), ids=lambda p: p.stem)
def test_each_case_has_the_groups_and_the_ties_it_expects(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    plan = make_plan(case.estate, case.assessments, case.terms)
    assert [list(g.workload_ids) for g in plan.groups] == case.expect["groups"]
    assert [sentence for g in plan.groups for sentence in g.because] == case.expect.get("because", [])
    assert [sentence for g in plan.groups for sentence in g.crossings] == case.expect.get("crossings", [])
