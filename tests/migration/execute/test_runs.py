"""Runs against real servers: to the end, stopped, resumed, rolled back, refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration.errors import MigrationError
from migration.execution import lock, runs
from migration.execution.proof import prove
from migration.runbooks import file as runbook_file
from migration.steps.model import Question, Reply, StepWaitsError
from migration.steps.names import key_for
from rehearsal.servers import s3_server


def _start(council: Any, **hands: Any) -> runs.Outcome:
    return runs.start(council.runs, "r1", council.runbook, council.hands(**hands))


def _no(question: Question) -> Reply:
    del question
    return Reply(is_yes=False, by="Ada Lovelace", how="typed", remark="too windy")


def _change_parameters(council: Any, change: Callable[[dict[str, Any]], None]) -> Any:
    """The same council with other parameters in its runbook's steps."""
    steps: list[Any] = []
    for step in council.runbook.steps:
        parameters = json.loads(json.dumps(step.parameters))
        change(parameters)
        steps.append(replace(step, parameters=parameters))
    return replace(council, runbook=replace(council.runbook, steps=tuple(steps)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["openssh", "paramiko"])
def test_a_share_with_hostile_names_is_moved_whole_from_both_servers(make_council: Any, kind: str) -> None:
    if kind == "openssh" and not Path("/usr/sbin/sshd").exists():
        pytest.skip("OpenSSH's server is not installed")
    council = make_council(files=40, kind=kind)
    (council.share / "link").symlink_to("UPPER.TXT")
    (council.share / "empty folder").mkdir()
    (council.share / "line\nbreak").write_text("x", "utf-8")
    (council.share / "-rf").write_text("y", "utf-8")
    deep = council.share.joinpath(*["d" * 120] * 9)
    deep.mkdir(parents=True)
    (deep / "far down.txt").write_text("z", "utf-8")
    outcome = _start(council)
    assert (outcome.answer, outcome.faults) == ("done", ())
    expected = {key_for(path, "docs/"): content for path, content in council.files().items()}
    expected = {k: v for k, v in expected.items() if not k.endswith("/link")}
    assert council.contents() == expected
    manifest = json.loads((council.runs / "r1" / "manifest-copy-hou-docs--s3.json").read_bytes())
    assert {n["path"]: n["what"] for n in manifest["not_carried"]} == {"link": "link or special file", "empty folder": "empty folder"}
    assert "line\nbreak" in manifest["renamed"]
    certificate = json.loads((council.runs / "r1" / "certificate-verify-hou-docs--s3.json").read_bytes())
    assert (certificate["source_read_again"], certificate["differences"]) == (kind == "openssh", 0)


def test_names_that_are_not_utf8_travel_too(council: Any) -> None:
    if council.ssh.kind != "openssh" or os.name != "posix":
        pytest.skip("paramiko's server cannot list such a name")
    Path(os.fsdecode(os.fsencode(council.share) + b"/caf\xe9.txt")).write_bytes(b"latin")
    assert _start(council).answer == "done"
    assert council.contents()["docs/caf%E9.txt"] == b"latin"


def test_a_run_without_anybody_to_ask_waits_and_goes_on_when_somebody_answers(council: Any) -> None:
    def nobody(question: Question) -> Reply:
        raise StepWaitsError(f"{question.title}: nobody is there")

    first = _start(council, ask=nobody)
    assert (first.answer, first.status.state, first.status.at_step) == ("waiting", "waiting", "go")
    second = runs.resume(council.runs, "r1", council.hands())
    assert (second.answer, second.status.state) == ("done", "finished")


def test_no_go_stops_the_run_with_the_name_and_undo_goes_back(council: Any) -> None:
    outcome = _start(council, ask=_no)
    assert outcome.answer == "stopped"
    assert "Ada Lovelace answered no-go (too windy)" in outcome.faults[0]
    assert council.contents() == {}
    back = runs.undo(council.runs, "r1", council.hands())
    assert (back.answer, back.status.state) == ("done", "rolled back")
    with pytest.raises(MigrationError, match="rolled back"):
        runs.resume(council.runs, "r1", council.hands())


def test_a_finished_run_is_past_its_point_of_no_return(council: Any) -> None:
    assert _start(council).answer == "done"
    with pytest.raises(MigrationError, match="past its point of no return"):
        runs.undo(council.runs, "r1", council.hands())
    with pytest.raises(MigrationError, match="nothing to resume"):
        runs.resume(council.runs, "r1", council.hands())
    with pytest.raises(MigrationError, match="exists already"):
        _start(council)


def test_a_file_written_in_the_freeze_is_noticed(council: Any) -> None:
    def write_then_go(line: str) -> None:
        if line.startswith("verify-"):
            (council.share / "Odd names" / "Thumbs.db").write_bytes(b"changed")
            (council.share / "new.txt").write_bytes(b"new")

    outcome = _start(council, say=write_then_go)
    assert outcome.answer == "stopped"
    assert "2 differences" in outcome.faults[0]
    assert any("new.txt: new in the share" in f for f in outcome.faults)
    assert any("Thumbs.db: changed in the share" in f for f in outcome.faults)
    assert "take the whole run back (unless runbook undo r1) and start a new one" in outcome.faults[-1]


def test_a_host_key_that_is_not_the_pinned_one_is_refused(council: Any) -> None:
    def other_key(parameters: dict[str, Any]) -> None:
        if "source" in parameters:
            parameters["source"]["fingerprint"] = "SHA256:" + "A" * 43

    outcome = _start(_change_parameters(council, other_key))
    assert outcome.answer == "stopped"
    assert "its key is SHA256:" in outcome.faults[0]


def test_a_host_that_known_hosts_does_not_hold_is_refused(council: Any, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").write_text("", "utf-8")

    def unknown(parameters: dict[str, Any]) -> None:
        if "source" in parameters:
            parameters["source"] |= {"fingerprint": "", "known_hosts": str(tmp_path / "known_hosts")}

    outcome = _start(_change_parameters(council, unknown))
    assert outcome.answer == "stopped"
    assert "not found in known_hosts" in outcome.faults[0]


def test_a_key_that_the_server_does_not_know_is_said_plainly(council: Any, tmp_path: Path) -> None:
    def host_key(parameters: dict[str, Any]) -> None:
        if "source" in parameters:
            parameters["source"]["key_file"] = str(council.ssh.key_file.with_name("host_key"))

    outcome = _start(_change_parameters(council, host_key))
    assert outcome.answer == "stopped"
    assert "was turned away" in outcome.faults[0]


def test_missing_credentials_are_named(council: Any) -> None:
    hands = replace(council.hands(), environment={})
    outcome = runs.start(council.runs, "r1", council.runbook, hands)
    assert "the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set" in outcome.faults[0]


def test_a_target_that_is_missing_or_in_use_stops_the_survey(council: Any) -> None:
    council.store().client.put_object(Bucket=council.bucket, Key="docs/somebody's", Body=b"x")
    outcome = _start(council)
    assert "1 objects are there already" in outcome.faults[0]


@pytest.mark.slow
def test_a_store_that_dies_in_the_copy_is_said_and_the_run_goes_on_when_it_is_back(make_council: Any, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    with s3_server(tmp_path / "own") as own:
        council = make_council(files=60, s3_place=own)
        port = int(own.endpoint.rsplit(":", 1)[1])

        def cut(line: str) -> None:
            if line.startswith("copy-"):
                own.process.kill()
                own.process.wait()

        outcome = _start(council, say=cut)
        assert outcome.answer == "stopped"
        assert "could not be reached" in outcome.faults[0]
        with s3_server(tmp_path / "own", port) as again:
            again.make_bucket(council.bucket)
            assert runs.resume(council.runs, "r1", council.hands()).answer == "done"
            assert len(council.contents()) == len(council.files())


def test_two_processes_cannot_run_one_run(council: Any) -> None:
    seen: list[str] = []

    def second(line: str) -> None:
        if line.startswith("freeze-"):
            try:
                runs.resume(council.runs, "r1", council.hands())
            except MigrationError as wrong:
                seen.extend(wrong.faults)
            assert runs.status(council.runs, "r1").state == "running"

    assert _start(council, say=second).answer == "done"
    assert "is being run already by process" in seen[0]
    assert not lock.is_held(council.runs / "r1")


def test_a_runbook_edited_after_the_start_is_refused(council: Any) -> None:
    _start(council, ask=_no)
    file = council.runs / "r1" / "runbook.yaml"
    file.write_text(file.read_text("utf-8").replace("stop writing", "go on writing"), "utf-8")
    with pytest.raises(MigrationError, match="changed after it was compiled"):
        runs.resume(council.runs, "r1", council.hands())
    runbook_file.write(replace(council.runbook, title="Another"), file)
    with pytest.raises(MigrationError, match="not the runbook that this run began with"):
        runs.resume(council.runs, "r1", council.hands())


def test_losing_the_engines_database_loses_nothing(council: Any) -> None:
    _start(council, ask=_no)
    for file in (council.runs / "r1").glob("engine.sqlite*"):
        file.unlink()
    assert runs.resume(council.runs, "r1", council.hands()).answer == "done"


def test_verify_finds_a_lost_file_a_changed_one_and_a_strange_one(council: Any) -> None:
    assert _start(council).answer == "done"
    keys = sorted(council.contents())
    client = council.store().client
    client.delete_object(Bucket=council.bucket, Key=keys[0])
    client.put_object(Bucket=council.bucket, Key=keys[1], Body=b"other")
    client.put_object(Bucket=council.bucket, Key="docs/strange", Body=b"?")
    proof = prove(council.runs, "r1", council.hands())
    assert len(proof.differences) == 3
    (council.runs / "r1" / "manifest-copy-hou-docs--s3.json").write_text("{}", "utf-8")
    assert "not the manifest that the journal speaks of" in prove(council.runs, "r1", council.hands()).differences[0]


def test_a_run_with_a_hostile_name_is_refused(council: Any) -> None:
    with pytest.raises(MigrationError, match="no name for a run"):
        runs.start(council.runs, "../r1", council.runbook, council.hands())
    with pytest.raises(MigrationError, match="There is no run"):
        runs.status(council.runs, "../../etc")
