"""Freezing and thawing a real share: every mode comes back, of what appeared in between too."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration.execution.interpreter import token
from migration.steps.freeze import NOTICE, FreezeParameters, freeze, is_frozen, is_thawed, thaw
from migration.steps.model import Bench, Found, StepError


@pytest.fixture
def parameters(council: Any) -> FreezeParameters:
    return FreezeParameters.model_validate(next(s for s in council.runbook.steps if s.kind == "freeze-share").parameters)


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench("freeze")


def _modes(share: Path) -> dict[str, int]:
    return {p.relative_to(share).as_posix(): stat.S_IMODE(p.stat().st_mode) for p in [share, *share.rglob("*")]}


def test_a_file_that_appeared_between_two_freezes_gets_its_mode_back_too(council: Any, bench: Bench, parameters: FreezeParameters) -> None:
    freeze(bench, parameters)
    late = council.share / "late.txt"
    council.share.chmod(0o755)
    late.write_text("late", "utf-8")
    late.chmod(0o664)
    council.share.chmod(0o555)
    assert is_frozen(bench, parameters).reason == "1 files or folders of hou-docs can still be written"
    freeze(bench, parameters)
    assert is_frozen(bench, parameters).found is Found.DONE
    thaw(bench, parameters)
    assert is_thawed(bench, parameters).found is Found.UNDONE
    assert stat.S_IMODE(late.stat().st_mode) == 0o664


def test_thawing_gives_every_mode_back_and_reading_back_sees_what_is_still_shut(
    council: Any, bench: Bench, parameters: FreezeParameters
) -> None:
    before = _modes(council.share)
    freeze(bench, parameters)
    thaw(bench, parameters)
    assert _modes(council.share) == before
    file = next(p for p in council.share.rglob("*.txt"))
    mode = stat.S_IMODE(file.stat().st_mode)
    file.chmod(0o444)
    found = is_thawed(bench, parameters)
    assert (found.found, "1 files or folders of hou-docs cannot be written as before" in found.reason) == (Found.DONE, True)
    thaw(bench, parameters)
    assert (is_thawed(bench, parameters).found, stat.S_IMODE(file.stat().st_mode)) == (Found.UNDONE, mode)


def test_another_runs_notice_is_respected_whatever_its_name(council: Any, bench: Bench, parameters: FreezeParameters) -> None:
    freeze(bench, parameters)
    other = replace(bench, token=token("another id", "freeze"))
    for act in (freeze, thaw):
        with pytest.raises(StepError, match="an earlier run of the name r1"):
            act(other, parameters)
    assert is_frozen(other, parameters).found is Found.NOT_DONE
    assert json.loads((council.share / NOTICE).read_bytes())["token"] == bench.token
