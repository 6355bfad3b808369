from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from migration.errors import MigrationError
from migration.plan import make_plan, read_plan, write_plan

CASES = Path(__file__).parents[2] / "cases" / "waves-planned"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda p: p.stem)
def test_a_plan_read_back_is_the_plan_that_was_written(path: Path, read_case: Callable[[Path], Any], tmp_path: Path) -> None:
    case = read_case(path)
    plan = make_plan(case.estate, case.assessments, case.terms)
    file = tmp_path / "plan.json"
    write_plan(file, plan, case.estate)
    first = file.read_bytes()
    again = read_plan(file)
    bare = {i: dataclasses.replace(a, findings=()) for i, a in plan.assessments.items()}
    assert again == dataclasses.replace(plan, assessments=bare)
    write_plan(file, make_plan(case.estate, case.assessments, case.terms), case.estate)
    assert file.read_bytes() == first
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


def test_the_file_has_the_keys_that_its_reference_names(read_case: Callable[[Path], Any], tmp_path: Path) -> None:
    case = read_case(CASES / "not-assessed.toml")
    write_plan(tmp_path / "plan.json", make_plan(case.estate, case.assessments, case.terms), case.estate)
    held = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    reference = (Path(__file__).parents[3] / "docs" / "reference" / "files.md").read_text("utf-8")
    part = reference.partition("## `plan.json`")[2].partition("\n## ")[0]
    assert all(f'"{key}"' in part for key in held)
    for workload in held["workloads"]:
        assert all(f'"{key}"' in part for key in workload)
    unassessed = next(w for w in held["workloads"] if w["id"] == "a")
    assert (unassessed["readiness"], unassessed["disposition"], unassessed["wave"]) == ("unknown", None, "")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "There is no plan at"),
        (b"{", "is not readable as a plan"),
        (b"\xff\xff", "is not readable as a plan"),
        (b"[]", "is not a plan of the format"),
        (b'{"format": "cloud-unless/plan/9"}', "is not a plan of the format"),
        (b'{"format": "cloud-unless/plan/1"}', "not what a plan holds there"),
        (b'{"format": "cloud-unless/plan/1", "on": 7}', "not what a plan holds there"),
    ],
)
def test_a_file_that_is_no_plan_is_a_plain_sentence(content: bytes | None, says: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(MigrationError) as wrong:
        read_plan(file)
    assert wrong.value.faults
    assert all(says in fault and "unless plan" in fault for fault in wrong.value.faults)


def test_a_first_wave_before_the_plan_is_refused(read_case: Callable[[Path], Any]) -> None:
    case = read_case(CASES / "not-assessed.toml")
    late = dataclasses.replace(case.terms, on=date(2027, 6, 1))
    with pytest.raises(MigrationError, match="Set a later first_wave_starts"):
        make_plan(case.estate, case.assessments, late)
