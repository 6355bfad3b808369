"""The copy itself: changing sources, large files, what it leaves alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migration.steps.copy_files import CopyParameters, copy, read_back, read_back_removed, remove
from migration.steps.ledger import Ledger
from migration.steps.model import Bench, Found, StepError
from migration.steps.store_s3 import S3Store
from migration.steps.stores import PART_BYTES


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench("copy")


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


def test_only_uploads_that_this_run_left_open_are_cleared_away(council: Any, bench: Bench, parameters: CopyParameters) -> None:
    client = council.store().client
    theirs, ours = (client.create_multipart_upload(Bucket=council.bucket, Key=f"docs/{k}")["UploadId"] for k in ("theirs", "ours"))
    ledger = Ledger(bench.folder / "carried-copy.jsonl")
    ledger.begun("docs/ours", ours)
    ledger.begun("docs/gone", "an upload that is gone")
    ledger.close()
    (council.share / "large.bin").write_bytes(b"x" * (PART_BYTES + 1))
    council.store().prepare()
    copy(bench, parameters)
    left = client.list_multipart_uploads(Bucket=council.bucket).get("Uploads", [])
    assert [(u["Key"], u["UploadId"]) for u in left] == [("docs/theirs", theirs)]
    again = Ledger(bench.folder / "carried-copy.jsonl")
    again.close()
    assert (again.uploads, len(again.carried)) == ({}, len(council.files()))


@pytest.fixture
def after_listing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Lets a test do something between the copy's listing of the share and its first file."""

    def arrange(then: Callable[[], object]) -> None:
        prepare = S3Store.prepare

        def prepare_then(store: S3Store) -> None:
            prepare(store)
            then()

        monkeypatch.setattr(S3Store, "prepare", prepare_then)

    return arrange


def test_a_file_that_is_deleted_while_it_is_copied_is_named(
    council: Any, bench: Bench, parameters: CopyParameters, after_listing: Any
) -> None:
    gone: Path = council.share / "zz last.txt"
    gone.write_text("z", "utf-8")
    after_listing(gone.unlink)
    with pytest.raises(StepError) as wrong:
        copy(bench, parameters)
    assert f"{gone} is not there. Check its path, and whether somebody moved or deleted it." in str(wrong.value)


def test_a_file_that_became_a_folder_is_named(council: Any, bench: Bench, parameters: CopyParameters, after_listing: Any) -> None:
    if council.ssh.kind != "openssh":
        pytest.skip("paramiko's own server answers otherwise")
    changed: Path = council.share / "zz last.txt"
    changed.write_text("z", "utf-8")

    def change() -> None:
        changed.unlink()
        changed.mkdir()

    after_listing(change)
    with pytest.raises(StepError) as wrong:
        copy(bench, parameters)
    assert f"the server could not do it with {changed}: Failure. See what is there, then resume." in str(wrong.value)
