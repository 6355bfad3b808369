"""The day that `unless check` judges: waivers end with their last day in London, and no other day brings one back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from console.commands import check
from tests.policies.test_check_command import preview, run


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / ".unless"
    (folder / "rehearsal").mkdir(parents=True)
    (folder / "unless.toml").write_text("", encoding="utf-8")
    return folder


REGISTER = """format = "cloud-unless/exceptions/1"
[[exception]]
id = "EX-1"
controls = ["storage-denies-shared-keys"]
subjects = ["sa"]
requester = "A"
approver = "Chief Information Officer"
approved_on = {approved_on}
expires_on = {expires_on}
category = "time to mend"
rationale = "The old forms sign in with a key until they are moved."
options = [{{ name = "Keep the key", five_year_cost_pence = 0 }}, {{ name = "Move now", five_year_cost_pence = 900_000 }}]
risk = "Whoever has the key reads the forms."
compensating_controls = ["The key is changed every month."]
review_on = {approved_on}
exit_plan = "The forms move within the term."
evidence = ["Minute 3 of the Digital Board"]
"""


def register_until(day: str) -> str:
    return REGISTER.format(expires_on=day, approved_on=date.fromisoformat(day) - timedelta(days=90))


@pytest.mark.parametrize(
    ("expires_on", "now", "code"),
    [
        ("2026-06-30", "2026-06-30T22:59:59+00:00", 0),  # 23:59:59 in London, in summer time
        ("2026-06-30", "2026-06-30T23:00:00+00:00", 1),  # midnight in London, while it is still the 30th in UTC
        ("2026-03-29", "2026-03-29T22:59:59+00:00", 0),  # the clocks went forward that morning
        ("2026-03-29", "2026-03-29T23:00:00+00:00", 1),
        ("2026-10-25", "2026-10-25T23:59:59+00:00", 0),  # and back that one
        ("2026-10-25", "2026-10-26T00:00:00+00:00", 1),
        ("2026-12-01", "2026-12-01T23:59:59+00:00", 0),
        ("2026-12-01", "2026-12-02T00:00:00+00:00", 1),
    ],
)
def test_the_exit_code_flips_at_midnight_in_london_after_the_last_day(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, expires_on: str, now: str, code: int
) -> None:
    preview(workspace / "rehearsal" / "a.preview.json", allowSharedKeyAccess=True)
    register = workspace.parent / "register.toml"
    register.write_text(register_until(expires_on), encoding="utf-8")
    monkeypatch.setattr(check, "now", lambda: datetime.fromisoformat(now))
    assert run("-w", workspace, "--exceptions", register).exit_code == code


def test_an_exception_waives_until_its_last_day(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "now", lambda: datetime(2026, 6, 30, tzinfo=UTC))
    preview(workspace / "rehearsal" / "a.preview.json", allowSharedKeyAccess=True)
    register = workspace.parent / "register.toml"
    register.write_text(register_until("2026-06-30"), encoding="utf-8")
    arguments = ("-w", workspace, "--exceptions", register)
    assert run(*arguments, "--on", "2026-06-30").exit_code == 0
    late = run(*arguments, "--on", "2026-07-01")
    assert late.exit_code == 1
    assert "expired on 2026-06-30" in late.output


@pytest.mark.parametrize("by_settings", [False, True])
def test_a_day_that_is_past_revives_no_exception(workspace: Path, monkeypatch: pytest.MonkeyPatch, *, by_settings: bool) -> None:
    monkeypatch.setattr(check, "now", lambda: datetime(2026, 7, 1, tzinfo=UTC))
    preview(workspace / "rehearsal" / "a.preview.json", allowSharedKeyAccess=True)
    register = workspace.parent / "register.toml"
    register.write_text(register_until("2026-06-30"), encoding="utf-8")
    if by_settings:
        (workspace / "unless.toml").write_text("[estate]\non = 2026-06-30\n", encoding="utf-8")
    done = run("-w", workspace, "--exceptions", register, *([] if by_settings else ["--on", "2026-06-30"]))
    assert done.exit_code == 3
    assert "Exception EX-1 is in force on 2026-06-30, the day that is judged, and not today, 2026-07-01" in done.output
    assert f"Judged as on 2026-06-30 ({'unless.toml, key estate.on' if by_settings else '--on'}); today is 2026-07-01." in done.output


def test_a_day_to_come_brings_no_exception_forward(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "now", lambda: datetime(2026, 3, 1, tzinfo=UTC))
    preview(workspace / "rehearsal" / "a.preview.json", allowSharedKeyAccess=True)
    register = workspace.parent / "register.toml"
    register.write_text(register_until("2026-06-30"), encoding="utf-8")
    assert run("-w", workspace, "--exceptions", register, "--on", "2026-05-01").exit_code == 3
    assert run("-w", workspace, "--exceptions", register).exit_code == 1


def test_no_form_is_written_over_what_is_read(workspace: Path, tmp_path: Path) -> None:
    file = preview(tmp_path / "p.json")
    register = tmp_path / "register.toml"
    register.write_text(register_until("2026-06-30"), encoding="utf-8")
    before = file.read_text("utf-8"), register.read_text("utf-8")
    done = run(file, "-w", workspace, "--exceptions", register, "--format", f"json={file}", "--output", register)
    assert done.exit_code == 2
    assert done.output.count("is read by this check") == 2
    assert (file.read_text("utf-8"), register.read_text("utf-8")) == before
