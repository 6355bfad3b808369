"""`unless runbook …` as a person types it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PLAN: dict[str, Any] = {
    "format": "cloud-unless/plan/1",
    "workloads": [
        {
            "id": "hou",
            "name": "Housing",
            "readiness": "ready",
            "disposition": "rehost",
            "disposition_reason": "Its servers are built again as machines.",
            "group": "group-hou",
            "wave": "wave-1",
            "targets": [],
        }
    ],
    "groups": [{"id": "group-hou", "workload_ids": ["hou"], "server_ids": [], "because": [], "crossings": []}],
    "waves": [{"id": "wave-1", "starts": "2027-01-01", "ends": "2027-01-14", "workload_ids": ["hou"], "server_ids": []}],
    "shares": [{"id": "hou-docs", "name": "Housing documents", "workload_id": "hou", "path": "docs", "files": 30}],
}


def _unless(council: Any, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from console.cli import main; main()", "runbook", *words, "-w", str(council.folder)]
    environment = {**os.environ, **council.environment, "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL, env=environment, check=False)


@pytest.mark.slow
def test_a_wave_is_compiled_waits_for_people_and_is_resumed_verified_and_shown(council: Any) -> None:
    (council.folder / "unless.toml").write_text("", "utf-8")
    (council.folder / "plan.json").write_text(json.dumps(PLAN), "utf-8")
    compiled = _unless(council, "compile", "wave-1", "--targets", str(council.folder / "targets.toml"))
    assert compiled.returncode == 0, compiled.stderr
    assert all((council.folder / "runbooks" / f"wave-1.{e}").is_file() for e in ("yaml", "md", "html"))
    assert f"unless runbook start wave-1 -w {council.folder}" in compiled.stdout
    steps = json.loads(_unless(council, "show", "wave-1", "--json").stdout)
    assert next(s["way_back"] for s in steps if s["id"] == "open") == "POINT OF NO RETURN"

    waits = _unless(council, "start", "wave-1", "--run", "r1")
    assert waits.returncode == 3
    assert "no terminal to ask at" in waits.stderr
    held = json.loads(_unless(council, "status", "r1", "--json").stdout)
    assert (held[0]["state"], held[0]["at_step"]) == ("waiting", "backups")

    done = _unless(council, "resume", "r1", "--yes", "--as", "Ada Lovelace")
    assert (done.returncode, "r1 is finished" in done.stdout) == (0, True), done.stderr
    assert f"unless runbook verify r1 -w {council.folder}" in done.stdout
    assert "Ada Lovelace" in (council.folder / "runs" / "r1" / "journal.jsonl").read_text("ascii")
    sure = _unless(council, "verify", "r1")
    assert (sure.returncode, "30 files" in sure.stdout) == (0, True), sure.stderr

    back = _unless(council, "undo", "r1", "--yes")
    assert (back.returncode, "past its point of no return" in back.stderr) == (1, True)
    journal = council.folder / "runs" / "r1" / "journal.jsonl"
    journal.write_text(journal.read_text("ascii").replace("Ada", "Eve"), "ascii")
    bad = _unless(council, "verify", "r1")
    assert bad.returncode == 1
    assert "changed after it was written" in bad.stderr
    assert "Traceback" not in bad.stderr


def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path) -> None:
    class Nowhere:
        folder, environment = tmp_path, dict[str, str]()

    council = Nowhere()
    assert "is not a workspace" in _unless(council, "show", "wave-1").stderr
    (tmp_path / "unless.toml").write_text("", "utf-8")
    for words, said in (
        (("show", "wave-1"), "There is no runbook"),
        (("start", "wave-1"), "There is no runbook"),
        (("resume", "r9"), "There is no run"),
    ):
        ended = _unless(council, *words)
        assert (ended.returncode, said in ended.stderr, "Traceback" in ended.stderr) == (1, True, False)


@pytest.mark.slow
def test_a_wave_is_rehearsed_on_stand_ins_and_passes_its_gate_by_two_signatures(make_council: Any, tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("approvals are signed by ssh-keygen: install OpenSSH's client")
    council, standing_in = make_council(), make_council()
    (council.folder / "unless.toml").write_text("", "utf-8")
    (council.folder / "plan.json").write_text(json.dumps(PLAN), "utf-8")
    assert _unless(council, "compile", "wave-1", "--targets", str(council.folder / "targets.toml")).returncode == 0
    people = {"ada": "wave-lead", "grace": "senior-owner"}
    text = 'format = "cloud-unless/gates/1"\nrehearsal_valid_days = 30\napproval_valid_hours = 12\n'
    for name, role in people.items():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(tmp_path / name)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        key = (tmp_path / f"{name}.pub").read_text("ascii").strip()
        text += f'[[person]]\nid = "{name}"\nname = "{name}"\nroles = ["{role}"]\nkey = "{key}"\nuntil = 2099-12-31\n'
    (council.folder / "runbooks" / "gates.toml").write_text(text, "utf-8")

    waits = _unless(council, "start", "wave-1", "--run", "r1", "--yes")
    assert waits.returncode == 3
    assert "has not been rehearsed" in waits.stderr
    refused = _unless(council, "rehearse", "wave-1", "--stand-ins", str(council.folder / "targets.toml"), "--yes")
    assert (refused.returncode, "nothing stands in for its source" in refused.stderr) == (1, True)
    rehearsed = _unless(council, "rehearse", "wave-1", "--stand-ins", str(standing_in.folder / "targets.toml"), "--run", "r0", "--yes")
    assert (rehearsed.returncode, "r0 is rehearsed" in rehearsed.stdout) == (0, True), rehearsed.stderr
    assert council.contents() == standing_in.contents() == {}

    shut = json.loads(_unless(council, "gate", "r1", "--json").stdout)
    assert (shut["gate"], shut["is_open"], len(shut["missing"])) == ("go", False, 2)
    stranger = _unless(council, "approve", "r1", "--as", "ada", "--key", str(tmp_path / "grace"))
    assert (stranger.returncode, "is not the key that gates.toml gives ada" in stranger.stderr) == (1, True)
    for name in people:
        signed = _unless(council, "approve", "r1", "--as", name, "--key", str(tmp_path / name), "--remark", "All ready")
        assert (signed.returncode, f"{name} decided go at go" in signed.stdout) == (0, True), signed.stderr
    shown = _unless(council, "gate", "r1")
    assert (shown.returncode, "Go: ada as wave-lead" in shown.stdout, "The gate is open" in shown.stdout) == (0, True, True)
    gone_on = _unless(council, "resume", "r1", "--yes")
    assert "waits" not in gone_on.stderr.split("release")[0]
    assert len(council.contents()) == 30
