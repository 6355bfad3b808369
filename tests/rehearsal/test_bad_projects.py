"""Projects that cannot be rehearsed: each a plain sentence, nothing written."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rehearsal import RehearsalError, rehearse

CASES = sorted((Path(__file__).parents[1] / "cases" / "bad-projects").glob("*.toml"))


@pytest.mark.parametrize("file", CASES, ids=lambda f: f.stem)
def test_a_bad_project_is_told_plainly(file: Path, tmp_path: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    project, state = tmp_path / "project", tmp_path / "state" / "dev.json"
    project.mkdir()
    for name, text in case["files"].items():
        (project / name).write_text(text, "utf-8")
    with pytest.raises(RehearsalError, match=case["fault"]) as wrong:
        rehearse(project, case.get("stack", "dev"), state)
    assert not any("Traceback" in f for f in wrong.value.faults)
    assert not state.exists()
