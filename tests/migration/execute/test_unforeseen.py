"""What no step foresees stops the run with a sentence, and resume tries the step again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration import journal
from migration.errors import MigrationError
from migration.execution import runs
from migration.execution.engine import DbosEngine
from migration.execution.interpreter import Interpreter
from migration.runbooks import file as runbook_file
from migration.steps.kinds import KINDS
from migration.steps.model import Bench, Facts, Kind, Parameters


def _failing(kind: str, wrong: Exception) -> Mapping[str, Kind[Any]]:
    def do(bench: Bench, parameters: Parameters) -> Facts:
        raise wrong

    return {**KINDS, kind: replace(KINDS[kind], do=do)}


def test_an_error_that_nobody_foresaw_is_in_the_journal_without_its_words_and_resume_tries_again(council: Any) -> None:
    first = runs.start(council.runs, "r1", council.runbook, council.hands(kinds=_failing("copy-files", KeyError("s3cr3t"))))
    assert first.answer == "stopped"
    assert "something that the program did not foresee: KeyError at test_unforeseen.py, line" in first.faults[0]
    assert runs.status(council.runs, "r1").faults == first.faults
    assert "s3cr3t" not in (council.runs / "r1" / "journal.jsonl").read_text("ascii")
    assert runs.resume(council.runs, "r1", council.hands()).answer == "done"


def test_a_folder_in_the_place_of_the_manifest_stops_the_run_only_until_it_is_gone(council: Any) -> None:
    inside = council.runs / "r1" / "manifest-copy-hou-docs--s3.json"
    (inside / "kept").mkdir(parents=True)
    first = runs.start(council.runs, "r1", council.runbook, council.hands())
    assert first.answer == "stopped"
    assert str(inside) in first.faults[0]
    assert "then resume" in first.faults[0]
    shutil.rmtree(inside)
    assert runs.resume(council.runs, "r1", council.hands()).answer == "done"


def test_a_walk_that_ended_in_an_error_is_not_walked_again(tmp_path: Path) -> None:
    def fails(step: str) -> str:
        raise OSError(f"no room for {step}")

    with pytest.raises(OSError, match="no room for a"):
        DbosEngine().walk(tmp_path, "r1.do.0", ["a"], fails)
    with pytest.raises(OSError, match="no room for a"):
        DbosEngine().walk(tmp_path, "r1.do.0", ["a"], fails)
    assert DbosEngine().walk(tmp_path, "r1.do.0", ["a"], lambda step: "done") == "done"


def test_a_database_that_the_engine_cannot_open_is_said_and_the_run_goes_on_when_it_can(council: Any) -> None:
    (council.runs / "r1" / "engine.sqlite").mkdir(parents=True)
    with pytest.raises(MigrationError, match=r"engine\.sqlite: the engine could not use its database: unable to open.*resume"):
        runs.start(council.runs, "r1", council.runbook, council.hands())
    (council.runs / "r1" / "engine.sqlite").rmdir()
    assert runs.resume(council.runs, "r1", council.hands()).answer == "done"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of a file")
@pytest.mark.parametrize("kilobytes", [40, 150])
def test_a_disk_that_is_full_is_said_in_sentences_and_the_run_goes_on_when_there_is_room(council: Any, kilobytes: int) -> None:
    (council.folder / "unless.toml").write_text("", "utf-8")
    runbook_file.write(council.runbook, council.folder / "runbooks" / "wave-1.yaml")
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024},) * 2)"
    command = [sys.executable, "-c", f"{limit}; from console.cli import main; main()", "runbook", "start", "wave-1", "--run", "r1", "--yes"]
    ended = subprocess.run(
        [*command, "-w", str(council.folder)], capture_output=True, text=True, env={**os.environ, **council.environment}, check=False
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
    assert "engine could not use its database" in ended.stderr or "room on the disk" in ended.stderr
    if (council.runs / "r1" / "journal.jsonl").exists():
        assert runs.resume(council.runs, "r1", council.hands()).answer == "done"
        assert len(council.contents()) == len(council.files())


def test_a_run_of_the_same_name_is_another_run(council: Any) -> None:
    assert runs.start(council.runs, "r1", council.runbook, council.hands()).answer == "done"
    first = council.locator.read_bytes()
    shutil.rmtree(council.runs / "r1")
    frozen = runs.start(council.runs, "r1", council.runbook, council.hands())
    assert frozen.answer == "stopped"
    council.store().delete(list(council.store().listing()))
    frozen = runs.resume(council.runs, "r1", council.hands())
    assert "frozen already, by an earlier run of the name r1" in frozen.faults[0]
    (council.share / ".unless-frozen.json").unlink()
    assert runs.resume(council.runs, "r1", council.hands()).answer == "done"
    assert council.locator.read_bytes() != first
    ids = {r.body["id"] for r in journal.read(council.runs / "r1" / "journal.jsonl")[0] if r.kind == "opened"}
    assert all(len(i) == 32 for i in ids)


def test_a_run_that_an_earlier_version_began_keeps_the_token_of_its_name(council: Any) -> None:
    council.runs.mkdir()
    hands = council.hands()
    log = journal.Journal(council.runs / "journal.jsonl", hands.now, lambda record: None)
    log.add("opened", body={"run": "r1"})
    assert Interpreter(council.runs, "r1", council.runbook, log, hands).identity == "r1"
    log.close()


def test_parameters_that_this_version_does_not_take_stop_the_run_with_their_names(council: Any) -> None:
    hands = council.hands()
    steps = tuple(replace(s, parameters={**s.parameters, "speed": 9}) if s.kind == "freeze-share" else s for s in council.runbook.steps)
    council.runs.mkdir()
    log = journal.Journal(council.runs / "journal.jsonl", hands.now, lambda record: None)
    log.add("opened", body={"run": "r1", "id": "0"})
    interpreter = Interpreter(council.runs, "r1", replace(council.runbook, steps=steps), log, hands)
    assert interpreter.forwards("freeze-hou-docs") == "stopped"
    assert interpreter.faults[0].startswith("The runbook's parameter speed: Extra inputs are not permitted.")
    log.close()
