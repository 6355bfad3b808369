"""Check an evidence pack, offline: its list, its signature, the journal's chain, the runbook, the manifests and the approvals."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, cast

from migration import journal as journals
from migration.errors import MigrationError
from migration.evidence.pack import FORMAT, LIST, NAMESPACE, SIGNATURE
from migration.gates import approval as approvals
from migration.gates.approval import ssh_keygen
from migration.gates.file import KEY, Gates, read_gates
from migration.journal import Record
from migration.runbooks import file as runbook_file
from migration.runbooks.knowledge import roles
from migration.steps.copy_files import COPY_FILES

_LARGEST: Final = 2_000_000_000
_SIGNER: Final = "signer"


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked pack: what was found right, what is wrong (`differences`), and what could not be told."""

    run: str
    state: str
    files: int
    records: int
    right: tuple[str, ...]
    differences: tuple[str, ...]
    cannot_tell: tuple[str, ...]


def check(pack: Path, signer: str = "") -> Checked:
    """Check a pack. `signer` is the public SSH key that must have signed it, "" where that is not known.

    Raises MigrationError when the file is no pack at all, or the signer no key.
    """
    if signer and not re.fullmatch(KEY, signer):
        raise MigrationError("The signer is not a public SSH key without its comment, such as: ssh-ed25519 AAAA… Name the .pub file.")
    files = _opened(pack)
    listed = _listed(pack, files)
    wrong = list(_against_list(files, listed["files"]))
    right: list[str] = [] if wrong else [f"All {len(listed['files'])} files have the digests that {LIST} gives."]
    cannot: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _laid_out(files, folder)
        _signature(files, signer, folder, right, wrong, cannot)
        records = _journal(folder, wrong, right)
        _runbook(folder, records, wrong, right)
        _manifests(folder, records, wrong, right)
        _approvals(folder, records, right, wrong, cannot)
    return Checked(str(listed["run"]), str(listed["state"]), len(files), len(records), tuple(right), tuple(wrong), tuple(cannot))


