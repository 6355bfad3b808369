"""A wave's runbook, compiled from a plan: its steps, its file, its readings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration import runbooks
from migration.errors import MigrationError
from migration.runbooks import Runbook, file, render
from migration.runbooks.knowledge import roles, templates
from migration.steps.kinds import KINDS

GOLDEN = Path(__file__).parents[2] / "cases" / "runbook-golden"


def _plan() -> dict[str, Any]:
    return json.loads((GOLDEN / "plan.json").read_text("utf-8"))


@pytest.fixture
def runbook() -> Runbook:
    return runbooks.compile(_plan(), "wave-1", runbooks.read_targets(GOLDEN / "targets.toml"))


def test_the_markdown_is_as_reviewed(runbook: Runbook) -> None:
    assert render.as_markdown(runbook) == (GOLDEN / "wave-1.md").read_text("utf-8")


def test_the_same_plan_gives_the_same_digest_and_another_place_another(runbook: Runbook) -> None:
    again = runbooks.compile(_plan(), "wave-1", runbooks.read_targets(GOLDEN / "targets.toml"))
    without = runbooks.compile(_plan(), "wave-1", {})
    assert (again.digest, again.digest != without.digest) == (runbook.digest, True)


def test_a_share_that_nobody_placed_is_moved_by_hand(runbook: Runbook) -> None:
    kinds = {s.id: s.kind for s in runbook.steps if s.subject == "hou-scans"}
    assert kinds == {"copy-by-hand-hou-scans": "human-task"}


def test_a_line_of_cost_alone_moves_no_server_twice(runbook: Runbook) -> None:
    plan = _plan()
    for workload in plan["workloads"]:
        machines = [t for t in workload["targets"] if t["kind"] == "virtual-machine"]
        workload["targets"] += [{**t, "kind": kind} for t in machines for kind in ("licence", "managed-disk")]
    priced = runbooks.compile(plan, "wave-1", runbooks.read_targets(GOLDEN / "targets.toml"))
    assert [s.id for s in priced.steps] == [s.id for s in runbook.steps]


def test_dispositions_choose_their_steps(runbook: Runbook) -> None:
    ids = {s.id for s in runbook.steps}
    assert {"adopt-crm", "archive-old", "move-server-hou-app-01", "move-database-hou-db", "test-hou"} <= ids
    assert not ids & {"archive-hou", "adopt-hou", "test-old", "switch-old"}


def test_every_share_step_waits_for_the_ones_before_it_and_for_its_own_target_only(runbook: Runbook) -> None:
    after = {s.id: s.after for s in runbook.steps}
    assert after["verify-hou-docs--s3"] == ("copy-hou-docs--s3",)
    assert after["copy-hou-docs--azure-blob"] == ("survey-hou-docs", "freeze-hou-docs")
    assert set(after["switch-locator-hou-docs"]) == {"verify-hou-docs--s3", "verify-hou-docs--azure-blob"}
    assert "go" in after["freeze-hou-docs"]


def test_the_point_of_no_return_is_the_opening_to_users(runbook: Runbook) -> None:
    line = runbook.point_of_no_return
    assert line is not None
    assert line.id == "open"


def test_the_file_holds_the_runbook_and_no_credentials(runbook: Runbook, tmp_path: Path) -> None:
    file.write(runbook, tmp_path / "wave-1.yaml")
    assert file.read(tmp_path / "wave-1.yaml") == runbook
    assert "AWS_SECRET_ACCESS_KEY" in (tmp_path / "wave-1.yaml").read_text("utf-8")


def test_a_hand_edited_file_is_refused(runbook: Runbook, tmp_path: Path) -> None:
    file.write(runbook, tmp_path / "wave-1.yaml")
    text = (tmp_path / "wave-1.yaml").read_text("utf-8")
    (tmp_path / "wave-1.yaml").write_text(text.replace("exampleborough-housing", "somewhere-else"), "utf-8")
    with pytest.raises(MigrationError, match="was changed after it was compiled"):
        file.read(tmp_path / "wave-1.yaml")


@pytest.mark.parametrize(
    "text", ["", "- 1", "format: cloud-unless/runbook/1", "format: cloud-unless/runbook/2", "a: [", "!!python/object:os.system x"]
)
def test_a_file_that_is_no_runbook_is_refused_in_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "wave-1.yaml").write_text(text, "utf-8")
    with pytest.raises(MigrationError, match=r"wave-1\.yaml is not"):
        file.read(tmp_path / "wave-1.yaml")


def test_a_runbook_that_lacks_a_key_says_which(runbook: Runbook, tmp_path: Path) -> None:
    whole = file.dump(runbook).decode("utf-8")
    (tmp_path / "wave-1.yaml").write_text(whole.replace("starts:", "begins:"), "utf-8")
    with pytest.raises(MigrationError, match=r"is not a whole runbook: the key starts is missing\. Restore it"):
        file.read(tmp_path / "wave-1.yaml")


def test_a_wave_that_the_plan_has_not_is_refused_with_those_it_has() -> None:
    with pytest.raises(MigrationError, match=r"no wave wave-9\. Its waves: wave-1"):
        runbooks.compile(_plan(), "wave-9", {})


def test_a_place_for_an_unknown_share_is_refused() -> None:
    place = runbooks.read_targets(GOLDEN / "targets.toml")["hou-docs"]
    with pytest.raises(MigrationError, match="the plan has no share nowhere"):
        runbooks.compile(_plan(), "wave-1", {"nowhere": place})


def test_a_damaged_plan_is_refused_with_every_key() -> None:
    plan = _plan()
    plan["waves"][0]["starts"] = "soon"
    del plan["workloads"][0]["name"]
    with pytest.raises(MigrationError) as wrong:
        runbooks.compile(plan, "wave-1", {})
    assert len(wrong.value.faults) == 2


def test_names_from_the_plan_cannot_add_markup_or_run_templates(runbook: Runbook) -> None:
    plan = _plan()
    plan["workloads"][1]["name"] = "{{ 7 * 7 }} <img src=x onerror=alert(1)> [a](b) https://evil.example www.evil.example &lt;b&gt; \u202eb"
    hostile = runbooks.compile(plan, "wave-1", {})
    page, text = render.as_html(hostile), render.as_markdown(hostile)
    assert "<img" not in page
    assert "<img" not in text.replace("\\<img", "")
    assert not any(bad in text for bad in ("https://evil", "www.evil", " &lt;", "\u202e"))
    assert "49" not in next(s.title for s in hostile.steps if s.id == "test-hou")
    assert "<script" not in render.as_html(runbook)


def test_the_page_is_self_contained_and_names_every_step(runbook: Runbook) -> None:
    page = render.as_html(runbook)
    assert not any(f'{a}="http' in page for a in ("src", "href"))
    assert all(f'id="{s.id}"' in page for s in runbook.steps)
    assert page.count("<h1") == 1
    assert runbook.digest in page


def test_every_template_names_a_role_and_a_kind_that_exist() -> None:
    held = templates()
    assert {t.role for t in held} <= set(roles())
    assert {t.kind for t in held} <= set(KINDS)
    assert {a for t in held for a in t.after} <= {t.id for t in held}


def test_the_digest_covers_every_word(runbook: Runbook) -> None:
    changed = replace(runbook, steps=(replace(runbook.steps[0], verify="Do not look."), *runbook.steps[1:]))
    assert changed.digest != runbook.digest
