"""What runs have taken, the latest safe abort, and steps that begin too late."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from migration.execution import runs
from migration.execution.measured import Measured, Taken, measured, of_runs
from migration.execution.turning_back import is_too_late, turning_back
from migration.journal import Journal
from migration.runbooks import Phase, Runbook, Step, Window
from migration.steps.model import Question, Reply, StepWaitsError

OPENS = datetime(2027, 1, 1, 18, tzinfo=UTC)
WINDOW = Window(OPENS, OPENS + timedelta(hours=5), 60)  # usable until 22:00


def step(name: str, phase: Phase, minutes: int, back: int, **other: Any) -> Step:
    undo = "Undo it." if back else ""
    return Step(name, name, phase, "wave-lead", f"kind-{name}", {}, "Do.", "See.", undo, minutes=minutes, undo_minutes=back, **other)


STEPS = (
    step("look", Phase.PRE_CHECKS, 30, 0),
    step("stop", Phase.FREEZE, 10, 20),
    step("copy", Phase.COPY, 60, 30),
    step("open", Phase.CUT_OVER, 10, 0, is_point_of_no_return=True),
    step("watch", Phase.HYPERCARE, 60, 0),
)
RUNBOOK = Runbook("r", "w", "W", OPENS.date(), OPENS.date(), "sha256:p", {}, STEPS, WINDOW)


def at(clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return OPENS.replace(hour=hour, minute=minute)


@pytest.mark.parametrize(
    ("begun", "clock", "back"), [((), "22:00", 0), (("look",), "22:00", 0), (("stop",), "21:40", 20), (("stop", "copy"), "21:10", 50)]
)
def test_the_latest_safe_abort_is_earlier_by_the_way_back(begun: tuple[str, ...], clock: str, back: int) -> None:
    found = turning_back(RUNBOOK, begun, Measured())
    assert found is not None
    assert (found.latest, found.back_minutes, found.measured_minutes) == (at(clock), back, 0)


def test_what_was_measured_takes_the_place_of_the_estimate() -> None:
    found = turning_back(RUNBOOK, ("stop", "copy"), Measured(back={"kind-copy": 45}))
    assert found is not None
    assert (found.latest, found.back_minutes, found.measured_minutes) == (at("20:55"), 65, 45)


def test_without_a_window_nothing_is_too_late() -> None:
    runbook = replace(RUNBOOK, window=None)
    assert turning_back(runbook, ("stop",), Measured()) is None
    assert is_too_late(runbook, STEPS[2], ("stop",), Measured(), OPENS + timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("number", "begun", "clock", "is_late"),
    [
        (2, ("stop",), "20:10", False),  # 60 minutes of copying end at 21:10, and the way back takes 50 until 22:00
        (2, ("stop",), "20:11", True),
        (1, (), "21:30", False),
        (1, (), "21:31", True),
        (0, (), "23:59", False),  # before the freeze nothing is away
        (4, ("stop", "copy", "open"), "23:59", False),  # after the point of no return there is no turning back
        (3, ("stop", "copy"), "21:00", False),  # the point of no return itself must leave the time
        (3, ("stop", "copy"), "21:01", True),
    ],
)
def test_a_step_may_begin_while_it_leaves_time_to_turn_back(number: int, begun: tuple[str, ...], clock: str, is_late: bool) -> None:
    assert (is_too_late(RUNBOOK, STEPS[number], begun, Measured(), at(clock)) is not None) is is_late


def test_a_step_that_was_measured_longer_is_too_late_sooner() -> None:
    assert is_too_late(RUNBOOK, STEPS[2], ("stop",), Measured(there={"kind-copy": 61}), at("20:10")) is not None


@pytest.mark.parametrize(("lengths", "p95"), [([1.0], 1), ([1.2], 2), (list(range(1, 21)), 19), (list(range(1, 22)), 20), ([3, 1, 2], 3)])
def test_percentiles_are_lengths_that_were_measured_rounded_up(lengths: list[float], p95: int) -> None:
    found = measured(Taken("r", "s", "k", is_back, n) for n in lengths for is_back in (False, True))
    assert (found.there, found.back, found.times) == ({"k": p95}, {"k": p95}, {"k": len(lengths)})


def test_lengths_are_read_from_journals_without_the_time_in_which_nobody_worked(tmp_path: Path) -> None:
    times = iter(range(100))
    (tmp_path / "r1").mkdir()
    journal = Journal(tmp_path / "r1" / "journal.jsonl", lambda: OPENS + timedelta(minutes=next(times)), lambda _: None)
    journal.add("opened")
    journal.add("intent", "a", {"kind": "ka"})  # minute 1
    journal.add("effect", "a")
    journal.add("receipt", "a")  # 3: two minutes
    journal.add("intent", "b", {"kind": "kb"})  # 4
    journal.add("fault", "b", {"answer": "stopped"})  # 5
    next(times)
    next(times)
    journal.add("resumed")  # 8: three minutes in which nobody worked
    journal.add("intent", "b", {"kind": "kb"})
    journal.add("receipt", "b")  # 10: six minutes since the first intent
    journal.add("undo-opened")
    journal.add("undo-intent", "b", {"kind": "kb"})  # 12
    journal.add("undo-receipt", "b")  # 13
    journal.add("undo-intent", "a", {"kind": "ka"})
    journal.close()
    (tmp_path / "r2").mkdir()
    (tmp_path / "r2" / "journal.jsonl").write_text("no journal\n")
    found = {(t.step, t.kind, t.is_back): t.minutes for t in of_runs(tmp_path)}
    assert found == {("a", "ka", False): 2, ("b", "kb", False): 3, ("b", "kb", True): 1}


NIGHT = Window(datetime(2027, 1, 5, 18, tzinfo=UTC), datetime(2027, 1, 6, 2, tzinfo=UTC))


def windowed(council: Any) -> Any:
    return replace(council, runbook=replace(council.runbook, window=NIGHT))


def hands(council: Any, minutes_left: int, **other: Any) -> Any:
    """Hands whose clock stands still, so many minutes before the window closes."""
    return replace(council.hands(**other), now=lambda: NIGHT.closes - timedelta(minutes=minutes_left))


def test_a_run_stops_before_the_step_that_would_begin_too_late_until_somebody_decides(council: Any) -> None:
    late = windowed(council)
    asked: list[Question] = []

    def nobody(question: Question) -> Reply:
        if question.text.startswith("With it begun"):
            asked.append(question)
            raise StepWaitsError(question.text)
        return Reply(is_yes=True, by="tester", how="typed")

    first = runs.start(late.runs, "r1", late.runbook, hands(late, 30, ask=nobody))
    assert (first.answer, first.status.at_step) == ("waiting", "copy-hou-docs--s3")
    assert runs.status(late.runs, "r1").latest_safe_abort == "2027-01-06T01:58:00+00:00"  # two minutes for the freeze
    assert "With it begun the way back takes 32 minutes (0 of them measured), so the latest safe abort would be" in first.faults[0]
    assert council.contents() == {}

    def no(question: Question) -> Reply:
        return Reply(is_yes=not question.text.startswith("With it begun"), by="Ada Lovelace", how="typed")

    second = runs.resume(late.runs, "r1", hands(late, 30, ask=no))
    assert second.answer == "stopped"
    assert "Ada Lovelace decided not to go on" in second.faults[0]
    third = runs.resume(late.runs, "r1", hands(late, 30))
    assert (third.answer, third.faults) == ("done", ())
    records = [json.loads(line) for line in (late.runs / "r1" / "journal.jsonl").read_text().splitlines()]
    decided = [r["step"] for r in records if r["kind"] == "late"]
    assert decided[0] == "copy-hou-docs--s3"
    assert records[-1]["kind"] == "closed"


def test_a_run_with_time_enough_is_not_asked(council: Any) -> None:
    early = windowed(council)
    outcome = runs.start(early.runs, "r1", early.runbook, hands(early, 480))
    assert (outcome.answer, outcome.faults) == ("done", ())
    assert runs.status(early.runs, "r1").latest_safe_abort == ""
    assert '"kind": "late"' not in (early.runs / "r1" / "journal.jsonl").read_text()


def test_the_way_back_is_never_too_late(council: Any) -> None:
    early = windowed(council)

    def no(question: Question) -> Reply:
        return Reply(is_yes=not question.text.startswith("With it begun"), by="Ada Lovelace", how="typed")

    runs.start(early.runs, "r1", early.runbook, hands(early, 30, ask=no))
    assert runs.undo(early.runs, "r1", hands(early, 30, ask=no)).status.state == "rolled back"
