"""Files of the workspace that a person edited, or that a crash cut short: what, where, what to do, and exit code 1 (3 of a judgement)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
CASES = json.loads((Path(__file__).parents[1] / "cases" / "workspace" / "hand-edited.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_a_file_that_cannot_be_used_is_said_plainly(case: dict[str, Any], council: Path, unless: Run) -> None:
    (council / case["file"]).write_text(case["text"], encoding="utf-8")
    before = {f: f.read_bytes() for f in council.rglob("*") if f.is_file()}
    done = unless(*case["command"].split())
    told = done.stderr.decode()
    assert done.returncode == case.get("code", 1), told
    assert "Traceback" not in told
    for says in case["says"]:
        assert says in told
    assert {f: f.read_bytes() for f in council.rglob("*") if f.is_file()} == before


def test_settings_saved_with_a_byte_order_mark_are_read(council: Path, unless: Run) -> None:
    (council / "unless.toml").write_text('[council]\nname = "Exampleborough"\n', encoding="utf-8-sig")
    assert unless("inventory").returncode == 0


def test_a_stack_that_is_not_there_is_said_with_those_that_are(council: Path, unless: Run) -> None:
    del council
    done = unless("rehearse", "landing-zome")
    assert done.returncode == 1
    assert b"There is no stack 'landing-zome'" in done.stderr
    assert b"landing-zone" in done.stderr


def test_a_demonstration_on_nothing_leaves_no_folder_behind(tmp_path: Path, unless: Run) -> None:
    (tmp_path / "temporary").mkdir()
    done = unless("demo", "--estate", "nothing.csv", TMPDIR=str(tmp_path / "temporary"))
    assert done.returncode == 1
    assert b"nothing.csv: There is no such file." in done.stderr
    assert list((tmp_path / "temporary").glob("unless-demo-*")) == []