def _opened(pack: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(pack) as archive:
            entries = archive.infolist()
            if sum(e.file_size for e in entries) > _LARGEST:
                raise MigrationError(f"{pack} would unpack to more than 2 GB, which no pack does. Name the right file.")
            names = [e.filename for e in entries]
            if len(set(names)) < len(names) or any(not _is_plain(n) for n in names):
                raise MigrationError(f"{pack} holds a name twice, or one that leads out of it. It is no pack of ours.")
            return {n: archive.read(n) for n in names}
    except OSError as wrong:
        raise MigrationError(f"{pack} cannot be read: {wrong.strerror or wrong}. Correct the path.") from wrong
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as wrong:
        raise MigrationError(f"{pack} is not a whole zip file: {wrong}. Fetch it again.") from wrong


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name and not name.endswith("/")


def _listed(pack: Path, files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        held = cast("dict[str, Any]", json.loads(files[LIST]))
        if held["format"] != FORMAT or not isinstance(held["files"], dict):
            raise ValueError(held["format"])
        if not all(isinstance(f["sha256"], str) for f in cast("dict[str, dict[str, Any]]", held["files"]).values()):
            raise TypeError("a digest is no text")
        _ = held["run"], held["state"]
    except (KeyError, ValueError, TypeError, AttributeError) as wrong:
        raise MigrationError(f"{pack} has no {LIST} of the form {FORMAT}. Name an evidence pack.") from wrong
    return held


def _against_list(files: Mapping[str, bytes], listed: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(set(listed) - set(files)):
        yield f"{name}: it is listed, and is not there."
    for name in sorted(set(files) - set(listed) - {LIST, SIGNATURE}):
        yield f"{name}: it is there, and is not listed."
    for name in sorted(set(listed) & set(files)):
        if hashlib.sha256(files[name]).hexdigest() != listed[name]["sha256"]:
            yield f"{name}: it does not have the digest that {LIST} gives. It was changed."


def _laid_out(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _signature(files: Mapping[str, bytes], signer: str, folder: Path, right: list[str], wrong: list[str], cannot: list[str]) -> None:
    if SIGNATURE not in files:
        (wrong if signer else cannot).append("The pack is not signed, so nobody can tell who made it.")
        return
    made = str(folder / SIGNATURE)
    if not signer:
        done = ssh_keygen("-Y", "check-novalidate", "-n", NAMESPACE, "-s", made, said=files[LIST])
        if done.returncode:
            wrong.append(f"{SIGNATURE} is not a signature over {LIST}.")
        else:
            by = done.stdout.decode("utf-8", "replace").split()[-1]
            cannot.append(f"The pack is signed by {by}: say whose key that must be (--signer).")
        return
    (folder / "allowed").write_text(f'{_SIGNER} namespaces="{NAMESPACE}" {signer}\n', "ascii")
    allowed = str(folder / "allowed")
    done = ssh_keygen("-Y", "verify", "-f", allowed, "-I", _SIGNER, "-n", NAMESPACE, "-s", made, said=files[LIST])
    if done.returncode:
        wrong.append(f"{SIGNATURE} is not of the key that must have signed.")
    else:
        right.append("The pack is signed by the key that must have signed it.")


def _journal(folder: Path, wrong: list[str], right: list[str]) -> tuple[Record, ...]:
    try:
        records, torn = journals.read(folder / "journal.jsonl")
    except (MigrationError, OSError) as fault:
        wrong.append(f"journal.jsonl: {fault}")
        return ()
    if torn:
        wrong.append("journal.jsonl: its last line is torn.")
    right.append(f"The journal's chain of {len(records)} records is whole.")
    return records


def _runbook(folder: Path, records: tuple[Record, ...], wrong: list[str], right: list[str]) -> None:
    try:
        runbook = runbook_file.read(folder / "runbook.yaml")
    except MigrationError as fault:
        wrong.extend(f"runbook.yaml: {f.replace(str(folder), '')}" for f in fault.faults)
        return
    if records and records[0].body.get("runbook") == runbook.digest:
        right.append(f"The runbook is the one that was carried out: {runbook.digest}.")
    elif records:
        wrong.append("runbook.yaml is not the runbook that the journal was begun with.")


def _manifests(folder: Path, records: tuple[Record, ...], wrong: list[str], right: list[str]) -> None:
    """Each manifest that a copy's last effect speaks of."""
    copies = {r.step for r in records if r.kind == "intent" and r.body.get("kind") == COPY_FILES.name}
    last = {r.step: str(r.body["facts"]["manifest"]) for r in records if r.kind == "effect" and r.step in copies}
    for step, digest in last.items():
        file = folder / f"manifest-{step}.json"
        is_same = file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest
        if is_same:
            right.append(f"{file.name} is the manifest that the journal speaks of.")
        else:
            wrong.append(f"{file.name} is missing, or is not the manifest that the journal speaks of.")


def _approvals(folder: Path, records: tuple[Record, ...], right: list[str], wrong: list[str], cannot: list[str]) -> None:
    """Every approval that the journal counted must be there, signed by the person whom the gates name."""
    counted = [d for r in records for d in (r.body.get("signed") or r.body.get("facts", {}).get("signed") or ())]
    if not counted:
        return
    gates = _gates(folder, cannot)
    held = {s.approval.digest: s for s in approvals.read(folder)[0]}
    for digest in dict.fromkeys(counted):
        signed = held.get(digest)
        person = next((p for p in gates.person if signed and p.id == signed.approval.person), None) if gates else None
        if signed is None:
            wrong.append(f"The journal counted the approval {digest}, which is not here.")
        elif person is None and gates:
            cannot.append(f"{signed.file}: gates.toml no longer names {signed.approval.person}, so the signature cannot be checked.")
        elif person and approvals.is_signed_by(signed, person):
            right.append(
                f"{signed.approval.gate}: {person.name} signed {'go' if signed.approval.is_go else 'no-go'} as {signed.approval.role}."
            )
        elif person:
            wrong.append(f"{signed.file}: the signature is not that of {person.name}'s key.")


def _gates(folder: Path, cannot: list[str]) -> Gates | None:
    try:
        return read_gates(folder / "gates.toml", frozenset(roles()))
    except MigrationError:
        cannot.append("gates.toml is missing or cannot be read, so no signature of an approval can be checked.")
        return None
