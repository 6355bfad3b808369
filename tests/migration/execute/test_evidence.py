"""Evidence packs of real runs: whole, signed, and every way in which one can be wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.application import app
from migration.errors import MigrationError
from migration.evidence.pack import LIST, SIGNATURE, make
from migration.evidence.verify import Checked, check
from migration.execution import runs
from migration.execution.rehearsal import stand_ins
from migration.gates import approval as approvals
from migration.gates.approval import sign
from migration.gates.file import read_gates
from migration.gates.keeper import Keeper
from migration.runbooks.knowledge import roles
from rehearsal.servers import S3Server
from tests.migration.execute.conftest import Council, councils

NOW = datetime(2027, 1, 16, tzinfo=UTC)
PEOPLE = {"ada": "wave-lead", "grace": "senior-owner"}
pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="evidence is signed by ssh-keygen: install OpenSSH's client")


def public(key: Path) -> str:
    return key.with_suffix(".pub").read_text("ascii").strip()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name in (*PEOPLE, "auditor"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return {name: folder / name for name in (*PEOPLE, "auditor")}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, s3: S3Server, keys: dict[str, Path]) -> Generator[Council]:
    """A council whose run r1 was rehearsed, approved at each gate by two people, and finished. Its folder is for reading only."""
    with councils(tmp_path_factory.mktemp("evidence"), s3) as make:
        council, standing_in = make(), make()
        gates = council.folder / "gates.toml"
        text = 'format = "cloud-unless/gates/1"\nrehearsal_valid_days = 30\napproval_valid_hours = 12\n'
        for name, role in PEOPLE.items():
            text += f'[[person]]\nid = "{name}"\nname = "{name}"\nroles = ["{role}"]\nkey = "{public(keys[name])}"\nuntil = 2099-12-31\n'
        gates.write_text(text)
        keeper = Keeper(council.runs, read_gates(gates, frozenset(roles())))
        hands = council.hands(gates=keeper)
        runs.start(council.runs, "r0", council.runbook, council.hands(), stand_ins=stand_ins(council.runbook, standing_in.runbook))
        outcome = runs.start(council.runs, "r1", council.runbook, hands)
        while outcome.answer == "waiting":
            for name in PEOPLE:
                signed = sign(keeper.draft("r1", name, datetime.now(UTC), is_go=True), keys[name])
                approvals.write(signed, council.runs / "r1")
            outcome = runs.resume(council.runs, "r1", hands)
        assert outcome.status.state == "finished"
        yield council


def packed(council: Any, keys: dict[str, Path], name: str = "r1", **other: Any) -> Path:
    out = council.folder / f"{name}.zip"
    held: dict[str, Any] = {"gates": council.folder / "gates.toml", "key": keys["auditor"], **other}
    make(council.runs, name, out, NOW, **held)
    return out


def test_a_pack_holds_what_is_needed_and_all_of_it_is_right(run: Any, keys: dict[str, Path]) -> None:
    pack = packed(run, keys)
    with zipfile.ZipFile(pack) as archive:
        names = set(archive.namelist())
        assert archive.read("retrospective.md").decode().startswith("# Retrospective of r1\n")
        timings = json.loads(archive.read("timings.json"))
    assert {
        "journal.jsonl",
        "journal.head",
        "runbook.yaml",
        "runbook.md",
        "gates.toml",
        "rehearsal/journal.jsonl",
        LIST,
        SIGNATURE,
    } <= names
    assert {"manifest-copy-hou-docs--s3.json", "certificate-verify-hou-docs--s3.json"} <= names
    assert not any("sqlite" in n or "holder" in n for n in names)
    assert {t["step"] for t in timings} == {s.id for s in run.runbook.steps}
    found = check(pack, public(keys["auditor"]))
    assert (found.differences, found.cannot_tell, found.run, found.state) == ((), (), "r1", "finished")
    said = "\n".join(found.right)
    for part in ("signed by the key", "The journal's chain", "The runbook is the one", "is the manifest", "go: ada signed go as wave-lead"):
        assert part in said
    assert "release: grace signed go as senior-owner" in said


def test_the_same_run_gives_the_same_bytes(run: Any, keys: dict[str, Path]) -> None:
    first = packed(run, keys, key=None).read_bytes()
    assert packed(run, keys, key=None).read_bytes() == first


def test_no_secret_is_in_it(run: Any, keys: dict[str, Path]) -> None:
    with zipfile.ZipFile(packed(run, keys)) as archive:
        everything = b"".join(archive.read(n) for n in archive.namelist())
    for secret in (*run.environment.values(), run.ssh.key_file.read_text()):
        assert len(secret) < 12 or secret.encode() not in everything


def changed(pack: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(pack) as archive:
        files = {n: archive.read(n) for n in archive.namelist()}
    change(files)
    out = pack.with_name("changed.zip")
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out


def relisted(files: dict[str, bytes]) -> None:
    """The list as somebody would write it who can change files and not sign."""
    import hashlib

    held = json.loads(files[LIST])
    kept = {n: c for n, c in files.items() if n not in (LIST, SIGNATURE)}
    held["files"] = {n: {"sha256": hashlib.sha256(c).hexdigest(), "bytes": len(c)} for n, c in kept.items()}
    files[LIST] = json.dumps(held).encode()


def _replaced(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)
        relisted(files)

    return change


def _without(*names: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        for name in [n for n in files if n.startswith(names)]:
            del files[name]
        relisted(files)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_replaced("journal.jsonl", b"receipt", b"recaipt"), "journal.jsonl: "),
        (_replaced("runbook.yaml", b"title: ", b"title: X"), "runbook.yaml: "),
        (_without("manifest-"), "manifest-copy-hou-docs--s3.json is missing"),
        (_without("approvals/"), "which is not here"),
        (_without("journal.head"), "journal.jsonl: "),
    ],
)
def test_what_was_changed_with_its_list_is_found(run: Any, keys: dict[str, Path], change: Any, said: str) -> None:
    found = check(changed(packed(run, keys), change), public(keys["auditor"]))
    assert any(said in d for d in found.differences), found.differences
    assert any("is not of the key that must have signed" in d for d in found.differences)


def test_what_was_changed_without_its_list_is_named(run: Any, keys: dict[str, Path]) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["timings.json"] = b"[]"
        files["more.txt"] = b""
        del files["retrospective.md"]

    found = check(changed(packed(run, keys), change), public(keys["auditor"]))
    assert {d.split(":")[0] for d in found.differences} == {"timings.json", "more.txt", "retrospective.md"}


def test_a_signature_by_another_or_by_nobody(run: Any, keys: dict[str, Path]) -> None:
    pack = packed(run, keys)
    assert "is not of the key that must have signed" in "".join(check(pack, public(keys["ada"])).differences)
    unnamed = check(pack)
    assert (unnamed.differences, len(unnamed.cannot_tell)) == ((), 1)
    assert "say whose key that must be" in unnamed.cannot_tell[0]
    plain = packed(run, keys, key=None)
    assert check(plain).cannot_tell == ("The pack is not signed, so nobody can tell who made it.",)
    assert "not signed" in check(plain, public(keys["ada"])).differences[0]


def test_approvals_need_the_gates(run: Any, keys: dict[str, Path], tmp_path: Path) -> None:
    found = check(packed(run, keys, gates=None), public(keys["auditor"]))
    assert "gates.toml is missing" in found.cannot_tell[0]
    swapped = (run.folder / "gates.toml").read_text().replace(public(keys["ada"]), public(keys["auditor"]))
    (tmp_path / "gates.toml").write_text(swapped)
    other: Checked = check(packed(run, keys, gates=tmp_path / "gates.toml"), public(keys["auditor"]))
    assert sum("the signature is not that of ada's key" in d for d in other.differences) == 2


@pytest.mark.parametrize("name", ["../out", "/abs", "a\\b", "c:d"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(MigrationError, match="leads out of it"):
        check(tmp_path / "p.zip")


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04"])
def test_what_is_no_zip_is_a_fault(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.zip").write_bytes(content)
    with pytest.raises(MigrationError, match="is not a whole zip file"):
        check(tmp_path / "p.zip")


@pytest.mark.parametrize(
    "listed", [b"", b"[]", b'{"format": "x", "files": {}}', b'{"format": "cloud-unless/evidence/1", "files": {"a": 1}}']
)
def test_what_has_no_list_is_no_pack(tmp_path: Path, listed: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr(LIST, listed)
    with pytest.raises(MigrationError, match="Name an evidence pack"):
        check(tmp_path / "p.zip")


def test_a_signer_that_is_no_key_is_a_fault(run: Any, keys: dict[str, Path]) -> None:
    with pytest.raises(MigrationError, match="not a public SSH key"):
        check(packed(run, keys), "ssh-ed25519 AAAA\nevil ssh-ed25519 AAAA")


def test_the_commands_pack_and_check(run: Any, keys: dict[str, Path], tmp_path: Path) -> None:
    (run.folder / "unless.toml").write_text("")
    (run.folder / "runbooks").mkdir(exist_ok=True)
    shutil.copy(run.folder / "gates.toml", run.folder / "runbooks")
    out = tmp_path / "evidence.zip"
    made = CliRunner().invoke(app, ["runbook", "pack", "r1", "--output", str(out), "--key", str(keys["auditor"]), "-w", str(run.folder)])
    assert (made.exit_code, "signed" in made.output) == (0, True), made.output
    good = CliRunner().invoke(app, ["verify", str(out), "--signer", str(keys["auditor"].with_suffix(".pub"))])
    assert (good.exit_code, "The journal's chain" in good.output) == (0, True), good.output
    assert CliRunner().invoke(app, ["verify", str(out)]).exit_code == 3
    assert CliRunner().invoke(app, ["verify", str(out), "--signer", str(keys["ada"].with_suffix(".pub"))]).exit_code == 1
    assert CliRunner().invoke(app, ["verify", str(out), "--signer", str(tmp_path / "none")]).exit_code == 1
