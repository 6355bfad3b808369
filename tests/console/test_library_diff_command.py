"""`unless library diff`: what an upgrade changes, for people and as JSON, and what is wrong with what was asked."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Unless = Callable[..., "subprocess.CompletedProcess[bytes]"]
SMALL = Path(__file__).parents[1] / "cases" / "library-small"
_SMALL = ("--library", ".", "--member", "platform/base", "--built-ins", "before/built-ins")


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Two copies of the small library; in the second one an assignment begins to enforce and a definition goes."""
    for name in ("before", "after"):
        shutil.copytree(SMALL, tmp_path / name)
    file = tmp_path / "after/platform/base/policy_assignments/tls.alz_policy_assignment.json"
    file.write_text(file.read_text("utf-8").replace("DoNotEnforce", "Default"), "utf-8")
    return tmp_path


def _break(copies: Path) -> None:
    file = copies / "after/platform/base/policy_definitions/tls.alz_policy_definition.json"
    file.write_text(file.read_text("utf-8").replace('"parameters": {', '"parameters": {"more": {"type": "String"}, '), "utf-8")


def test_people_read_what_begins_to_refuse_and_what_to_do_first(unless: Unless, copies: Path) -> None:
    done = unless("library", "diff", "before", "after", *_SMALL)
    told = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "pulumi up would create 0, update 1, replace 0, delete 0 resources;" in told
    assert "REFUSES MORE (1)\n  policy assignment Deny-Old-Tls, at work: changed. It only reported and begins to enforce." in told
    assert "    First: Look at what it reports today;" in told
    _break(copies)
    done = unless("library", "diff", "before", "after", *_SMALL)
    assert done.returncode == 1
    assert "BREAKING (1)" in done.stdout.decode()


def test_json_has_every_point_with_its_weight(unless: Unless, copies: Path) -> None:
    _break(copies)
    done = unless("library", "diff", "before", "after", *_SMALL, "--json")
    told = json.loads(done.stdout)
    assert [(c["weight"], c["kind"], c["name"], [p["rule"] for p in c["points"]]) for c in told["changes"]] == [
        ("breaking", "policy definition", "Deny-Old-Tls", ["parameter-added-without-default"]),
        ("refuses more", "policy assignment", "Deny-Old-Tls", ["enforcement-begins"]),
    ]
    assert told["changes"][0]["used_by"] == ["Deny-Old-Tls at work"]
    assert told["resources"]["all"] == {"create": 0, "update": 2, "replace": 0, "delete": 0, "same": 9}
    assert copies.is_dir()


def test_what_is_wrong_is_said_of_both_at_once(unless: Unless, copies: Path) -> None:
    (copies / "after/platform/base/archetype_definitions/work.alz_archetype_definition.json").write_text("{", "utf-8")
    done = unless("library", "diff", "2031.01.1", "after", *_SMALL)
    told = done.stderr.decode()
    assert done.returncode == 1
    assert "2031.01.1 is neither a folder nor a version of platform/base" in told
    assert "work.alz_archetype_definition.json, line 1: not readable as JSON" in told
    assert "Traceback" not in told


def test_what_an_own_folder_rests_on_and_the_upgrade_takes_away_is_a_fault(unless: Unless, copies: Path) -> None:
    (copies / "own").mkdir()
    (copies / "own/mine.alz_archetype_override.yaml").write_text(
        "name: mine\nbase_archetype: work\npolicy_assignments_to_remove: [Send-Logs]\n", "utf-8"
    )
    file = copies / "after/platform/base/archetype_definitions/work.alz_archetype_definition.json"
    file.write_text(file.read_text("utf-8").replace('"deny-old-tls", "Send-Logs"', '"deny-old-tls"'), "utf-8")
    done = unless("library", "diff", "before", "after", *_SMALL, "--own", "own")
    assert done.returncode == 1
    assert "key policy_assignments_to_remove: work has no Send-Logs; it has deny-old-tls." in done.stderr.decode()
