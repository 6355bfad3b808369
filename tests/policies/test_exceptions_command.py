"""`unless exceptions`: the state of each entry on a day, and its exit code."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.application import app
from policies.catalogue import all_controls
from policies.model import Answer, Judgement, Subject, Verdict
from policies.register import parse_register
from policies.standing import State, sound, standings
from policies.waivers import waive

FAILS = Answer(Verdict.FAIL, "Nobody has said.")
HEAD = 'format = "cloud-unless/exceptions/1"\n'
REASONS = """category = "time to mend"
rationale = "It is mended with the next release."
options = [{ name = "Wait", five_year_cost_pence = 0 }, { name = "Mend it now", five_year_cost_pence = 900_000 }]
risk = "Little."
compensating_controls = ["It is watched."]
review_on = 2026-04-01
exit_plan = "The next release."
evidence = ["Minute 3"]
"""


def entry(name: str, first: str = "2026-01-01", last: str = "2026-06-29", more: str = "", approver: str = "Head of Technology") -> str:
    dates = (f"approved_on = {first}\n" if first else "") + (f"expires_on = {last}\n" if last else "")
    said = (
        f'id = "{name}"\ncontrols = ["dataset-has-retention"]\nsubjects = ["{name}-d"]\nrequester = "Web team"\napprover = "{approver}"\n'
    )
    return f"[[exception]]\n{said}{dates}{REASONS}{more}\n"


def states(text: str, on: date) -> dict[str, tuple[State, int | None]]:
    return {s.id: (s.state, s.days_left) for s in standings(parse_register(HEAD + text, "r.toml"), (), on)}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["exceptions", *map(str, arguments)])


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / ".unless"
    folder.mkdir()
    (folder / "unless.toml").write_text("", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("on", "state", "left"),
    [
        (date(2025, 12, 31), State.NOT_YET, None),
        (date(2026, 1, 1), State.IN_FORCE, 179),
        (date(2026, 5, 29), State.IN_FORCE, 31),
        (date(2026, 5, 30), State.ENDS_SOON, 30),
        (date(2026, 6, 29), State.ENDS_SOON, 0),
        (date(2026, 6, 30), State.EXPIRED, None),
    ],
)
def test_an_entry_runs_from_its_approval_to_its_last_day(on: date, state: State, left: int | None) -> None:
    assert states(entry("A"), on) == {"A": (state, left)}


def test_what_is_not_approved_or_has_no_end_says_so() -> None:
    text = entry("A", approver="") + entry("B", approver="Web team") + entry("C", first="") + entry("D", last="")
    assert states(text, date(2026, 3, 1)) == {
        "A": (State.NOT_APPROVED, None),
        "B": (State.NOT_APPROVED, None),
        "C": (State.NOT_APPROVED, None),
        "D": (State.WITHOUT_END, None),
    }


def test_an_entry_that_another_renews_is_renewed_from_that_ones_approval() -> None:
    text = entry("A") + entry("B", first="2026-06-20", last="2026-12-01", more='renews = ["A"]')
    assert states(text, date(2026, 6, 19))["A"] == (State.ENDS_SOON, 10)
    assert states(text, date(2026, 6, 20))["A"] == (State.RENEWED, 9)
    assert states(text, date(2026, 8, 1)) == {"A": (State.RENEWED, None), "B": (State.IN_FORCE, 122)}


def test_a_contract_of_the_plan_bounds_an_entry() -> None:
    register = parse_register(HEAD + entry("A"), "r.toml")
    workload = Subject("workload", "workload", "A-d", "A-d", {"contract_ends": "2026-06-28"})
    (alone,), (bound,) = standings(register, (), date(2026, 3, 1)), standings(register, (workload,), date(2026, 3, 1))
    assert not alone.blocks
    assert bound.blocks
    assert "exception-expires-within-its-cap" in bound.fails


def test_the_list_of_a_sound_register_is_fine(workspace: Path) -> None:
    register = workspace.parent / "r.toml"
    register.write_text(HEAD + entry("A"), encoding="utf-8")
    done = run("-w", workspace, "--exceptions", register, "--on", "2026-03-01")
    assert done.exit_code == 0, done.output
    assert "1 entry, 0 of which fail." in done.output
    (held,) = json.loads(run("-w", workspace, "--exceptions", register, "--on", "2026-03-01", "--json").stdout)
    assert (held["id"], held["state"], held["days_left"], held["approver"]) == ("A", "in force", 120, "Head of Technology")


def test_an_expired_entry_is_found_on_its_day(workspace: Path) -> None:
    register = workspace.parent / "r.toml"
    register.write_text(HEAD + entry("A"), encoding="utf-8")
    assert run("-w", workspace, "--exceptions", register, "--on", "2026-06-29").exit_code == 0
    late = run("-w", workspace, "--exceptions", register, "--on", "2026-06-30")
    assert late.exit_code == 1
    assert "exception-is-in-date" in late.output


def test_the_plan_of_the_workspace_is_read(workspace: Path) -> None:
    register = workspace.parent / "r.toml"
    register.write_text(HEAD + entry("A"), encoding="utf-8")
    plan: dict[str, Any] = {"format": "cloud-unless/plan/1", "workloads": [{"id": "A-d", "contract_ends": "2026-06-28"}]}
    (workspace / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    assert run("-w", workspace, "--exceptions", register, "--on", "2026-03-01").exit_code == 1
    del plan["workloads"][0]["contract_ends"]
    (workspace / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    assert run("-w", workspace, "--exceptions", register, "--on", "2026-03-01").exit_code == 3


def test_faults_are_plain(workspace: Path) -> None:
    assert run("-w", workspace).exit_code == 3
    assert "There is no exception register" in run("-w", workspace).output
    assert run("-w", workspace / "none").exit_code == 1
    assert "cannot be read" in str(run("-w", workspace, "--exceptions", workspace / "none.toml").exception)
    register = workspace.parent / "r.toml"
    register.write_text(HEAD, encoding="utf-8")
    done = run("-w", workspace, "--exceptions", register, "--on", "soon")
    assert done.exit_code == 2
    assert "--on soon: is not a date" in done.output


def test_an_entry_that_fails_its_own_controls_waives_nothing_where_nobody_sees_its_verdicts() -> None:
    register = sound(parse_register(HEAD + entry("A") + entry("B", approver="Web manager"), "r.toml"), date(2026, 3, 1))
    assert register.unsound == {"B": ("exception-approver-has-authority",)}
    control = next(c for c in all_controls() if c.id == "dataset-has-retention")
    judged = {
        s: waive(Judgement(control, Subject("dataset", "dataset", s, s, {}), FAILS), register, date(2026, 3, 1)) for s in ("A-d", "B-d")
    }
    assert (judged["A-d"].waived_by, judged["B-d"].waived_by) == ("A", "")
    assert judged["B-d"].waiver == "Exception B waives nothing: it fails exception-approver-has-authority."
