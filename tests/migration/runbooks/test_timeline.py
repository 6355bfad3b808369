"""When each step of the night begins, and the hours that a wave may take."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from migration import runbooks
from migration.errors import MigrationError
from migration.runbooks import Phase, Runbook, Window, file, render
from migration.runbooks.faults import faults
from migration.runbooks.knowledge import roles, templates
from migration.runbooks.timeline import minutes_away, minutes_back, timeline

GOLDEN = Path(__file__).parents[2] / "cases" / "runbook-golden"
OPENS = datetime(2027, 1, 15, 18, tzinfo=UTC)
LONG = Window(OPENS, OPENS + timedelta(hours=30), 120)


def compiled(windows: dict[str, Window] | None = None) -> Runbook:
    plan: dict[str, Any] = json.loads((GOLDEN / "plan.json").read_text("utf-8"))
    return runbooks.compile(plan, "wave-1", runbooks.read_targets(GOLDEN / "targets.toml"), windows)


def test_each_step_begins_when_the_ones_before_it_should_be_over_and_t_is_the_freeze() -> None:
    slots = timeline(compiled())
    assert all(b.offset == a.offset + a.minutes for a, b in pairwise(slots))
    noon = next(s for s in slots if s.offset == 0)
    assert (noon.step.phase, noon.when, noon.at) == (Phase.FREEZE, "T", None)
    assert [slots[0].when, slots[-1].when] == ["T-1 h 35 min", "T+16 h 41 min"]
    assert {s.step.phase for s in slots}.isdisjoint({Phase.HYPERCARE, Phase.DECOMMISSION})


@pytest.mark.parametrize(("offset", "said"), [(0, "T"), (-15, "T-15 min"), (60, "T+1 h"), (-125, "T-2 h 5 min")])
def test_how_people_say_it(offset: int, said: str) -> None:
    assert replace(timeline(compiled())[0], offset=offset).when == said


def test_a_window_gives_each_step_its_time_on_the_councils_clocks() -> None:
    runbook = compiled({"wave-1": LONG})
    times = {t.step.id: t.at for t in timeline(runbook)}
    assert times["stop-crm"] == OPENS
    assert times["go"] == OPENS - timedelta(minutes=15)
    summer = replace(runbook, window=Window(datetime(2027, 6, 4, 17, tzinfo=UTC), datetime(2027, 6, 6, 5, tzinfo=UTC)))
    assert "Fri 04 Jun 2027 18:00 BST to Sun 06 Jun 2027 06:00 BST" in render.as_markdown(summer)


def test_what_was_measured_takes_the_place_of_the_estimate() -> None:
    plain, measured = timeline(compiled()), timeline(compiled(), {"copy-files": 90})
    assert measured[-1].offset - plain[-1].offset == 2 * (90 - 30)


def test_the_way_back_is_as_long_as_the_steps_that_have_one() -> None:
    runbook = compiled()
    assert minutes_back(()) == 0
    assert minutes_back(runbook.steps) == sum(s.undo_minutes for s in runbook.steps if s.undo) > 0
    assert all(s.undo_minutes == 0 for s in runbook.steps if not s.undo)


def test_a_runbook_with_a_window_is_read_back_as_it_was(tmp_path: Path) -> None:
    runbook = compiled({"wave-1": LONG})
    file.write(runbook, tmp_path / "wave-1.yaml")
    assert file.read(tmp_path / "wave-1.yaml") == runbook
    assert runbook.digest != compiled().digest


def test_every_template_names_who_answers_and_what_is_kept() -> None:
    assert [t.id for t in templates() if t.accountable not in roles() or not t.evidence] == []
    assert [t.id for t in templates() if bool(t.informed) != bool(t.tell)] == []


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (Window(OPENS, OPENS), "closes (2027-01-15 18:00:00+00:00) before it opens"),
        (Window(OPENS - timedelta(days=9), OPENS), "is outside the wave (2027-01-11 to 2027-01-24)"),
        (Window(OPENS, OPENS + timedelta(days=11)), "is outside the wave"),
        (Window(OPENS, OPENS + timedelta(minutes=minutes_away(compiled()) - 1)), "and the window has 1010 before its contingency"),
        (Window(OPENS, OPENS + timedelta(minutes=minutes_away(compiled()) + 60), 61), "and the window has 1010 before its contingency"),
    ],
)
def test_hours_that_cannot_be_kept_are_refused(window: Window, said: str) -> None:
    with pytest.raises(MigrationError, match="runbook-wave-1: its ") as wrong:
        compiled({"wave-1": window})
    assert said in str(wrong.value)


@pytest.mark.parametrize(
    "window",
    [
        Window(OPENS, OPENS + timedelta(minutes=minutes_away(compiled()))),
        Window(OPENS, OPENS + timedelta(minutes=minutes_away(compiled()) + 60), 60),
        Window(datetime(2027, 1, 11, 0, tzinfo=UTC), datetime(2027, 1, 25, 6, tzinfo=UTC)),  # the last night ends in the morning
    ],
)
def test_hours_that_just_suffice_are_taken(window: Window) -> None:
    assert compiled({"wave-1": window}).window == window


def test_hours_of_a_wave_that_the_plan_lacks_are_refused() -> None:
    with pytest.raises(MigrationError, match="the plan has no wave wave-9"):
        compiled({"wave-9": LONG})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('wave = "w"\nopens = 2027-01-15T18:00:00\ncloses = 2027-01-15T19:00:00Z\ncontingency_minutes = 0', "window.0.opens"),
        ('wave = "w"\nopens = 2027-01-15T18:00:00Z\ncloses = 2027-01-15T19:00:00Z', "window.0.contingency_minutes"),
        ('wave = "w"\nopens = 2027-01-15T18:00:00Z\ncloses = 2027-01-15T19:00:00Z\ncontingency_minutes = -1', "contingency_minutes"),
    ],
)
def test_hours_that_cannot_be_read_are_faults(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "targets.toml").write_text(f'format = "cloud-unless/targets/1"\n[[window]]\n{text}\n')
    with pytest.raises(MigrationError, match=said):
        runbooks.read_windows(tmp_path / "targets.toml")


def test_one_wave_has_one_window(tmp_path: Path) -> None:
    one = '[[window]]\nwave = "w"\nopens = 2027-01-15T18:00:00Z\ncloses = 2027-01-15T19:00:00Z\ncontingency_minutes = 0\n'
    (tmp_path / "targets.toml").write_text('format = "cloud-unless/targets/1"\n' + one)
    assert runbooks.read_windows(tmp_path / "targets.toml")["w"].usable_until == datetime(2027, 1, 15, 19, tzinfo=UTC)
    (tmp_path / "targets.toml").write_text('format = "cloud-unless/targets/1"\n' + one + one)
    with pytest.raises(MigrationError, match="the wave w has more than one window"):
        runbooks.read_windows(tmp_path / "targets.toml")


@pytest.mark.parametrize("word", ["accountable", "consulted", "informed"])
def test_a_role_that_nobody_has_is_refused_in_every_part(word: str) -> None:
    runbook = compiled()
    value: object = "nobody" if word == "accountable" else ("nobody", "wave-lead")
    step = replace(runbook.steps[0], **{word: value})
    (fault,) = faults(replace(runbook, steps=(step, *runbook.steps[1:])), roles())
    assert f"step backups: {word} is 'nobody', a role that nobody has" in fault
