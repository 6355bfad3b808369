"""What is wrong with a runbook or its places is said, all at once, in plain sentences."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from migration.errors import MigrationError
from migration.runbooks import Phase, Runbook, Step, faults, read_targets
from migration.runbooks.knowledge import roles

CASES = Path(__file__).parents[2] / "cases"
DEFAULTS: dict[str, Any] = {
    "title": "Do it",
    "phase": "copy",
    "role": "wave-lead",
    "kind": "human-task",
    "do": "Do it.",
    "verify": "See it.",
    "undo": "Undo it.",
    "accountable": "senior-owner",
    "evidence": "A name.",
    "parameters": {"instructions": "Do it."},
}


def _step(held: dict[str, Any]) -> Step:
    full = DEFAULTS | held
    typed: dict[str, Any] = {"phase": Phase(full["phase"]), "after": tuple(full.get("after", ()))}
    return Step(**(full | typed))


def _runbook(held: list[dict[str, Any]]) -> Runbook:
    steps = tuple(_step(h) for h in held)
    return Runbook("runbook-wave-1", "wave-1", "Wave 1", date(2027, 1, 1), date(2027, 1, 2), "sha256:0", {}, steps)


@pytest.mark.parametrize("case", sorted((CASES / "runbook-faults").glob("*.toml")), ids=lambda p: p.stem)
def test_every_fault_of_a_runbook_is_said(case: Path) -> None:
    held = tomllib.loads(case.read_text("utf-8"))
    assert list(faults(_runbook(held["step"]), roles())) == held["faults"]


@pytest.mark.parametrize("case", sorted((CASES / "runbook-targets").glob("*.toml")), ids=lambda p: p.stem)
def test_every_fault_of_targets_is_said(case: Path, tmp_path: Path) -> None:
    held = tomllib.loads(case.read_text("utf-8"))
    file = tmp_path / "targets.toml"
    file.write_text(held["text"], "utf-8")
    with pytest.raises(MigrationError) as wrong:
        read_targets(file)
    assert [f.replace(f"{tmp_path}/", "") for f in wrong.value.faults] == held["faults"]


def test_a_missing_targets_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="does not exist"):
        read_targets(tmp_path / "targets.toml")
