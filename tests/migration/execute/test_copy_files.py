"""The copy itself: changing sources, large files, what it leaves alone."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from migration.execution.interpreter import token
from migration.steps.copy_files import CopyParameters, copy, read_back, read_back_removed, remove
from migration.steps.model import Bench, Found, StepError


@pytest.fixture
def bench(council: Any) -> Bench:
    council.runs.mkdir()
    hands = council.hands()
    words = {"role": "storage-engineer", "title": "Copy", "text": "Copy"}
    held = {"environment": hands.environment, "now": hands.now, "ask": hands.ask, "say": hands.say, "stop": hands.stop}
    return Bench(folder=council.runs, run="r1", step="copy", token=token("r1", "copy"), workers=4, **words, **held)


@pytest.fixture
def parameters(council: Any) -> CopyParameters:
    step = next(s for s in council.runbook.steps if s.kind == "copy-files")
    return CopyParameters.model_validate(step.parameters)


def test_a_file_that_keeps_changing_is_a_fault_that_names_it(council: Any, bench: Bench, parameters: CopyParameters) -> None:
    file: Path = council.share / "Legal" / "busy.log"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"x" * 2_000_000)
    enough = threading.Event()

    def write() -> None:
        with file.open("ab", buffering=0) as out:
            while not enough.is_set():
                out.write(b"more")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(StepError, match=r"Legal/busy\.log kept changing"):
            copy(bench, parameters)
    finally:
        enough.set()
        writer.join()
    assert copy(bench, parameters)["files"] == len(council.files())


def test_a_second_copy_carries_only_what_changed_and_takes_away_what_is_gone(
    council: Any, bench: Bench, parameters: CopyParameters
) -> None:
    first = copy(bench, parameters)
    files = sorted(p for p in council.share.rglob("*.txt") if p.is_file())
    files[0].unlink()
    files[1].write_bytes(b"changed")
    second = copy(bench, parameters)
    assert second["files"] == first["files"] - 1
    assert second["already_there"] == second["files"] - 1
    assert read_back(bench, parameters).found is Found.DONE
    assert len(council.contents()) == second["files"]


def test_a_large_file_travels_in_parts_and_is_the_same(council: Any, bench: Bench, parameters: CopyParameters) -> None:
    content = bytes(range(256)) * 80_000
    (council.share / "large.bin").write_bytes(content)
    copy(bench, parameters)
    assert council.contents()["docs/large.bin"] == content
    assert "-" in council.store().listing()["docs/large.bin"].stamp


def test_undo_deletes_what_the_copy_put_and_nothing_else(council: Any, bench: Bench, parameters: CopyParameters) -> None:
    copy(bench, parameters)
    council.store().client.put_object(Bucket=council.bucket, Key="docs/somebody's", Body=b"x")
    remove(bench, parameters)
    assert list(council.contents()) == ["docs/somebody's"]
    assert read_back_removed(bench, parameters).found is Found.UNDONE


def test_a_lost_object_is_found_by_reading_back_and_brought_again(council: Any, bench: Bench, parameters: CopyParameters) -> None:
    copy(bench, parameters)
    lost = sorted(council.contents())[3]
    council.store().client.delete_object(Bucket=council.bucket, Key=lost)
    assert read_back(bench, parameters).found is Found.NOT_DONE
    again = copy(bench, parameters)
    assert again["already_there"] == again["files"] - 1
    assert read_back(bench, parameters).found is Found.DONE


def test_a_stop_by_hand_ends_between_files(bench: Bench, parameters: CopyParameters) -> None:
    bench.stop.set()
    with pytest.raises(StepError, match="Stopped by hand after 0 of"):
        copy(bench, parameters)
